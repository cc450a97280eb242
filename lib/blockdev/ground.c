// SPDX-License-Identifier: MIT
/*
 * Whether two grounds meet.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blockdev/ground.h"
#include "grow.h"

int p2p_ground_add(struct p2p_ground *ground, const struct p2p_ground_range *range)
{
	if (!p2p_grow((void **)&ground->ranges, ground->count, &ground->room,
		      sizeof(*ground->ranges)))
		return -ENOMEM;
	ground->ranges[ground->count++] = *range;
	return 0;
}

void p2p_ground_free(struct p2p_ground *ground)
{
	free(ground->ranges);
	*ground = (struct p2p_ground){ .count = 0 };
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/*
 * A file under two numbers, as overlayfs and network file systems show it, has one size and one set
 * of times. The time of change is the kernel's own: no program can give it to another file.
 */
static bool is_alias(const struct p2p_ground_range *a, const struct p2p_ground_range *b)
{
	return (a->aliases || b->aliases) && a->size && a->size == b->size &&
	       same_time(a->modified, b->modified) && same_time(a->changed, b->changed);
}

static bool is_same_thing(const struct p2p_ground_range *a, const struct p2p_ground_range *b)
{
	if (a->is_file != b->is_file)
		return false;
	if (a->is_file)
		return a->device == b->device ? a->inode == b->inode : is_alias(a, b);
	return a->device == b->device || (a->identity[0] && !strcmp(a->identity, b->identity));
}

static bool ranges_meet(const struct p2p_ground_range *a, const struct p2p_ground_range *b)
{
	return a->kind != P2P_GROUND_UNKNOWN && b->kind != P2P_GROUND_UNKNOWN &&
	       is_same_thing(a, b) && a->start < b->end && b->start < a->end;
}

static enum p2p_overlap meeting(const struct p2p_ground_range *a, const struct p2p_ground_range *b)
{
	if (!ranges_meet(a, b))
		return P2P_OVERLAP_NONE;
	if (a->kind == P2P_GROUND_BYTES && b->kind == P2P_GROUND_BYTES)
		return P2P_OVERLAP_BYTES;
	if (b->kind == P2P_GROUND_BYTES)
		return P2P_OVERLAP_B_HOLDS_A;
	if (a->kind == P2P_GROUND_BYTES)
		return P2P_OVERLAP_A_HOLDS_B;
	return P2P_OVERLAP_NONE; /* two files on one disk are the ordinary case */
}

static void describe(const struct p2p_ground_range *a, const struct p2p_ground_range *b,
		     char where[P2P_GROUND_TEXT])
{
	char name[64], other[64];

	p2p_block_name(a->device, name, sizeof(name));
	p2p_block_name(b->device, other, sizeof(other));
	if (a->is_file)
		snprintf(where, P2P_GROUND_TEXT, "file %ju of file system %s", (uintmax_t)a->inode,
			 name);
	else if (a->device == b->device)
		snprintf(where, P2P_GROUND_TEXT, "%s", name);
	else
		snprintf(where, P2P_GROUND_TEXT, "%s and %s, which are one drive: %.*s", name,
			 other, (int)strcspn(a->identity, ","), a->identity);
}

/* What both cannot tell alike, say two files on one file system, makes no difference. */
static bool leads_to_the_same_unknown(const struct p2p_ground *ground, dev_t device)
{
	for (size_t i = 0; i < ground->count; i++)
		if (ground->ranges[i].kind == P2P_GROUND_UNKNOWN &&
		    ground->ranges[i].device == device)
			return true;
	return false;
}

static bool knows_less(const struct p2p_ground *ground, const struct p2p_ground *other)
{
	for (size_t i = 0; i < ground->count; i++)
		if (ground->ranges[i].kind == P2P_GROUND_UNKNOWN &&
		    !leads_to_the_same_unknown(other, ground->ranges[i].device))
			return true;
	return false;
}

enum p2p_overlap p2p_ground_overlap(const struct p2p_ground *a, const struct p2p_ground *b,
				    char where[P2P_GROUND_TEXT])
{
	enum p2p_overlap worst = P2P_OVERLAP_NONE;

	if (where)
		where[0] = '\0';
	for (size_t i = 0; i < a->count; i++) {
		for (size_t j = 0; j < b->count; j++) {
			enum p2p_overlap overlap = meeting(&a->ranges[i], &b->ranges[j]);

			if (overlap <= worst)
				continue;
			worst = overlap;
			if (where)
				describe(&a->ranges[i], &b->ranges[j], where);
		}
	}
	if (worst >= P2P_OVERLAP_UNKNOWN || (!knows_less(a, b) && !knows_less(b, a)))
		return worst;
	if (where)
		snprintf(where, P2P_GROUND_TEXT, "%s", knows_less(a, b) ? a->unknown : b->unknown);
	return P2P_OVERLAP_UNKNOWN;
}
