// SPDX-License-Identifier: MIT
/*
 * Proof that a path delivers: machines exist where both transfers report success and nearly all
 * bytes are wrong (a switch below a translating IOMMU is enough), so no path is trusted before its
 * bytes were seen.
 *
 *     source ──(host memory)──────────────────▶ S                   what it should be
 *     lender's memory ◀── ~S by the CPU                             no byte right by accident
 *     source ──▶ lender's memory ──(CPU)──▶ P, P == S?              destination still untouched
 *     lender's memory ──▶ destination, flushed
 *     destination ──(host memory)──────────────▶ D, D == S?
 *
 * A block of one repeated byte proves little: a read that nobody answers brings zeros or ones. Then
 * the block is right, but the path stays unproven and the next block is proven too.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "copy/private.h"
#include "copy/reason.h"
#include "copy/round.h"

struct block {
	struct p2p_copy *copy;
	uint64_t at;
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

static void complement(char *to, const char *from, size_t size)
{
	for (size_t i = 0; i < size; i++)
		to[i] = (char)~from[i];
}

static bool is_one_byte_repeated(const char *bytes, size_t size)
{
	return size < 2 || !memcmp(bytes, bytes + 1, size - 1);
}

static enum p2p_proof say_wrong(const struct block *block, const char *where,
				struct p2p_error *error)
{
	size_t wrong = 0, first = block->wanted;

	for (size_t i = block->wanted; i-- > 0;) {
		if (block->should[i] == block->is[i])
			continue;
		wrong++;
		first = i;
	}
	p2p_error_set(error, -EIO,
		      "%zu of %zu bytes that went through peer memory of %s were wrong in %s, the "
		      "first at byte %" PRIu64 ", though no device reported an error",
		      wrong, block->wanted, block->copy->provider, where,
		      block->copy->report.offset + block->at + first);
	return P2P_PROOF_WRONG;
}

static enum p2p_proof say_refused(const struct block *block, const char *what, const char *path,
				  int code, struct p2p_error *error)
{
	const char *why = p2p_io_reason(code);

	/* What Linux answers when its verdict on (client, provider) is "not supported". */
	if (code == -EREMOTEIO || code == -EINVAL || code == -EOPNOTSUPP)
		why = "the kernel refuses this pair of devices";
	p2p_error_set(error, code, "%s %s %s peer memory of %s failed: %s", what, path,
		      !strcmp(what, "reading") ? "into" : "from", block->copy->provider, why);
	return P2P_PROOF_REFUSED;
}

static enum p2p_proof say_broken(const struct block *block, const char *what, const char *path,
				 int code, struct p2p_error *error)
{
	p2p_error_set(error, code, "%s %s at byte %" PRIu64 " failed: %s", what, path,
		      block->copy->report.offset + block->at, p2p_io_reason(code));
	return P2P_PROOF_BROKEN;
}

/* Source to lender. The destination is not touched. */
static enum p2p_proof prove_first_half(const struct block *block, struct p2p_error *error)
{
	struct p2p_copy *copy = block->copy;
	struct p2p_memory *lent = copy->memory;
	int rc;

	complement(block->is, block->should, block->asked);
	rc = p2p_memory_store(lent, 0, block->is, block->asked);
	if (!rc)
		rc = read_source(block, lent->base);
	if (!rc)
		rc = p2p_memory_load(lent, 0, block->is, block->asked);
	if (rc)
		return say_refused(block, "reading", copy->source.path, rc, error);
	if (memcmp(block->should, block->is, block->wanted))
		return say_wrong(block, "that memory, before the destination was touched", error);
	return P2P_PROOF_HOLDS;
}

/* Lender to destination, and back through host memory. */
static enum p2p_proof write_and_read_back(const struct block *block, struct p2p_error *error)
{
	struct p2p_copy *copy = block->copy;
	const char *path = copy->destination.path;
	int rc;

	/* Past the source's end the lender's memory holds anything: the file must not. */
	rc = p2p_memory_store(copy->memory, block->wanted, block->should + block->wanted,
			      block->asked - block->wanted);
	if (!rc)
		rc = write_destination(block, copy->memory->base);
	if (rc)
		return say_refused(block, "writing", path, rc, error);
	if (p2p_copy_is_buffered(copy, block->at, block->asked, error))
		return P2P_PROOF_WRONG;

	if (p2p_copy_flush(copy, error))
		return P2P_PROOF_BROKEN;
	complement(block->is, block->should, block->asked);
	rc = read_destination(block, block->is);
	if (rc)
		return say_broken(block, "reading back", path, rc, error);
	if (memcmp(block->should, block->is, block->wanted))
		return say_wrong(block, "the destination", error);
	return P2P_PROOF_HOLDS;
}

/*
 * Where no other path may follow, wrong bytes would stay: the destination gets back what it held.
 * A file has been cut by then, as every copy onto a file does first.
 */
static enum p2p_proof prove_second_half(const struct block *block, struct p2p_error *error)
{
	struct p2p_copy *copy = block->copy;
	struct p2p_memory *saved = NULL;
	enum p2p_proof proof;
	int rc = p2p_copy_touch(copy, error);

	if (rc)
		return P2P_PROOF_BROKEN;
	if (copy->options.require_p2p && copy->destination.is_block) {
		if (p2p_host_memory_open(block->asked, &saved, error))
			return P2P_PROOF_BROKEN;
		rc = read_destination(block, saved->base);
	}
	proof = rc ? say_broken(block, "reading", copy->destination.path, rc, error)
		   : write_and_read_back(block, error);
	if (proof == P2P_PROOF_WRONG && saved) {
		write_destination(block, saved->base);
		p2p_copy_flush(copy, NULL);
	}
	p2p_memory_close(saved);
	return proof;
}

static int open_buffers(struct p2p_copy *copy, struct p2p_error *error)
{
	for (int i = 0; i < 2; i++) {
		int rc = copy->compared[i] ? 0
					   : p2p_host_memory_open(copy->block * copy->depth,
								  &copy->compared[i], error);
		if (rc)
			return rc;
	}
	return 0;
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

enum p2p_proof p2p_copy_prove(struct p2p_copy *copy, uint64_t at, uint64_t length,
			      struct p2p_error *error)
{
	struct block block = { .copy = copy, .at = at, .wanted = length };
	enum p2p_proof proof;
	int rc;

	block.asked = round_up(length, copy->align);
	if (open_buffers(copy, error))
		return P2P_PROOF_BROKEN;
	block.should = copy->compared[0]->base;
	block.is = copy->compared[1]->base;

	rc = read_source(&block, block.should);
	if (rc)
		return say_broken(&block, "reading", copy->source.path, rc, error);
	memset(block.should + block.wanted, 0, block.asked - block.wanted);
	copy->report.proof_bytes += length;

	proof = prove_first_half(&block, error);
	if (proof != P2P_PROOF_HOLDS)
		return proof;
	proof = prove_second_half(&block, error);
	if (proof != P2P_PROOF_HOLDS)
		return proof;

	copy->report.proof_bytes += length;
	if (!copy->proven && !is_one_byte_repeated(block.should, block.wanted)) {
		copy->proven = true;
		tell_proven(copy, &block);
	}
	return P2P_PROOF_HOLDS;
}

int p2p_copy_compare(struct p2p_copy *copy, uint64_t at, uint64_t length,
		     struct p2p_transfer_result *result, struct p2p_error *error)
{
	struct p2p_transfer transfer_both = {
		.source = copy->source_fd,
		.destination = copy->destination_fd,
		.source_offset = copy->report.offset + at,
		.destination_offset = copy->report.destination_offset + at,
		.length = length,
		.block = copy->block,
		.depth = copy->depth,
		.align = copy->align,
		.stop = &copy->stop,
	};
	int rc = open_buffers(copy, error);

	if (rc)
		return rc;
	/* Not from the page cache, which holds what was meant and not what arrived. */
	posix_fadvise(copy->destination_fd, (off_t)transfer_both.destination_offset, (off_t)length,
		      POSIX_FADV_DONTNEED);
	transfer_both.memory = copy->compared[0];
	transfer_both.compare = copy->compared[1];
	*result = p2p_pipeline_run(copy->pipeline, &transfer_both);
	return 0;
}
