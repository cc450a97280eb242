/* SPDX-License-Identifier: MIT */
/*
 * The world around one modelled copy: two disks, providers, a kernel that does I/O for it, and what
 * is to go wrong when. One event is one step; time passes with steps alone.
 */
#ifndef P2P_TESTS_MODEL_WORLD_H
#define P2P_TESTS_MODEL_WORLD_H

#include <setjmp.h>
#include <sys/types.h>

#include <p2pmem/copy.h>

#include "disk.h"
#include "provider.h"

#define PROVIDERS 2
#define NEVER     UINT64_MAX
#define MAX_STEPS 60000u /* a copy here takes some hundreds */

/* Requests of one kind to one end come back so, while their time lasts. */
struct request_fault {
	bool destination, writing;
	uint64_t from, until;
	int code;          /* negative errno; 0: fewer bytes than asked */
	unsigned int left; /* how often */
};

#define REQUEST_FAULTS 3

enum source_change {
	SOURCE_STAYS,
	SOURCE_SHRINKS,
	SOURCE_GROWS,
	SOURCE_IS_WRITTEN,
};

struct world {
	/* the schedule */
	uint64_t seed;
	struct p2p_copy_options options;
	struct disk source, destination;
	struct provider provider[PROVIDERS];
	unsigned int providers;
	struct request_fault fault[REQUEST_FAULTS];
	unsigned int faults;
	enum source_change change;
	uint64_t change_at;
	uint64_t flush_fails_at;                      /* once, from this step on */
	uint64_t flushes_before_that;                 /* so many do well after that step */
	uint64_t wait_fails_at;                       /* the ring itself, once */
	uint64_t writes_lost_from, writes_lost_until; /* by the destination's drive */
	uint64_t failover_at;                         /* an end's DMA moves to another function */
	int failover_to;
	uint64_t stop_at, kill_at;
	/* After so many steps with a destination as long as it is to be. 0: never. */
	uint64_t kill_beyond_end;
	bool blank;        /* many blocks of the source are all zeros or ones */
	bool holes_fail;   /* the destination cannot make holes */
	uint64_t copy_end; /* in the destination */
	uint64_t largest;  /* file that the destination's file system takes */

	/* while it runs */
	uint64_t random; /* of what happens */
	uint64_t step, now;
	bool flush_failed, wait_failed;
	uint64_t looked_at; /* the last step at which the copy looked at the source's state */
	uint8_t original[DISK_CAPACITY];
	uint64_t original_size;
	uint8_t before[DISK_CAPACITY]; /* what the destination held */
	uint64_t size_before;
	struct p2p_copy *copy;
	unsigned int directories_open, buffered_open;
	unsigned long host_memories;
	const char *broken; /* the first promise that did not hold */
	jmp_buf end;        /* killed, or hopeless */
	bool killed;
};

extern struct world world;

/* Something happens; whatever is due by now happens, too. May not return: then it was killed. */
void world_step(void);

/* Notes that `text` is wrong unless `holds`. */
void world_expect(bool holds, const char *text);

/* One request, by pread() and pwrite() or by the ring. Returns bytes or a negative errno. */
ssize_t world_transfer(struct disk *disk, bool direct, bool writing, char *buffer, size_t size,
		       uint64_t offset);

struct disk *world_disk(int fd);
bool world_is_direct(int fd);

/* Requests that the ring has not brought back. */
unsigned int world_in_flight(void);

/* Forgets them, after a kill. */
void world_forget_ring(void);

#define FD_SOURCE               1048576
#define FD_DESTINATION          1048577
#define FD_SOURCE_BUFFERED      1048578
#define FD_DESTINATION_BUFFERED 1048579
#define FD_DIRECTORY            1048580

/* schedule.c: what a seed stands for. */
void world_draw(uint64_t seed);
void world_print(void);

/* Whether something delivers wrong bytes without an error. */
bool world_delivers_wrong(void);

/* judge.c: what must hold after it. */
void world_judge(int rc, const struct p2p_copy_report *report, const struct p2p_error *error);
void world_judge_refused(const struct p2p_error *error);
void world_judge_killed(void);

#endif
