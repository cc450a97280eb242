/* SPDX-License-Identifier: MIT */
/* Reads QEMU's trace of its NVMe controllers: which bytes of which drive went to which address. */
#ifndef LAB_TRACE_H
#define LAB_TRACE_H

#include "error.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* One contiguous piece of a read's or write's data. */
struct lab_transfer {
	uint32_t nsid;
	bool write;       /* from memory to the drive */
	uint64_t offset;  /* on the drive, bytes */
	uint64_t address; /* in memory, as the controller was given it */
	uint64_t length;
	bool own_cmb; /* the controller found it in its own memory buffer */
};

/* Called for each piece; a return below 0 ends the reading. */
typedef int (*lab_transfer_fn)(void *context, const struct lab_transfer *transfer);

/**
 * lab_trace_read() - go through a part of a trace.
 * @file: the trace, open
 * @from: the first byte to read
 * @to: where to stop
 * @call: gets every piece of data that reads and writes moved; not queues, PRP lists or other
 *        commands' data
 * @context: for @call
 * @error: for I/O errors
 *
 * A line that is no event known here is passed over. Events: QEMU's hw/nvme/trace-events.
 *
 * Return: 0, or -1 also when @call ended it.
 */
int lab_trace_read(FILE *file, uint64_t from, uint64_t to, lab_transfer_fn call, void *context,
		   struct lab_error *error);

#endif
