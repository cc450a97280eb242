// SPDX-License-Identifier: MIT
/*
 * A drive, its volatile cache, and the page cache above it.
 */
#include <string.h>

#include "disk.h"
#include "random.h"

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* What is left of [offset, offset + size) in the page of `offset`. */
static uint64_t in_page(uint64_t offset, uint64_t size)
{
	return least(size, DISK_PAGE - offset % DISK_PAGE);
}

static void grow(struct disk *disk, uint64_t end)
{
	if (!disk->is_block && end > disk->size)
		disk->size = end;
}

void disk_read(const struct disk *disk, uint64_t offset, void *to, size_t size)
{
	uint8_t *bytes = to;

	while (size) {
		uint64_t page = offset / DISK_PAGE, part = in_page(offset, size);
		const uint8_t *from = disk->cached[page] ? disk->cache : disk->drive;

		memcpy(bytes, from + offset, part);
		bytes += part;
		offset += part;
		size -= part;
	}
}

static void bring_into_cache(struct disk *disk, uint64_t page)
{
	if (disk->cached[page])
		return;
	memcpy(disk->cache + page * DISK_PAGE, disk->drive + page * DISK_PAGE, DISK_PAGE);
	disk->cached[page] = true;
}

void disk_write_buffered(struct disk *disk, uint64_t offset, const void *from, size_t size)
{
	const uint8_t *bytes = from;

	grow(disk, offset + size);
	while (size) {
		uint64_t page = offset / DISK_PAGE, part = in_page(offset, size);

		bring_into_cache(disk, page);
		disk->dirty[page] = true;
		memcpy(disk->cache + offset, bytes, part);
		bytes += part;
		offset += part;
		size -= part;
	}
}

static void write_back(struct disk *disk, uint64_t page)
{
	if (disk->dirty[page])
		memcpy(disk->drive + page * DISK_PAGE, disk->cache + page * DISK_PAGE, DISK_PAGE);
	disk->dirty[page] = false;
}

void disk_write_direct(struct disk *disk, uint64_t offset, const void *from, size_t size)
{
	grow(disk, offset + size);
	for (uint64_t page = offset / DISK_PAGE; page * DISK_PAGE < offset + size; page++) {
		write_back(disk, page);
		disk->cached[page] = false;
	}
	memcpy(disk->drive + offset, from, size);
}

void disk_zero(struct disk *disk, uint64_t offset, uint64_t size)
{
	static const uint8_t zeros[DISK_CAPACITY];

	if (!disk->is_block)
		size = offset < disk->size ? least(size, disk->size - offset) : 0;
	if (size)
		disk_write_direct(disk, offset, zeros, size);
}

void disk_drop_cache(struct disk *disk, uint64_t offset, uint64_t size)
{
	uint64_t end = offset + size;

	/* Whole pages alone; the last one of a file counts as whole (mm/fadvise.c). */
	if (!disk->is_block && end >= disk->size)
		end = disk->size / DISK_PAGE * DISK_PAGE + DISK_PAGE;
	for (uint64_t page = (offset + DISK_PAGE - 1) / DISK_PAGE;
	     page < DISK_PAGES && (page + 1) * DISK_PAGE <= end; page++)
		if (!disk->dirty[page])
			disk->cached[page] = false;
}

void disk_set_size(struct disk *disk, uint64_t size)
{
	/* What a later extension shows must be zeros. */
	if (size < disk->size) {
		uint64_t old = disk->size;

		disk_zero(disk, size, old - size);
	}
	disk->size = size;
}

void disk_flush(struct disk *disk)
{
	for (uint64_t page = 0; page < DISK_PAGES; page++)
		write_back(disk, page);
	memcpy(disk->medium, disk->drive, DISK_CAPACITY);
	disk->medium_size = disk->size;
}

void disk_fail_flush(struct disk *disk, uint64_t *random)
{
	for (uint64_t page = 0; page < DISK_PAGES; page++) {
		uint8_t *drive = disk->drive + page * DISK_PAGE;
		uint8_t *medium = disk->medium + page * DISK_PAGE;

		/* Lost: clean by now, and the page cache still shows what was meant. */
		if (disk->dirty[page] && random_chance(random, 50))
			disk->dirty[page] = false;
		write_back(disk, page);
		/* The drive lost it: old bytes are back, without anybody being told. */
		if (random_chance(random, 50))
			memcpy(drive, medium, DISK_PAGE);
	}
}
