/* SPDX-License-Identifier: MIT */
/*
 * The doctor's findings as people read them.
 */
#ifndef P2P_CLI_DOCTOR_TEXT_H
#define P2P_CLI_DOCTOR_TEXT_H

#include "reports/doctor/doctor.h"
#include "view.h"

/** Prints the checklist and its summary on stdout: marks and colour as stdout can show them. */
void cli_doctor_text(const struct cli_view *view, const struct p2p_doctor *doctor);

#endif
