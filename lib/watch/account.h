/* SPDX-License-Identifier: MIT */
/*
 * The account of bytes: events in the order they happened make rows. Nothing here reads anything.
 *
 * Who issues a request maps its memory in the same thread. NVMe drivers map first:
 *
 *     SUBMIT ─> ... ─> COMMAND ─> MAP, MAP, PEER ... ─> ISSUE
 *
 * others when the request is issued (or before), so that what it lacks may follow:
 *
 *     SUBMIT ─> ... ─> ISSUE ─> MAP, MAP ...
 */
#ifndef P2P_WATCH_ACCOUNT_H
#define P2P_WATCH_ACCOUNT_H

#include <p2pmem/watch.h>

#include "event.h"
#include "tasks.h"

struct p2p_watch_account;

/**
 * A new account. Of `devices`, dev_name() each, or of all if there are none; of all processes, or
 * of those that p2p_watch_account_tasks() is told of and what these start. NULL: no memory.
 */
struct p2p_watch_account *p2p_watch_account_new(const char (*devices)[P2P_WATCH_NAME],
						size_t device_count, bool all_processes,
						p2p_watch_find_task find, void *context);
void p2p_watch_account_free(struct p2p_watch_account *account);

struct p2p_watch_tasks *p2p_watch_account_tasks(struct p2p_watch_account *account);

/** Takes in the next event. Returns 0 or -ENOMEM. */
int p2p_watch_account_event(struct p2p_watch_account *account, const struct p2p_watch_event *event);

/** Events are missing here: what was begun before is forgotten. */
void p2p_watch_account_gap(struct p2p_watch_account *account);

/** Fills in rows, of a snapshot that is zero; p2p_watch_rows_drop() frees them. */
int p2p_watch_account_rows(const struct p2p_watch_account *account,
			   struct p2p_watch_snapshot *snapshot);

#endif
