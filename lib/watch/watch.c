// SPDX-License-Identifier: MIT
/*
 * p2p_watch_*(): the tracer's events, put in order, make the account.
 */
#include <errno.h>
#include <inttypes.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <p2pmem/watch.h>

#include "account.h"
#include "devices.h"
#include "grow.h"
#include "rows.h"
#include "sized.h"
#include "sysfs.h"
#include "tracer.h"

/* Looking for lost events opens a file for each CPU. Figures that are given always have looked. */
#define POLLS_A_LOOK 10

struct p2p_watch {
	struct p2p_watch_tracer *tracer;
	struct p2p_watch_account *account;
	/** Read and not in order yet, by the time they happened. */
	struct p2p_watch_event *events;
	uint32_t count, room;
	uint64_t taken, lost;
	unsigned int polls;
};

void p2p_watch_options_init(struct p2p_watch_options *options, size_t size)
{
	static const struct p2p_watch_options defaults = { .device_count = 0 };

	p2p_sized_init(options, size, &defaults, sizeof(defaults));
}

/* Requests that an interrupt issues, and of which nobody knows who made them. */
static bool is_interrupt(uint32_t tid, uint32_t *pid, char command[16])
{
	if (tid < P2P_WATCH_INTERRUPT)
		return false;
	*pid = 0;
	snprintf(command, 16, "interrupt");
	return true;
}

/* Whose thread it is, from /proc. */
static bool find_task(void *context, uint32_t tid, uint32_t *pid, char command[16])
{
	char path[64], line[128];
	FILE *file;
	bool found = false;

	(void)context;
	if (is_interrupt(tid, pid, command))
		return true;
	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/status", tid);
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, "Tgid: %" SCNu32, pid) == 1;
	if (file)
		fclose(file);
	return found && !p2p_sysfs_text(command, 16, "/proc/%" PRIu32 "/comm", *pid);
}

static int add_process(struct p2p_watch *watch, int32_t pid, struct p2p_error *error)
{
	struct p2p_watch_tasks *tasks = p2p_watch_account_tasks(watch->account);
	char path[64], command[16];
	struct dirent *entry;
	DIR *stream;
	int rc = 0;

	snprintf(path, sizeof(path), "/proc/%" PRId32 "/task", pid);
	stream = opendir(path);
	if (pid <= 0 || !stream ||
	    p2p_sysfs_text(command, sizeof(command), "/proc/%" PRId32 "/comm", pid)) {
		if (stream)
			closedir(stream);
		return p2p_error_set(error, -ESRCH, "there is no process %" PRId32, pid);
	}
	while (!rc && (entry = readdir(stream)))
		if (entry->d_name[0] != '.')
			rc = p2p_watch_tasks_add(tasks, (uint32_t)strtoul(entry->d_name, NULL, 10),
						 (uint32_t)pid, command);
	closedir(stream);
	return rc ? p2p_error_set(error, rc, "out of memory") : 0;
}

static int find_devices(const struct p2p_watch_options *options, char (**devices)[P2P_WATCH_NAME],
			struct p2p_error *error)
{
	*devices = calloc(options->device_count + 1, sizeof(**devices));
	if (!*devices)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	for (size_t i = 0; i < options->device_count; i++) {
		struct p2p_watch_device found;

		if (p2p_watch_device_find(options->devices[i], &found))
			return p2p_error_set(
				error, -ENODEV,
				"there is no device %.80s that could be watched; name it "
				"as in nvme0, nvme0n1 or 0000:03:00.0",
				options->devices[i]);
		memcpy((*devices)[i], found.device, P2P_WATCH_NAME);
	}
	return 0;
}

static int open_with(struct p2p_watch *watch, const struct p2p_watch_options *options,
		     const char (*devices)[P2P_WATCH_NAME], struct p2p_error *error)
{
	int rc;

	watch->account = p2p_watch_account_new(devices, options->device_count,
					       !options->process_count, find_task, NULL);
	if (!watch->account)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	rc = p2p_watch_tracer_open(devices, options->device_count, options->buffer, &watch->tracer,
				   error);
	/* What is started from here on is traced. */
	for (size_t i = 0; i < options->process_count && !rc; i++)
		rc = add_process(watch, options->processes[i], error);
	return rc;
}

int p2p_watch_open(const struct p2p_watch_options *given, struct p2p_watch **watch,
		   struct p2p_error *error)
{
	struct p2p_watch_options options = { .size = sizeof(options) };
	char(*devices)[P2P_WATCH_NAME] = NULL;
	int rc;

	*watch = NULL;
	if (!p2p_sized_copy(&options, given))
		return p2p_error_set(error, -EINVAL,
				     "the options were not initialized with "
				     "p2p_watch_options_init()");
	rc = find_devices(&options, &devices, error);
	if (!rc)
		rc = p2p_watch_clean(0, error);
	/* Somebody looks into what a killed one left: that is no obstacle. */
	if (rc == -EBUSY)
		rc = 0;
	if (!rc) {
		*watch = calloc(1, sizeof(**watch));
		rc = *watch ? open_with(*watch, &options, (const char(*)[P2P_WATCH_NAME])devices,
					error)
			    : p2p_error_set(error, -ENOMEM, "out of memory");
	}
	free(devices);
	if (rc) {
		p2p_watch_close(*watch);
		*watch = NULL;
	}
	return rc;
}

void p2p_watch_close(struct p2p_watch *watch)
{
	if (!watch)
		return;
	p2p_watch_tracer_close(watch->tracer);
	p2p_watch_account_free(watch->account);
	free(watch->events);
	free(watch);
}

static int take(void *context, const struct p2p_watch_event *event)
{
	struct p2p_watch *watch = context;

	if (!p2p_grow((void **)&watch->events, watch->count, &watch->room, sizeof(*watch->events)))
		return -ENOMEM;
	watch->events[watch->count] = *event;
	watch->events[watch->count++].order = watch->taken++;
	return 0;
}

static int by_time(const void *left, const void *right)
{
	const struct p2p_watch_event *a = left, *b = right;

	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* Accounts for what happened before `until`; the rest stays. */
static int account_for(struct p2p_watch *watch, uint64_t until)
{
	uint32_t done = 0;
	int rc = 0;

	qsort(watch->events, watch->count, sizeof(*watch->events), by_time);
	while (done < watch->count && watch->events[done].time < until && !rc)
		rc = p2p_watch_account_event(watch->account, &watch->events[done++]);
	watch->count -= done;
	memmove(watch->events, watch->events + done, watch->count * sizeof(*watch->events));
	return rc;
}

/* What was begun before events were lost may never end, or be another's. */
static void look_for_gaps(struct p2p_watch *watch)
{
	uint64_t lost = p2p_watch_tracer_lost(watch->tracer);

	if (lost != watch->lost)
		p2p_watch_account_gap(watch->account);
	watch->lost = lost;
}

int p2p_watch_poll(struct p2p_watch *watch, struct p2p_error *error)
{
	/*
	 * A CPU's buffer is read while others go on: what happened since now may lack what happened
	 * before it on another.
	 */
	uint64_t until = now();
	int rc;

	if (watch->polls++ % POLLS_A_LOOK == 0)
		look_for_gaps(watch);
	rc = p2p_watch_tracer_read(watch->tracer, take, watch, error);
	if (!rc && watch->count)
		rc = account_for(watch, until);
	return rc == -ENOMEM ? p2p_error_set(error, rc, "out of memory") : rc;
}

const char *p2p_watch_note_name(enum p2p_watch_note_code code)
{
	switch (code) {
	case P2P_WATCH_NO_DMA_EVENTS:
		return "no-dma-events";
	case P2P_WATCH_NO_PEER_PROBE:
		return "no-peer-probe";
	case P2P_WATCH_NO_IOVA_PROBE:
		return "no-iova-probe";
	case P2P_WATCH_LOST:
		return "lost";
	}
	return "unknown";
}

/* The snapshot that its user sees, and what it stands on. */
struct whole {
	struct p2p_watch_snapshot snapshot; /* first */
	struct p2p_watch_note notes[4];
	char lost[160];
};

static void note(struct whole *whole, bool applies, enum p2p_watch_note_code code, const char *text)
{
	if (applies)
		whole->notes[whole->snapshot.note_count++] =
			(struct p2p_watch_note){ .code = code, .text = text };
}

static void note_all(struct whole *whole, const struct p2p_watch_blind *blind)
{
	whole->snapshot.notes = whole->notes;
	snprintf(whole->lost, sizeof(whole->lost),
		 "%" PRIu64
		 " events were lost because the kernel's buffer was full: the figures are "
		 "too low, and processes may be missing; a larger buffer helps",
		 whole->snapshot.lost);
	note(whole, whole->snapshot.lost, P2P_WATCH_LOST, whole->lost);
	note(whole, blind->mappings, P2P_WATCH_NO_DMA_EVENTS,
	     "this kernel does not trace which memory is mapped for a device (Linux 6.12 and later "
	     "do): which memory bytes went to or came from is unseen");
	note(whole, blind->peers && !blind->mappings, P2P_WATCH_NO_PEER_PROBE,
	     "no probe could be placed on __pci_p2pdma_update_state() (CONFIG_KPROBE_EVENTS, "
	     "lockdown): peer memory by bus address is unseen, and so is what is not traced");
	note(whole, blind->iova && !blind->mappings, P2P_WATCH_NO_IOVA_PROBE,
	     "no probe could be placed on dma_iova_link() (CONFIG_KPROBE_EVENTS, lockdown): what "
	     "is "
	     "mapped through an IOMMU by it is unseen");
}

int p2p_watch_snapshot(const struct p2p_watch *watch, struct p2p_watch_snapshot **snapshot,
		       struct p2p_error *error)
{
	struct whole *whole = calloc(1, sizeof(*whole));

	*snapshot = whole ? &whole->snapshot : NULL;
	if (!whole || p2p_watch_account_rows(watch->account, &whole->snapshot)) {
		p2p_watch_snapshot_free(*snapshot);
		*snapshot = NULL;
		return p2p_error_set(error, -ENOMEM, "out of memory");
	}
	whole->snapshot.events = watch->taken;
	whole->snapshot.lost = p2p_watch_tracer_lost(watch->tracer);
	note_all(whole, p2p_watch_tracer_blind(watch->tracer));
	return 0;
}

void p2p_watch_snapshot_free(struct p2p_watch_snapshot *snapshot)
{
	if (!snapshot)
		return;
	p2p_watch_rows_drop(snapshot);
	free(snapshot);
}
