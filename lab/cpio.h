/* SPDX-License-Identifier: MIT */
/* Writes the archive that a kernel takes as an initramfs (Documentation/driver-api/early-userspace/
 * buffer-format.rst: "newc"). Everything in it belongs to root. */
#ifndef LAB_CPIO_H
#define LAB_CPIO_H

#include "error.h"

#include <stdio.h>

struct lab_cpio {
	FILE *file;
	unsigned int entries;
};

/** lab_cpio_text() - add a file with this content; its directories are added before it. */
int lab_cpio_text(struct lab_cpio *cpio, const char *name, unsigned int mode, const char *text,
		  struct lab_error *error);

/**
 * lab_cpio_copy() - add a copy of a host's file; its directories are added before it.
 * @name: in the archive, with or without a leading '/'
 * @mode: permission bits, 0 for those of the host's file
 * @path: on the host
 */
int lab_cpio_copy(struct lab_cpio *cpio, const char *name, unsigned int mode, const char *path,
		  struct lab_error *error);

/** lab_cpio_append() - put a whole other archive, padded to 512 bytes, in front or between. */
int lab_cpio_append(struct lab_cpio *cpio, const char *path, struct lab_error *error);

/** lab_cpio_end() - write the trailer. The caller closes the file. */
int lab_cpio_end(struct lab_cpio *cpio, struct lab_error *error);

#endif
