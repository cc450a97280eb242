/* SPDX-License-Identifier: MIT */
/*
 * The module's statistics on a given system: module.h says what they are.
 */
#ifndef P2P_LIB_MODULE_STAT_H
#define P2P_LIB_MODULE_STAT_H

#include <p2pmem/module.h>

#include "module/system.h"

int p2p_module_stat_on(const struct p2p_system *system, struct p2p_module_stat **stat,
		       struct p2p_error *error);

#endif
