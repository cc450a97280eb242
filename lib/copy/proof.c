// SPDX-License-Identifier: MIT
/*
 * Proof that a path delivers: machines exist where both transfers report success and nearly all
 * bytes are wrong (a switch below a translating IOMMU is enough), so no path is trusted before its
 * bytes were seen, in each place that they will go through (trust.h).
 *
 *     source ──(host memory)──────────────────▶ S                   what it should be
 *     provider's memory ◀── ~S by the CPU                             no byte right by accident
 *     source ──▶ provider's memory ──(CPU)──▶ P, P == S?              destination still untouched
 *     destination == S already? ◀── ~S through host memory          nor there
 *     provider's memory ──▶ destination, flushed
 *     destination ──(host memory)──────────────▶ D, D == S?
 *
 * In the peer memory that is one line of each page: a CPU reads a device's memory at some 10 MB/s.
 * In D all bytes are looked at.
 *
 * A block of one repeated byte proves little: a read that nobody answers brings zeros or ones. Then
 * the block is right, but the path stays as unproven as it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "copy/event.h"
#include "copy/io_error.h"
#include "copy/results.h"
#include "proof/damage.h"
#include "proof/lines.h"
#include "random.h"
#include "round.h"

struct block {
	struct p2p_copy *copy;
	uint64_t at;
	size_t place;         /* in the peer memory */
	size_t wanted, asked; /* `asked`: in whole sectors */
	char *should, *is;    /* host memory */
};

/* One synchronous request and what is left of it. Returns 0 or a negative errno. */
static int transfer(int fd, bool writing, char *buffer, size_t asked, size_t needed,
		    uint64_t offset)
{
	size_t moved = 0;

	while (moved < needed) {
		ssize_t got =
			writing ? pwrite(fd, buffer + moved, asked - moved, (off_t)(offset + moved))
				: pread(fd, buffer + moved, asked - moved, (off_t)(offset + moved));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -EIO;
		moved += (size_t)got;
	}
	return 0;
}

static int read_source(const struct block *block, char *buffer)
{
	struct p2p_copy *copy = block->copy;

	return transfer(copy->source_fd, false, buffer, block->asked, block->wanted,
			copy->report.offset + block->at);
}

static int read_destination(const struct block *block, char *buffer)
{
	struct p2p_copy *copy = block->copy;

	return transfer(copy->destination_fd, false, buffer, block->asked, block->wanted,
			copy->report.destination_offset + block->at);
}

static int write_destination(const struct block *block, char *buffer)
{
	struct p2p_copy *copy = block->copy;

	return transfer(copy->destination_fd, true, buffer, block->asked, block->asked,
			copy->report.destination_offset + block->at);
}

/*
 * A result stays, so that it is of this pair must be certain: a provider that went away, and a
 * source that was written meanwhile, look the same in one block.
 */
static bool is_the_pairs(const struct block *block)
{
	return block->copy->results && p2p_path_alive(block->copy) &&
	       !read_source(block, block->is) && !memcmp(block->should, block->is, block->wanted);
}

/* `before`: what was in the block's place; NULL: the complement of what should be. */
static enum p2p_block_proof say_wrong(const struct block *block, const char *before,
				      size_t looked_at, enum p2p_proof_direction direction,
				      struct p2p_error *error)
{
	const struct p2p_evidence evidence = {
		.should = block->should,
		.before = before,
		.is = block->is,
		.size = block->wanted,
	};
	struct p2p_damage_found found = p2p_damage_find(&evidence);
	char text[P2P_DAMAGE_TEXT];

	p2p_error_set(error, -EIO,
		      "%zu of %zu bytes that went through peer memory of %s were wrong in %s, the "
		      "first at byte %" PRIu64 ", though no device reported an error: %s",
		      found.wrong, looked_at, block->copy->provider,
		      direction == P2P_PROOF_TO_PROVIDER
			      ? "that memory, before the destination was touched"
			      : "the destination",
		      block->copy->report.offset + block->at + found.first,
		      p2p_damage_describe(&found, text));
	if (is_the_pairs(block))
		p2p_results_record_wrong(block->copy, direction, &found, looked_at);
	return P2P_BLOCK_WRONG;
}

static enum p2p_block_proof say_refused(const struct block *block, const char *what,
					const char *path, int code, struct p2p_error *error)
{
	const char *why = p2p_io_error_text(code);

	/* What Linux answers when its verdict on (client, provider) is "not supported". */
	if (code == -EREMOTEIO || code == -EINVAL || code == -EOPNOTSUPP)
		why = "the kernel refuses this pair of devices";
	p2p_error_set(error, code, "%s %s %s peer memory of %s failed: %s", what, path,
		      !strcmp(what, "reading") ? "into" : "from", block->copy->provider, why);
	return P2P_BLOCK_REFUSED;
}

static enum p2p_block_proof say_broken(const struct block *block, const char *what,
				       const char *path, int code, struct p2p_error *error)
{
	p2p_error_set(error, code, "%s %s at byte %" PRIu64 " failed: %s", what, path,
		      block->copy->report.offset + block->at, p2p_io_error_text(code));
	return P2P_BLOCK_BROKEN;
}

/* What was in the peer memory is only known of its lines; elsewhere `is` was not looked at. */
static enum p2p_block_proof say_wrong_lines(const struct block *block,
					    const struct p2p_lines *lines, size_t looked_at,
					    struct p2p_error *error)
{
	char *before = malloc(block->wanted);
	enum p2p_block_proof proof;

	if (before) {
		memcpy(before, block->should, block->wanted);
		p2p_lines_complement(lines, before);
	}
	proof = say_wrong(block, before, looked_at, P2P_PROOF_TO_PROVIDER, error);
	free(before);
	return proof;
}

/* Source to provider. The destination is not touched. */
static enum p2p_block_proof prove_first_half(const struct block *block, struct p2p_error *error)
{
	struct p2p_copy *copy = block->copy;
	const struct p2p_lines lines = {
		.place = block->place,
		.size = block->wanted,
		.random = p2p_random_next(&copy->random),
	};
	size_t looked_at;
	int rc;

	p2p_complement(block->is, block->should, block->asked);
	rc = p2p_lines_store(&lines, copy->memory, block->is);
	if (!rc)
		rc = read_source(block, copy->memory->base + block->place);
	memcpy(block->is, block->should, block->wanted);
	if (!rc)
		rc = p2p_lines_load(&lines, copy->memory, block->is, &looked_at);
	if (rc)
		return say_refused(block, "reading", copy->source.path, rc, error);
	if (memcmp(block->should, block->is, block->wanted))
		return say_wrong_lines(block, &lines, looked_at, error);
	return P2P_BLOCK_HOLDS;
}

/* Provider to destination, and back through host memory. */
static enum p2p_block_proof write_and_read_back(const struct block *block, const char *before,
						struct p2p_error *error)
{
	struct p2p_copy *copy = block->copy;
	const char *path = copy->destination.path;
	int rc;

	/* Past the source's end the provider's memory holds anything: the file must not. */
	rc = p2p_memory_store(copy->memory, block->place + block->wanted,
			      block->should + block->wanted, block->asked - block->wanted);
	if (!rc)
		rc = write_destination(block, copy->memory->base + block->place);
	if (rc)
		return say_refused(block, "writing", path, rc, error);
	if (!block->place && p2p_copy_is_buffered(copy, block->at, block->asked, error))
		return P2P_BLOCK_WRONG;

	if (p2p_copy_flush(copy, error))
		return P2P_BLOCK_BROKEN;
	p2p_complement(block->is, block->should, block->asked);
	rc = read_destination(block, block->is);
	if (rc)
		return say_broken(block, "reading back", path, rc, error);
	if (memcmp(block->should, block->is, block->wanted))
		return say_wrong(block, before, block->wanted, P2P_PROOF_FROM_PROVIDER, error);
	return P2P_BLOCK_HOLDS;
}

/* How much of the block's place in the destination can be read: a file may end there. */
static size_t there_already(const struct block *block)
{
	const struct p2p_copy *copy = block->copy;
	uint64_t room = copy->room > block->at ? copy->room - block->at : 0;

	if (copy->destination.is_block || room >= block->asked)
		return block->asked;
	return round_down(room, copy->align);
}

static bool shares_a_page(const struct block *block, const char *with, size_t size)
{
	for (size_t page = 0; page < size; page += P2P_PROOF_PAGE)
		if (!memcmp(block->should + page, with + page,
			    size - page < P2P_PROOF_PAGE ? size - page : P2P_PROOF_PAGE))
			return true;
	return false;
}

/* What is there already would be found there whatever is written. `*before`: what is there then. */
static int make_different(struct block *block, struct p2p_memory *saved, const char **before)
{
	struct block there = *block;
	int rc;

	there.asked = there.wanted = there_already(block);
	rc = read_destination(&there, saved->base);
	block->copy->report.proof_bytes += there.wanted;
	if (rc)
		return rc;
	if (!shares_a_page(block, saved->base, there.asked)) {
		*before = there.wanted == block->asked ? saved->base : NULL;
		return 0;
	}
	p2p_complement(block->is, block->should, there.asked);
	return write_destination(&there, block->is);
}

/*
 * Where no other path may follow, wrong bytes would stay: a device gets back what it held. A file
 * has been cut by then, as every copy onto a file does first.
 */
static enum p2p_block_proof prove_second_half(struct block *block, struct p2p_error *error)
{
	struct p2p_copy *copy = block->copy;
	struct p2p_memory *saved = NULL;
	const char *before = NULL;
	enum p2p_block_proof proof;
	int rc = p2p_copy_touch(copy, error);

	if (rc)
		return P2P_BLOCK_BROKEN;
	p2p_copy_begin_last(copy);
	if (there_already(block)) {
		if (p2p_host_memory_open(block->asked, &saved, error))
			return P2P_BLOCK_BROKEN;
		rc = make_different(block, saved, &before);
	}
	proof = rc ? say_broken(block, "reading", copy->destination.path, rc, error)
		   : write_and_read_back(block, before, error);
	if ((proof == P2P_BLOCK_WRONG || proof == P2P_BLOCK_REFUSED) && saved &&
	    copy->destination.is_block && copy->options.require_p2p) {
		write_destination(block, saved->base);
		p2p_copy_flush(copy, NULL);
	}
	p2p_memory_close(saved);
	return proof;
}

static void tell_proven(struct p2p_copy *copy, const struct block *block)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "%zu bytes at %" PRIu64 " read back from %s and from the destination are the "
		 "source's",
		 block->wanted, copy->report.offset + block->at, copy->provider);
	p2p_copy_tell(copy, P2P_COPY_EVENT_PROVEN, text);
}

/* A path is told as proven once. */
static void note_proof(struct p2p_copy *copy, const struct block *block, unsigned int slot)
{
	const struct p2p_stretch stretch = {
		.source_offset = copy->report.offset + block->at,
		.destination_offset = copy->report.destination_offset + block->at,
		.length = block->wanted,
		.align = copy->align,
	};
	bool first = !p2p_trust_any(&copy->trust);

	p2p_trust_add(&copy->trust, &stretch, slot, block->wanted);
	if (first)
		tell_proven(copy, block);
}

enum p2p_block_proof p2p_copy_prove(struct p2p_copy *copy, uint64_t at, uint64_t length,
				    unsigned int slot, bool *proven, struct p2p_error *error)
{
	struct block block = {
		.copy = copy,
		.at = at,
		.place = slot * copy->report.block,
		.wanted = length,
		.asked = round_up(length, copy->align),
	};
	enum p2p_block_proof proof;
	int rc;

	*proven = false;
	if (p2p_copy_compare_open(copy, error))
		return P2P_BLOCK_BROKEN;
	block.should = copy->compared[0]->base;
	block.is = copy->compared[1]->base;

	rc = read_source(&block, block.should);
	if (rc)
		return say_broken(&block, "reading", copy->source.path, rc, error);
	memset(block.should + block.wanted, 0, block.asked - block.wanted);
	copy->report.proof_bytes += length;

	proof = prove_first_half(&block, error);
	if (proof == P2P_BLOCK_HOLDS)
		proof = prove_second_half(&block, error);
	if (proof != P2P_BLOCK_HOLDS)
		return proof;

	copy->report.proof_bytes += length;
	*proven = !p2p_is_blank(block.should, block.wanted);
	if (*proven)
		note_proof(copy, &block, slot);
	return P2P_BLOCK_HOLDS;
}
