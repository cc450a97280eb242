/* SPDX-License-Identifier: MIT */
/*
 * Names by number: a machine has few devices, and each event names one.
 */
#ifndef P2P_WATCH_NAMES_H
#define P2P_WATCH_NAMES_H

#include <stdint.h>

#include "event.h"

#define P2P_WATCH_NONE UINT32_MAX

struct p2p_watch_name {
	char text[P2P_WATCH_NAME];
	char label[P2P_WATCH_NAME]; /**< what people call it, "": not known yet */
};

/** All zero: empty. */
struct p2p_watch_names {
	struct p2p_watch_name *list;
	uint32_t count, room;
};

/** The name's number, a new one if need be. P2P_WATCH_NONE: no memory. */
uint32_t p2p_watch_name(struct p2p_watch_names *names, const char *text);

/** Says what people call it, once. */
void p2p_watch_name_label(struct p2p_watch_names *names, uint32_t number, const char *label);

void p2p_watch_names_free(struct p2p_watch_names *names);

#endif
