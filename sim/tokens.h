/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The words of scenario files: numbers, sizes, lists of bits. All return false for what they do
 * not take whole.
 */
#ifndef SIM_TOKENS_H
#define SIM_TOKENS_H

#include "sim.h"

/** Decimal or 0x. */
bool sim_word_number(const char *text, uint64_t max, uint64_t *number);
/** A number, with K, M, G or T for powers of 1024. */
bool sim_word_size(const char *text, uint64_t *size);
/** SIZE@ADDRESS */
bool sim_word_memory(const char *text, uint64_t *size, uint64_t *address);
/** SIZE@FIRST[:SECOND]; without a second it is the first. */
bool sim_word_window(const char *text, uint64_t *size, uint64_t *first, uint64_t *second);
/** "SV,RR" or "none". */
bool sim_word_acs(const char *text, uint16_t *bits);
/** "direct,same,cross", "all" or "none". */
bool sim_word_peers(const char *text, uint32_t *peers);
/** "off", "pass" or "translate". */
bool sim_word_iommu(const char *text, enum sim_iommu *iommu);
/** "on" or "off". */
bool sim_word_switch(const char *text, bool *on);

#endif
