/* SPDX-License-Identifier: MIT */
/* Goes through what QEMU's query-pci answers (qapi/pci.json). */
#ifndef LAB_PCI_H
#define LAB_PCI_H

#include <jansson.h>
#include <stddef.h>

/* Called for a function; not 0 ends the walk. */
typedef int (*lab_pci_fn)(void *context, json_t *device);

/**
 * lab_pci_each() - call @call for every function, those behind bridges included.
 *
 * Return: 0, or what @call ended the walk with.
 */
int lab_pci_each(const json_t *buses, lab_pci_fn call, void *context);

/** lab_pci_find() - the function of the device with this id, or NULL; it belongs to @buses. */
const json_t *lab_pci_find(const json_t *buses, const char *id);

/** lab_pci_set_domain() - say in which domain the device with this id is; else it is in 0. */
void lab_pci_set_domain(json_t *buses, const char *id, unsigned int domain);

/** lab_pci_address() - a function's address as Linux writes it, "0000:03:00.0". */
void lab_pci_address(const json_t *device, char *address, size_t size);

#endif
