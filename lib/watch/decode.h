/* SPDX-License-Identifier: MIT */
/*
 * The kernel's events, read by libtraceevent, as those of event.h.
 */
#ifndef P2P_WATCH_DECODE_H
#define P2P_WATCH_DECODE_H

#include <event-parse.h>

#include "devices.h"
#include "event.h"
#include "memory_map.h"

#define P2P_WATCH_CACHED 64

struct p2p_watch_cached {
	uint32_t number, whole;
	struct p2p_watch_device device;
};

/** What events are read by. All zero to begin with. */
struct p2p_watch_decoder {
	struct p2p_watch_memory_map map;
	bool map_is_new; /**< read since the last p2p_watch_decoder_refresh() */
	struct p2p_watch_cached disks[P2P_WATCH_CACHED], controllers[P2P_WATCH_CACHED];
	uint32_t disk_count, controller_count;
};

/** Reads the machine's memory map. Returns 0, or a negative errno. */
int p2p_watch_decoder_init(struct p2p_watch_decoder *decoder);

void p2p_watch_decoder_free(struct p2p_watch_decoder *decoder);

/** Devices may have come and gone. */
void p2p_watch_decoder_refresh(struct p2p_watch_decoder *decoder);

#define P2P_WATCH_DECODED 8

/** Writes what an event of the kernel's becomes; how many. */
uint32_t p2p_watch_decode(struct p2p_watch_decoder *decoder, struct tep_event *event,
			  struct tep_record *record,
			  struct p2p_watch_event decoded[P2P_WATCH_DECODED]);

#endif
