// SPDX-License-Identifier: MIT
/*
 * The running machine's module.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "module/system.h"

static int control(const struct p2p_system *system, int fd, unsigned long request, void *argument)
{
	(void)system;
	return ioctl(fd, request, argument) ? -errno : 0;
}

static int write_attribute(const struct p2p_system *system, const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), rc = 0;

	(void)system;
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

const struct p2p_system p2p_this_system = {
	.root = "",
	.control = control,
	.write = write_attribute,
};

int p2p_module_missing(struct p2p_error *error)
{
	return p2p_error_set(error, -ENODEV,
			     "the kernel module p2pmem is not loaded: load it with modprobe "
			     "p2pmem; where modprobe does not find it, install it first (README, "
			     "\"Build and install\")");
}

int p2p_node_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	switch (errno) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return -ENODEV;
	case EACCES:
	case EPERM:
		return -EACCES;
	default:
		return -errno;
	}
}

int p2p_control_open(const struct p2p_system *system, struct p2p_error *error)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/dev/p2pmem", system->root);
	fd = p2p_node_open(path);
	if (fd >= 0)
		return fd;
	if (fd == -ENODEV)
		return p2p_module_missing(error);
	if (fd == -EACCES)
		return p2p_error_set(error, fd,
				     "no permission to publish or unpublish memory (%s): run as "
				     "root",
				     path);
	return p2p_error_set(error, fd, "cannot open %s: %s", path, strerror(-fd));
}
