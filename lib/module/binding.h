/* SPDX-License-Identifier: MIT */
/*
 * p2pmem as the driver of a function that has none.
 */
#ifndef P2P_LIB_MODULE_BINDING_H
#define P2P_LIB_MODULE_BINDING_H

#include <p2pmem/fabric.h>

#include "module/system.h"

#define P2P_DRIVER_NAME   64
#define P2P_MODULE_DRIVER "p2pmem"

/** The driver of a function. Returns 0, -ENXIO (it has none) or -ENODEV (no such function). */
int p2p_driver_of(const struct p2p_system *system, struct p2p_bdf function,
		  char name[P2P_DRIVER_NAME]);

/** Makes p2pmem the driver of a function that has none; on failure nothing has changed. */
int p2p_binding_make(const struct p2p_system *system, struct p2p_bdf function,
		     struct p2p_error *error);

/**
 * Leaves the function without a driver again, if p2pmem is its driver and nothing of it is
 * published (any more, or by somebody else meanwhile). `*ended` says whether that was so.
 */
int p2p_binding_end(const struct p2p_system *system, struct p2p_bdf function, bool *ended,
		    struct p2p_error *error);

#endif
