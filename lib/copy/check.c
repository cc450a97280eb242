// SPDX-License-Identifier: MIT
/*
 * Everything that refuses a copy before it starts, and the numbers that follow from both files.
 */
#include <errno.h>
#include <inttypes.h>
#include <sys/resource.h>
#include <unistd.h>

#include "copy/private.h"
#include "round.h"

#define KIB              (UINT64_C(1) << 10)
#define MIB              (UINT64_C(1) << 20)
#define MIN_CHOSEN_BLOCK (512 * KIB)
#define MAX_BLOCK        (1024 * MIB)
#define MAX_CHOSEN_BLOCK (4 * MIB)
#define MAX_CHOSEN_BYTES (64 * MIB) /* in flight, unless single blocks are larger */
#define DEFAULT_DEPTH    16u
#define MIN_CHOSEN_DEPTH 2u
#define MAX_DEPTH        1024u

static uint64_t greater(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static int set_range(struct p2p_copy *copy, struct p2p_error *error)
{
	const struct p2p_copy_options *options = &copy->options;
	struct p2p_copy_report *report = &copy->report;
	uint64_t size = copy->source.size, left;

	if (options->offset > size)
		return p2p_error_set(error, -EINVAL,
				     "offset %" PRIu64 " is past the end of %s (%" PRIu64
				     " bytes): use a smaller one",
				     options->offset, copy->source.path, size);
	left = size - options->offset;
	report->offset = options->offset;
	report->length = options->length == P2P_COPY_TO_THE_END ? left : options->length;
	if (report->length > left)
		return p2p_error_set(error, -EINVAL,
				     "length %" PRIu64 " from offset %" PRIu64
				     " passes the end of %s (%" PRIu64 " bytes): at most %" PRIu64
				     " bytes can be copied",
				     report->length, report->offset, copy->source.path, size, left);

	report->destination_offset = options->destination_offset == P2P_COPY_SAME_OFFSET
					     ? options->offset
					     : options->destination_offset;
	if (report->destination_offset > INT64_MAX - report->length)
		return p2p_error_set(error, -EINVAL,
				     "destination offset %" PRIu64
				     " is beyond any device: use a smaller one",
				     report->destination_offset);
	return 0;
}

static int check_room(const struct p2p_copy *copy, struct p2p_error *error)
{
	const struct p2p_copy_report *report = &copy->report;
	uint64_t end = report->destination_offset + report->length;
	struct rlimit limit;

	if (!copy->destination.is_block) {
		/* Said now, before the file is cut; half-way it would be a signal. */
		if (getrlimit(RLIMIT_FSIZE, &limit) || end <= limit.rlim_cur)
			return 0;
		return p2p_error_set_hint(
			error, -EFBIG, P2P_HINT_LENGTH,
			"destination %s would have %" PRIu64
			" bytes, and this process may write files of %ju at most: "
			"raise the limit with ulimit -f, or copy less",
			copy->destination.path, end, (uintmax_t)limit.rlim_cur);
	}
	if (end <= copy->destination.size)
		return 0;
	return p2p_error_set_hint(error, -EFBIG, P2P_HINT_LENGTH,
				  "destination %s is too small: %" PRIu64 " bytes, and %" PRIu64
				  " are needed: choose another, or copy less",
				  copy->destination.path, copy->destination.size, end);
}

static bool is_aligned(const struct p2p_copy *copy)
{
	return copy->report.offset % copy->align == 0 &&
	       copy->report.destination_offset % copy->align == 0;
}

/*
 * Direct I/O moves whole sectors. Odd offsets make it impossible; an odd end is fine where the
 * destination ends there too (it is cut afterwards), else the last bytes go another way.
 */
static int set_alignment(struct p2p_copy *copy, struct p2p_error *error)
{
	uint64_t length = copy->report.length, end = copy->report.destination_offset + length;
	const struct p2p_file *source = &copy->source, *destination = &copy->destination;

	copy->align = (uint32_t)greater(source->align, destination->align);
	copy->sets_size = !destination->is_block &&
			  (copy->options.length == P2P_COPY_TO_THE_END || end >= destination->size);
	if (!is_aligned(copy))
		copy->direct_length = 0;
	else if (copy->sets_size)
		copy->direct_length = length;
	else
		copy->direct_length = round_down(length, copy->align);

	if (copy->options.require_p2p && copy->direct_length != length)
		return p2p_error_set_hint(
			error, -EINVAL, P2P_HINT_REQUIRE_P2P,
			"the %s is not a multiple of %u bytes, so not all can go through "
			"peer memory: choose one that is, or do not require it",
			is_aligned(copy) ? "length" : "offset", copy->align);
	return 0;
}

static int set_block(struct p2p_copy *copy, struct p2p_error *error)
{
	uint64_t block = copy->options.block, page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t unit = greater(copy->align, page); /* slots start on pages */
	uint64_t request = greater(copy->source.max_io, copy->destination.max_io);

	if (copy->options.depth > MAX_DEPTH)
		return p2p_error_set(error, -EINVAL, "depth %u is too large: use 1 to %u",
				     copy->options.depth, MAX_DEPTH);
	if (block > MAX_BLOCK)
		return p2p_error_set(error, -EINVAL,
				     "block %" PRIu64 " is too large: use at most %" PRIu64, block,
				     MAX_BLOCK);
	if (block % unit)
		return p2p_error_set(error, -EINVAL,
				     "block %" PRIu64 " is not a multiple of %" PRIu64
				     " bytes, which these files need: use %" PRIu64,
				     block, unit, round_up(block, unit));
	/* One block, one request: bench/copy finds nothing better than many of those in flight. */
	if (!block)
		block = lesser(greater(MIN_CHOSEN_BLOCK, request), MAX_CHOSEN_BLOCK);
	copy->block = round_up(block, unit);
	copy->depth = copy->options.depth;
	if (!copy->depth)
		copy->depth = (unsigned int)lesser(
			DEFAULT_DEPTH, greater(MIN_CHOSEN_DEPTH, MAX_CHOSEN_BYTES / copy->block));
	return 0;
}

int p2p_copy_check(struct p2p_copy *copy, struct p2p_error *error)
{
	int rc = set_range(copy, error);

	if (!rc)
		rc = p2p_copy_check_overlap(copy, error);
	if (!rc)
		rc = check_room(copy, error);
	if (!rc)
		rc = set_alignment(copy, error);
	if (!rc)
		rc = set_block(copy, error);
	return rc;
}
