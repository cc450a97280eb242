/* SPDX-License-Identifier: MIT */
/* Asks QEMU for its PCI functions. */
#ifndef LAB_QUERY_H
#define LAB_QUERY_H

#include "guest.h"

#include <jansson.h>

/**
 * lab_query_pci() - what QEMU's query-pci answers, and each function's domain beside it, of which
 * QEMU knows nothing.
 *
 * Return: root buses, to be freed with json_decref(), or NULL.
 */
json_t *lab_query_pci(struct lab_guest *guest, struct lab_error *error);

#endif
