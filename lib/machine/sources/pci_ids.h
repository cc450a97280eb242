/* SPDX-License-Identifier: MIT */
/*
 * Names of PCI ids, both ways. The list is Debian's package pci.ids, the same that lspci prints
 * from; without it ids have no names, and names no ids.
 *
 * Two ids can have one name. Then the name has no id: an id is never guessed.
 */
#ifndef P2P_SOURCES_PCI_IDS_H
#define P2P_SOURCES_PCI_IDS_H

#include "span.h"
#include "tree.h"

struct p2p_pci_ids;

/** Reads the list from where distributions put it, or from `path` when that is not NULL. */
int p2p_pci_ids_open(const char *path, struct p2p_pci_ids **ids);
void p2p_pci_ids_free(struct p2p_pci_ids *ids);

/** Names; a span with text NULL when there is none. `ids` may be NULL: no list. */
struct p2p_span p2p_pci_ids_vendor(const struct p2p_pci_ids *ids, uint16_t vendor);
struct p2p_span p2p_pci_ids_device(const struct p2p_pci_ids *ids, uint16_t vendor, uint16_t device);

/** "VENDOR DEVICE" as lspci prints it, cut to `size`. False when the vendor has no name. */
bool p2p_pci_ids_model(const struct p2p_pci_ids *ids, uint16_t vendor, uint16_t device, char *text,
		       size_t size);

/**
 * Ids of "VENDOR DEVICE" as lspci prints them ("Intel Corporation Device 09a2"). What is not
 * unique stays P2P_ID_UNKNOWN.
 */
void p2p_pci_ids_parse_device(const struct p2p_pci_ids *ids, struct p2p_span text, uint16_t *vendor,
			      uint16_t *device);

/** The same for a subsystem line of the function `vendor`:`device`. */
void p2p_pci_ids_parse_subsystem(const struct p2p_pci_ids *ids, struct p2p_span text,
				 uint16_t vendor, uint16_t device, uint16_t *subsystem_vendor,
				 uint16_t *subsystem_device);

/** Base class and subclass of a class name ("PCI bridge" is 0x0604), or 0xffffffff. */
uint32_t p2p_pci_ids_parse_class(const struct p2p_pci_ids *ids, struct p2p_span text);

#endif
