// SPDX-License-Identifier: MIT
/* What root does while others use the memory: publish, unpublish, allow, limits, and looking at it.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Pieces of a MiB side by side, so that several find room. */
static int publish(struct fuzz_worker *worker)
{
	struct fuzz_table *table = worker->table;
	struct chance *chance = &worker->chance;
	uint64_t unit = chance_one_in(chance, 4) ? 4096 : 2 << 20;
	uint64_t offset = chance_below(chance, table->bar_size / unit) * unit;
	uint64_t size = (chance_below(chance, 8) + 1) * unit;
	struct p2pmem_publish publish = {
		.function = table->function,
		.bar = (uint32_t)chance_mostly(chance, table->bar),
		.flags = chance_one_in(chance, 4) ? P2PMEM_PUBLISH_PAGES : 0,
		.offset = chance_mostly(chance, offset),
		.size = chance_mostly(chance, size),
	};
	int error;

	if (chance_one_in(chance, 16))
		publish.flags = (uint32_t)chance_hostile(chance);
	chance_spoil(chance, &publish, sizeof(publish));
	error = fuzz_result(worker, "PUBLISH",
			    ioctl(table->control, P2PMEM_PUBLISH, fuzz_pointer(worker, &publish)));
	if (!error)
		table->shared->indexes[chance_below(chance, FUZZ_MEMORIES)] = publish.index;
	return error;
}

static int unpublish(struct fuzz_worker *worker)
{
	struct chance *chance = &worker->chance;
	struct p2pmem_unpublish unpublish = {
		.index = (uint32_t)chance_mostly(chance, fuzz_index(worker)),
		.flags = chance_one_in(chance, 2) ? P2PMEM_UNPUBLISH_FORCE : 0,
	};

	chance_spoil(chance, &unpublish, sizeof(unpublish));
	return fuzz_result(
		worker, "UNPUBLISH",
		ioctl(worker->table->control, P2PMEM_UNPUBLISH, fuzz_pointer(worker, &unpublish)));
}

/* The machine's buses are few, and its functions mostly the first ones there. */
static int allow(struct fuzz_worker *worker)
{
	struct fuzz_table *table = worker->table;
	struct chance *chance = &worker->chance;
	struct p2pmem_allow allow = {
		.client = { .bus = (uint8_t)chance_below(chance, 9) },
		.provider = table->function,
		.flags = 1u << chance_below(chance, 3),
	};
	int control = table->control, error;

	if (chance_one_in(chance, 8))
		allow.flags = (uint32_t)chance_hostile(chance);
	if (chance_one_in(chance, 8))
		allow.provider = allow.client;
	chance_spoil(chance, &allow, sizeof(allow));
	/* Of an own file a trial ends with it, at once. */
	if (chance_one_in(chance, 3))
		control = open("/dev/p2pmem", O_RDWR | O_CLOEXEC);
	error = fuzz_result(worker, "ALLOW",
			    ioctl(control, P2PMEM_ALLOW, fuzz_pointer(worker, &allow)));
	if (control != table->control && control >= 0)
		close(control);
	return error;
}

static int limit(struct fuzz_worker *worker)
{
	struct chance *chance = &worker->chance;
	char path[64], text[32];

	snprintf(path, sizeof(path), "/sys/class/p2pmem/p2pmem%u/limit", fuzz_index(worker));
	snprintf(text, sizeof(text), "%llu",
		 (unsigned long long)chance_mostly(chance, UINT64_C(64) << 20));
	return fuzz_write_file(worker, path, text);
}

static int look(struct fuzz_worker *worker)
{
	static const char *const names[] = { "bar",         "offset", "size",       "available",
					     "page_backed", "limit",  "high_water", "allocations" };
	struct chance *chance = &worker->chance;
	char path[64], text[4096];
	ssize_t length;
	int fd;

	if (chance_one_in(chance, 8))
		snprintf(path, sizeof(path), "/sys/module/p2pmem/parameters/allowed");
	else if (chance_one_in(chance, 2))
		snprintf(path, sizeof(path), "/sys/kernel/debug/p2pmem/stat");
	else
		snprintf(path, sizeof(path), "/sys/class/p2pmem/p2pmem%u/%s", fuzz_index(worker),
			 names[chance_below(chance, 8)]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fuzz_result(worker, path, fd);
	length = read(fd, text, sizeof(text));
	close(fd);
	return fuzz_result(worker, path, length < 0 ? -1 : 0);
}

const struct fuzz_action fuzz_publish_actions[] = {
	{ "publish", 12, publish }, { "unpublish", 2, unpublish }, { "allow", 6, allow },
	{ "limit", 1, limit },      { "look", 6, look },           { NULL, 0, NULL },
};
