/* SPDX-License-Identifier: MIT */
/*
 * Where the kernel's files are and how the module is spoken to: the running machine, or what a test
 * puts in its place.
 */
#ifndef P2P_LIB_MODULE_SYSTEM_H
#define P2P_LIB_MODULE_SYSTEM_H

#include <p2pmem/error.h>
#include <p2pmem/fabric.h>
#include <p2pmem/uapi.h>

struct p2p_system {
	const char *root; /**< in front of /dev, /proc and /sys; "" on the running machine */
	/** ioctl(): 0 or a negative errno. */
	int (*control)(const struct p2p_system *system, int fd, unsigned long request,
		       void *argument);
	/** Writes a sysfs attribute, by its path with `root`: 0 or a negative errno. */
	int (*write)(const struct p2p_system *system, const char *path, const char *text);
	void *context; /**< a test's own */
};

extern const struct p2p_system p2p_this_system;

/**
 * Opens a node of the module's for reading and writing. Returns the descriptor, -ENODEV for one
 * that is not there or going, -EACCES for one that is not for us, or what else open() says.
 */
int p2p_node_open(const char *path);

/**
 * Opens /dev/p2pmem. Returns the descriptor, or with the sentence -ENODEV (the module is not
 * loaded), -EACCES, or what open() says.
 */
int p2p_control_open(const struct p2p_system *system, struct p2p_error *error);

/** A function in the module's words. */
static inline struct p2pmem_function p2p_module_function(struct p2p_bdf bdf)
{
	return (struct p2pmem_function){ .domain = bdf.domain, .bus = bdf.bus, .devfn = bdf.devfn };
}

/** The sentence for a module that is not there. Returns -ENODEV. */
int p2p_module_missing(struct p2p_error *error);

#endif
