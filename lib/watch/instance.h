/* SPDX-License-Identifier: MIT */
/*
 * Names of trace instances and groups of probes: they say whose they are, so that nothing is left
 * of a process that was killed.
 */
#ifndef P2P_WATCH_INSTANCE_H
#define P2P_WATCH_INSTANCE_H

#include <p2pmem/error.h>

#define P2P_WATCH_INSTANCE 64

/** "p2pmem_watch_PID_START_N", a new one of this process each time. */
void p2p_watch_instance_name(char name[P2P_WATCH_INSTANCE]);

/** Whether tracefs is there and may be used. Returns 0, or a negative errno with the sentence. */
int p2p_watch_instance_check(struct p2p_error *error);

/** Removes the instance and the probes of that name. Returns 0 or -EBUSY. */
int p2p_watch_instance_remove(const char *name);

#endif
