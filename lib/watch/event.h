/* SPDX-License-Identifier: MIT */
/*
 * A trace event as far as the account of bytes needs it.
 */
#ifndef P2P_WATCH_EVENT_H
#define P2P_WATCH_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#define P2P_WATCH_NAME 32

/** Threads from here on stand for what CPUs do in interrupts. */
#define P2P_WATCH_INTERRUPT UINT32_C(0x80000000)

enum p2p_watch_what {
	P2P_WATCH_TASK,    /**< `tid` made the task `child` */
	P2P_WATCH_RENAME,  /**< the task `child` is called `text` */
	P2P_WATCH_SUBMIT,  /**< `tid` made a request for `disk` at `sector` */
	P2P_WATCH_COMMAND, /**< `tid` begins an NVMe command: what it maps next is that command's */
	P2P_WATCH_MAP,     /**< memory was mapped for `device` */
	P2P_WATCH_PEER,    /**< the kernel chose memory of the provider `text` for `device` */
	P2P_WATCH_ISSUE,   /**< a request goes to `device` */
};

enum p2p_watch_direction {
	P2P_WATCH_NEITHER,
	P2P_WATCH_READ,  /**< from the device into memory */
	P2P_WATCH_WRITE, /**< from memory to the device */
};
#define P2P_WATCH_DIRECTIONS 3

struct p2p_watch_event {
	uint64_t time;  /**< nanoseconds of CLOCK_MONOTONIC */
	uint64_t order; /**< of those at the same time */
	enum p2p_watch_what what;
	uint32_t tid;
	uint32_t child;
	bool thread; /**< TASK: a thread of the same process */
	/** MAP: what the request has beyond `bytes` is of the same memory, as the list was cut. */
	bool rest;
	enum p2p_watch_direction direction;
	uint32_t disk; /**< the kernel's dev_t: major << 20 | minor; 0: none */
	uint64_t sector;
	uint64_t bytes;
	char device[P2P_WATCH_NAME]; /**< whose DMA it is, as dev_name(); "": not known */
	char label[P2P_WATCH_NAME];  /**< COMMAND, ISSUE: "nvme0", "sda" */
	char text[P2P_WATCH_NAME];   /**< MAP: provider, "": host memory; SUBMIT, ISSUE: a name */
};

#endif
