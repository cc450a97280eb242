/* SPDX-License-Identifier: MIT */
/*
 * What the caller of a copy is told.
 */
#ifndef P2P_LIB_COPY_EVENT_H
#define P2P_LIB_COPY_EVENT_H

#include "copy/private.h"

void p2p_copy_tell(struct p2p_copy *copy, enum p2p_copy_event event, const char *text);

#endif
