/* SPDX-License-Identifier: MIT */
/*
 * One end of a modelled copy: a block device or a file on one, with what Linux keeps of it where.
 *
 *     buffered write ──▶ page cache ──┐ flush
 *     direct write ───────────────────┴──▶ drive (its volatile cache) ── flush ──▶ medium
 *     read: page cache where it holds the page, else drive
 *
 * Power loss leaves the medium alone. A flush that fails loses what it should have brought there,
 * and the next one knows nothing of it, as with Linux since 4.13 (errseq_t).
 */
#ifndef P2P_TESTS_MODEL_DISK_H
#define P2P_TESTS_MODEL_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISK_PAGE     UINT64_C(4096)
#define DISK_PAGES    96u
#define DISK_CAPACITY (DISK_PAGES * DISK_PAGE)
#define DISK_CLIENTS  4

struct disk {
	bool is_block;
	uint64_t size, medium_size; /* bytes; a file's, as readers see it and after power loss */
	bool hole[DISK_PAGES];
	bool cached[DISK_PAGES], dirty[DISK_PAGES];
	uint8_t cache[DISK_CAPACITY], drive[DISK_CAPACITY], medium[DISK_CAPACITY];
	uint64_t changed; /* when somebody else last changed it, in steps; its mtime */
	bool named;       /* the directory entry is on the medium */

	unsigned int clients; /* functions that move its bytes */
	int client[DISK_CLIENTS];
	uint64_t stripe; /* bytes of one client in turn; 0: any of them at any time */
};

void disk_read(const struct disk *disk, uint64_t offset, void *to, size_t size);
void disk_write_buffered(struct disk *disk, uint64_t offset, const void *from, size_t size);
void disk_write_direct(struct disk *disk, uint64_t offset, const void *from, size_t size);
void disk_zero(struct disk *disk, uint64_t offset, uint64_t size);
void disk_drop_cache(struct disk *disk, uint64_t offset, uint64_t size);
void disk_set_size(struct disk *disk, uint64_t size);

/* What fsync(2) does; `random` decides what of it, when it is to fail. */
void disk_flush(struct disk *disk);
void disk_fail_flush(struct disk *disk, uint64_t *random);

#endif
