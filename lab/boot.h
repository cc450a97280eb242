/* SPDX-License-Identifier: MIT */
/* One boot, from the kernel's packages to the script's exit status. */
#ifndef LAB_BOOT_H
#define LAB_BOOT_H

#include "config.h"

/* Exit statuses that are not the script's, as timeout(1) and env(1) use them. */
#define LAB_EXIT_LATE   124 /* the time limit ended the script */
#define LAB_EXIT_BROKEN 125 /* the lab, QEMU or the guest's kernel failed */

/**
 * lab_boot() - boot the machine, run the script, pass on its output.
 * @config: the run; its directory exists
 * @error: for every status but the script's own, the sentence that says why
 *
 * Return: the exit status of the whole run.
 */
int lab_boot(const struct lab_config *config, struct lab_error *error);

#endif
