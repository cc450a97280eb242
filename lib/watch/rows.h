/* SPDX-License-Identifier: MIT */
/*
 * The figures: for each device and process, bytes by direction and by whose memory it was.
 */
#ifndef P2P_WATCH_ROWS_H
#define P2P_WATCH_ROWS_H

#include <p2pmem/watch.h>

#include "event.h"
#include "names.h"
#include "tasks.h"

struct p2p_watch_row_peer {
	uint32_t provider; /**< number of a name */
	uint64_t bytes[P2P_WATCH_DIRECTIONS];
};

struct p2p_watch_figures {
	uint32_t device;  /**< number of a name */
	uint32_t process; /**< P2P_WATCH_NONE: all that are not watched; nobody sees it */
	uint64_t requests;
	uint64_t total[P2P_WATCH_DIRECTIONS], host[P2P_WATCH_DIRECTIONS];
	struct p2p_watch_row_peer *peers;
	uint32_t peer_count, peer_room;
};

/** All zero: none. */
struct p2p_watch_rows {
	struct p2p_watch_figures *list;
	uint32_t count, room;
};

/** The number of the row, a new one if need be. P2P_WATCH_NONE: no memory. */
uint32_t p2p_watch_rows_get(struct p2p_watch_rows *rows, uint32_t device, uint32_t process);

/**
 * Up to `*remaining` bytes of a request, which is less by them then, were of the provider's memory,
 * or of the host's: P2P_WATCH_NONE. Returns 0 or -ENOMEM.
 */
int p2p_watch_rows_credit(struct p2p_watch_figures *row, uint32_t provider,
			  enum p2p_watch_direction direction, uint64_t bytes, uint64_t *remaining);

void p2p_watch_rows_free(struct p2p_watch_rows *rows);

/** Fills in the rows of a snapshot that is zero, with copies. Returns 0 or -ENOMEM. */
int p2p_watch_rows_write(const struct p2p_watch_rows *rows, const struct p2p_watch_names *devices,
			 const struct p2p_watch_names *providers,
			 const struct p2p_watch_tasks *tasks, struct p2p_watch_snapshot *snapshot);

/** Frees what p2p_watch_rows_write() made. */
void p2p_watch_rows_drop(struct p2p_watch_snapshot *snapshot);

#endif
