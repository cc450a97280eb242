// SPDX-License-Identifier: MIT
/*
 * Reads source and destination through host memory and compares: all of a stretch, or a piece of
 * each block.
 */
#include <fcntl.h>

#include "clock.h"
#include "copy/event.h"
#include "round.h"

#define SAMPLE       4096u /* bytes of a block: under 1 % of the smallest that is chosen */
#define SAMPLE_DEPTH 64u   /* small requests need many in flight */

/* The page cache's largest pieces: one that is only partly in a range is not dropped. */
#define LARGEST_FOLIO (UINT64_C(2) << 20)

unsigned int p2p_copy_ring_depth(const struct p2p_copy *copy)
{
	return copy->depth > SAMPLE_DEPTH ? copy->depth : SAMPLE_DEPTH;
}

uint32_t p2p_copy_sample_size(const struct p2p_copy *copy)
{
	return (uint32_t)round_up(SAMPLE, copy->align);
}

int p2p_copy_compare_open(struct p2p_copy *copy, struct p2p_error *error)
{
	uint64_t size = copy->block * copy->depth;
	uint64_t samples = (uint64_t)p2p_copy_sample_size(copy) * SAMPLE_DEPTH;

	if (size < samples)
		size = samples;
	for (int i = 0; i < 2; i++) {
		int rc = copy->compared[i] ? 0
					   : p2p_host_memory_open(size, &copy->compared[i], error);
		if (rc)
			return rc;
	}
	return 0;
}

void p2p_copy_compare_all(struct p2p_copy *copy, enum p2p_copy_comparison why)
{
	if (copy->report.comparison != P2P_COPY_COMPARES_SAMPLES)
		return;
	copy->report.comparison = why;
	p2p_copy_tell(
		copy, P2P_COPY_EVENT_NOTE,
		why == P2P_COPY_COMPARES_ALL_FUNCTIONS
			? "several PCI functions move the bytes of one file, any of which may take "
			  "the next block: all that peer memory carries is read back and "
			  "compared"
			: "other PCI functions than before move the bytes of one file: all that "
			  "peer memory carries is read back and compared");
}

/* What the page cache holds is what was meant, not what arrived. */
static void forget_cached(const struct p2p_copy *copy, uint64_t at, uint64_t length)
{
	uint64_t start = round_down(copy->report.destination_offset + at, LARGEST_FOLIO);
	uint64_t end = round_up(copy->report.destination_offset + at + length, LARGEST_FOLIO);

	posix_fadvise(copy->destination_fd, (off_t)start, (off_t)(end - start),
		      POSIX_FADV_DONTNEED);
}

static const atomic_bool never;

static struct p2p_transfer transfer_of(const struct p2p_copy *copy, uint64_t at)
{
	return (struct p2p_transfer){
		.source = copy->source_fd,
		.destination = copy->destination_fd,
		.source_offset = copy->report.offset + at,
		.destination_offset = copy->report.destination_offset + at,
		.align = copy->align,
		.memory = copy->compared[0],
		.compare = copy->compared[1],
		.stop = &copy->stop,
	};
}

int p2p_copy_compare(struct p2p_copy *copy, uint64_t at, uint64_t length,
		     struct p2p_transfer_result *result, struct p2p_error *error)
{
	int rc = p2p_copy_compare_open(copy, error);
	struct p2p_transfer both = transfer_of(copy, at);

	if (rc)
		return rc;
	both.length = length;
	both.block = copy->block;
	both.depth = copy->depth;
	if (atomic_load(&copy->stop)) { /* the last look: at what would count for nothing else */
		both.stop = &never;
		both.deadline = p2p_now_ns() + P2P_CHECKPOINT_NS;
	}
	forget_cached(copy, at, length);
	*result = p2p_pipeline_run(copy->pipeline, &both);
	return 0;
}

int p2p_copy_compare_samples(struct p2p_copy *copy, uint64_t at, uint64_t length,
			     const struct p2p_samples *samples, struct p2p_transfer_result *result,
			     struct p2p_error *error)
{
	int rc = p2p_copy_compare_open(copy, error);
	struct p2p_transfer both = transfer_of(copy, 0);

	if (rc)
		return rc;
	both.pieces = samples->pieces;
	both.piece_count = samples->count;
	both.block = p2p_copy_sample_size(copy);
	both.depth = SAMPLE_DEPTH;
	both.stop = &never; /* few bytes decide whether all that was moved counts */
	forget_cached(copy, at, length);
	*result = p2p_pipeline_run(copy->pipeline, &both);
	return 0;
}
