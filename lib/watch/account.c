// SPDX-License-Identifier: MIT
/*
 * The account of bytes: events in the order they happened make rows.
 */
#include "account.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"

/* Requests between their making and their issue. More of them only blur whose they are. */
#define SUBMITTED 4096

struct submitted {
	uint32_t disk, tid;
	uint64_t sector;
};

struct p2p_watch_account {
	struct p2p_watch_names devices, providers;
	uint32_t named; /* the first devices are watched; 0: all are */
	struct p2p_watch_tasks tasks;
	struct p2p_watch_rows rows;
	struct submitted submitted[SUBMITTED];
};

struct p2p_watch_account *p2p_watch_account_new(const char (*devices)[P2P_WATCH_NAME],
						size_t device_count, bool all_processes,
						p2p_watch_find_task find, void *context)
{
	struct p2p_watch_account *account = calloc(1, sizeof(*account));
	bool failed;

	if (!account)
		return NULL;
	failed = p2p_watch_tasks_init(&account->tasks, all_processes, find, context);
	for (size_t i = 0; i < device_count; i++)
		failed |= p2p_watch_name(&account->devices, devices[i]) == P2P_WATCH_NONE;
	account->named = account->devices.count;
	if (!failed)
		return account;
	p2p_watch_account_free(account);
	return NULL;
}

void p2p_watch_account_free(struct p2p_watch_account *account)
{
	if (!account)
		return;
	p2p_watch_rows_free(&account->rows);
	p2p_watch_names_free(&account->devices);
	p2p_watch_names_free(&account->providers);
	p2p_watch_tasks_free(&account->tasks);
	free(account);
}

struct p2p_watch_tasks *p2p_watch_account_tasks(struct p2p_watch_account *account)
{
	return &account->tasks;
}

int p2p_watch_account_rows(const struct p2p_watch_account *account,
			   struct p2p_watch_snapshot *snapshot)
{
	return p2p_watch_rows_write(&account->rows, &account->devices, &account->providers,
				    &account->tasks, snapshot);
}

void p2p_watch_account_gap(struct p2p_watch_account *account)
{
	p2p_watch_tasks_reset(&account->tasks);
	memset(account->submitted, 0, sizeof(account->submitted));
}

/* A table with one place for each request: a newer one takes it from an older one. */
static struct submitted *submitted_at(struct p2p_watch_account *account,
				      const struct p2p_watch_event *event)
{
	uint64_t hash = (event->sector ^ (uint64_t)event->disk << 40) * 0x9e3779b97f4a7c15ULL;

	return &account->submitted[(hash >> 40) % SUBMITTED];
}

static void submit(struct p2p_watch_account *account, const struct p2p_watch_event *event)
{
	*submitted_at(account, event) = (struct submitted){ .disk = event->disk,
							    .tid = event->tid,
							    .sector = event->sector };
}

/* Workers of the kernel issue what others made. */
static uint32_t submitter(struct p2p_watch_account *account, const struct p2p_watch_event *event)
{
	struct submitted *at = submitted_at(account, event);
	uint32_t tid = at->tid;

	if (!event->disk || at->disk != event->disk || at->sector != event->sector)
		return event->tid;
	*at = (struct submitted){ .disk = 0 };
	return tid;
}

static void clear_pool(struct p2p_watch_pool *pool)
{
	*pool = (struct p2p_watch_pool){ .device = P2P_WATCH_NONE, .chosen = P2P_WATCH_NONE };
}

/* What is pooled is of one device. */
static void pool_for(struct p2p_watch_pool *pool, uint32_t device)
{
	if (pool->device == device)
		return;
	clear_pool(pool);
	pool->device = device;
}

static void pool_add(struct p2p_watch_pool *pool, uint32_t provider,
		     const struct p2p_watch_event *event, uint64_t bytes)
{
	uint32_t i = 0;

	while (i < pool->count &&
	       (pool->part[i].provider != provider || pool->part[i].direction != event->direction))
		i++;
	/* A fifth memory in one request stays unseen. */
	if (i == P2P_WATCH_POOL)
		return;
	if (i == pool->count) {
		pool->count++;
		pool->part[i].provider = provider;
		pool->part[i].direction = event->direction;
		pool->part[i].bytes = 0;
	}
	pool->part[i].bytes += bytes;
	pool->rest |= event->rest;
}

/* What is mapped for a request that was issued already is its, as far as that lacks something. */
static int map_issued(struct p2p_watch_account *account, struct p2p_watch_thread *thread,
		      uint32_t provider, const struct p2p_watch_event *event, uint64_t *bytes)
{
	uint64_t before = thread->remaining, taken;
	int rc;

	rc = p2p_watch_rows_credit(&account->rows.list[thread->row], provider, event->direction,
				   event->rest ? before : *bytes, &thread->remaining);
	taken = before - thread->remaining;
	*bytes -= taken < *bytes ? taken : *bytes;
	return rc;
}

/* A provider's index, or P2P_WATCH_NONE for host memory. Returns 0 or -ENOMEM. */
static int provider_of(struct p2p_watch_account *account, const char *text, uint32_t *provider)
{
	*provider = P2P_WATCH_NONE;
	if (!text[0])
		return 0;
	*provider = p2p_watch_name(&account->providers, text);
	return *provider == P2P_WATCH_NONE ? -ENOMEM : 0;
}

static int map(struct p2p_watch_account *account, struct p2p_watch_thread *thread, uint32_t device,
	       const struct p2p_watch_event *event)
{
	uint64_t bytes = event->bytes;
	uint32_t provider;
	int rc = provider_of(account, event->text, &provider);

	if (!rc && thread->remaining && thread->issued_device == device &&
	    thread->issued_direction == event->direction)
		rc = map_issued(account, thread, provider, event, &bytes);
	if (rc || !bytes)
		return rc;
	pool_for(&thread->pool, device);
	pool_add(&thread->pool, provider, event, bytes);
	return 0;
}

/* Kernels whose structs are others give what is no name: whose memory it is remains unknown. */
static bool is_name(const char *text)
{
	return *text && !text[strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz:._-")];
}

static int choose(struct p2p_watch_account *account, struct p2p_watch_thread *thread,
		  uint32_t device, const struct p2p_watch_event *event)
{
	uint32_t provider;
	int rc;

	rc = provider_of(account, is_name(event->text) ? event->text : "unknown", &provider);
	if (rc)
		return rc;
	pool_for(&thread->pool, device);
	if (thread->pool.chosen != P2P_WATCH_NONE && thread->pool.chosen != provider)
		rc = provider_of(account, "several", &provider);
	thread->pool.chosen = provider;
	return rc;
}

static void begin(struct p2p_watch_thread *thread, uint32_t device,
		  const struct p2p_watch_event *event)
{
	clear_pool(&thread->pool);
	thread->remaining = 0;
	thread->command = true;
	thread->command_device = device;
	thread->command_direction = event->direction;
}

static int spend_pool(struct p2p_watch_figures *row, const struct p2p_watch_pool *pool,
		      enum p2p_watch_direction direction, uint64_t *remaining)
{
	int rc = 0;

	for (uint32_t i = 0; i < pool->count && !rc; i++)
		if (pool->part[i].direction == direction)
			rc = p2p_watch_rows_credit(
				row, pool->part[i].provider, direction,
				pool->rest && pool->count == 1 ? *remaining : pool->part[i].bytes,
				remaining);
	/* What the kernel took from a provider and did not map goes by bus address. */
	if (!rc && pool->chosen != P2P_WATCH_NONE)
		rc = p2p_watch_rows_credit(row, pool->chosen, direction, *remaining, remaining);
	return rc;
}

/* Whose row it is; what is not watched has one too, for what is mapped for it. */
static uint32_t charged(const struct p2p_watch_account *account, uint32_t device,
			const struct p2p_watch_thread *owner)
{
	bool watched = (!account->named || device < account->named) &&
		       account->tasks.processes[owner->process].watched;

	return watched ? owner->process : P2P_WATCH_NONE;
}

static int charge(struct p2p_watch_account *account, struct p2p_watch_thread *thread,
		  const struct p2p_watch_thread *owner, uint64_t bytes)
{
	enum p2p_watch_direction direction = thread->issued_direction;
	uint32_t device = thread->issued_device;
	struct p2p_watch_figures *row;

	thread->row = p2p_watch_rows_get(&account->rows, device, charged(account, device, owner));
	if (thread->row == P2P_WATCH_NONE)
		return -ENOMEM;
	row = &account->rows.list[thread->row];
	row->requests++;
	row->total[direction] += bytes;
	thread->remaining = bytes;
	if (thread->pool.device != device)
		return 0;
	return spend_pool(row, &thread->pool, direction, &thread->remaining);
}

/* The device and the direction of a request: those of the command, else the event's. */
static int address(struct p2p_watch_account *account, struct p2p_watch_thread *thread,
		   const struct p2p_watch_event *event)
{
	thread->issued_device = P2P_WATCH_NONE;
	thread->issued_direction = event->direction;
	if (thread->command) {
		thread->issued_device = thread->command_device;
		thread->issued_direction = thread->command_direction;
		return 0;
	}
	if (!event->device[0])
		return 0;
	thread->issued_device = p2p_watch_name(&account->devices, event->device);
	if (thread->issued_device == P2P_WATCH_NONE)
		return -ENOMEM;
	p2p_watch_name_label(&account->devices, thread->issued_device, event->label);
	return 0;
}

static int issue(struct p2p_watch_account *account, struct p2p_watch_thread *thread,
		 const struct p2p_watch_event *event)
{
	const struct p2p_watch_thread *owner =
		p2p_watch_tasks_get(&account->tasks, submitter(account, event), event->text);
	int rc = owner ? address(account, thread, event) : -ENOMEM;

	thread->remaining = 0;
	if (!rc && thread->issued_device != P2P_WATCH_NONE &&
	    thread->issued_direction != P2P_WATCH_NEITHER && event->bytes)
		rc = charge(account, thread, owner, event->bytes);
	/* An NVMe driver has mapped all of it by now. */
	if (thread->command)
		thread->remaining = 0;
	thread->command = false;
	clear_pool(&thread->pool);
	return rc;
}

/* What happens on a device: its thread, and for all but requests its device, are known. */
static int on_device(struct p2p_watch_account *account, const struct p2p_watch_event *event)
{
	bool issued = event->what == P2P_WATCH_ISSUE;
	struct p2p_watch_thread *thread =
		p2p_watch_tasks_get(&account->tasks, event->tid, issued ? event->text : "");
	uint32_t device;

	if (!thread)
		return -ENOMEM;
	if (issued)
		return issue(account, thread, event);
	device = p2p_watch_name(&account->devices, event->device);
	if (device == P2P_WATCH_NONE)
		return -ENOMEM;
	if (event->what == P2P_WATCH_MAP)
		return map(account, thread, device, event);
	if (event->what == P2P_WATCH_PEER)
		return choose(account, thread, device, event);
	p2p_watch_name_label(&account->devices, device, event->label);
	begin(thread, device, event);
	return 0;
}

int p2p_watch_account_event(struct p2p_watch_account *account, const struct p2p_watch_event *event)
{
	switch (event->what) {
	case P2P_WATCH_TASK:
	case P2P_WATCH_RENAME:
		return p2p_watch_tasks_event(&account->tasks, event);
	case P2P_WATCH_SUBMIT:
		submit(account, event);
		return 0;
	default:
		return on_device(account, event);
	}
}
