// SPDX-License-Identifier: MIT
/*
 * Naming a damage. A wrong byte is one of these, in this order:
 *
 *     stale       what was there before
 *     one, zero   0xff or 0x00
 *     moved       what should be some way off: runs of bytes that share a distance
 *     foreign     none of them
 *
 * What is stale is looked at first: where data arrived a little too far, what they left uncovered
 * is still there. Moved bytes are a mirror's, if their own place is right too; blocks that were
 * swapped, if it is not and the distances differ; else they were shifted.
 * A mirror also is what shows bytes of nobody again and again.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proof/damage.h"

#define WINDOW   16u /* bytes that are not the same in two places by accident */
#define MOVES    32u
#define SEARCHES 128u /* through all of `should` */
#define PATIENCE 16u  /* in a row that fail, byte by byte; then in steps over what is left */
#define MATCHES  256u /* in one search */
#define SECTOR   512  /* what is swapped is no smaller */

struct move {
	int64_t by; /* is[x] == should[x + by] */
	size_t count;
};

struct look {
	const struct p2p_evidence *evidence;
	struct p2p_damage_found found;
	size_t stale, ones, zeros; /* of the wrong bytes; the last two of what is not stale */
	size_t moved;
	size_t right_at_home; /* of what moved: is right in its own place, too */
	bool torn;            /* a request brought a part of its bytes */
	struct move moves[MOVES];
	unsigned int move_count, searches, failed;
	size_t next_search;
};

static char before(const struct p2p_evidence *evidence, size_t at)
{
	return evidence->before ? evidence->before[at] : (char)~evidence->should[at];
}

static bool is_right(const struct p2p_evidence *evidence, size_t at)
{
	return evidence->is[at] == evidence->should[at];
}

static bool is_stale(const struct p2p_evidence *evidence, size_t at)
{
	return evidence->is[at] == before(evidence, at);
}

static bool nearly(size_t part, size_t whole)
{
	return part >= whole - whole / 16;
}

static void count_byte(struct look *look, size_t at)
{
	const struct p2p_evidence *evidence = look->evidence;

	if (!look->found.wrong++)
		look->found.first = at;
	if (is_stale(evidence, at))
		look->stale++;
	else if (evidence->is[at] == (char)0xff)
		look->ones++;
	else if (!evidence->is[at])
		look->zeros++;
}

static void count_block(struct look *look, size_t from, size_t to)
{
	size_t stale_before = look->stale;
	bool arrived = false;

	for (size_t at = from; at < to; at++)
		if (!is_right(look->evidence, at))
			count_byte(look, at);
		else if (!is_stale(look->evidence, at))
			arrived = true;
	look->torn |= arrived && look->stale > stale_before;
}

static void count_all(struct look *look)
{
	size_t size = look->evidence->size, block = look->evidence->block;

	if (!block)
		block = size;
	for (size_t at = 0; at < size; at += block)
		count_block(look, at, size - at < block ? size : at + block);
}

/* Whether `length` bytes at `at` are what should be `by` away. */
static bool fits(const struct p2p_evidence *evidence, size_t at, size_t length, int64_t by)
{
	int64_t from = (int64_t)at + by;

	return from >= 0 && (uint64_t)from + length <= evidence->size &&
	       !memcmp(evidence->is + at, evidence->should + from, length);
}

/* The nearest place where the window at `at` should be. */
static bool search(const struct p2p_evidence *evidence, size_t at, int64_t *by)
{
	const char *from = evidence->should, *end = from + evidence->size, *match;
	bool found = false;

	for (unsigned int i = 0; i < MATCHES; i++) {
		match = memmem(from, (size_t)(end - from), evidence->is + at, WINDOW);
		if (!match)
			break;
		if (!found || llabs(match - evidence->should - (int64_t)at) < llabs(*by))
			*by = match - evidence->should - (int64_t)at;
		found = true;
		from = match + 1;
	}
	return found;
}

/* The distance that the bytes from `at` on came, among those that are known or as a new one. */
static struct move *find_move(struct look *look, size_t at)
{
	const struct p2p_evidence *evidence = look->evidence;
	int64_t by;

	if (evidence->size - at < WINDOW)
		return NULL;
	for (unsigned int i = 0; i < look->move_count; i++)
		if (fits(evidence, at, WINDOW, look->moves[i].by))
			return &look->moves[i];
	if (look->move_count == MOVES || look->searches == SEARCHES || at < look->next_search)
		return NULL;
	look->searches++;
	if (!search(evidence, at, &by)) {
		look->next_search =
			at + (++look->failed < PATIENCE ? 1 : evidence->size / SEARCHES + 1);
		return NULL;
	}
	look->failed = 0;
	look->moves[look->move_count] = (struct move){ .by = by };
	return &look->moves[look->move_count++];
}

static void find_moves(struct look *look)
{
	const struct p2p_evidence *evidence = look->evidence;
	struct move *move = NULL;

	for (size_t at = look->found.first; at < evidence->size; at++) {
		if (is_right(evidence, at) || is_stale(evidence, at))
			continue;
		if (!move || !fits(evidence, at, 1, move->by))
			move = find_move(look, at);
		if (!move)
			continue;
		move->count++;
		look->moved++;
		look->right_at_home += is_right(evidence, at + (size_t)move->by);
	}
}

static const struct move *greatest(const struct look *look)
{
	const struct move *greatest = look->moves;

	for (unsigned int i = 1; i < look->move_count; i++)
		if (look->moves[i].count > greatest->count)
			greatest = &look->moves[i];
	return greatest;
}

static uint64_t least_distance(const struct look *look)
{
	uint64_t least = UINT64_MAX;

	for (unsigned int i = 0; i < look->move_count; i++) {
		uint64_t distance = (uint64_t)llabs(look->moves[i].by);

		if (distance < least)
			least = distance;
	}
	return least;
}

static bool all_multiples(const struct look *look, uint64_t of)
{
	for (unsigned int i = 0; i < look->move_count; i++)
		if ((uint64_t)llabs(look->moves[i].by) % of)
			return false;
	return true;
}

static struct p2p_damage_found found_as(const struct look *look, enum p2p_damage kind, int64_t by)
{
	struct p2p_damage_found found = look->found;

	found.kind = kind;
	found.by = by;
	return found;
}

static struct p2p_damage_found name_moved(const struct look *look)
{
	uint64_t least = least_distance(look);

	if (nearly(look->right_at_home, look->moved) && !(least & (least - 1)) &&
	    all_multiples(look, least))
		return found_as(look, P2P_DAMAGE_MIRRORED, (int64_t)least);
	/* Bytes that are `by` away should be here: they came as far the other way. */
	if (nearly(greatest(look)->count, look->moved))
		return found_as(look, P2P_DAMAGE_SHIFTED, -greatest(look)->by);
	if (all_multiples(look, SECTOR))
		return found_as(look, P2P_DAMAGE_SWAPPED, -look->moves[0].by);
	return found_as(look, P2P_DAMAGE_FOREIGN, 0);
}

/* Of the bytes that are wrong and so are those `by` behind them, whether nearly all are the same.
 */
static bool repeats(const struct p2p_evidence *evidence, size_t by)
{
	size_t pairs = 0, same = 0;

	for (size_t at = 0; at + by < evidence->size; at++) {
		if (is_right(evidence, at) || is_stale(evidence, at) ||
		    is_right(evidence, at + by) || is_stale(evidence, at + by))
			continue;
		pairs++;
		same += evidence->is[at] == evidence->is[at + by];
	}
	return pairs >= SECTOR && nearly(same, pairs);
}

/* What is the same at every distance is no mirror's. */
static struct p2p_damage_found name_foreign(const struct look *look)
{
	const struct p2p_evidence *evidence = look->evidence;

	if (!repeats(evidence, SECTOR / 2))
		for (size_t by = SECTOR; by < evidence->size; by *= 2)
			if (repeats(evidence, by))
				return found_as(look, P2P_DAMAGE_MIRRORED, (int64_t)by);
	return found_as(look, P2P_DAMAGE_FOREIGN, 0);
}

struct p2p_damage_found p2p_damage_find(const struct p2p_evidence *evidence)
{
	struct look look = { .evidence = evidence };
	size_t fresh;

	count_all(&look);
	if (!look.found.wrong)
		return found_as(&look, P2P_DAMAGE_NONE, 0);
	fresh = look.found.wrong - look.stale;
	if (!fresh)
		return found_as(&look, look.torn ? P2P_DAMAGE_TORN : P2P_DAMAGE_STALE, 0);
	if (nearly(look.ones, fresh))
		return found_as(&look, P2P_DAMAGE_ONES, 0);
	if (nearly(look.zeros, fresh))
		return found_as(&look, P2P_DAMAGE_ZEROS, 0);
	find_moves(&look);
	/* Where all is moved, some may come from beyond what is looked at. */
	return look.moved >= fresh - fresh / 2 ? name_moved(&look) : name_foreign(&look);
}

const char *p2p_damage_describe(const struct p2p_damage_found *found, char text[P2P_DAMAGE_TEXT])
{
	static const char *const words[] = {
		[P2P_DAMAGE_NONE] = "",
		[P2P_DAMAGE_STALE] = "stale, they are what was there before",
		[P2P_DAMAGE_TORN] = "torn, a part is new and a part is what was there before",
		[P2P_DAMAGE_SHIFTED] = "shifted",
		[P2P_DAMAGE_MIRRORED] = "mirrored, the same bytes again",
		[P2P_DAMAGE_SWAPPED] = "swapped, blocks are in each other's place",
		[P2P_DAMAGE_ONES] = "all ones",
		[P2P_DAMAGE_ZEROS] = "zeros",
		[P2P_DAMAGE_FOREIGN] = "foreign, nobody put them there",
		[P2P_DAMAGE_ORDER] = "out of order, a flag was seen before the data it stands for",
	};

	switch (found->kind) {
	case P2P_DAMAGE_SHIFTED:
		snprintf(text, P2P_DAMAGE_TEXT, "shifted by %" PRId64 " bytes", found->by);
		break;
	case P2P_DAMAGE_MIRRORED:
		snprintf(text, P2P_DAMAGE_TEXT, "%s after %" PRId64, words[found->kind], found->by);
		break;
	default:
		snprintf(text, P2P_DAMAGE_TEXT, "%s", words[found->kind]);
	}
	return text;
}

const char *p2p_damage_meaning(enum p2p_damage kind)
{
	switch (kind) {
	case P2P_DAMAGE_STALE:
		return "nothing arrived: the requests were dropped or went elsewhere, as bus "
		       "addresses do "
		       "below an IOMMU that translates";
	case P2P_DAMAGE_TORN:
		return "some requests on the bus were dropped or went elsewhere, often those of "
		       "other pages";
	case P2P_DAMAGE_SHIFTED:
		return "an offset is wrong: that of a driver's or exporter's scatterlist, or of a "
		       "window";
	case P2P_DAMAGE_MIRRORED:
		return "the memory has fewer bytes than it says, or a bridge ignores address bits";
	case P2P_DAMAGE_SWAPPED:
		return "the addresses of requests were mixed up";
	case P2P_DAMAGE_ONES:
		return "nobody answered: the provider is in reset, asleep or gone, or does not "
		       "decode the address";
	case P2P_DAMAGE_ZEROS:
		return "the memory was cleared, or something else answered in the provider's "
		       "place, as "
		       "below an IOMMU that translates";
	case P2P_DAMAGE_FOREIGN:
		return "the address leads to something else, which was read or lies there now: a "
		       "bus "
		       "address below an IOMMU that translates, or a wrong exporter's";
	case P2P_DAMAGE_ORDER:
		return "writes pass each other: relaxed ordering, or two ways to one memory";
	case P2P_DAMAGE_NONE:
		break;
	}
	return "";
}
