/* SPDX-License-Identifier: MIT */
/*
 * What to know beside the reasons: what was named, and what the hardware alone would do.
 */
#ifndef P2P_REPORTS_NOTES_H
#define P2P_REPORTS_NOTES_H

#include <stdio.h>

#include "answer.h"

/**
 * Writes what to know of an end of a pair: a bridge was named, with the devices below it. Returns
 * whether there was anything to write.
 */
bool p2p_end_note_write(FILE *file, const struct p2p_answer *answer, bool provider);

/** Whether the NUMA nodes of both ends are known, which is where their sockets are. */
bool p2p_places_known(const struct p2p_answer *answer);

/** "both on 0", or "0 and 1: what lies between them is not in the ceiling". */
void p2p_places_write(FILE *file, const struct p2p_answer *answer);

/** The hardware's verdict, and where it differs what that means: "direct: the wires alone …". */
void p2p_hardware_write(FILE *file, const struct p2p_answer *answer);

#endif
