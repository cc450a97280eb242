/* SPDX-License-Identifier: MIT */
/*
 * The doctor's findings as people read them.
 */
#ifndef P2P_CLI_DOCTOR_TEXT_H
#define P2P_CLI_DOCTOR_TEXT_H

#include <p2pmem/doctor.h>
#include "view.h"

/**
 * Prints the findings and their summary on stdout, what matters most first. What is well is only
 * named, and what is unknown for one reason has one line and one remedy.
 *
 * @param verbose each finding with all that it has.
 */
int cli_doctor_text(const struct cli_view *view, const struct p2p_doctor *doctor, bool verbose);

#endif
