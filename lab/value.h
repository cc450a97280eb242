/* SPDX-License-Identifier: MIT */
/* Reads the values of machine files and options. All return false for text they do not take whole.
 */
#ifndef LAB_VALUE_H
#define LAB_VALUE_H

#include <stdbool.h>
#include <stdint.h>

/** lab_value_number() - a decimal or 0x number. */
bool lab_value_number(const char *text, uint64_t *number);

/** lab_value_size() - a number of bytes, with K, M, G or T for powers of 1024. */
bool lab_value_size(const char *text, uint64_t *bytes);

/** lab_value_range() - OFFSET+LENGTH, both sizes. */
bool lab_value_range(const char *text, uint64_t *offset, uint64_t *length);

/** lab_value_address() - SLOT or SLOT.FUNCTION, hexadecimal as in lspci: 0-1f, 0-7. */
bool lab_value_address(const char *text, int *slot, int *function);

#endif
