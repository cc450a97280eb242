// SPDX-License-Identifier: MIT
/*
 * What must hold after a copy: what it says is compared with what is on the medium.
 */
#include <errno.h>
#include <string.h>

#include "world.h"

/* The range as the options mean it. */
struct range {
	uint64_t from, to, length, end;
	bool whole;     /* to the source's end: replaces what a file held from `to` on */
	bool sets_size; /* the destination is a file that ends where the copy does */
};

static struct range range_of(void)
{
	const struct p2p_copy_options *options = &world.options;
	struct range range = { .from = options->offset, .to = options->offset };

	if (options->destination_offset != P2P_COPY_SAME_OFFSET)
		range.to = options->destination_offset;
	range.whole = options->length == P2P_COPY_TO_THE_END;
	range.length = range.whole ? world.original_size - range.from : options->length;
	range.end = range.to + range.length;
	range.sets_size =
		!world.destination.is_block && (range.whole || range.end >= world.size_before);
	return range;
}

static bool source_changed(void)
{
	return world.step >= world.change_at;
}

/* The first `length` bytes of the copy are the source's, as it was or as it has become. */
static bool holds_source(const uint8_t *bytes, const struct range *range, uint64_t length)
{
	for (uint64_t i = 0; i < length; i++) {
		uint8_t is = bytes[range->to + i];

		if (is == world.original[range->from + i])
			continue;
		if (!source_changed() || world.change != SOURCE_IS_WRITTEN ||
		    is != world.source.drive[range->from + i])
			return false;
	}
	return true;
}

/* What is not of the range is as it was. */
static bool spares_the_rest(const struct range *range)
{
	const struct disk *disk = &world.destination;
	uint64_t before = range->to < world.size_before ? range->to : world.size_before;
	uint64_t size = disk->is_block ? disk->size : world.size_before;

	if (disk->is_block)
		before = range->to;
	if (memcmp(disk->drive, world.before, before))
		return false;
	if (range->whole && !disk->is_block)
		return true;
	return range->end >= size ||
	       !memcmp(disk->drive + range->end, world.before + range->end, size - range->end);
}

static void judge_success(const struct range *range, const struct p2p_copy_report *report)
{
	const struct disk *disk = &world.destination;
	uint64_t size = range->end;

	if (!range->whole && world.size_before > size)
		size = world.size_before;
	world_expect(
		memcmp(disk->medium + range->to, world.original + range->from, range->length) == 0,
		"success: the medium holds the source's bytes");
	world_expect(disk->is_block || disk->size == size, "success: the file has its size");
	world_expect(disk->is_block || disk->medium_size == size,
		     "success: the file has its size on the medium");
	world_expect(disk->named, "success: the directory entry is on the medium");
	world_expect(report->good == range->length && report->done == range->length,
		     "success: all is done and good");
	world_expect(report->peer_bytes + report->host_bytes + report->hole_bytes == range->length,
		     "success: each byte is counted once");
	world_expect(!world.options.require_p2p || !report->host_bytes,
		     "success: with --require-p2p nothing went through host memory");
	/* A file that grows beyond a range that was asked for is no matter. */
	world_expect(world.change_at >= world.looked_at ||
			     (world.change == SOURCE_GROWS && !range->whole),
		     "success: the source is what it was");
}

static bool is_untouched(void)
{
	const struct disk *disk = &world.destination;

	return disk->size == world.size_before && !memcmp(disk->drive, world.before, disk->size);
}

static void judge_failure(const struct range *range, const struct p2p_copy_report *report)
{
	const struct disk *disk = &world.destination;

	world_expect(report->good <= range->length, "failure: not more is good than there is");
	/* Of one version: what was read after a change must not count. */
	world_expect(!memcmp(disk->medium + range->to, world.original + range->from, report->good),
		     "failure: what is good is on the medium");
	if (range->whole && !disk->is_block && report->good < range->length)
		world_expect(disk->size < range->end || is_untouched(),
			     "failure: an unfinished file is not as large as a finished one");
}

/* Whether peer memory is all that goes wrong: then host memory must serve. */
static bool host_path_is_fine(void)
{
	return !world.faults && world.flush_fails_at == NEVER && world.change_at == NEVER &&
	       world.stop_at == NEVER && world.wait_fails_at == NEVER &&
	       world.writes_lost_from == NEVER && !world.options.require_p2p;
}

static bool providers_stay(void)
{
	for (unsigned int i = 0; i < world.providers; i++)
		if (world.provider[i].gone_from != NEVER)
			return false;
	return true;
}

static bool providers_are_fine(void)
{
	for (unsigned int i = 0; i < world.providers; i++) {
		const struct provider *provider = &world.provider[i];

		if (provider->bad_count || provider->wraps || provider->gone_from != NEVER ||
		    provider->deaf_from != NEVER)
			return false;
		for (int client = 0; client < 8; client++)
			if (provider->refused[client])
				return false;
	}
	return world.providers && world.provider[0].available >= 8 * world.options.block;
}

/* What was written before a stop and is as it should be counts, verified or not. */
static void judge_stop(int rc, const struct p2p_copy_report *report)
{
	bool only = !world.faults && world.flush_fails_at == NEVER && world.change_at == NEVER &&
		    world.wait_fails_at == NEVER && !world_delivers_wrong() && providers_stay();

	if (rc != -EINTR || world.stop_at == NEVER || !only)
		return;
	world_expect(report->good || !report->done, "stopped: something of what was done is good");
}

/* A copy that gives up whenever it can would keep all other promises. */
static void judge_will(const struct range *range, int rc, const struct p2p_copy_report *report)
{
	uint64_t data = report->peer_bytes + report->host_bytes;

	if (!host_path_is_fine())
		return;
	world_expect(!rc, "nothing but peer memory fails, and host memory is allowed: it succeeds");
	if (providers_are_fine() && range->from % 512 == 0 && range->to % 512 == 0 && data >= 512)
		world_expect(report->peer_bytes, "nothing fails: peer memory serves");
}

void world_judge(int rc, const struct p2p_copy_report *report, const struct p2p_error *error)
{
	struct range range = range_of();

	world_expect(!rc || (error->code == rc && error->text[0] && !strchr(error->text, '\n')),
		     "failure: one line says why");
	world_expect(!world_in_flight(), "nothing is in flight");
	world_expect(!world.buffered_open && !world.directories_open, "all is closed");
	world_expect(spares_the_rest(&range), "what is outside the range is as it was");
	if (rc)
		judge_failure(&range, report);
	else
		judge_success(&range, report);
	judge_stop(rc, report);
	judge_will(&range, rc, report);
}

void world_judge_refused(const struct p2p_error *error)
{
	world_expect(error->code && error->text[0], "refused: one line says why");
	world_expect(is_untouched(), "refused: the destination is as it was");
	world_expect(!world_in_flight(), "refused: nothing is in flight");
}

/*
 * How much of a file that has its size must be right: where no file can be longer, the last block
 * is there before it can be read back, so where something delivers wrong bytes it may be caught
 * then.
 */
static uint64_t whole_of(const struct range *range)
{
	uint64_t block = world.options.block;

	if (!range->length || !world_delivers_wrong() || world.largest >= range->end + block)
		return range->length;
	return (range->length - 1) / block * block;
}

/* Killed, and so perhaps without power: a file that has its size is whole. */
void world_judge_killed(void)
{
	const struct disk *disk = &world.destination;
	struct range range = range_of();

	world_expect(spares_the_rest(&range), "killed: what is outside the range is as it was");
	if (disk->is_block || !range.whole || is_untouched())
		return;
	if (disk->size == range.end) {
		static uint8_t seen[DISK_CAPACITY];

		disk_read(disk, 0, seen, DISK_CAPACITY);
		world_expect(holds_source(seen, &range, whole_of(&range)),
			     "killed: a file that has its size is whole");
	}
	if (disk->medium_size == range.end && memcmp(disk->medium, world.before, DISK_CAPACITY))
		world_expect(holds_source(disk->medium, &range, whole_of(&range)),
			     "power loss: a file that has its size is whole");
}
