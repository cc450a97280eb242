// SPDX-License-Identifier: MIT
/*
 * Which memory bytes go through: choosing the lender, and giving a path up.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "copy/private.h"
#include "copy/random.h"
#include "copy/rank.h"
#include "copy/round.h"

#define SMALLEST_BLOCK (UINT64_C(64) << 10) /* below this a request costs more than its data */

static struct p2p_copy_route worse_of(const struct p2p_candidate *candidate)
{
	return p2p_rank_compare(candidate->source_route, candidate->destination_route) > 0
		       ? candidate->source_route
		       : candidate->destination_route;
}

/*
 * What cannot serve, for want of pages, comes last: it is only there for its reason to be told.
 * Then better by the worse of the two ends first: a copy is as fast as its slower half.
 */
static int compare_candidates(const void *a, const void *b)
{
	const struct p2p_candidate *x = a, *y = b;
	int difference = y->lent.page_backed - x->lent.page_backed;

	if (!difference)
		difference = p2p_rank_compare(worse_of(x), worse_of(y));

	if (!difference)
		difference = p2p_rank_compare(x->source_route, y->source_route) +
			     p2p_rank_compare(x->destination_route, y->destination_route);
	if (difference)
		return difference;
	if (x->lent.available != y->lent.available)
		return x->lent.available > y->lent.available ? -1 : 1;
	difference = strcmp(x->lent.owner, y->lent.owner);
	return difference ? difference
			  : (x->lent.module > y->lent.module) - (x->lent.module < y->lent.module);
}

static int say_nothing_published(const char *provider, struct p2p_error *error)
{
	if (provider[0])
		return p2p_error_set(error, -ENODEV,
				     "%s publishes no peer memory: see which devices do with "
				     "p2pmem providers",
				     provider);
	return p2p_error_set(error, -ENODEV,
			     "no device publishes peer memory: it takes a kernel with "
			     "CONFIG_PCI_P2PDMA and, say, an NVMe drive with a CMB of 2 MiB or "
			     "more, or p2pmem publish; "
			     "p2pmem doctor tells what is missing");
}

/* Why no peer memory can serve, whoever lends it; NULL: some may. */
static const char *why_not_peer(const struct p2p_copy *copy)
{
	if (copy->options.strategy == P2P_COPY_HOST)
		return "as asked";
	if (!copy->report.length)
		return "there is nothing to copy";
	if (copy->source.no_peer || copy->destination.no_peer)
		return copy->source.no_peer ? copy->source.no_peer : copy->destination.no_peer;
	if (!copy->source.direct || !copy->destination.direct)
		return "a device without direct I/O: buffered";
	if (!copy->source.functions.count || !copy->destination.functions.count)
		return "no PCI device moves an end's bytes";
	if (!copy->direct_length)
		return "the range is not made of whole sectors: buffered";
	return NULL;
}

static int add_candidates(struct p2p_copy *copy, const struct p2p_ranks *ranks,
			  const char *provider, struct p2p_error *error)
{
	struct p2p_lent *lent;
	size_t count;

	if (p2p_lent_list(&lent, &count))
		return p2p_error_set(error, -ENOMEM, "out of memory");
	copy->candidates = calloc(count + 1, sizeof(*copy->candidates));
	if (!copy->candidates) {
		free(lent);
		return p2p_error_set(error, -ENOMEM, "out of memory");
	}

	for (size_t i = 0; i < count; i++) {
		struct p2p_candidate *candidate = &copy->candidates[copy->candidate_count];
		const char *owner = lent[i].owner;

		if (provider[0] ? !p2p_lent_is(&lent[i], provider) : lent[i].second)
			continue;
		candidate->lent = lent[i];
		candidate->source_route = p2p_rank(ranks, owner, &copy->source.functions);
		candidate->destination_route = p2p_rank(ranks, owner, &copy->destination.functions);
		copy->candidate_count++;
	}
	free(lent);
	qsort(copy->candidates, copy->candidate_count, sizeof(*copy->candidates),
	      compare_candidates);
	return 0;
}

/* The name that lenders are compared with: p2pmemN as it is, all else as an address. */
static int resolve(const struct p2p_ranks *ranks, const char *wanted, char provider[P2P_BDF_TEXT],
		   struct p2p_error *error)
{
	uint32_t index;

	if (p2p_module_index(wanted, &index))
		return p2p_ranks_resolve(ranks, wanted, provider, error);
	snprintf(provider, P2P_BDF_TEXT, "p2pmem%" PRIu32, index);
	return 0;
}

/* Where peer memory is a must: that there is some, and that it can be mapped for the drives. */
static int check_candidates(const struct p2p_copy *copy, const char *provider,
			    struct p2p_error *error)
{
	struct p2p_memory *memory;
	int rc;

	if (!copy->candidate_count)
		return say_nothing_published(provider, error);
	if (copy->candidates[0].lent.page_backed)
		return 0;
	rc = p2p_lent_open(&copy->candidates[0].lent, copy->block, &memory, error);
	if (!rc)
		p2p_memory_close(memory);
	return rc;
}

int p2p_path_candidates(struct p2p_copy *copy, struct p2p_error *error)
{
	const char *wanted = copy->options.provider, *why = why_not_peer(copy);
	bool must = copy->options.require_p2p || wanted || copy->options.strategy == P2P_COPY_PEER;
	char provider[P2P_BDF_TEXT] = "";
	struct p2p_ranks *ranks;
	int rc = 0;

	if (why && must)
		return p2p_error_set(error, -ENODEV,
				     "peer memory, which is demanded, cannot serve: %s", why);
	if (why)
		return 0;

	ranks = p2p_ranks_open();
	if (wanted)
		rc = resolve(ranks, wanted, provider, error);
	if (!rc)
		rc = add_candidates(copy, ranks, provider, error);
	p2p_ranks_close(ranks);
	return !rc && must ? check_candidates(copy, provider, error) : rc;
}

static uint64_t page_size(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

/*
 * Block and depth are chosen for speed; a small lender gets fewer blocks first, then smaller ones.
 * False: it cannot hold one block.
 */
static bool fit(const struct p2p_copy *copy, uint64_t available, uint64_t *block,
		unsigned int *depth)
{
	uint64_t unit = copy->align, page = page_size();

	if (unit < page)
		unit = page;
	available = available > page ? available - page : 0; /* the canary's */
	if (!copy->options.block)
		while (available / *block < 2 && *block / 2 >= SMALLEST_BLOCK &&
		       *block / 2 % unit == 0)
			*block /= 2;
	if (available / *block < *depth)
		*depth = (unsigned int)(available / *block);
	return *depth > 0;
}

/* Before any block: that the memory is what it says, and a canary in its last page. */
static int check_memory(struct p2p_copy *copy, const struct p2p_candidate *candidate,
			uint64_t block, unsigned int depth, struct p2p_error *error)
{
	int rc = p2p_memory_check_places(copy->memory, block, depth, &copy->random);

	copy->canary.offset = block * depth;
	if (!rc && !p2p_canary_set(&copy->canary, copy->memory, p2p_random_next(&copy->random)))
		rc = -EFAULT;
	if (!rc)
		return 0;
	p2p_memory_close(copy->memory);
	copy->memory = NULL;
	return p2p_error_set(error, rc,
			     rc == -ENXIO ? "peer memory of %s shows the same bytes in several "
					    "places: it has less than it says"
					  : "peer memory of %s does not answer",
			     candidate->lent.owner);
}

static int open_candidate(struct p2p_copy *copy, const struct p2p_candidate *candidate,
			  struct p2p_error *error)
{
	uint64_t block = copy->block;
	unsigned int depth = copy->depth;
	int rc;

	if (!fit(copy, candidate->lent.available, &block, &depth))
		return p2p_error_set(error, copy->options.block ? -EINVAL : -ENOMEM,
				     "peer memory of %s has %" PRIu64
				     " bytes free or allowed, too few for a block of %" PRIu64
				     ": use a smaller --block, or another --provider",
				     candidate->lent.owner, candidate->lent.available, block);

	/* The pool may be in pieces: fewer blocks may still fit. */
	do
		rc = p2p_lent_open(&candidate->lent, block * depth + page_size(), &copy->memory,
				   error);
	while (rc == -ENOMEM && (depth /= 2));
	if (!rc)
		rc = check_memory(copy, candidate, block, depth, error);
	if (rc)
		return rc;

	copy->report.block = block;
	copy->report.depth = depth;
	copy->report.path = P2P_COPY_PATH_PEER;
	snprintf(copy->provider, sizeof(copy->provider), "%s", candidate->lent.owner);
	copy->report.provider = copy->provider;
	copy->report.provider_node = p2p_lent_node(&candidate->lent, copy->provider_node);
	copy->report.source_route = candidate->source_route;
	copy->report.destination_route = candidate->destination_route;
	p2p_trust_forget(&copy->trust, depth);
	return 0;
}

static int open_host(struct p2p_copy *copy, const char *why, struct p2p_error *error)
{
	char text[P2P_ERROR_TEXT + 64];
	int rc = p2p_host_memory_open(copy->block * copy->depth, &copy->memory, error);

	if (rc)
		return rc;
	copy->report.block = copy->block;
	copy->report.depth = copy->depth;
	copy->report.path = P2P_COPY_PATH_HOST;
	snprintf(text, sizeof(text), "host memory (%s)", why);
	p2p_copy_tell(copy, P2P_COPY_EVENT_PATH, text);
	return 0;
}

static void describe(char *text, size_t size, const char *end, struct p2p_copy_route route)
{
	if (route.distance >= 0)
		snprintf(text, size, "%s %s, distance %d", end, p2p_verdict_name(route.verdict),
			 route.distance);
	else
		snprintf(text, size, "%s %s", end, p2p_verdict_name(route.verdict));
}

static void tell_peer(struct p2p_copy *copy)
{
	bool by_module = strncmp(copy->provider_node, "/dev/", 5) == 0;
	char text[256], source[64], destination[64];

	describe(source, sizeof(source), "source", copy->report.source_route);
	describe(destination, sizeof(destination), "destination", copy->report.destination_route);
	snprintf(text, sizeof(text), "peer memory of %s%s%s (%s; %s)", copy->provider,
		 by_module ? ", " : "", by_module ? copy->provider_node : "", source, destination);
	p2p_copy_tell(copy, P2P_COPY_EVENT_PATH, text);
}

static const char *why_host(const struct p2p_copy *copy)
{
	const char *why = why_not_peer(copy);

	if (why)
		return why;
	return copy->candidate_count ? "no peer path is left" : "no device publishes peer memory";
}

int p2p_path_open(struct p2p_copy *copy, struct p2p_error *error)
{
	struct p2p_error reason = { .code = -ENODEV, .text = "no peer path is left" };

	while (copy->next_candidate < copy->candidate_count) {
		if (!open_candidate(copy, &copy->candidates[copy->next_candidate++], &reason)) {
			tell_peer(copy);
			if (copy->source.functions.count > 1 ||
			    copy->destination.functions.count > 1)
				p2p_copy_compare_all(copy, P2P_COPY_COMPARES_ALL_FUNCTIONS);
			return 0;
		}
		p2p_copy_tell(copy, P2P_COPY_EVENT_NOTE, reason.text);
	}
	if (copy->options.require_p2p)
		return p2p_error_set(error, reason.code, "%s", reason.text);
	return open_host(copy, why_host(copy), error);
}

bool p2p_path_alive(struct p2p_copy *copy)
{
	return p2p_canary_lives(&copy->canary, copy->memory) &&
	       p2p_canary_set(&copy->canary, copy->memory, p2p_random_next(&copy->random));
}

/* What a path's failure means to the caller when no other path may follow. */
static int final_code(int code)
{
	switch (code) {
	case -EREMOTEIO:
	case -EINVAL:
	case -EOPNOTSUPP:
	case -EFAULT:
		return -ENODEV;
	default:
		return code;
	}
}

int p2p_path_drop(struct p2p_copy *copy, bool try_others, const struct p2p_error *why,
		  struct p2p_error *error)
{
	p2p_memory_close(copy->memory);
	copy->memory = NULL;
	copy->report.provider = NULL;
	copy->report.provider_node = NULL;
	copy->report.path = P2P_COPY_PATH_NONE;
	copy->report.dropped_paths++;
	p2p_copy_tell(copy, P2P_COPY_EVENT_DROPPED, why->text);

	if (!try_others)
		copy->next_candidate = copy->candidate_count;
	if (copy->options.require_p2p && copy->next_candidate == copy->candidate_count)
		return p2p_error_set(error, final_code(why->code),
				     "%s; --require-p2p forbids host memory", why->text);
	return p2p_path_open(copy, error);
}
