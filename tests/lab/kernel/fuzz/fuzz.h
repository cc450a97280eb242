/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the fuzzer share. A process has a few threads which all use the same table of
 * descriptors, allocations and mappings, without locks: that one closes what another one uses is
 * wanted.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "chance.h"

#include <p2pmem/uapi.h>

#include <setjmp.h>
#include <stdatomic.h>
#include <sys/types.h>

#define FUZZ_ACTIONS   64
#define FUZZ_MEMORIES  6
#define FUZZ_BUFFERS   6
#define FUZZ_PIECES    12
#define FUZZ_MAPPINGS  8
#define FUZZ_NODES_MAX 256
#define FUZZ_ROOM      (8u << 20) /* the address space of one mapping */
#define FUZZ_ERRNO_MAX 133        /* EHWPOISON: what is above is the kernel's own */

/** Lives in memory that all processes share. */
struct fuzz_shared {
	atomic_bool calm; /**< nobody takes memory away any more */
	atomic_bool stop;
	atomic_bool failed;
	atomic_uint indexes[FUZZ_MEMORIES]; /**< N of some /dev/p2pmemN that were published */
	char complaint[256];                /**< the first one */
	atomic_ulong tried[FUZZ_ACTIONS], done[FUZZ_ACTIONS];
};

/** An allocation that the process once made, by now perhaps freed. */
struct fuzz_piece {
	atomic_int memory; /**< a descriptor, -1: none */
	_Atomic uint64_t offset, size;
};

struct fuzz_table {
	int one; /**< the descriptor that all threads of all processes race for, -1: none */
	struct fuzz_shared *shared;
	struct p2pmem_function function; /**< whose BAR is published */
	const char *name;                /**< that function, as sysfs writes it */
	uint32_t bar;
	uint64_t bar_size;
	int control, engine; /**< -1: not there */
	atomic_int memories[FUZZ_MEMORIES], buffers[FUZZ_BUFFERS];
	struct fuzz_piece pieces[FUZZ_PIECES];
	char *mappings;  /**< FUZZ_MAPPINGS rooms */
	char *plain;     /**< as much as a mapping, of usual memory */
	char *read_only; /**< a page */
	char *nothing;   /**< a page that is not there */
};

struct fuzz_worker {
	struct fuzz_table *table;
	const atomic_bool *stop; /**< when it ends: at the calm, or after it */
	struct chance chance;
	int fail_nth; /**< makes a later allocation of the kernel fail; -1: it cannot */
	sigjmp_buf guard;
	volatile bool guarded;
};

/** Something to try: 0 or more when it was done, else a negative errno. */
struct fuzz_action {
	const char *name;
	unsigned int weight;
	int (*run)(struct fuzz_worker *worker);
};

extern const struct fuzz_action fuzz_node_actions[];
extern const struct fuzz_action fuzz_map_actions[];
extern const struct fuzz_action fuzz_buffer_actions[];
extern const struct fuzz_action fuzz_publish_actions[];
extern const struct fuzz_action fuzz_driver_actions[];
extern const struct fuzz_action fuzz_race_actions[];

/** All of them in one row: an action has the same number in each process. */
#define FUZZ_LISTS 6
extern const struct fuzz_action *const fuzz_lists[FUZZ_LISTS];

/** Arguments, signals and what all processes share; ends the program if something is wrong. */
struct fuzz_table *fuzz_begin(const char *program, int argc, char **argv);

/** Whether all was given back, and what was done; returns the exit status. */
int fuzz_finish(struct fuzz_table *table);

/** A process's own part of the table, each from the same beginning. */
void fuzz_fill_table(struct fuzz_table *table);

/** A thread begins. */
void fuzz_start_worker(struct fuzz_worker *worker);

/** Waits until a process has ended; complains if it does not. */
void fuzz_end(struct fuzz_table *table, unsigned int role, pid_t process);

/** Keeps the first complaint, and ends the run. */
void fuzz_fail(struct fuzz_shared *shared, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** Result or -errno of a system call; complains about an errno that is the kernel's own. */
int fuzz_result(struct fuzz_worker *worker, const char *what, long result);

/** N of a /dev/p2pmemN that may be there. */
unsigned int fuzz_index(struct fuzz_worker *worker);

/** A memory's descriptor, sometimes one of another kind, or -1. */
int fuzz_memory(struct fuzz_worker *worker);

struct fuzz_piece *fuzz_piece(struct fuzz_worker *worker);

/** What became of using a piece: one that is no more is mostly not tried again. Returns `error`. */
int fuzz_piece_used(struct fuzz_worker *worker, struct fuzz_piece *piece, int error);

/** A mapping's room; there may be nothing in it. */
char *fuzz_mapping(struct fuzz_worker *worker);

/** Where data of a call is: a mapping, usual memory, or no memory at all. */
void *fuzz_data(struct fuzz_worker *worker);

/** An address that a system call gets: mostly `right`, else of memory that is none, or odd. */
void *fuzz_pointer(struct fuzz_worker *worker, void *right);

/** Reads or writes memory that may go away; -EFAULT if it did. */
int fuzz_touch(struct fuzz_worker *worker, char *at, size_t length, bool write);

/** Writes `text` into a file of sysfs. */
int fuzz_write_file(struct fuzz_worker *worker, const char *path, const char *text);

/** Tries actions of the lists that are bits of `lists`, until the end. */
void fuzz_work(struct fuzz_worker *worker, unsigned int lists);

/** A program that does everything right and complains about wrong bytes; until the end. */
void fuzz_honest(struct fuzz_worker *worker);

/**
 * Takes all memory away and publishes the whole BAR, which must work whatever happened before: what
 * is used from here on is there to be looked at in the end.
 */
void fuzz_settle(struct fuzz_worker *worker);

/** Whether all was given back; complains. */
void fuzz_check_end(struct fuzz_shared *shared, int control);

#endif
