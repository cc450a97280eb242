/* SPDX-License-Identifier: MIT */
/* One run as it was asked for: the machine, what goes into the guest, where its traces go. */
#ifndef LAB_CONFIG_H
#define LAB_CONFIG_H

#include "args.h"
#include "machine.h"

#include <limits.h>

struct lab_config {
	struct lab_machine *machine; /* owned */
	const char *directory;       /* lab/: its scripts and the guest's */
	const char *kernel;          /* series */
	const char *script;          /* NULL for a shell */
	const char *accelerator;     /* "tcg", "tcg-multi" or "kvm" */
	char out[PATH_MAX];          /* the run's directory; all its files go there */
	unsigned int boot_limit;     /* seconds until the script must have started */
	unsigned int time_limit;     /* seconds that the script may take, 0 for no limit */
	bool trace;
	bool allow_oops;
	struct lab_args appends; /* more kernel arguments */
	struct lab_args programs;
	struct lab_args files;  /* HOST:GUEST */
	struct lab_args images; /* ID=PATH */
	struct lab_args modules;
	struct lab_args qemu_args;
};

/* What a run needs and others have made. */
struct lab_files {
	char kernel[PATH_MAX];
	char qemu[PATH_MAX];
};

/** lab_config_image() - the image file given for this drive, or NULL for a fresh one. */
const char *lab_config_image(const struct lab_config *config, const char *id);

#endif
