// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Maps a list of segments: at one go if all is plain host memory, else piece by piece.
 */
#include "map.h"

/*
 * Start and length together: two words that are moved and added to at once where there are
 * registers for that, one after the other where there are not (in the kernel).
 */
typedef uint64_t pair __attribute__((vector_size(16)));

P2P_STATIC_ASSERT(sizeof(pair) == sizeof(struct p2p_segment), "a segment is a pair");
P2P_STATIC_ASSERT(sizeof(pair) == sizeof(struct p2p_mapped), "so is what it is mapped to");

/* Host memory that goes into the batch, and the entry of `mapped` that waits for it. */
struct host_list {
	struct p2p_segment *segment;
	uint32_t *entry;
	uint32_t count, room;
};

struct work {
	struct p2p_mapper *mapper;
	struct p2p_mapping *mapping;
	struct host_list host;
	struct p2p_run run; /* the linear decision used last */
	uint32_t run_use;   /* where its bytes are counted */
	uint32_t barrier;   /* entries below it must not be joined with: they wait for the batch */
	uint32_t use;       /* the last one that is not `mapped`; none before there is a provider */
	struct p2p_provider *provider; /* its provider */
};

static int grow(const struct p2p_allocator *allocator, void **memory, uint32_t used, uint32_t *room,
		size_t size)
{
	uint32_t wanted = *room ? 2 * *room : 16;
	int error = p2p_array_grow(allocator, memory, used, wanted, size);

	if (!error)
		*room = wanted;
	return error;
}

/* Adds to the answer, joined with the entry before if it goes on there. */
static int emit(struct work *work, uint64_t dma, uint64_t length)
{
	struct p2p_mapping *mapping = work->mapping;
	struct p2p_mapped *last;

	if (mapping->count > work->barrier) {
		last = &mapping->mapped[mapping->count - 1];
		if (last->start.value + last->length == dma && dma != 0) {
			last->length += length;
			return 0;
		}
	}
	if (mapping->count == mapping->room)
		return -EMSGSIZE;
	mapping->mapped[mapping->count].start.value = dma;
	mapping->mapped[mapping->count++].length = length;
	return 0;
}

/* The first few are kept in the mapping itself, so that a list of one device needs no memory. */
static int more_uses(struct work *work)
{
	struct p2p_mapping *mapping = work->mapping;
	uint32_t room = mapping->use_room ? 2 * mapping->use_room : P2P_MAP_USES;
	struct p2p_map_use *use = mapping->first_use;

	if (mapping->use) {
		use = p2p_array_new(&work->mapper->allocator, room, sizeof(*use));
		if (!use)
			return -ENOMEM;
		memcpy(use, mapping->use, mapping->uses * sizeof(*use));
		if (mapping->use != mapping->first_use)
			p2p_array_free(&work->mapper->allocator, mapping->use);
	}
	mapping->use = use;
	mapping->use_room = room;
	return 0;
}

static int add_use(struct work *work, const struct p2p_map_use *use)
{
	struct p2p_mapping *mapping = work->mapping;
	int error = mapping->uses == mapping->use_room ? more_uses(work) : 0;

	if (!error)
		mapping->use[mapping->uses++] = *use;
	return error;
}

/* Counts the mapping as one of the provider's, once for what is reached alike and in a row. */
static int use_provider(struct work *work, struct p2p_provider *provider, enum p2p_reach reach)
{
	const struct p2p_map_use use = { .provider = provider, .reach = reach };
	int error;

	if (provider == work->provider && reach == work->mapping->use[work->use].reach)
		return 0;
	error = add_use(work, &use);
	if (error)
		return error;
	P2P_SHARED_ADD(provider->mappings, 1);
	work->provider = provider;
	work->use = work->mapping->uses - 1;
	return 0;
}

static int map_mapped(struct work *work, enum p2p_reach reach, p2p_cpu_addr at, uint64_t length)
{
	const struct p2p_client *client = work->mapper->client;
	struct p2p_provider *provider = work->provider;
	const struct p2p_map_use use = { provider, reach, true, 1, length, { 0 } };
	p2p_dma_addr dma = { 0 };
	uint64_t last;
	int error;

	if (!provider->ops->map || !provider->ops->unmap)
		return -EREMOTE;
	error = add_use(work, &use);
	if (error)
		return error;
	error = provider->ops->map(provider, client, at, length, &dma);
	if (error) {
		work->mapping->uses--;
		return error;
	}
	work->mapping->use[work->mapping->uses - 1].dma = dma;
	if (__builtin_add_overflow(dma.value, length - 1, &last) || last > client->highest.value)
		return -ERANGE;
	return emit(work, dma.value, length);
}

/* From here on, until another provider or stretch is met. */
static int begin_run(struct work *work, const struct p2p_decision *decision)
{
	uint64_t highest = work->mapper->client->highest.value;

	if (decision->dma.value > highest || decision->length - 1 > highest - decision->dma.value)
		return -ERANGE;
	work->run.start = decision->start.value;
	work->run.length = decision->length;
	work->run.offset = decision->dma.value - decision->start.value;
	work->run_use = work->use;
	return 0;
}

/* One stretch of one provider; `*length` is cut down to what was done. */
static int map_device(struct work *work, struct p2p_provider *provider, p2p_cpu_addr at,
		      uint64_t *length)
{
	const struct p2p_decision *decision = p2p_mapper_decide(work->mapper, provider, at);
	uint64_t left = decision->length - (at.value - decision->start.value);
	int error;

	if (decision->reach == P2P_UNREACHABLE)
		return -EREMOTE;
	if (*length > left)
		*length = left;
	error = use_provider(work, provider, decision->reach);
	if (error)
		return error;
	if (decision->mapped)
		return map_mapped(work, decision->reach, at, *length);
	error = begin_run(work, decision);
	if (error)
		return error;
	work->mapping->use[work->use].bytes += *length;
	work->mapping->use[work->use].segments++;
	return emit(work, at.value + work->run.offset, *length);
}

/* Keeps a place in the answer, to be filled in by the batch. */
static int queue_host(struct work *work, p2p_cpu_addr at, uint64_t length)
{
	const struct p2p_allocator *allocator = &work->mapper->allocator;
	struct host_list *host = &work->host;
	void *segment = host->segment, *entry = host->entry;
	uint32_t room = host->room;
	int error;

	if (host->count == host->room) {
		error = grow(allocator, &segment, host->count, &room, sizeof(*host->segment));
		host->segment = segment;
		if (error)
			return error;
		error = p2p_array_grow(allocator, &entry, host->count, room, sizeof(*host->entry));
		host->entry = entry;
		if (error)
			return error;
		host->room = room;
	}
	work->barrier = work->mapping->count;
	error = emit(work, 0, length);
	if (error)
		return error;
	host->segment[host->count] = (struct p2p_segment){ at, length };
	host->entry[host->count++] = work->barrier++;
	return 0;
}

static bool can_batch(const struct p2p_client *client)
{
	return client->ops && client->ops->map_host && client->ops->unmap_host;
}

static int map_normal(struct work *work, p2p_cpu_addr at, uint64_t *length)
{
	const struct p2p_mapper *mapper = work->mapper;
	const struct p2p_client *client = mapper->client;
	uint64_t normal = p2p_mapper_normal(mapper, at);
	uint64_t skipped = at.value - client->linear_start.value;

	if (normal != 0 && *length > normal)
		*length = normal;
	work->mapping->normal_bytes += *length;
	work->mapping->normal_segments++;
	if (skipped < mapper->linear_size && *length <= mapper->linear_size - skipped)
		return emit(work, at.value + client->linear_offset, *length);
	if (!can_batch(client))
		return -ERANGE;
	return queue_host(work, at, *length);
}

static int map_segment(struct work *work, const struct p2p_segment *segment)
{
	p2p_cpu_addr at = segment->start;
	uint64_t left = segment->length;

	if (left == 0 || left - 1 > UINT64_MAX - at.value)
		return -EINVAL;
	while (left != 0) {
		struct p2p_provider *provider = p2p_registry_find(work->mapper->registry, at);
		uint64_t length = left;
		int error = provider ? map_device(work, provider, at, &length)
				     : map_normal(work, at, &length);

		if (error)
			return error;
		at.value += length;
		left -= length;
	}
	return 0;
}

/* Puts the batch's answers, which may have joined segments, where their places were kept. */
static int place_hosts(struct work *work, const struct p2p_mapped *mapped, uint32_t count)
{
	const struct host_list *host = &work->host;
	uint64_t done = 0;
	uint32_t at = 0;

	for (uint32_t i = 0; i < host->count; i++) {
		uint64_t length = host->segment[i].length;

		if (at < count && done == mapped[at].length) {
			done = 0;
			at++;
		}
		if (at == count || length > mapped[at].length - done)
			return -ERANGE;
		work->mapping->mapped[host->entry[i]].start.value = mapped[at].start.value + done;
		done += length;
	}
	return 0;
}

/* Joins what became neighbours when the batch's answers were put in their places. */
static void join_all(struct work *work)
{
	struct p2p_mapping *mapping = work->mapping;
	uint32_t count = mapping->count;

	mapping->count = 0;
	work->barrier = 0;
	for (uint32_t i = 0; i < count; i++)
		emit(work, mapping->mapped[i].start.value, mapping->mapped[i].length);
}

static int map_hosts(struct work *work)
{
	const struct p2p_client *client = work->mapper->client;
	struct p2p_mapping *mapping = work->mapping;
	uint32_t count = work->host.count;
	struct p2p_mapped *mapped;
	int error;

	if (count == 0)
		return 0;
	mapped = p2p_array_new(&work->mapper->allocator, count, sizeof(*mapped));
	if (!mapped)
		return -ENOMEM;
	error = client->ops->map_host(client, work->host.segment, count, mapped, &count,
				      &mapping->cookie);
	if (!error) {
		mapping->host = true;
		error = place_hosts(work, mapped, count);
	}
	p2p_array_free(&work->mapper->allocator, mapped);
	if (!error)
		join_all(work);
	return error;
}

/*
 * As many segments from the list as lie in the run, each joined with the one before if it can be;
 * something that can be joined with, and room, are there at the beginning. Returns how many. All
 * that changes is kept in registers: this is where large lists spend their time.
 */
static uint32_t map_run(struct work *work, const struct p2p_run *run,
			const struct p2p_segment *segments, uint32_t count, uint64_t *bytes)
{
	struct p2p_mapping *mapping = work->mapping;
	struct p2p_mapped *last = &mapping->mapped[mapping->count - 1];
	const struct p2p_segment *segment = segments, *end = segments + count;
	const uint64_t start = run->start, size = run->length, offset = run->offset;
	const pair shift = { offset, 0 };
	uint64_t next = last->start.value + last->length, sum = 0;
	pair both;

	/* Each segment takes an entry at most, so that room need not be looked at again. */
	if (count > mapping->room - mapping->count)
		end = segments + (mapping->room - mapping->count);
	for (; segment < end; segment++) {
		uint64_t at = segment->start.value, length = segment->length;

		/* Of an empty segment, length - 1 is too large for any run. */
		if (at - start >= size || length - 1 >= size - (at - start))
			break;
		at += offset;
		sum += length;
		if (at == next) {
			last->length += length;
			next += length;
			continue;
		}
		memcpy(&both, segment, sizeof(both));
		both += shift;
		memcpy(++last, &both, sizeof(both));
		next = at + length;
	}
	mapping->count = (uint32_t)(last - mapping->mapped) + 1;
	*bytes += sum;
	return (uint32_t)(segment - segments);
}

/* Large steps while there are runs; each call does at least one segment. */
static int map_some(struct work *work, const struct p2p_segment *segments, uint32_t count,
		    uint32_t *done)
{
	struct p2p_mapping *mapping = work->mapping;
	uint32_t normal = 0;

	*done = 0;
	if (mapping->count > work->barrier && work->run.length != 0) {
		struct p2p_map_use *use = &mapping->use[work->run_use];

		*done = map_run(work, &work->run, segments, count, &use->bytes);
		use->segments += *done;
	}
	if (mapping->count > work->barrier && work->mapper->linear_size != 0)
		normal = map_run(work, &work->mapper->normal, segments + *done, count - *done,
				 &mapping->normal_bytes);
	mapping->normal_segments += normal;
	*done += normal;
	return *done == 0 ? map_segment(work, segments) : 0;
}

static int map_pieces(struct work *work, const struct p2p_segment *segments, uint32_t count)
{
	uint32_t done;

	for (uint32_t i = 0; i < count; i += done) {
		int error = map_some(work, &segments[i], count - i, &done);

		if (error) {
			work->mapping->culprit = i;
			return error;
		}
		done += done == 0;
	}
	return map_hosts(work);
}

/* All bits of how far from some start segments begin, and of their lengths less one. */
struct bits {
	uint64_t skipped, lengths;
};

/*
 * By pointers, and always inline: the kernel has no registers to pass pairs in, and of a function
 * left on its own compilers make one that takes them (GCC 14 in 6.12).
 */
static P2P_INLINE void bits_of_one(const struct p2p_segment *segment, const pair *least, pair *bits)
{
	pair both;

	memcpy(&both, segment, sizeof(both));
	*bits |= both - *least;
}

static P2P_INLINE void offset_one(const struct p2p_segment *segment, struct p2p_mapped *mapped,
				  const pair *shift, const pair *least, pair *bits)
{
	pair both;

	bits_of_one(segment, least, bits);
	memcpy(&both, segment, sizeof(both));
	both += *shift;
	memcpy(mapped, &both, sizeof(both));
}

/*
 * Adds `offset` to where all begin. The bits are collected in two sums that do not wait for each
 * other. A function of its own, since a loop this short depends on where the compiler puts it.
 */
static P2P_NOINLINE struct bits offset_all(const struct p2p_segment *segments, size_t count,
					   struct p2p_mapped *mapped, uint64_t offset,
					   uint64_t start)
{
	const pair shift = { offset, 0 }, least = { start, 1 };
	pair even = { 0, 0 }, odd = { 0, 0 };
	size_t i = 0;

	for (; i + 4 <= count; i += 4) {
		offset_one(&segments[i], &mapped[i], &shift, &least, &even);
		offset_one(&segments[i + 1], &mapped[i + 1], &shift, &least, &odd);
		offset_one(&segments[i + 2], &mapped[i + 2], &shift, &least, &even);
		offset_one(&segments[i + 3], &mapped[i + 3], &shift, &least, &odd);
	}
	for (; i < count; i++)
		offset_one(&segments[i], &mapped[i], &shift, &least, &even);
	even |= odd;
	return (struct bits){ even[0], even[1] };
}

/* The bits that offset_all() returns, without its work. */
static struct bits bits_of_all(const struct p2p_segment *segments, size_t count, uint64_t start)
{
	const pair least = { start, 1 };
	pair even = { 0, 0 }, odd = { 0, 0 };
	size_t i = 0;

	for (; i + 2 <= count; i += 2) {
		bits_of_one(&segments[i], &least, &even);
		bits_of_one(&segments[i + 1], &least, &odd);
	}
	if (i < count)
		bits_of_one(&segments[i], &least, &even);
	even |= odd;
	return (struct bits){ even[0], even[1] };
}

static bool is_plain(const struct p2p_plain *plain, struct bits bits)
{
	return bits.skipped >> plain->bits == 0 && bits.lengths < P2P_PLAIN_LENGTH;
}

/* Whether it is worth looking at the rest of a list. */
static bool begins_plain(const struct p2p_plain *plain, const struct p2p_segment *segments)
{
	return plain->bits != 0 && (segments[0].start.value - plain->start) >> plain->bits == 0;
}

/*
 * A list of nothing but plain host memory, segment by segment. Whether all of it is plain is known
 * only when all has been written: if it is not, what was written is not used.
 */
static bool map_plain(const struct p2p_mapper *mapper, const struct p2p_segment *segments,
		      uint32_t count, struct p2p_mapping *mapping)
{
	const struct p2p_plain *plain = &mapper->plain;

	if (mapper->linear_size == 0 || count == 0 || count > mapping->room ||
	    !begins_plain(plain, segments) ||
	    !is_plain(plain, offset_all(segments, count, mapping->mapped,
					mapper->client->linear_offset, plain->start)))
		return false;
	mapping->count = count;
	return true;
}

/* Whether all is plain or, what takes longer to find out, passes the filter as normal memory. */
static bool all_normal(const struct p2p_mapper *mapper, const struct p2p_segment *segments,
		       uint32_t count)
{
	const struct p2p_range_filter *filter = p2p_registry_filter(mapper->registry);

	if (begins_plain(&mapper->plain, segments) &&
	    is_plain(&mapper->plain, bits_of_all(segments, count, mapper->plain.start)))
		return true;
	for (uint32_t i = 0; i < count; i++) {
		p2p_cpu_addr at = segments[i].start;
		p2p_cpu_addr last = { at.value + (segments[i].length - 1) };

		if (last.value < at.value || p2p_range_filter_passes_range(filter, at, last))
			return false;
	}
	return true;
}

/* Nothing but host memory: the client's list is the batch, and the batch's answer ours. */
static int map_batch(const struct p2p_client *client, const struct p2p_segment *segments,
		     uint32_t count, struct p2p_mapping *mapping)
{
	int error = client->ops->map_host(client, segments, count, mapping->mapped, &mapping->count,
					  &mapping->cookie);

	mapping->host = error == 0;
	return error;
}

static void add_up(struct p2p_mapping *mapping)
{
	for (uint32_t i = 0; i < mapping->uses; i++) {
		const struct p2p_map_use *use = &mapping->use[i];

		*(use->reach == P2P_DIRECT ? &mapping->direct_bytes : &mapping->via_host_bytes) +=
			use->bytes;
	}
}

/* Not inlined: what it needs to begin with would be paid for by every list of host memory. */
static P2P_NOINLINE int map_mixed(struct p2p_mapper *mapper, const struct p2p_segment *segments,
				  uint32_t count, struct p2p_mapping *mapping)
{
	struct work work = { .mapper = mapper, .mapping = mapping };
	int error;

	if (count != 0 && count <= mapping->room && mapper->linear_size == 0 &&
	    can_batch(mapper->client) && all_normal(mapper, segments, count))
		return map_batch(mapper->client, segments, count, mapping);
	mapping->normal_bytes = 0;
	mapping->normal_segments = 0;
	error = map_pieces(&work, segments, count);
	p2p_array_free(&mapper->allocator, work.host.segment);
	p2p_array_free(&mapper->allocator, work.host.entry);
	if (error)
		p2p_unmap(mapper, mapping);
	else
		add_up(mapping);
	return error;
}

int p2p_map(struct p2p_mapper *mapper, const struct p2p_segment *segments, uint32_t count,
	    struct p2p_mapping *mapping)
{
	mapping->count = 0;
	mapping->culprit = 0;
	mapping->direct_bytes = 0;
	mapping->via_host_bytes = 0;
	mapping->use = NULL;
	mapping->uses = 0;
	mapping->use_room = 0;
	mapping->host = false;
	if (mapper->generation != p2p_registry_generation(mapper->registry))
		p2p_mapper_refresh(mapper);
	if (map_plain(mapper, segments, count, mapping))
		return 0;
	return map_mixed(mapper, segments, count, mapping);
}

/* Backwards, so that a provider's count falls after its last piece is unmapped. */
static void undo_devices(struct p2p_mapper *mapper, struct p2p_mapping *mapping)
{
	while (mapping->uses != 0) {
		const struct p2p_map_use *use = &mapping->use[--mapping->uses];

		if (use->mapped)
			use->provider->ops->unmap(use->provider, mapper->client, use->dma,
						  use->bytes);
		else
			P2P_SHARED_ADD(use->provider->mappings, -1);
	}
	if (mapping->use != mapping->first_use)
		p2p_array_free(&mapper->allocator, mapping->use);
	mapping->use = NULL;
	mapping->use_room = 0;
}

void p2p_unmap(struct p2p_mapper *mapper, struct p2p_mapping *mapping)
{
	if (mapping->host)
		mapper->client->ops->unmap_host(mapper->client, mapping->cookie);
	if (mapping->use)
		undo_devices(mapper, mapping);
	mapping->host = false;
	mapping->count = 0;
}
