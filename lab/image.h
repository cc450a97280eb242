/* SPDX-License-Identifier: MIT */
/* The files that stand behind a machine's drives. */
#ifndef LAB_IMAGE_H
#define LAB_IMAGE_H

#include "machine.h"

/** lab_image_create() - write a drive's fresh image as its fill says; zeros take no disk space. */
int lab_image_create(const char *path, const struct lab_node *drive, struct lab_error *error);

/** lab_image_faults() - write blkdebug's list of the blocks that the drive fails on. */
int lab_image_faults(const char *path, const struct lab_node *drive, struct lab_error *error);

#endif
