// SPDX-License-Identifier: MIT
/* The device's driver goes and comes back, and so does the device, while all is in use. */
#include "fuzz.h"

#include <stdio.h>
#include <unistd.h>

static int bind(struct fuzz_worker *worker)
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
	int later = bind(worker);

	return error ? error : later;
}

static int replug(struct fuzz_worker *worker)
{
	char path[96];
	int error, later;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/remove", worker->table->name);
	error = fuzz_write_file(worker, path, "1");
	fuzz_write_file(worker, "/sys/bus/pci/rescan", "1");
	later = bind(worker);
	return error ? error : later;
}

static int rest(struct fuzz_worker *worker)
{
	usleep((useconds_t)chance_below(&worker->chance, 1000000));
	return 0;
}

const struct fuzz_action fuzz_driver_actions[] = {
	{ "unbind, bind", 3, rebind },
	{ "remove, rescan", 1, replug },
	{ "rest", 12, rest },
	{ NULL, 0, NULL },
};
