/* SPDX-License-Identifier: MIT */
/*
 * Threads, the processes they belong to, and which of those are watched.
 */
#ifndef P2P_WATCH_TASKS_H
#define P2P_WATCH_TASKS_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "names.h"

/** What a thread has mapped for one request, most often of one memory. */
#define P2P_WATCH_POOL 4
struct p2p_watch_pool {
	uint32_t device; /**< for which; P2P_WATCH_NONE: empty */
	uint32_t count;
	struct {
		uint32_t provider; /**< P2P_WATCH_NONE: host memory */
		enum p2p_watch_direction direction;
		uint64_t bytes;
	} part[P2P_WATCH_POOL];
	uint32_t chosen; /**< provider that the kernel chose, P2P_WATCH_NONE: none */
	bool rest;       /**< of part[0]'s memory is what was not listed */
};

struct p2p_watch_thread {
	struct p2p_watch_thread *next;
	uint32_t tid;
	uint32_t process; /**< index */
	/** Mapped, and the request is not issued yet. */
	struct p2p_watch_pool pool;
	/** An NVMe command has begun, and its request is not issued yet. */
	bool command;
	enum p2p_watch_direction command_direction;
	uint32_t command_device;
	/** A request was issued whose mappings may follow. */
	uint32_t row;
	uint32_t issued_device;
	enum p2p_watch_direction issued_direction;
	uint64_t remaining; /**< bytes of it; 0: none is waited for */
};

struct p2p_watch_process {
	uint32_t pid;
	bool watched;
	bool gone; /**< another has its number now */
	char command[16];
};

/** Says whose thread it is and how that process is called. False: nobody knows (any more). */
typedef bool (*p2p_watch_find_task)(void *context, uint32_t tid, uint32_t *pid, char command[16]);

struct p2p_watch_tasks {
	struct p2p_watch_thread **buckets;
	struct p2p_watch_process *processes;
	uint32_t process_count, process_room;
	bool all; /**< every process is watched */
	p2p_watch_find_task find;
	void *context;
};

/** Returns 0 or -ENOMEM. */
int p2p_watch_tasks_init(struct p2p_watch_tasks *tasks, bool all, p2p_watch_find_task find,
			 void *context);
void p2p_watch_tasks_free(struct p2p_watch_tasks *tasks);

/** Notes a thread of a process that is watched. Returns 0 or -ENOMEM. */
int p2p_watch_tasks_add(struct p2p_watch_tasks *tasks, uint32_t tid, uint32_t pid,
			const char *command);

/** The thread; `name`, or "", is what it is called if nobody else knows. NULL: no memory. */
struct p2p_watch_thread *p2p_watch_tasks_get(struct p2p_watch_tasks *tasks, uint32_t tid,
					     const char *name);

/** Takes in P2P_WATCH_TASK and P2P_WATCH_RENAME. Returns 0 or -ENOMEM. */
int p2p_watch_tasks_event(struct p2p_watch_tasks *tasks, const struct p2p_watch_event *event);

/** Forgets what threads were about. */
void p2p_watch_tasks_reset(struct p2p_watch_tasks *tasks);

#endif
