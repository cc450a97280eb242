/* SPDX-License-Identifier: MIT */
/* Chooses QEMU's accelerator: KVM only where a guest has really run on it. */
#ifndef LAB_ACCEL_H
#define LAB_ACCEL_H

#include "config.h"

/**
 * lab_accel_choose() - "kvm" or "tcg" for this run.
 * @config: the run; its directory is used for a probe boot
 *
 * The answer of a probe boot is kept in the lab's cache for this boot of the host and this QEMU.
 */
const char *lab_accel_choose(const struct lab_config *config);

#endif
