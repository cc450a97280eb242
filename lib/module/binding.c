// SPDX-License-Identifier: MIT
/*
 * p2pmem as the driver of a function that has none: driver_override names the one driver that may
 * take it, drivers_probe asks (Documentation/ABI/testing/sysfs-bus-pci). Without the override an id
 * added to the driver would take all functions with that id.
 */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <p2pmem/text.h>

#include "module/binding.h"
#include "module/memories.h"
#include "sysfs.h"

#define BUS      "%s/sys/bus/pci"
#define FUNCTION BUS "/devices/%s"

int p2p_driver_of(const struct p2p_system *system, struct p2p_bdf function,
		  char name[P2P_DRIVER_NAME])
{
	char path[PATH_MAX], target[PATH_MAX], bdf[P2P_BDF_TEXT];
	ssize_t length;

	p2p_bdf_text(function, bdf);
	snprintf(path, sizeof(path), FUNCTION "/driver", system->root, bdf);
	length = readlink(path, target, sizeof(target) - 1);
	if (length >= 0) {
		target[length] = '\0';
		snprintf(name, P2P_DRIVER_NAME, "%s", basename(target));
		return 0;
	}
	snprintf(path, sizeof(path), FUNCTION, system->root, bdf);
	return access(path, F_OK) ? -ENODEV : -ENXIO;
}

static int override(const struct p2p_system *system, const char *bdf, const char *driver)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), FUNCTION "/driver_override", system->root, bdf);
	return system->write(system, path, driver);
}

/* Somebody else's override is a decision that p2pmem must not undo. */
static int check_override(const struct p2p_system *system, const char *bdf, struct p2p_error *error)
{
	char text[P2P_DRIVER_NAME];
	int rc = p2p_sysfs_text(text, sizeof(text), FUNCTION "/driver_override", system->root, bdf);

	if (rc)
		return p2p_error_set(error, rc, "cannot read driver_override of %s: %s", bdf,
				     strerror(-rc));
	if (!text[0] || !strcmp(text, "(null)") || !strcmp(text, P2P_MODULE_DRIVER))
		return 0;
	return p2p_error_set(error, -EBUSY,
			     "%s is kept for the driver %s, which is not bound: clear that with "
			     "echo > /sys/bus/pci/devices/%s/driver_override",
			     bdf, text, bdf);
}

int p2p_binding_make(const struct p2p_system *system, struct p2p_bdf function,
		     struct p2p_error *error)
{
	char path[PATH_MAX], driver[P2P_DRIVER_NAME], bdf[P2P_BDF_TEXT];
	int rc;

	p2p_bdf_text(function, bdf);
	rc = check_override(system, bdf, error);
	if (rc)
		return rc;
	snprintf(path, sizeof(path), BUS "/drivers_probe", system->root);
	rc = override(system, bdf, P2P_MODULE_DRIVER);
	if (!rc)
		rc = system->write(system, path, bdf);
	if (rc) {
		override(system, bdf, "\n");
		return p2p_error_set(error, rc, "cannot bind p2pmem to %s: %s", bdf, strerror(-rc));
	}
	/* A probe that fails fails silently. */
	if (!p2p_driver_of(system, function, driver) && !strcmp(driver, P2P_MODULE_DRIVER))
		return 0;
	override(system, bdf, "\n");
	return p2p_error_set(error, -EIO,
			     "p2pmem could not be bound to %s, which has no driver: dmesg tells "
			     "why",
			     bdf);
}

static int undo(const struct p2p_system *system, struct p2p_bdf function)
{
	char path[PATH_MAX], bdf[P2P_BDF_TEXT];
	int unbound, cleared;

	p2p_bdf_text(function, bdf);
	snprintf(path, sizeof(path), BUS "/drivers/" P2P_MODULE_DRIVER "/unbind", system->root);
	unbound = system->write(system, path, bdf);
	cleared = override(system, bdf, "\n");
	return unbound ? unbound : cleared;
}

/* Whether p2pmem is the driver, and nothing is published that would go with it. */
static int is_idle(const struct p2p_system *system, struct p2p_bdf function, bool *idle,
		   struct p2p_error *error)
{
	char driver[P2P_DRIVER_NAME];
	struct p2p_module_memory *memories;
	size_t count;
	int rc;

	*idle = false;
	if (p2p_driver_of(system, function, driver) || strcmp(driver, P2P_MODULE_DRIVER) != 0)
		return 0;
	rc = p2p_module_memories_on(system, &memories, &count, error);
	if (rc)
		return rc;
	*idle = true;
	for (size_t i = 0; i < count; i++)
		if (p2p_module_memory_is_of(&memories[i], function))
			*idle = false;
	free(memories);
	return 0;
}

int p2p_binding_end(const struct p2p_system *system, struct p2p_bdf function, bool *ended,
		    struct p2p_error *error)
{
	char bdf[P2P_BDF_TEXT];
	int rc = is_idle(system, function, ended, error);

	if (rc || !*ended)
		return rc;
	rc = undo(system, function);
	if (!rc)
		return 0;
	*ended = false;
	return p2p_error_set(error, rc,
			     "nothing of %s is published any more, but p2pmem could not be unbound "
			     "from it: %s",
			     p2p_bdf_text(function, bdf), strerror(-rc));
}
