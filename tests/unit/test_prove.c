// SPDX-License-Identifier: MIT
/*
 * Proving without devices: what is planned, and what a trial makes of a client that errs in a way
 * that the test chooses, with host memory in the provider's place.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "clock.h"
#include "prove/pair.h"
#include "prove/rates.h"
#include "prove/together.h"
#include "prove/trial.h"
#include "random.h"
#include "workplace.h"

#define STORAGE (1u << 20)
#define ROOM    (256u << 10)

/* Plans. */

static void expect_sound(const struct p2p_prove_limits *limits)
{
	struct p2p_prove_batch *batches;
	size_t count;

	assert_int_equal(p2p_prove_plan(limits, &batches, &count), 0);
	assert_true(count > 0);
	for (size_t i = 0; i < count; i++) {
		const struct p2p_prove_batch *batch = &batches[i];

		assert_int_equal(batch->length % limits->unit, 0);
		assert_in_range(batch->length, limits->unit, limits->largest);
		assert_int_equal(batch->lead % limits->unit, 0);
		assert_int_equal(batch->stride % limits->unit, 0);
		assert_int_equal(batch->stride % 4096, 0);
		assert_int_equal(batch->shift % limits->memory_align, 0);
		assert_in_range(batch->shift, 0, 4095);
		assert_in_range(batch->count, 1, limits->depth);
		/* Neither requests nor the gap behind each meet the next one. */
		assert_true(batch->lead + batch->length < batch->stride);
		assert_true(batch->shift + batch->length < batch->stride);
		assert_true(p2p_prove_window(batch) <= limits->room);
		assert_true(p2p_prove_window(batch) <= limits->storage);
	}
	free(batches);
}

static void plans_are_sound(void **state)
{
	uint64_t random = 7;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		uint32_t unit = 512u << p2p_random_next(&random) % 4;
		struct p2p_prove_limits limits = {
			.unit = unit,
			.memory_align = 4u << p2p_random_next(&random) % 11,
			.largest = unit * (1 + (uint32_t)(p2p_random_next(&random) % 2000)),
			.depth = 1 + (unsigned int)(p2p_random_next(&random) % 64),
			.room = 8192 + p2p_random_next(&random) % (8u << 20),
			.storage = 8192 + p2p_random_next(&random) % (64u << 20),
		};

		expect_sound(&limits);
	}
}

static bool has(const struct p2p_prove_batch *batches, size_t count, uint32_t length,
		uint32_t shift)
{
	for (size_t i = 0; i < count; i++)
		if (batches[i].length == length && batches[i].shift == shift)
			return true;
	return false;
}

static void sizes_double_and_are_odd_too(void **state)
{
	const struct p2p_prove_limits limits = {
		.unit = 512,
		.memory_align = 4,
		.largest = 96u << 10,
		.depth = 32,
		.room = 4u << 20,
		.storage = 4u << 20,
	};
	struct p2p_prove_batch *batches;
	size_t count, leads = 0;

	(void)state;
	assert_int_equal(p2p_prove_plan(&limits, &batches, &count), 0);
	for (uint32_t length = 512; length <= 65536; length *= 2) {
		assert_true(has(batches, count, length, 0));
		assert_true(has(batches, count, length, 4));
		assert_true(has(batches, count, length, 4092));
	}
	assert_true(has(batches, count, limits.largest, 0));
	assert_true(has(batches, count, 1536, 0) || has(batches, count, 1536, 4) ||
		    has(batches, count, 1536, 4092));
	for (size_t i = 0; i < count; i++)
		leads += batches[i].lead == limits.unit;
	assert_true(leads > 3 && leads < count);
	free(batches);
}

static void nothing_fits(void **state)
{
	const struct p2p_prove_limits limits = {
		.unit = 4096,
		.memory_align = 4096,
		.largest = 4096,
		.depth = 1,
		.room = 8191,
		.storage = 1u << 20,
	};
	struct p2p_prove_batch *batches;
	size_t count;

	(void)state;
	assert_int_equal(p2p_prove_plan(&limits, &batches, &count), -ENOSPC);
	assert_null(batches);
}

/* A client that errs. */

enum fault {
	FAULT_NONE,
	FAULT_DROPPED,  /* no request does anything */
	FAULT_SHORT,    /* the second half of each does not arrive */
	FAULT_OFFSET,   /* all is 64 bytes too far */
	FAULT_SWAPPED,  /* two requests in each other's place */
	FAULT_PAGES,    /* each page of the memory is in its neighbour's place; one in flight */
	FAULT_BEYOND,   /* a request writes past its end */
	FAULT_ONES,     /* ones arrive */
	FAULT_OTHERS,   /* bytes of nobody arrive */
	FAULT_REFUSED,  /* -EREMOTEIO for this memory */
	FAULT_ODD,      /* -EINVAL for places that are no page's start */
	FAULT_MEDIUM,   /* -ENODATA, whatever memory it is */
	FAULT_FLASH,    /* what is written is kept wrong, wherever it comes from */
	FAULT_CHANGING, /* others write to the storage all the time */
	FAULT_STOPPED,  /* a signal comes in the middle */
	FAULT_LATE,     /* the first rounds are right */
};

struct fake {
	struct p2p_prove_client client;
	enum fault fault;
	const struct p2p_memory *peer; /* what errs; other memory is the host's */
	bool errs;                     /* it is what moves now */
	atomic_bool stop;
	uint64_t random;
	unsigned int moves;
	char storage[STORAGE];
};

static struct fake *fake_of(struct p2p_prove_client *client)
{
	return (struct fake *)client;
}

static int put(struct p2p_prove_client *client, uint64_t at, const char *from, size_t length)
{
	assert_true(client->writable);
	assert_true(at + length <= STORAGE);
	memcpy(fake_of(client)->storage + at, from, length);
	return 0;
}

static int get(struct p2p_prove_client *client, uint64_t at, char *to, size_t length)
{
	struct fake *fake = fake_of(client);

	assert_true(at + length <= STORAGE);
	if (fake->fault == FAULT_CHANGING)
		for (size_t i = 0; i < STORAGE; i += 64)
			fake->storage[i]++;
	memcpy(to, fake->storage + at, length);
	return 0;
}

static int refusal(const struct fake *fake, const struct p2p_prove_move *move)
{
	bool peer = move->memory->size == fake->peer->size && move->memory == fake->peer;

	switch (fake->fault) {
	case FAULT_REFUSED:
		return peer ? -EREMOTEIO : 0;
	case FAULT_ODD:
		return peer && move->requests[0].place % 4096 ? -EINVAL : 0;
	case FAULT_MEDIUM:
		return -ENODATA;
	case FAULT_STOPPED:
		return fake->moves > 5 ? -EINTR : 0;
	default:
		return 0;
	}
}

static void carry(struct fake *fake, char *to, const char *from, uint32_t length, size_t index)
{
	bool to_storage = to >= fake->storage && to < fake->storage + STORAGE;
	enum fault fault = fake->errs || fake->fault == FAULT_FLASH ? fake->fault : FAULT_NONE;

	switch (fault) {
	case FAULT_FLASH:
		memcpy(to, from, length);
		to[0] ^= to_storage;
		return;
	case FAULT_DROPPED:
		return;
	case FAULT_SHORT:
		memcpy(to, from, length / 2);
		return;
	case FAULT_OFFSET:
		memcpy(to + 64, from, length - 64);
		return;
	case FAULT_BEYOND:
		memcpy(to, from, length);
		to[length] ^= 1;
		return;
	case FAULT_ONES:
		memset(to, 0xff, length);
		return;
	case FAULT_OTHERS:
		for (uint32_t i = 0; i < length; i++)
			to[i] = (char)p2p_random_next(&fake->random);
		return;
	case FAULT_LATE:
		memcpy(to, from, length);
		to[index] ^= (char)(fake->moves > 150);
		return;
	default:
		memcpy(to, from, length);
	}
}

static void carry_by_pages(const struct p2p_prove_request *request, char *storage, char *memory,
			   bool to_memory)
{
	for (size_t i = 0; i < request->length; i++) {
		char *there = memory + ((request->place + i) ^ 4096),
		     *here = storage + request->at + i;

		if (to_memory)
			*there = *here;
		else
			*here = *there;
	}
}

static int move(struct fake *fake, const struct p2p_prove_move *way, bool to_memory)
{
	int rc = refusal(fake, way);

	fake->moves++;
	fake->errs = way->memory == fake->peer;
	if (fake->fault == FAULT_CHANGING)
		memset(fake->storage, (int)fake->moves, 4096);
	for (size_t i = 0; !rc && i < way->count; i++) {
		const struct p2p_prove_request *request = &way->requests[i];
		const struct p2p_prove_request *other = request;
		char *storage, *memory;

		if (fake->fault == FAULT_SWAPPED && fake->errs && way->count > 1 && i < 2)
			other = &way->requests[1 - i];
		assert_true(request->place + request->length <= way->memory->size);
		assert_true(request->at + request->length <= STORAGE);
		if (fake->fault == FAULT_PAGES && way->memory == fake->peer) {
			carry_by_pages(request, fake->storage, way->memory->base, to_memory);
			continue;
		}
		storage = fake->storage + (to_memory ? request : other)->at;
		memory = way->memory->base + (to_memory ? other : request)->place;
		if (to_memory)
			carry(fake, memory, storage, request->length, i);
		else
			carry(fake, storage, memory, request->length, i);
	}
	return rc;
}

static int to_memory(struct p2p_prove_client *client, const struct p2p_prove_move *way)
{
	return move(fake_of(client), way, true);
}

static int from_memory(struct p2p_prove_client *client, const struct p2p_prove_move *way)
{
	assert_true(client->writable);
	return move(fake_of(client), way, false);
}

static const struct p2p_prove_client_ops ops = {
	.put = put,
	.get = get,
	.to_memory = to_memory,
	.from_memory = from_memory,
};

static struct fake *make_fake(enum fault fault, bool writable)
{
	struct fake *fake = calloc(1, sizeof(*fake));

	assert_non_null(fake);
	fake->client = (struct p2p_prove_client){
		.ops = &ops,
		.unit = 512,
		.memory_align = 4,
		.largest = 64u << 10,
		.depth = fault == FAULT_PAGES ? 1 : 8,
		.storage = STORAGE,
		.writable = writable,
		.needs_pages = true,
	};
	fake->fault = fault;
	fake->random = 5;
	for (size_t i = 0; i < STORAGE; i++)
		fake->storage[i] = (char)p2p_random_next(&fake->random);
	return fake;
}

static void try_for(struct fake *fake, enum p2p_proof_direction direction,
		    struct p2p_prove_try *tried, uint64_t duration)
{
	const struct p2p_memory_provider provider = { .kind = P2P_MEMORY_HOST, .available = ROOM };
	struct p2p_prove_pair pair;
	struct p2p_error error;

	memset(tried, 0, sizeof(*tried));
	p2p_proof_result_init(&tried->result, sizeof(tried->result));
	tried->result.direction = direction;
	assert_int_equal(p2p_prove_pair_open(&pair, &fake->client, &provider, &fake->stop, &error),
			 P2P_PROVE_TRIED);
	fake->peer = pair.memory;
	p2p_prove_try_run(tried, &pair, duration);
	assert_non_null(tried->text);
	p2p_prove_pair_close(&pair);
}

static void expect_both(enum fault fault, enum p2p_proof_state state, enum p2p_damage damage)
{
	for (int i = 0; i < P2P_PROOF_DIRECTIONS; i++) {
		struct fake *fake = make_fake(fault, true);
		struct p2p_prove_try tried;

		try_for(fake, (enum p2p_proof_direction)i, &tried, 0);
		assert_int_equal(tried.result.state, state);
		assert_int_equal(tried.result.damage, damage);
		assert_int_equal(tried.trial.gap, P2P_PROVE_TRIED);
		free(tried.text);
		free(fake);
	}
}

static void what_works_is_proven(void **state)
{
	(void)state;
	expect_both(FAULT_NONE, P2P_PROOF_PROVEN, P2P_DAMAGE_NONE);
}

static void each_damage_is_named(void **state)
{
	(void)state;
	expect_both(FAULT_DROPPED, P2P_PROOF_WRONG, P2P_DAMAGE_STALE);
	expect_both(FAULT_SHORT, P2P_PROOF_WRONG, P2P_DAMAGE_TORN);
	expect_both(FAULT_OFFSET, P2P_PROOF_WRONG, P2P_DAMAGE_SHIFTED);
	expect_both(FAULT_SWAPPED, P2P_PROOF_WRONG, P2P_DAMAGE_SWAPPED);
	expect_both(FAULT_PAGES, P2P_PROOF_WRONG, P2P_DAMAGE_SWAPPED);
	expect_both(FAULT_ONES, P2P_PROOF_WRONG, P2P_DAMAGE_ONES);
	expect_both(FAULT_OTHERS, P2P_PROOF_WRONG, P2P_DAMAGE_FOREIGN);
	expect_both(FAULT_BEYOND, P2P_PROOF_WRONG, P2P_DAMAGE_FOREIGN);
}

static void a_kernel_refuses(void **state)
{
	(void)state;
	expect_both(FAULT_REFUSED, P2P_PROOF_REFUSED, P2P_DAMAGE_NONE);
}

static void odd_places_may_be_refused(void **state)
{
	struct fake *fake = make_fake(FAULT_ODD, true);
	struct p2p_prove_try tried;

	(void)state;
	try_for(fake, P2P_PROOF_TO_PROVIDER, &tried, 0);
	assert_int_equal(tried.result.state, P2P_PROOF_PROVEN);
	assert_non_null(strstr(tried.text, "the kernel did not take"));
	free(tried.text);
	free(fake);
}

static void expect_gap(enum fault fault, bool writable, enum p2p_proof_direction direction,
		       enum p2p_prove_gap gap, const char *text)
{
	struct fake *fake = make_fake(fault, writable);
	struct p2p_prove_try tried;

	if (gap == P2P_PROVE_BLANK)
		memset(fake->storage, 0x5a, STORAGE);
	try_for(fake, direction, &tried, 0);
	assert_int_equal(tried.result.state, P2P_PROOF_NOT_TRIED);
	assert_int_equal(tried.trial.gap, gap);
	assert_non_null(strstr(tried.text, text));
	free(tried.text);
	free(fake);
}

static void what_cannot_be_told_is_said(void **state)
{
	(void)state;
	expect_gap(FAULT_NONE, false, P2P_PROOF_FROM_PROVIDER, P2P_PROVE_SCRATCH, "written");
	expect_gap(FAULT_NONE, false, P2P_PROOF_TO_PROVIDER, P2P_PROVE_BLANK, "all alike");
	expect_gap(FAULT_MEDIUM, true, P2P_PROOF_TO_PROVIDER, P2P_PROVE_CLIENT, "medium error");
	expect_gap(FAULT_CHANGING, false, P2P_PROOF_TO_PROVIDER, P2P_PROVE_CLIENT, "others");
	expect_gap(FAULT_CHANGING, true, P2P_PROOF_TO_PROVIDER, P2P_PROVE_CLIENT, "others");
	expect_gap(FAULT_FLASH, true, P2P_PROOF_FROM_PROVIDER, P2P_PROVE_CLIENT, "back");
	expect_gap(FAULT_STOPPED, true, P2P_PROOF_TO_PROVIDER, P2P_PROVE_STOPPED, "stopped");
}

/* Who stopped while places were looked for has not heard that there are none. */
static void stopped_is_not_blank(void **state)
{
	struct fake *fake = make_fake(FAULT_NONE, false);
	struct p2p_prove_try tried;

	(void)state;
	atomic_store(&fake->stop, true);
	try_for(fake, P2P_PROOF_TO_PROVIDER, &tried, 0);
	assert_int_equal(tried.result.state, P2P_PROOF_NOT_TRIED);
	assert_int_equal(tried.trial.gap, P2P_PROVE_STOPPED);
	free(tried.text);
	free(fake);
}

static void some_take_dma_bufs_only(void **state)
{
	const struct p2p_memory_provider provider = { .kind = P2P_MEMORY_HOST, .available = ROOM };
	struct fake *fake = make_fake(FAULT_NONE, true);
	struct p2p_prove_pair pair;
	struct p2p_error error;

	(void)state;
	fake->client.needs_dmabuf = true;
	assert_int_equal(p2p_prove_pair_open(&pair, &fake->client, &provider, &fake->stop, &error),
			 P2P_PROVE_MEMORY);
	assert_non_null(strstr(error.text, "dma-buf"));
	p2p_prove_pair_close(&pair);
	free(fake);
}

/* Nothing is written, and what the drive holds is what is looked for. */
static void a_drive_is_only_read(void **state)
{
	static const struct {
		enum fault fault;
		enum p2p_proof_state state;
		enum p2p_damage damage;
	} cases[] = {
		{ FAULT_NONE, P2P_PROOF_PROVEN, P2P_DAMAGE_NONE },
		{ FAULT_DROPPED, P2P_PROOF_WRONG, P2P_DAMAGE_STALE },
		{ FAULT_OFFSET, P2P_PROOF_WRONG, P2P_DAMAGE_SHIFTED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake *fake = make_fake(cases[i].fault, false);
		struct p2p_prove_try tried;

		/* Blank but for a little, which must be found. */
		memset(fake->storage, 0, STORAGE - 16384);
		try_for(fake, P2P_PROOF_TO_PROVIDER, &tried, 0);
		assert_int_equal(tried.result.state, cases[i].state);
		assert_int_equal(tried.result.damage, cases[i].damage);
		free(tried.text);
		free(fake);
	}
}

static void a_soak_finds_what_comes_late(void **state)
{
	struct fake *fake = make_fake(FAULT_LATE, true);
	struct p2p_prove_try tried;

	(void)state;
	try_for(fake, P2P_PROOF_TO_PROVIDER, &tried, 0);
	assert_int_equal(tried.result.state, P2P_PROOF_PROVEN);
	free(tried.text);
	fake->moves = 0;
	try_for(fake, P2P_PROOF_TO_PROVIDER, &tried, UINT64_C(30000000000));
	assert_int_equal(tried.result.state, P2P_PROOF_WRONG);
	free(tried.text);
	free(fake);
}

/* Order: a flag that comes before its data is seen. */

#define LINE        64u
#define PATIENCE_NS UINT64_C(60000000000)

/* A memory that counts the looks at a line, which come when a flag was seen. */
struct looked_at {
	struct p2p_memory memory;
	struct p2p_memory *host;
	atomic_uint looks;
};

static int look_load(struct p2p_memory *memory, size_t offset, void *to, size_t size)
{
	struct looked_at *looked_at = (struct looked_at *)memory;

	memcpy(to, memory->base + offset, size);
	if (size == LINE)
		atomic_fetch_add(&looked_at->looks, 1);
	return 0;
}

static int look_store(struct p2p_memory *memory, size_t offset, const void *from, size_t size)
{
	memcpy(memory->base + offset, from, size);
	return 0;
}

static void look_close(struct p2p_memory *memory)
{
	struct looked_at *looked_at = (struct looked_at *)memory;

	p2p_memory_close(looked_at->host);
	free(looked_at);
}

static const struct p2p_memory_ops look_ops = { .load = look_load,
						.store = look_store,
						.close = look_close };

static struct p2p_memory *make_looked_at(void)
{
	struct looked_at *looked_at = calloc(1, sizeof(*looked_at));

	assert_non_null(looked_at);
	assert_int_equal(p2p_host_memory_open(ROOM, &looked_at->host, NULL), 0);
	looked_at->memory = *looked_at->host;
	looked_at->memory.ops = &look_ops;
	return &looked_at->memory;
}

static bool flag_first;

/* One request after the other, and a wait until somebody has looked behind the flag. */
static int to_looked_at(struct p2p_prove_client *client, const struct p2p_prove_move *way)
{
	struct fake *fake = fake_of(client);
	struct looked_at *looked_at = (struct looked_at *)way->memory;
	uint64_t until = p2p_now_ns() + PATIENCE_NS;
	unsigned int looks;

	if (way->depth > 1 || way->count < 2 || way->memory->ops != &look_ops)
		return move(fake, way, true);
	looks = atomic_load(&looked_at->looks);
	for (size_t i = 0; i < way->count; i++) {
		const struct p2p_prove_request *request =
			&way->requests[flag_first ? way->count - 1 - i : i];

		memcpy(way->memory->base + request->place, fake->storage + request->at,
		       request->length);
		while (request == &way->requests[way->count - 1] &&
		       atomic_load(&looked_at->looks) == looks && p2p_now_ns() < until)
			sched_yield();
	}
	return 0;
}

static void expect_order(bool first, enum p2p_proof_state state, enum p2p_damage damage)
{
	static const struct p2p_prove_client_ops looked_at_ops = {
		.put = put, .get = get, .to_memory = to_looked_at, .from_memory = from_memory
	};
	struct fake *fake = make_fake(FAULT_NONE, true);
	struct p2p_prove_try tried = { .text = NULL };
	struct p2p_prove_pair pair;
	struct p2p_error error;

	flag_first = first;
	fake->client.ops = &looked_at_ops;
	fake->client.in_background = true;
	p2p_proof_result_init(&tried.result, sizeof(tried.result));
	assert_int_equal(
		p2p_prove_pair_with(&pair, &fake->client, make_looked_at(), &fake->stop, &error),
		P2P_PROVE_TRIED);
	fake->peer = pair.memory;
	p2p_prove_try_run(&tried, &pair, 0);
	assert_int_equal(tried.result.state, state);
	assert_int_equal(tried.result.damage, damage);
	assert_int_equal(tried.trial.ordered, first ? 1 : 16);
	p2p_prove_pair_close(&pair);
	free(tried.text);
	free(fake);
}

static void a_flag_comes_after_its_data(void **state)
{
	(void)state;
	expect_order(false, P2P_PROOF_PROVEN, P2P_DAMAGE_NONE);
	expect_order(true, P2P_PROOF_WRONG, P2P_DAMAGE_ORDER);
}

/* Few places in memory and a request that is no whole pages: nothing passes the end. */
static void order_stays_within_its_memory(void **state)
{
	const struct p2p_memory_provider provider = { .kind = P2P_MEMORY_HOST,
						      .available = UINT64_C(8) * 4096 };
	struct fake *fake = make_fake(FAULT_NONE, true);
	struct p2p_prove_try tried = { .text = NULL };
	struct p2p_prove_pair pair;
	struct p2p_error error;

	(void)state;
	fake->client.in_background = true;
	fake->client.largest = 5120;
	p2p_proof_result_init(&tried.result, sizeof(tried.result));
	assert_int_equal(p2p_prove_pair_open(&pair, &fake->client, &provider, &fake->stop, &error),
			 P2P_PROVE_TRIED);
	assert_int_equal(pair.window, 7 * 4096);
	fake->peer = pair.memory;
	p2p_prove_try_run(&tried, &pair, 0);
	assert_int_equal(tried.result.state, P2P_PROOF_PROVEN);
	p2p_prove_pair_close(&pair);
	free(tried.text);
	free(fake);
}

/* Two clients at once. */

static atomic_uint fakes_open;
static bool crowded;
static enum fault beside; /* of the other one, while both are open */

static int to_crowded(struct p2p_prove_client *client, const struct p2p_prove_move *way)
{
	struct fake *fake = fake_of(client);

	fake->peer = way->memory;
	fake->fault = FAULT_NONE;
	if (fakes_open > 1)
		fake->fault = client->depth != 7 ? beside : crowded ? FAULT_DROPPED : FAULT_NONE;
	return move(fake, way, true);
}

static void close_fake(struct p2p_prove_client *client)
{
	fakes_open--;
	free(fake_of(client));
}

static int open_fake(const struct p2p_prove_found *found, const struct p2p_prove_scratch *scratch,
		     struct p2p_prove_client **client, struct p2p_error *error)
{
	static const struct p2p_prove_client_ops crowded_ops = {
		.put = put,
		.get = get,
		.to_memory = to_crowded,
		.from_memory = from_memory,
		.close = close_fake,
	};
	struct fake *fake = make_fake(FAULT_NONE, false);

	(void)scratch;
	(void)error;
	fake->client.ops = &crowded_ops;
	fake->client.in_background = true;
	fake->client.depth = 7 + (unsigned int)found->device;
	fakes_open++;
	*client = &fake->client;
	return 0;
}

static void two_clients_move_at_once(void **state)
{
	static const struct p2p_prove_kind kind = { .open = open_fake };
	const struct p2p_memory_provider provider = { .kind = P2P_MEMORY_HOST, .available = ROOM };

	(void)state;
	for (int wrong = 0; wrong < 2; wrong++) {
		struct p2p_prove_found found[2] = { { .kind = &kind, .name = "a", .device = 0 },
						    { .kind = &kind, .name = "b", .device = 1 } };
		struct p2p_prove prove = { .clients = { .all = found, .count = 2 } };
		struct p2p_prove_try tries[2];
		struct p2p_prove_partner partners[2] = { { 0, &tries[0] }, { 1, &tries[1] } };

		crowded = wrong;
		memset(tries, 0, sizeof(tries));
		for (int i = 0; i < 2; i++) {
			p2p_proof_result_init(&tries[i].result, sizeof(tries[i].result));
			tries[i].result.state = P2P_PROOF_PROVEN;
			tries[i].trial.client = found[i].name;
		}
		assert_true(p2p_prove_together(&prove, &provider, partners));
		assert_string_equal(tries[0].trial.beside, "b");
		assert_string_equal(tries[1].trial.beside, "a");
		assert_int_equal(tries[0].result.state, wrong ? P2P_PROOF_WRONG : P2P_PROOF_PROVEN);
		assert_int_equal(tries[0].result.damage,
				 wrong ? P2P_DAMAGE_STALE : P2P_DAMAGE_NONE);
		assert_int_equal(tries[1].result.state, P2P_PROOF_PROVEN);
		assert_true(!wrong || strstr(tries[0].text, "while b moves as well"));
		assert_true(tries[1].result.bytes > 0);
		assert_int_equal(fakes_open, 0);
		free(tries[0].text);
		free(tries[1].text);
	}
}

/* What is wrong stays wrong, and what is refused is not right, whatever the other one is. */
static void one_of_two_cannot(void **state)
{
	static const struct p2p_prove_kind kind = { .open = open_fake };
	const struct p2p_memory_provider provider = { .kind = P2P_MEMORY_HOST, .available = ROOM };
	const enum fault faults[] = { FAULT_MEDIUM, FAULT_REFUSED };

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct p2p_prove_found found[2] = { { .kind = &kind, .name = "a", .device = 0 },
						    { .kind = &kind, .name = "b", .device = 1 } };
		struct p2p_prove prove = { .clients = { .all = found, .count = 2 } };
		struct p2p_prove_try tries[2];
		struct p2p_prove_partner partners[2] = { { 0, &tries[0] }, { 1, &tries[1] } };

		crowded = i % 2;
		beside = faults[i / 2];
		memset(tries, 0, sizeof(tries));
		for (int j = 0; j < 2; j++) {
			p2p_proof_result_init(&tries[j].result, sizeof(tries[j].result));
			tries[j].result.state = P2P_PROOF_PROVEN;
			tries[j].trial.client = found[j].name;
		}
		assert_int_equal(p2p_prove_together(&prove, &provider, partners), crowded);
		assert_int_equal(tries[0].result.state,
				 crowded ? P2P_PROOF_WRONG : P2P_PROOF_PROVEN);
		assert_int_equal(tries[1].result.state, P2P_PROOF_PROVEN);
		assert_int_equal(tries[1].result.bytes, 0);
		assert_null(tries[1].trial.beside);
		assert_int_equal(fakes_open, 0);
		free(tries[0].text);
		free(tries[1].text);
	}
	crowded = false;
	beside = FAULT_NONE;
}

/* Scratch. A descriptor without O_DIRECT stands for a file system that takes it and buffers. */

static void scratch_in_the_page_cache_proves_nothing(void **state)
{
	char path[] = "scratch";
	struct p2p_prove_scratch scratch = { .file.path = path, .length = 8u << 20 };
	struct p2p_error error;

	(void)state;
	make_file("scratch", 8u << 20, 1);
	scratch.file.fd = open("scratch", O_RDWR | O_DIRECT);
	if (scratch.file.fd < 0)
		skip(); /* a file system without direct I/O */
	assert_int_equal(p2p_prove_scratch_look(&scratch, &error), 0);
	close(scratch.file.fd);
	scratch.file.fd = open("scratch", O_RDWR);
	assert_true(scratch.file.fd >= 0);
	assert_int_equal(p2p_prove_scratch_look(&scratch, &error), -EOPNOTSUPP);
	assert_non_null(strstr(error.text, "page cache"));
	close(scratch.file.fd);
}

/* Rates. */

static void rates_are_of_both_memories(void **state)
{
	const struct p2p_memory_provider provider = { .kind = P2P_MEMORY_HOST, .available = ROOM };
	static const uint32_t expected[][2] = { { 512, 1 },  { 512, 8 },  { 2048, 1 },
						{ 2048, 8 }, { 3072, 1 }, { 3072, 8 } };
	struct fake *fake = make_fake(FAULT_NONE, false);
	struct p2p_prove_rate *rates;
	struct p2p_prove_pair pair;
	struct p2p_error error;
	uint32_t count;

	(void)state;
	fake->client.largest = 3072;
	assert_int_equal(p2p_prove_pair_open(&pair, &fake->client, &provider, &fake->stop, &error),
			 P2P_PROVE_TRIED);
	fake->peer = pair.memory;
	assert_int_equal(p2p_prove_rates(&pair, P2P_PROOF_TO_PROVIDER, &rates, &count), 0);
	assert_int_equal(count, 6);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(rates[i].length, expected[i][0]);
		assert_int_equal(rates[i].depth, expected[i][1]);
		assert_true(rates[i].peer.requests >= 4 && rates[i].host.requests >= 4);
		assert_true(rates[i].peer.ns > 0 && rates[i].host.ns > 0);
	}
	free(rates);
	/* Who is stopped has those that he has. */
	atomic_store(&fake->stop, true);
	fake->fault = FAULT_STOPPED;
	fake->moves = 6;
	assert_int_equal(p2p_prove_rates(&pair, P2P_PROOF_TO_PROVIDER, &rates, &count), -EINTR);
	assert_int_equal(count, 0);
	free(rates);
	p2p_prove_pair_close(&pair);
	free(fake);
}

/* What a file system has only set aside is read without its drive. */
static void rates_are_of_what_was_written(void **state)
{
	const struct p2p_memory_provider provider = { .kind = P2P_MEMORY_HOST, .available = ROOM };
	struct fake *fake = make_fake(FAULT_NONE, true);
	struct p2p_prove_rate *rates;
	struct p2p_prove_pair pair;
	struct p2p_error error;
	uint32_t count;

	(void)state;
	fake->client.largest = 512;
	assert_int_equal(p2p_prove_pair_open(&pair, &fake->client, &provider, &fake->stop, &error),
			 P2P_PROVE_TRIED);
	fake->peer = pair.memory;
	memset(fake->storage, 0, STORAGE);
	assert_int_equal(p2p_prove_rates(&pair, P2P_PROOF_TO_PROVIDER, &rates, &count), 0);
	assert_int_equal(count, 2);
	for (size_t at = 0; at < STORAGE; at += 512)
		assert_true(memcmp(fake->storage + at, fake->storage + at + 1, 511) != 0);
	free(rates);
	p2p_prove_pair_close(&pair);
	free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans_are_sound),
		cmocka_unit_test(sizes_double_and_are_odd_too),
		cmocka_unit_test(nothing_fits),
		cmocka_unit_test(what_works_is_proven),
		cmocka_unit_test(each_damage_is_named),
		cmocka_unit_test(a_kernel_refuses),
		cmocka_unit_test(odd_places_may_be_refused),
		cmocka_unit_test(what_cannot_be_told_is_said),
		cmocka_unit_test(some_take_dma_bufs_only),
		cmocka_unit_test(a_drive_is_only_read),
		cmocka_unit_test(a_soak_finds_what_comes_late),
		cmocka_unit_test(a_flag_comes_after_its_data),
		cmocka_unit_test(order_stays_within_its_memory),
		cmocka_unit_test(stopped_is_not_blank),
		cmocka_unit_test(two_clients_move_at_once),
		cmocka_unit_test(one_of_two_cannot),
		cmocka_unit_test(scratch_in_the_page_cache_proves_nothing),
		cmocka_unit_test(rates_are_of_both_memories),
		cmocka_unit_test(rates_are_of_what_was_written),
	};

	return cmocka_run_group_tests(tests, enter_workplace, leave_workplace);
}
