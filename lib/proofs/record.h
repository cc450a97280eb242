/* SPDX-License-Identifier: MIT */
/*
 * Results as a file of them has them: each with the facts of its time.
 */
#ifndef P2P_PROOFS_RECORD_H
#define P2P_PROOFS_RECORD_H

#include "fingerprint.h"

#define P2P_PROOFS_FORMAT 1
/* Results of every pair among a few hundred devices. */
#define P2P_PROOFS_FILE_MAX (64u << 20)
/* Of one pair and direction: those of other kernels, or of other settings. */
#define P2P_PROOFS_KEPT 8
/* Bytes of what was seen; a line of a file has room for it. */
#define P2P_PROOF_TEXT_MAX 2048
/* A file could be all damage; nobody reads more warnings than this. */
#define P2P_PROOFS_WARNINGS_MAX 100

struct p2p_proof_record {
	struct p2p_proof_end client, provider;
	enum p2p_proof_direction direction;
	enum p2p_proof_state state;
	enum p2p_damage damage;
	int64_t time;
	uint64_t bytes;
	char *text; /* or NULL */
	struct p2p_facts facts;
	uint32_t order; /* in which they were added */
};

/** All zero: empty. */
struct p2p_proof_records {
	struct p2p_proof_record *record;
	uint32_t count, room;
	uint32_t added; /* ever */
	char **warning;
	uint32_t warning_count, warning_room;
};

/** Orders by client, provider, direction: 0 is the same question. */
int p2p_proof_compare(const struct p2p_proof_record *a, const struct p2p_proof_record *b);

/** Whether a record is of the pair that `question` is about, one way or the other. */
bool p2p_proof_same_pair(const struct p2p_proof_record *record,
			 const struct p2p_proof_record *question);

/** Takes out what is of the pair that `question` is about. Returns how many that were. */
uint32_t p2p_proof_records_remove(struct p2p_proof_records *records,
				  const struct p2p_proof_record *question);

/** Appends a record, which is given up also on failure. Returns 0 or -ENOMEM. */
int p2p_proof_records_add(struct p2p_proof_records *records, struct p2p_proof_record *record);

/**
 * Sorts by question, the latest last. Of the same question and facts only the latest stays, at
 * the same time the one that was added last; of many for one question the oldest go.
 */
void p2p_proof_records_tidy(struct p2p_proof_records *records);

/** Copies. False: memory is short, and `to` is empty. */
bool p2p_proof_record_copy(struct p2p_proof_record *to, const struct p2p_proof_record *from);

void p2p_proof_record_free(struct p2p_proof_record *record);
void p2p_proof_records_free(struct p2p_proof_records *records);

/** Reads a file's text. Returns 0, -EBADMSG or -ENOMEM; `path` is for messages. */
int p2p_proofs_parse(const char *path, struct p2p_span text, struct p2p_proof_records *records,
		     struct p2p_error *error);

/** A file's text of all records. For free(); NULL: memory is short. */
char *p2p_proofs_format(const struct p2p_proof_records *records, size_t *size);

/**
 * Takes the pairs of `forgotten` out of what the file has by now, merges `fresh` into it, and
 * replaces it.
 */
int p2p_proofs_write(const char *path, const struct p2p_proof_records *forgotten,
		     const struct p2p_proof_records *fresh, struct p2p_error *error);

#endif
