/* SPDX-License-Identifier: MIT */
/* Says a machine in QEMU's words. */
#ifndef LAB_QEMU_H
#define LAB_QEMU_H

#include "arch.h"
#include "config.h"

/* File descriptors that QEMU inherits: one connected socket for each line, and one for QMP. */
struct lab_qemu_fds {
	int line[LAB_LINES];
	int qmp;
};

/**
 * lab_qemu_args() - build QEMU's command line.
 * @config: the run
 * @files: the kernel image, and which QEMU
 * @fds: QEMU's ends
 * @args: empty; to be freed by the caller, also after an error
 * @error: says which image is missing, or that memory ran out
 *
 * The run's directory must hold initrd.img; images of drives are made here.
 *
 * Return: 0 or -1.
 */
int lab_qemu_args(const struct lab_config *config, const struct lab_files *files,
		  const struct lab_qemu_fds *fds, struct lab_args *args, struct lab_error *error);

#endif
