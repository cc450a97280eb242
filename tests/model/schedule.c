// SPDX-License-Identifier: MIT
/*
 * What a seed stands for: two ends, providers, options, and up to three things that go wrong.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "random.h"
#include "world.h"

static uint64_t below(uint64_t count)
{
	return random_below(&world.random, count);
}

static bool chance(unsigned int percent)
{
	return random_chance(&world.random, percent);
}

static uint64_t some_step(void)
{
	return 1 + below(chance(50) ? 120 : 600);
}

static void fill(void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
		uint64_t word = random_next(&world.random);

		memcpy((char *)bytes + i, &word, sizeof(word));
	}
}

static void draw_disk(struct disk *disk, bool is_block, uint64_t size)
{
	memset(disk, 0, sizeof(*disk));
	disk->is_block = is_block;
	disk->size = disk->medium_size = size;
	fill(disk->drive, DISK_CAPACITY);
	if (!is_block)
		memset(disk->drive + size, 0, DISK_CAPACITY - size);
	memcpy(disk->medium, disk->drive, DISK_CAPACITY);
}

static void draw_holes(struct disk *disk)
{
	for (uint64_t page = 0; page < DISK_PAGES; page++) {
		disk->hole[page] = chance(30);
		if (disk->hole[page])
			disk_zero(disk, page * DISK_PAGE, DISK_PAGE);
	}
	disk_flush(disk);
}

static void draw_clients(struct disk *disk, int first)
{
	disk->clients = chance(80) ? 1 : 2 + (unsigned int)below(2);
	for (unsigned int i = 0; i < disk->clients; i++)
		disk->client[i] = first + (int)i;
	disk->stripe = chance(50) ? DISK_PAGE << below(4) : 0;
}

static void draw_ends(void)
{
	uint64_t size = below(64) * DISK_PAGE;
	bool source_is_block = chance(40);

	if (!source_is_block && chance(50))
		size += below(DISK_PAGE);
	draw_disk(&world.source, source_is_block, size);
	world.blank = chance(20);
	if (!source_is_block && !world.blank && chance(40))
		draw_holes(&world.source);
	draw_clients(&world.source, 0);

	if (chance(40))
		draw_disk(&world.destination, true, 80 * DISK_PAGE);
	else
		draw_disk(&world.destination, false, chance(50) ? 0 : below(80 * DISK_PAGE));
	draw_clients(&world.destination, 4);
	world.destination.named = world.destination.is_block || chance(50);
	world.holes_fail = chance(30);
}

static void draw_options(void)
{
	struct p2p_copy_options *options = &world.options;
	uint64_t unit = chance(70) ? DISK_PAGE : chance(50) ? 512 : 1;

	p2p_copy_options_init(options, sizeof(*options));
	options->source = "source";
	options->destination = "destination";
	options->block = DISK_PAGE << below(4);
	options->depth = 1 + (unsigned int)below(6);
	options->verify = chance(25);
	options->require_p2p = chance(15);
	if (chance(30))
		options->offset = below(world.source.size / unit + 1) * unit;
	if (chance(25))
		options->length = below((world.source.size - options->offset) / unit + 1) * unit;
	if (chance(20))
		options->destination_offset = below(16 * DISK_PAGE / unit) * unit;
}

/*
 * What reads that nobody answers bring, too: such blocks prove nothing. They are so as a whole: a
 * few zeros in the right place would hide a few wrong bytes from any proof.
 */
static void draw_blank_blocks(void)
{
	struct disk *disk = &world.source;
	uint64_t block = world.options.block;

	for (uint64_t at = world.options.offset; at < disk->size; at += block)
		if (chance(50))
			memset(disk->drive + at, chance(50) ? 0 : 0xff,
			       disk->size - at < block ? disk->size - at : block);
	disk_flush(disk);
}

/* For which requests alone, or where. */
static void draw_where(struct bad_way *bad, bool at_once)
{
	unsigned int kind = (unsigned int)below(10);

	if (kind == 0 || kind == 1)
		bad->at_least = DISK_PAGE << below(4);
	else if (kind == 2)
		bad->below = DISK_PAGE << below(4);
	else if (kind == 3)
		bad->odd = true;
	else if (kind <= 6 && at_once) /* later ones only samples could know of */
		bad->placed = true;
	bad->place = below(world.options.block * world.options.depth / 512) * 512;
}

static void draw_bad_way(struct provider *provider)
{
	struct bad_way *bad = &provider->bad[provider->bad_count++];
	bool at_once = world.blank || chance(60);

	*bad = (struct bad_way){
		.way = (enum way)(1 + below(WAYS - 1)),
		.client = chance(60) ? -1 : (int)below(8),
		.from = at_once ? 0 : some_step(),
		.until = NEVER,
	};
	bad->reads = chance(60);
	bad->writes = !bad->reads || chance(30);
	if (!at_once && chance(30))
		bad->until = bad->from + 40 + below(200);
	/* What is so from the start a proof must see. */
	bad->slightly = at_once && chance(70);
	draw_where(bad, at_once);
}

static void draw_providers(void)
{
	world.providers = chance(85) ? 1 + (unsigned int)chance(25) : 0;
	for (unsigned int i = 0; i < world.providers; i++)
		world.provider[i] = (struct provider){
			.available = (2 + below(64)) * DISK_PAGE,
			.gone_from = NEVER,
			.deaf_from = NEVER,
		};
}

static void draw_request_fault(void)
{
	static const int codes[] = { -EIO, -EINTR, -EAGAIN, -ENOSPC, -EREMOTEIO, 0, 0, -ENODATA };
	struct request_fault *fault = &world.fault[world.faults++];

	*fault = (struct request_fault){
		.destination = chance(50),
		.writing = chance(60),
		.from = some_step(),
		.until = NEVER,
		.code = codes[below(sizeof(codes) / sizeof(codes[0]))],
		.left = chance(50) ? 1 + (unsigned int)below(4) : UINT32_MAX,
	};
	if (fault->code == -EINTR) /* no signal interrupts for ever */
		fault->left %= 8;
}

static struct provider *any_provider(void)
{
	return world.providers ? &world.provider[below(world.providers)] : NULL;
}

static void draw_fault(void)
{
	struct provider *provider = any_provider();
	uint64_t kind = below(18);

	switch (kind) {
	case 0:
	case 1:
	case 2:
	case 3:
		if (provider && provider->bad_count < BAD_WAYS)
			draw_bad_way(provider);
		break;
	case 4:
		if (provider)
			provider->gone_from = some_step();
		break;
	case 5:
		if (provider && !world.blank) {
			provider->deaf_from = some_step();
			provider->deaf_slightly = chance(50);
			provider->deaf_until = provider->deaf_from + 20 + below(100);
		}
		break;
	case 6:
		if (provider)
			provider->refused[below(8)] = true;
		break;
	case 7:
		if (provider)
			provider->wraps = (uint64_t)(world.options.block * (1 + below(4)));
		break;
	case 8:
		world.flush_fails_at = some_step();
		world.flushes_before_that = below(3);
		break;
	case 9:
		if (world.source.is_block) /* nothing shows that one was written */
			break;
		world.change = (enum source_change)(1 + below(3));
		world.change_at = 8 + some_step(); /* not while it is opened */
		/* Who goes on to the end looks once more there. */
		if (chance(50))
			world.stop_at = world.change_at + below(60);
		break;
	case 10:
		world.stop_at = some_step();
		break;
	case 11:
		if (chance(50))
			world.kill_at = some_step();
		else
			world.kill_beyond_end = 1 + below(12);
		break;
	case 12:
		world.wait_fails_at = some_step();
		break;
	case 13:
		if (world.blank)
			break;
		world.writes_lost_from = some_step();
		world.writes_lost_until = world.writes_lost_from + 10 + below(100);
		break;
	case 14:
		world.failover_at = some_step();
		world.failover_to = 4 + (int)below(4);
		break;
	default:
		if (world.faults < REQUEST_FAULTS)
			draw_request_fault();
		break;
	}
}

bool world_delivers_wrong(void)
{
	for (unsigned int i = 0; i < world.providers; i++) {
		const struct provider *provider = &world.provider[i];

		if (provider->bad_count || provider->deaf_from != NEVER || provider->wraps)
			return true;
	}
	return world.writes_lost_from != NEVER;
}

/*
 * What only whole blocks are sure to show: bytes that are wrong in a part of a block alone may be
 * missed by a sample, unless all is verified.
 */
static void keep_to_whole_blocks(void)
{
	if (world.options.verify || !world_delivers_wrong())
		return;
	for (unsigned int i = 0; i < world.faults; i++)
		if (!world.fault[i].code)
			world.fault[i].code = -EIO;
}

/* The largest file is sometimes no larger than the copy needs. */
static void draw_largest(void)
{
	const struct p2p_copy_options *options = &world.options;
	uint64_t end = options->destination_offset == P2P_COPY_SAME_OFFSET
			       ? options->offset
			       : options->destination_offset;

	end += options->length == P2P_COPY_TO_THE_END ? world.source.size - options->offset
						      : options->length;
	world.copy_end = end;
	world.largest = DISK_CAPACITY;
	if (chance(25))
		world.largest = end > world.destination.size ? end : world.destination.size;
}

void world_draw(uint64_t seed)
{
	static const unsigned int faults[] = { 0, 1, 1, 1, 2, 2, 3 };
	unsigned int count;

	world_forget_ring();
	memset(&world, 0, sizeof(world));
	world.seed = world.random = seed;
	world.now = 1000000000;
	world.change_at = world.flush_fails_at = world.wait_fails_at = NEVER;
	world.writes_lost_from = world.failover_at = world.stop_at = world.kill_at = NEVER;
	draw_ends();
	draw_options();
	if (world.blank)
		draw_blank_blocks();
	draw_providers();
	count = faults[below(sizeof(faults) / sizeof(faults[0]))];
	while (count--)
		draw_fault();
	keep_to_whole_blocks();
	draw_largest();

	memcpy(world.original, world.source.drive, DISK_CAPACITY);
	world.original_size = world.source.size;
	memcpy(world.before, world.destination.drive, DISK_CAPACITY);
	world.size_before = world.destination.size;
}

static void print_disk(const char *name, const struct disk *disk)
{
	printf("  %s: %s, %" PRIu64 " bytes, clients", name, disk->is_block ? "block" : "file",
	       disk == &world.source ? world.original_size : world.size_before);
	for (unsigned int i = 0; i < disk->clients; i++)
		printf(" %d", disk->client[i]);
	printf(", stripe %" PRIu64 "\n", disk->stripe);
}

static void print_provider(const struct provider *provider)
{
	printf("  provider: %" PRIu64 " bytes", provider->available);
	if (provider->wraps)
		printf(", wraps every %" PRIu64, provider->wraps);
	if (provider->gone_from != NEVER)
		printf(", gone from %" PRIu64, provider->gone_from);
	if (provider->deaf_from != NEVER)
		printf(", deaf from %" PRIu64 " to %" PRIu64, provider->deaf_from,
		       provider->deaf_until);
	for (int i = 0; i < 8; i++)
		if (provider->refused[i])
			printf(", refuses client %d", i);
	printf("\n");
	for (unsigned int i = 0; i < provider->bad_count; i++) {
		static const char *const ways[] = { "right", "lost", "zeros", "garbage" };
		const struct bad_way *bad = &provider->bad[i];

		printf("    %s%s:%s%s of client %d, from %" PRIu64 " to %" PRIu64, ways[bad->way],
		       bad->slightly ? " slightly" : "", bad->reads ? " reads" : "",
		       bad->writes ? " writes" : "", bad->client, bad->from, bad->until);
		printf(", of %" PRIu64 " bytes or more, below %" PRIu64 "%s", bad->at_least,
		       bad->below, bad->odd ? ", odd" : "");
		if (bad->placed)
			printf(", passing %" PRIu64, bad->place);
		printf("\n");
	}
}

static void print_step(const char *what, uint64_t step)
{
	if (step != NEVER)
		printf("  %s at %" PRIu64 "\n", what, step);
}

void world_print(void)
{
	static const char *const changes[] = { "stays", "shrinks", "grows", "is written" };
	const struct p2p_copy_options *options = &world.options;

	printf("seed %" PRIu64 "\n", world.seed);
	print_disk("source", &world.source);
	print_disk("destination", &world.destination);
	if (world.blank)
		printf("  half of the source's blocks are blank\n");
	printf("  offset %" PRIu64 ", to %" PRIu64 ", length %" PRIu64 ", block %" PRIu64
	       ", depth %u%s%s\n",
	       options->offset, options->destination_offset, options->length, options->block,
	       options->depth, options->verify ? ", verify" : "",
	       options->require_p2p ? ", require-p2p" : "");
	for (unsigned int i = 0; i < world.providers; i++)
		print_provider(&world.provider[i]);
	for (unsigned int i = 0; i < world.faults; i++)
		printf("  %s %s: %d from %" PRIu64 ", %u times left\n",
		       world.fault[i].writing ? "writes to" : "reads from",
		       world.fault[i].destination ? "destination" : "source", world.fault[i].code,
		       world.fault[i].from, world.fault[i].left);
	if (world.change_at != NEVER)
		printf("  the source %s at %" PRIu64 "\n", changes[world.change], world.change_at);
	print_step("a flush fails", world.flush_fails_at);
	print_step("the ring fails", world.wait_fails_at);
	print_step("writes are lost", world.writes_lost_from);
	print_step("failover", world.failover_at);
	print_step("stop", world.stop_at);
	print_step("kill", world.kill_at);
	if (world.kill_beyond_end)
		printf("  kill after %" PRIu64 " steps at its full size\n", world.kill_beyond_end);
}
