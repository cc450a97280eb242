/* SPDX-License-Identifier: MIT */
/* What lies at an address that a device uses, by QEMU's own account of its memory. */
#ifndef LAB_MEMMAP_H
#define LAB_MEMMAP_H

#include "error.h"

#include <stdbool.h>
#include <stdint.h>

enum lab_place_kind {
	LAB_PLACE_RAM,     /* the machine's memory */
	LAB_PLACE_BAR,     /* a device's memory */
	LAB_PLACE_OTHER,   /* QEMU says: neither (a ROM, or nothing at all) */
	LAB_PLACE_UNKNOWN, /* an IOMMU translates it, or the map does not say */
};

struct lab_place {
	enum lab_place_kind kind;
	const char *owner; /* of a BAR: the device's id, or its BDF when it has none; the map's */
};

struct lab_memmap;

/* Whose addresses a DMA has. */
enum lab_dma_space {
	LAB_DMA_OWN,     /* the controller's, as QEMU's map has them */
	LAB_DMA_MACHINE, /* the machine's: what an IOMMU that translates nothing leaves of them */
};

/**
 * lab_memmap_read() - read OUT/map.NAME and OUT/pci.NAME.
 * @out: the run's directory
 * @name: of the mark
 * @space: where addresses will be looked up
 * @error: says which file and what is wrong with it
 *
 * Return: the map, for lab_memmap_free(), or NULL.
 */
struct lab_memmap *lab_memmap_read(const char *out, const char *name, enum lab_dma_space space,
				   struct lab_error *error);

/**
 * lab_memmap_find() - where a DMA of an NVMe controller goes.
 * @map: the map
 * @address: as the controller was given it
 * @length: bytes; all must lie in one place
 *
 * The address is looked up in the address spaces that QEMU gives NVMe controllers, or in the
 * machine's. Where they do not agree, or the region found is not part of a BAR, host RAM or a ROM,
 * the answer is unknown: with an IOMMU on, addresses that look like a BAR's need not be.
 */
struct lab_place lab_memmap_find(const struct lab_memmap *map, uint64_t address, uint64_t length);

/** lab_place_same() - whether two answers, of two maps perhaps, mean the same place. */
bool lab_place_same(struct lab_place a, struct lab_place b);

/** lab_memmap_free() - give the map back; places found in it are no longer valid. */
void lab_memmap_free(struct lab_memmap *map);

#endif
