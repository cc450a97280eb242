/* SPDX-License-Identifier: MIT */
/*
 * Publishing and unpublishing on a given system: module.h says what each does.
 */
#ifndef P2P_LIB_MODULE_PUBLISH_H
#define P2P_LIB_MODULE_PUBLISH_H

#include <p2pmem/uapi.h>
#include <p2pmem/module.h>

#include "module/system.h"

int p2p_publish_on(const struct p2p_system *system, const struct p2p_publish_options *options,
		   struct p2p_publication *publication, struct p2p_error *error);

int p2p_unpublish_on(const struct p2p_system *system, uint32_t index, bool force,
		     struct p2p_unpublication *done, struct p2p_error *error);

int p2p_unpublish_function_on(const struct p2p_system *system, struct p2p_bdf function, bool force,
			      struct p2p_unpublication *done, struct p2p_error *error);

#endif
