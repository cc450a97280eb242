// SPDX-License-Identifier: MIT
/*
 * Time, and requests.
 */
#include <errno.h>
#include <string.h>

#include "random.h"
#include "world.h"

struct world world;

void world_expect(bool holds, const char *text)
{
	if (!holds && !world.broken)
		world.broken = text;
}

static void change_source(void)
{
	struct disk *disk = &world.source;
	uint8_t bytes[DISK_PAGE];
	uint64_t old = disk->size, page = 0;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)random_next(&world.random);
	disk->changed = world.step;
	switch (world.change) {
	case SOURCE_STAYS:
		break;
	case SOURCE_SHRINKS:
		disk_set_size(disk, random_below(&world.random, old ? old : 1));
		break;
	case SOURCE_GROWS:
		if (old + DISK_PAGE <= DISK_CAPACITY)
			disk_write_direct(disk, old, bytes, sizeof(bytes));
		break;
	case SOURCE_IS_WRITTEN:
		page = random_below(&world.random, old / DISK_PAGE + 1);
		if ((page + 1) * DISK_PAGE <= old)
			disk_write_direct(disk, page * DISK_PAGE, bytes, sizeof(bytes));
		break;
	}
}

void world_step(void)
{
	world.step++;
	world.now += random_below(&world.random, 300) * 1000000;
	for (unsigned int i = 0; i < world.providers; i++)
		provider_step(&world.provider[i], world.step);
	if (world.step == world.change_at)
		change_source();
	if (world.step == world.failover_at)
		world.destination.client[0] = world.failover_to;
	if (world.step == world.stop_at && world.copy)
		p2p_copy_stop(world.copy);
	if (world.kill_beyond_end && world.destination.size >= world.copy_end &&
	    !--world.kill_beyond_end)
		world.kill_at = world.step;
	if (world.step == world.kill_at) {
		world.killed = true;
		longjmp(world.end, 1);
	}
	if (world.step > MAX_STEPS) {
		world_expect(false, "it ends");
		longjmp(world.end, 1);
	}
}

static struct request_fault *fault_of(const struct disk *disk, bool writing)
{
	for (unsigned int i = 0; i < world.faults; i++) {
		struct request_fault *fault = &world.fault[i];

		if (fault->destination == (disk == &world.destination) &&
		    fault->writing == writing && world.step >= fault->from &&
		    world.step < fault->until && fault->left) {
			fault->left--;
			return fault;
		}
	}
	return NULL;
}

static int client_at(const struct disk *disk, uint64_t offset)
{
	uint64_t index =
		disk->stripe ? offset / disk->stripe : random_below(&world.random, disk->clients);

	return disk->client[index % disk->clients];
}

/* A member's part of a request. */
static size_t part_of(const struct disk *disk, uint64_t offset, size_t size)
{
	uint64_t left = disk->stripe ? disk->stripe - offset % disk->stripe : size;

	return left < size ? left : size;
}

/* Between a device's bytes and the memory of whoever asked. */
static int carry(const struct disk *disk, bool direct, bool writing, char *buffer, uint8_t *bytes,
		 size_t size, uint64_t offset)
{
	struct peer_request request = { .offset = offset, .size = size };
	struct provider *provider = NULL;
	uint64_t at;
	int rc = 0;

	for (unsigned int i = 0; i < world.providers; i++)
		if (provider_holds(&world.provider[i], buffer, size, &at))
			provider = &world.provider[i];
	if (!provider) {
		memcpy(writing ? (char *)bytes : buffer, writing ? buffer : (char *)bytes, size);
		return 0;
	}
	world_expect(direct, "only direct I/O goes to peer memory");
	while (!rc && size) {
		size_t part = part_of(disk, offset, size);

		request.client = client_at(disk, offset);
		rc = writing ? provider_give(provider, &request, at, bytes, part)
			     : provider_take(provider, &request, at, bytes, part);
		at += part;
		bytes += part;
		offset += part;
		size -= part;
	}
	return rc;
}

static bool loses_writes(const struct disk *disk)
{
	return disk == &world.destination && world.step >= world.writes_lost_from &&
	       world.step < world.writes_lost_until;
}

ssize_t world_transfer(struct disk *disk, bool direct, bool writing, char *buffer, size_t size,
		       uint64_t offset)
{
	static uint8_t bytes[DISK_CAPACITY];
	struct request_fault *fault;
	int rc;

	world_step();
	fault = fault_of(disk, writing);
	if (fault && fault->code)
		return fault->code;
	if (disk->is_block && writing && offset + size > disk->size)
		return -ENOSPC;
	world_expect(offset + size <= DISK_CAPACITY, "requests stay inside the model");
	if (!writing) {
		uint64_t left = offset < disk->size ? disk->size - offset : 0;

		size = left < size ? left : size;
	}
	if (fault && size > 512)
		size = 512 + random_below(&world.random, size / 512) * 512;

	if (!writing)
		disk_read(disk, offset, bytes, size);
	rc = carry(disk, direct, writing, buffer, bytes, size, offset);
	if (rc)
		return rc;
	if (!writing)
		return (ssize_t)size;
	if (!direct)
		disk_write_buffered(disk, offset, bytes, size);
	else if (!loses_writes(disk))
		disk_write_direct(disk, offset, bytes, size);
	return (ssize_t)size;
}

struct disk *world_disk(int fd)
{
	switch (fd) {
	case FD_SOURCE:
	case FD_SOURCE_BUFFERED:
		return &world.source;
	case FD_DESTINATION:
	case FD_DESTINATION_BUFFERED:
		return &world.destination;
	default:
		return NULL;
	}
}

bool world_is_direct(int fd)
{
	return fd == FD_SOURCE || fd == FD_DESTINATION;
}
