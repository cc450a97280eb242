// SPDX-License-Identifier: MIT
/*
 * Names of trace instances and groups of probes, and what removes them.
 */
#include "instance.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tracefs.h>
#include <unistd.h>

#include <p2pmem/watch.h>

#include "sysfs.h"

#define PREFIX      "p2pmem_watch_"
#define PAUSE_US    20000
#define PAUSES      500 /* ten seconds */
#define START_FIELD 22  /* of /proc/PID/stat, by proc(5) */

/* When a process began, in clock ticks; 0: it is gone, though its parent may not know that yet. */
static uint64_t start_of(int32_t pid)
{
	char text[1024];
	char *at;

	if (p2p_sysfs_text(text, sizeof(text), "/proc/%" PRId32 "/stat", pid))
		return 0;
	/* The name, field 2, may hold anything. */
	at = strrchr(text, ')');
	if (!at || !at[1] || at[2] == 'Z' || at[2] == 'X')
		return 0;
	at += 2;
	for (int field = 3; field < START_FIELD && at; field++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	return at ? strtoull(at, NULL, 10) : 0;
}

void p2p_watch_instance_name(char name[P2P_WATCH_INSTANCE])
{
	static atomic_uint next;

	snprintf(name, P2P_WATCH_INSTANCE, PREFIX "%d_%" PRIu64 "_%u", (int)getpid(),
		 start_of((int32_t)getpid()), atomic_fetch_add(&next, 1));
}

int p2p_watch_instance_check(struct p2p_error *error)
{
	const char *directory = NULL;
	char lockdown[128];

	if (!p2p_sysfs_text(lockdown, sizeof(lockdown), "/sys/kernel/security/lockdown") &&
	    strstr(lockdown, "[confidentiality]"))
		return p2p_error_set(
			error, -EPERM,
			"cannot trace: the kernel is locked down for confidentiality "
			"(lockdown=, see kernel_lockdown(7)), which forbids tracing; boot "
			"with lockdown=integrity or none");
	if (tracefs_tracing_dir_is_mounted(false, &directory) <= 0 || !directory)
		return p2p_error_set(
			error, -EOPNOTSUPP,
			"cannot trace: tracefs is not mounted; mount it with: mount -t "
			"tracefs tracefs /sys/kernel/tracing");
	if (access(directory, R_OK | W_OK | X_OK))
		return p2p_error_set(error, -EACCES,
				     "cannot trace: no access to %s (%s); watching needs root",
				     directory, strerror(errno));
	return 0;
}

/* Probes are in use as long as an instance has them enabled. */
static void remove_probes(const char *name)
{
	static const char *const probes[] = { "bus", "iova" };
	char text[P2P_WATCH_INSTANCE + 16];

	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
		snprintf(text, sizeof(text), "-:%s/%s\n", name, probes[i]);
		tracefs_instance_file_append(NULL, "kprobe_events", text);
	}
}

static bool has_probes(const char *name)
{
	int size;
	char *events = tracefs_instance_file_read(NULL, "kprobe_events", &size);
	char group[P2P_WATCH_INSTANCE + 1];
	bool found;

	snprintf(group, sizeof(group), "%s/", name);
	found = events && strstr(events, group);
	free(events);
	return found;
}

int p2p_watch_instance_remove(const char *name)
{
	char *directory = tracefs_get_tracing_file("instances");
	char path[PATH_MAX];

	if (!directory)
		return 0;
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	tracefs_put_tracing_file(directory);
	/* What had it open is ending, which takes the kernel a moment. */
	for (int i = 0; i < PAUSES; i++) {
		bool gone = !rmdir(path) || errno == ENOENT;

		if (gone)
			remove_probes(name);
		if (gone && !has_probes(name))
			return 0;
		usleep(PAUSE_US);
	}
	return -EBUSY;
}

/* Whether the thing of that name is of `owner`, or with 0 of nobody who is there. */
static bool is_left(const char *name, int32_t owner)
{
	int32_t pid;
	uint64_t start;

	if (sscanf(name, PREFIX "%" SCNd32 "_%" SCNu64, &pid, &start) != 2)
		return false;
	return owner ? pid == owner : start_of(pid) != start;
}

static int clean_instances(int32_t owner)
{
	char **names = tracefs_instances("^" PREFIX "[0-9]");
	int rc = 0;

	for (char **name = names; name && *name; name++)
		if (is_left(*name, owner) && p2p_watch_instance_remove(*name))
			rc = -EBUSY;
	tracefs_list_free(names);
	return rc;
}

/* Probes without an instance: their process was killed between the two. "p:GROUP/NAME ..." a line.
 */
static int clean_probes(int32_t owner)
{
	int size, rc = 0;
	char *events = tracefs_instance_file_read(NULL, "kprobe_events", &size), *rest = NULL;

	for (char *line = events ? strtok_r(events, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *name = strchr(line, ':'), *end = name ? strchr(name, '/') : NULL;

		if (!end)
			continue;
		*end = '\0';
		if (is_left(name + 1, owner) && p2p_watch_instance_remove(name + 1))
			rc = -EBUSY;
	}
	free(events);
	return rc;
}

int p2p_watch_clean(int32_t owner, struct p2p_error *error)
{
	int rc = p2p_watch_instance_check(error), probes;

	if (rc)
		return rc;
	rc = clean_instances(owner);
	probes = clean_probes(owner);
	if (!rc && !probes)
		return 0;
	return p2p_error_set(
		error, -EBUSY,
		"a trace instance that a watch left cannot be removed: something has it "
		"open; see instances/%s* in tracefs",
		PREFIX);
}
