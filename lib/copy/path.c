// SPDX-License-Identifier: MIT
/*
 * Which memory bytes go through: choosing the provider, and giving a path up.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "copy/event.h"
#include "copy/rank.h"
#include "copy/results.h"
#include "memories/provider.h"
#include "random.h"
#include "round.h"
#include "span.h"

#define SMALLEST_BLOCK (UINT64_C(64) << 10) /* below this a request costs more than its data */

static struct p2p_copy_route worse_of(const struct p2p_ranked *ranked)
{
	return p2p_rank_compare(ranked->source_route, ranked->destination_route) > 0
		       ? ranked->source_route
		       : ranked->destination_route;
}

/* A function's address, then the ways to its memory; what is on no PCI bus last. */
static int compare_places(const struct p2p_memory_provider *a, const struct p2p_memory_provider *b)
{
	int difference = b->on_pci - a->on_pci;

	if (!difference && a->on_pci)
		difference = p2p_bdf_compare(a->function, b->function);
	if (!difference)
		difference = (a->kind > b->kind) - (a->kind < b->kind);
	return difference ? difference : (a->index > b->index) - (a->index < b->index);
}

/*
 * What cannot serve, for want of pages or since its bytes were wrong, comes last: it is only there
 * for its reason to be told. Then better by the worse of the two routes first: a copy is as fast as
 * its slower half.
 */
static int compare_ranked(const void *a, const void *b)
{
	const struct p2p_ranked *x = a, *y = b;
	int difference = y->provider.page_backed - x->provider.page_backed;

	if (!difference)
		difference = (x->wrong != NULL) - (y->wrong != NULL);
	if (!difference)
		difference = p2p_rank_compare(worse_of(x), worse_of(y));
	if (!difference)
		difference = p2p_rank_compare(x->source_route, y->source_route) +
			     p2p_rank_compare(x->destination_route, y->destination_route);
	if (difference)
		return difference;
	if (x->provider.available != y->provider.available)
		return x->provider.available > y->provider.available ? -1 : 1;
	return compare_places(&x->provider, &y->provider);
}

static int say_nothing_published(const char *wanted, struct p2p_error *error)
{
	if (wanted)
		return p2p_provider_missing(wanted, error);
	return p2p_error_set_hint(
		error, -ENODEV, P2P_HINT_DOCTOR,
		"no device publishes peer memory: it takes a kernel with CONFIG_PCI_P2PDMA and, "
		"say, an NVMe drive with a CMB of 2 MiB or more, or a BAR that p2pmem.ko "
		"publishes");
}

/* Why no peer memory can serve, whatever provides it; NULL: some may. */
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
		return "no PCI device moves the source's or the destination's bytes";
	if (!copy->direct_length)
		return "the range is not made of whole sectors: buffered";
	return NULL;
}

/* Several ranges of one function have one route. */
static const struct p2p_ranked *ranked_before(const struct p2p_copy *copy,
					      const struct p2p_memory_provider *provider)
{
	for (size_t i = 0; i < copy->provider_count; i++)
		if (copy->providers[i].provider.on_pci &&
		    !p2p_bdf_compare(copy->providers[i].provider.function, provider->function))
			return &copy->providers[i];
	return NULL;
}

static struct p2p_ranked rank(const struct p2p_copy *copy, const struct p2p_ranks *ranks,
			      const struct p2p_memory_provider *provider)
{
	const struct p2p_ranked *before = provider->on_pci ? ranked_before(copy, provider) : NULL;
	const struct p2p_copy_route unknown = { P2P_VERDICT_UNKNOWN, -1, false };
	struct p2p_ranked ranked = { *provider, unknown, unknown, NULL };

	if (before) {
		ranked.source_route = before->source_route;
		ranked.destination_route = before->destination_route;
	} else if (provider->on_pci) {
		ranked.source_route = p2p_rank(ranks, provider->function, &copy->source.functions);
		ranked.destination_route =
			p2p_rank(ranks, provider->function, &copy->destination.functions);
	}
	return ranked;
}

/* The machine is read once, and only where there is a provider to rank or a name to look up. */
static int add_providers(struct p2p_copy *copy, const struct p2p_memory_provider *providers,
			 size_t count, struct p2p_error *error)
{
	const char *wanted = copy->options.provider;
	struct p2p_ranks *ranks = count || wanted ? p2p_ranks_open() : NULL;
	struct p2p_proofs *proofs = p2p_results_open(copy, p2p_ranks_machine(ranks));
	struct p2p_provider_name name;
	int rc =
		wanted ? p2p_provider_name_read(&name, wanted, p2p_ranks_machine(ranks), error) : 0;

	for (size_t i = 0; !rc && i < count; i++)
		if (wanted ? p2p_provider_is(&providers[i], &name) : !providers[i].second) {
			copy->providers[copy->provider_count] = rank(copy, ranks, &providers[i]);
			copy->providers[copy->provider_count].wrong =
				p2p_results_against(copy, proofs, &providers[i]);
			copy->provider_count++;
		}
	p2p_proofs_close(proofs);
	p2p_ranks_close(ranks);
	qsort(copy->providers, copy->provider_count, sizeof(*copy->providers), compare_ranked);
	return rc;
}

static int find_providers(struct p2p_copy *copy, struct p2p_error *error)
{
	struct p2p_memory_provider *providers;
	size_t count;
	int rc = p2p_memory_providers(&providers, &count, error);

	if (rc)
		return rc;
	copy->providers = calloc(count + 1, sizeof(*copy->providers));
	rc = copy->providers ? add_providers(copy, providers, count, error)
			     : p2p_error_set(error, -ENOMEM, "out of memory");
	free(providers);
	return rc;
}

/* Who names a provider has it: each block of it is proven as ever. */
static bool is_passed_over(const struct p2p_copy *copy, const struct p2p_ranked *ranked)
{
	return ranked->wrong && !copy->options.provider;
}

/* Where peer memory is a must: that there is some, and that it can be mapped for the drives. */
static int check_providers(const struct p2p_copy *copy, struct p2p_error *error)
{
	struct p2p_memory *memory;
	int rc;

	if (!copy->provider_count)
		return say_nothing_published(copy->options.provider, error);
	if (is_passed_over(copy, &copy->providers[0]))
		return p2p_error_set(error, -ENODEV,
				     "peer memory, which is demanded, cannot serve: %s; prove the "
				     "pair anew, or name the provider to use it all the same",
				     copy->providers[0].wrong);
	if (copy->providers[0].provider.page_backed)
		return 0;
	rc = p2p_memory_open(&copy->providers[0].provider, copy->block, P2P_MEMORY_FOR_IO, &memory,
			     error);
	if (!rc)
		p2p_memory_close(memory);
	return rc;
}

int p2p_path_providers(struct p2p_copy *copy, struct p2p_error *error)
{
	const char *why = why_not_peer(copy);
	bool must = copy->options.require_p2p || copy->options.provider ||
		    copy->options.strategy == P2P_COPY_PEER;
	int rc;

	if (why && must)
		return p2p_error_set(error, -ENODEV,
				     "peer memory, which is demanded, cannot serve: %s", why);
	if (why)
		return 0;
	rc = find_providers(copy, error);
	return !rc && must ? check_providers(copy, error) : rc;
}

static uint64_t page_size(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

/*
 * Block and depth are chosen for speed; a small provider gets fewer blocks first, then smaller
 * ones. False: it cannot hold one block.
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
static int check_memory(struct p2p_copy *copy, const struct p2p_memory_provider *provider,
			uint64_t block, unsigned int depth, struct p2p_error *error)
{
	char name[P2P_PROVIDER_NAME];
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
			     p2p_memory_provider_name(provider, name));
}

static int open_provider(struct p2p_copy *copy, const struct p2p_ranked *ranked,
			 struct p2p_error *error)
{
	const struct p2p_memory_provider *provider = &ranked->provider;
	uint64_t block = copy->block;
	unsigned int depth = copy->depth;
	char name[P2P_PROVIDER_NAME];
	int rc;

	if (!fit(copy, provider->available, &block, &depth))
		return p2p_error_set_hint(
			error, copy->options.block ? -EINVAL : -ENOMEM, P2P_HINT_BLOCK,
			"peer memory of %s has %" PRIu64
			" bytes free or allowed, too few for a block of %" PRIu64
			": use smaller blocks, or another provider",
			p2p_memory_provider_name(provider, name), provider->available, block);

	/* The pool may be fragmented: fewer blocks may still fit. */
	do
		rc = p2p_memory_open(provider, block * depth + page_size(), P2P_MEMORY_FOR_IO,
				     &copy->memory, error);
	while (rc == -ENOMEM && (depth /= 2));
	if (!rc)
		rc = check_memory(copy, provider, block, depth, error);
	if (rc)
		return rc;

	copy->report.block = block;
	copy->report.depth = depth;
	copy->report.path = P2P_COPY_PATH_PEER;
	copy->report.provider = p2p_memory_provider_name(provider, copy->provider);
	copy->report.provider_node = p2p_memory_provider_node(provider, copy->provider_node);
	copy->report.source_route = ranked->source_route;
	copy->report.destination_route = ranked->destination_route;
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

static void describe(char *text, size_t size, const char *what, struct p2p_copy_route route)
{
	const char *allowed = route.allowed ? ", allowed against the rules" : "";

	if (route.distance >= 0)
		snprintf(text, size, "%s %s, distance %d%s", what, p2p_verdict_name(route.verdict),
			 route.distance, allowed);
	else
		snprintf(text, size, "%s %s%s", what, p2p_verdict_name(route.verdict), allowed);
}

static void tell_peer(struct p2p_copy *copy, const struct p2p_memory_provider *provider)
{
	bool by_module = provider->kind == P2P_MEMORY_MODULE;
	char text[320], source[80], destination[80];

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
	return copy->provider_count ? "no peer path is left" : "no device publishes peer memory";
}

static void tell_results_note(struct p2p_copy *copy)
{
	if (copy->results_note)
		p2p_copy_tell(copy, P2P_COPY_EVENT_NOTE, copy->results_note);
	free(copy->results_note);
	copy->results_note = NULL;
}

static void tell_wrong(struct p2p_copy *copy, const struct p2p_ranked *ranked, bool passed_over)
{
	char text[P2P_ERROR_TEXT], name[P2P_PROVIDER_NAME];

	p2p_memory_provider_name(&ranked->provider, name);
	if (passed_over)
		snprintf(text, sizeof(text),
			 "peer memory of %s is passed over: %s; prove the pair anew, or name the "
			 "provider to use it all the same",
			 name, ranked->wrong);
	else
		snprintf(text, sizeof(text), "peer memory of %s is used since it was named: %s",
			 name, ranked->wrong);
	p2p_copy_tell(copy, P2P_COPY_EVENT_NOTE, text);
}

int p2p_path_open(struct p2p_copy *copy, struct p2p_error *error)
{
	struct p2p_error reason = { .code = -ENODEV, .text = "no peer path is left" };

	tell_results_note(copy);

	while (copy->next_provider < copy->provider_count) {
		const struct p2p_ranked *next = &copy->providers[copy->next_provider++];

		if (next->wrong)
			tell_wrong(copy, next, is_passed_over(copy, next));
		if (is_passed_over(copy, next))
			continue;
		if (!open_provider(copy, next, &reason)) {
			tell_peer(copy, &next->provider);
			if (copy->source.functions.count > 1 ||
			    copy->destination.functions.count > 1)
				p2p_copy_compare_all(copy, P2P_COPY_COMPARES_ALL_FUNCTIONS);
			return 0;
		}
		p2p_copy_tell(copy, P2P_COPY_EVENT_NOTE, reason.text);
	}
	if (copy->options.require_p2p)
		return p2p_error_take(error, &reason);
	return open_host(copy, why_host(copy), error);
}

bool p2p_path_alive(struct p2p_copy *copy)
{
	return p2p_canary_lives(&copy->canary, copy->memory) &&
	       p2p_canary_set(&copy->canary, copy->memory, p2p_random_next(&copy->random));
}

void p2p_path_say_bounced(const struct p2p_copy *copy, struct p2p_error *error)
{
	p2p_error_set(error, -EREMOTEIO,
		      "a device does not reach peer memory of %s, so that the CPU copied its bytes "
		      "through host memory",
		      copy->provider);
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
		copy->next_provider = copy->provider_count;
	if (copy->options.require_p2p && copy->next_provider == copy->provider_count)
		return p2p_error_set_hint(error, final_code(why->code), P2P_HINT_REQUIRE_P2P, "%s",
					  why->text);
	return p2p_path_open(copy, error);
}
