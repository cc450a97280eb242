// SPDX-License-Identifier: MIT
/*
 * Threads, the processes they belong to, and which of those are watched.
 */
#include "tasks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

#define BUCKETS 4096

int p2p_watch_tasks_init(struct p2p_watch_tasks *tasks, bool all, p2p_watch_find_task find,
			 void *context)
{
	*tasks = (struct p2p_watch_tasks){ .all = all, .find = find, .context = context };
	tasks->buckets = calloc(BUCKETS, sizeof(struct p2p_watch_thread *));
	return tasks->buckets ? 0 : -ENOMEM;
}

void p2p_watch_tasks_free(struct p2p_watch_tasks *tasks)
{
	for (uint32_t i = 0; tasks->buckets && i < BUCKETS; i++)
		for (struct p2p_watch_thread *thread = tasks->buckets[i], *next; thread;
		     thread = next) {
			next = thread->next;
			free(thread);
		}
	free(tasks->buckets);
	free(tasks->processes);
}

static void reset(struct p2p_watch_thread *thread)
{
	thread->pool =
		(struct p2p_watch_pool){ .device = P2P_WATCH_NONE, .chosen = P2P_WATCH_NONE };
	thread->command = false;
	thread->remaining = 0;
}

void p2p_watch_tasks_reset(struct p2p_watch_tasks *tasks)
{
	for (uint32_t i = 0; i < BUCKETS; i++)
		for (struct p2p_watch_thread *thread = tasks->buckets[i]; thread;
		     thread = thread->next)
			reset(thread);
}

/* Where the pointer to the thread is, or would be. */
static struct p2p_watch_thread **place(struct p2p_watch_tasks *tasks, uint32_t tid)
{
	struct p2p_watch_thread **at = &tasks->buckets[tid % BUCKETS];

	while (*at && (*at)->tid != tid)
		at = &(*at)->next;
	return at;
}

/* A task of that number is new: what had it before is gone, its process too if it was the first. */
static void forget(struct p2p_watch_tasks *tasks, uint32_t tid)
{
	struct p2p_watch_thread **at = place(tasks, tid), *thread = *at;
	struct p2p_watch_process *process;

	if (!thread)
		return;
	process = &tasks->processes[thread->process];
	process->gone |= process->pid == tid;
	*at = thread->next;
	free(thread);
}

/* P2P_WATCH_NONE: no memory. */
static uint32_t add_process(struct p2p_watch_tasks *tasks, uint32_t pid, bool watched,
			    const char *command)
{
	struct p2p_watch_process *process;

	if (!p2p_grow((void **)&tasks->processes, tasks->process_count, &tasks->process_room,
		      sizeof(*tasks->processes)))
		return P2P_WATCH_NONE;
	process = &tasks->processes[tasks->process_count];
	*process = (struct p2p_watch_process){ .pid = pid, .watched = watched };
	snprintf(process->command, sizeof(process->command), "%s", command);
	return tasks->process_count++;
}

static uint32_t find_process(const struct p2p_watch_tasks *tasks, uint32_t pid)
{
	for (uint32_t i = tasks->process_count; i--;)
		if (tasks->processes[i].pid == pid && !tasks->processes[i].gone)
			return i;
	return P2P_WATCH_NONE;
}

static struct p2p_watch_thread *add_thread(struct p2p_watch_tasks *tasks, uint32_t tid,
					   uint32_t process)
{
	struct p2p_watch_thread **at, *thread;

	if (process == P2P_WATCH_NONE)
		return NULL;
	at = place(tasks, tid);
	thread = *at;
	if (!thread) {
		thread = calloc(1, sizeof(*thread));
		if (!thread)
			return NULL;
		thread->tid = tid;
		*at = thread;
	}
	thread->process = process;
	reset(thread);
	return thread;
}

int p2p_watch_tasks_add(struct p2p_watch_tasks *tasks, uint32_t tid, uint32_t pid,
			const char *command)
{
	uint32_t process = find_process(tasks, pid);

	if (process == P2P_WATCH_NONE)
		process = add_process(tasks, pid, true, command);
	return add_thread(tasks, tid, process) ? 0 : -ENOMEM;
}

static void name_process(struct p2p_watch_process *process, const char *name)
{
	if (!process->command[0])
		snprintf(process->command, sizeof(process->command), "%.15s", name);
}

struct p2p_watch_thread *p2p_watch_tasks_get(struct p2p_watch_tasks *tasks, uint32_t tid,
					     const char *name)
{
	struct p2p_watch_thread *thread = *place(tasks, tid);
	char command[16];
	uint32_t pid, process;

	if (thread) {
		name_process(&tasks->processes[thread->process], name);
		return thread;
	}
	if (!tasks->find || !tasks->find(tasks->context, tid, &pid, command)) {
		pid = tid;
		snprintf(command, sizeof(command), "%.15s", name);
	}
	process = find_process(tasks, pid);
	if (process == P2P_WATCH_NONE)
		process = add_process(tasks, pid, tasks->all, command);
	return add_thread(tasks, tid, process);
}

static int born(struct p2p_watch_tasks *tasks, const struct p2p_watch_event *event)
{
	const struct p2p_watch_thread *parent = *place(tasks, event->tid);
	uint32_t process = parent ? parent->process : P2P_WATCH_NONE;

	forget(tasks, event->child);
	/* The children of who is not known are looked up when they do something. */
	if (process == P2P_WATCH_NONE)
		return 0;
	if (!event->thread) {
		const struct p2p_watch_process from = tasks->processes[process];

		process = add_process(tasks, event->child, from.watched, from.command);
	}
	return add_thread(tasks, event->child, process) ? 0 : -ENOMEM;
}

/* A process is called what its first thread is. */
static void rename_process(struct p2p_watch_tasks *tasks, uint32_t tid, const char *name)
{
	const struct p2p_watch_thread *thread = *place(tasks, tid);
	struct p2p_watch_process *process;

	if (!thread)
		return;
	process = &tasks->processes[thread->process];
	if (process->pid == tid)
		snprintf(process->command, sizeof(process->command), "%.15s", name);
}

int p2p_watch_tasks_event(struct p2p_watch_tasks *tasks, const struct p2p_watch_event *event)
{
	if (event->what == P2P_WATCH_TASK)
		return born(tasks, event);
	rename_process(tasks, event->child, event->text);
	return 0;
}
