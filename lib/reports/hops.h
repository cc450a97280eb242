/* SPDX-License-Identifier: MIT */
/*
 * The way of a request in words, and what its narrowest link carries.
 */
#ifndef P2P_REPORTS_HOPS_H
#define P2P_REPORTS_HOPS_H

#include <stdio.h>

#include "answer.h"

/** What the hop does to the request: "forwards it up", "sends it up to the host: ACS RR, CR". */
void p2p_hop_write(FILE *file, const struct p2p_hop *hop);

/** "at most 31.5 GB/s: 16 GT/s x16 above 0000:03:00.0", or why that is not known. */
void p2p_ceiling_write(FILE *file, const struct p2p_answer *answer);

/** "RR, CR": the names of ACS bits as the PCIe specification abbreviates them. */
void p2p_acs_bits_write(FILE *file, uint16_t bits);

#endif
