// SPDX-License-Identifier: MIT
/* The device's driver goes and comes back, and so does the device, while all is in use. */
#include "fuzz.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int bind_driver(struct fuzz_worker *worker)
{
	char path[96];

	/* A device that came back has forgotten which driver it wants. */
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver_override",
		 worker->table->name);
	fuzz_write_file(worker, path, "p2pmem");
	return fuzz_write_file(worker, "/sys/bus/pci/drivers_probe", worker->table->name);
}

static int rebind(struct fuzz_worker *worker)
{
	int error =
		fuzz_write_file(worker, "/sys/bus/pci/drivers/p2pmem/unbind", worker->table->name);
	int later = bind_driver(worker);

	return error ? error : later;
}

static int replug(struct fuzz_worker *worker)
{
	char path[96];
	int error, later;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/remove", worker->table->name);
	error = fuzz_write_file(worker, path, "1");
	fuzz_write_file(worker, "/sys/bus/pci/rescan", "1");
	later = bind_driver(worker);
	return error ? error : later;
}

/* Which takes all that is published of it away. */
static int reset(struct fuzz_worker *worker)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/reset", worker->table->name);
	return fuzz_write_file(worker, path, "1");
}

static int rest(struct fuzz_worker *worker)
{
	usleep((useconds_t)chance_below(&worker->chance, 1000000));
	return 0;
}

const struct fuzz_action fuzz_driver_actions[] = {
	{ "unbind, bind", 3, rebind },
	{ "remove, rescan", 1, replug },
	{ "reset", 1, reset },
	{ "rest", 12, rest },
	{ NULL, 0, NULL },
};

void fuzz_settle(struct fuzz_worker *worker)
{
	const struct fuzz_table *table = worker->table;
	struct p2pmem_publish publish = { .function = table->function, .bar = table->bar };
	struct p2pmem_unpublish unpublish = { .flags = P2PMEM_UNPUBLISH_FORCE };

	for (; unpublish.index < FUZZ_NODES_MAX; unpublish.index++)
		ioctl(table->control, P2PMEM_UNPUBLISH, &unpublish);
	bind_driver(worker);
	if (ioctl(table->control, P2PMEM_PUBLISH, &publish) < 0)
		fuzz_fail(table->shared, "the BAR cannot be published again: %s, why %u",
			  strerror(errno), publish.why);
	for (unsigned int i = 0; i < FUZZ_MEMORIES; i++)
		table->shared->indexes[i] = publish.index;
}
