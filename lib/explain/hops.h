/* SPDX-License-Identifier: MIT */
/*
 * The path of a request in words, and what its narrowest link carries.
 */
#ifndef P2P_REPORTS_HOPS_H
#define P2P_REPORTS_HOPS_H

#include <stdio.h>

#include "answer.h"

/**
 * What hop number `index` does to the request: "forwards it up", "redirects it up to the host
 * bridge: ACS RR, CR", or that the request does not come so far, after a host bridge that refuses
 * it.
 */
void p2p_hop_write(FILE *file, const struct p2p_answer *answer, uint32_t index);

/** "at most 31.5 GB/s: 16 GT/s x16 above 0000:03:00.0", or why that is not known. */
void p2p_ceiling_write(FILE *file, const struct p2p_answer *answer);

/** "RR, CR": the names of ACS bits as the PCIe specification abbreviates them. */
void p2p_acs_bits_write(FILE *file, uint16_t bits);

#endif
