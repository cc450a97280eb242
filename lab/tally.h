/* SPDX-License-Identifier: MIT */
/* Adds up where the data of each drive went, and what of a copy's payload was in host RAM. */
#ifndef LAB_TALLY_H
#define LAB_TALLY_H

#include "error.h"
#include "machine.h"
#include "memmap.h"
#include "ranges.h"

#define LAB_OWNERS_MAX 64

/* One direction of one drive. */
struct lab_flow {
	uint64_t own;     /* bytes: the drive's own controller memory */
	uint64_t ram;     /* host RAM */
	uint64_t other;   /* neither */
	uint64_t unknown; /* the map does not say */
	struct lab_peer {
		char owner[64];
		uint64_t bytes;
	} peers[LAB_OWNERS_MAX]; /* other devices' BARs */
	unsigned int peer_count;
	/* The drive's bytes by where they went. */
	struct lab_ranges in_peer; /* own and peers */
	struct lab_ranges in_ram;
	struct lab_ranges in_doubt; /* other and unknown */
};

struct lab_drive_tally {
	char id[64]; /* as in the machine file */
	struct lab_flow read;
	struct lab_flow written;
};

struct lab_tally {
	struct lab_drive_tally drives[LAB_DRIVES_MAX + 1]; /* by namespace id; [0] is not used */
	unsigned int last;                                 /* the highest one in use */
};

/* A copy from one drive to another, in bytes. */
struct lab_payload {
	uint64_t source_in_ram;      /* read into host RAM and never into peer memory */
	uint64_t destination_in_ram; /* written from host RAM */
	uint64_t in_doubt;           /* read to or written from where the map does not say */
	uint64_t through_peer;       /* written from peer memory */
	uint64_t source_again;       /* read into peer memory, and for proof into host RAM too */
	uint64_t destination_again;  /* read back from the destination into host RAM */
};

/**
 * lab_tally_read() - add up a run between two marks.
 * @out: the run's directory
 * @from: name of the first mark
 * @to: name of the last mark
 * @space: whose addresses those of the trace are
 * @error: what is missing or cannot be read
 *
 * Where the memory maps of the two marks do not agree on an address the answer is unknown.
 *
 * Return: the tally, for lab_tally_free(), or NULL.
 */
struct lab_tally *lab_tally_read(const char *out, const char *from, const char *to,
				 enum lab_dma_space space, struct lab_error *error);

/** lab_tally_payload() - what of a copy between these drives was in host RAM. */
struct lab_payload lab_tally_payload(const struct lab_tally *tally, unsigned int source,
				     unsigned int destination);

/** lab_tally_free() - give it back. */
void lab_tally_free(struct lab_tally *tally);

#endif
