/* SPDX-License-Identifier: MIT */
/* Answers the guest's lab command. */
#ifndef LAB_CONTROL_H
#define LAB_CONTROL_H

#include "guest.h"

/* What the guest has said about the run. */
struct lab_progress {
	bool began; /* the machine is up, the script starts */
	bool ended;
	int status;       /* the script's */
	char broken[256]; /* what went wrong around the script, or empty */
};

/** lab_control_serve() - answer the requests that have come; see README.md for what they are. */
void lab_control_serve(struct lab_guest *guest, struct lab_progress *progress);

#endif
