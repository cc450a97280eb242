/* SPDX-License-Identifier: MIT */
/* Puts a run's own files (script, programs, settings) behind the kernel's cached initramfs. */
#ifndef LAB_INITRD_H
#define LAB_INITRD_H

#include "config.h"

/**
 * lab_initrd_write() - write OUT/initrd.img.
 * @config: the run
 * @base: the cached archive of this kernel and these modules
 * @error: says which file cannot be taken
 *
 * Return: 0 or -1.
 */
int lab_initrd_write(const struct lab_config *config, const char *base, struct lab_error *error);

#endif
