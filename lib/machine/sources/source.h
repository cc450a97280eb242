/* SPDX-License-Identifier: MIT */
/*
 * The table of sources. Each turns one format into a machine; adding a format is one file with
 * one row here.
 */
#ifndef P2P_SOURCES_SOURCE_H
#define P2P_SOURCES_SOURCE_H

#include "../build.h"
#include "tree.h"

/*
 * Limits on hostile input. The largest real files: 0.9 MB of `lspci -vvv` text for 517 functions,
 * 8 MB of `lspci -xxxx` for 600. An archive may hold far more than is kept of it.
 */
#define P2P_FILE_MAX          (64u << 20) /* bytes of a text, XML or archive file */
#define P2P_FUNCTIONS_MAX     65536u      /* in one machine */
#define P2P_ARCHIVE_KEPT_MAX  (64u << 20) /* bytes kept of an archive's contents */
#define P2P_ARCHIVE_READ_MAX  (1u << 30)  /* bytes an archive may unpack to */
#define P2P_ARCHIVE_FILES_MAX 1000000u    /* entries an archive may have */
#define P2P_XML_DEPTH_MAX     256u        /* elements inside each other */

/** Bytes of an input file, and its name for messages. */
struct p2p_input {
	const char *path;
	const char *data;
	size_t size;
	unsigned int machine; /* which of several in one text, from 1; 0: the first */
};

struct p2p_source {
	const char *name; /**< as p2p_machine_source() says it */
	/** Whether the bytes look like this format: cheap, and wrong only for damaged input. */
	bool (*detect)(const struct p2p_input *input);
	/** Reads what it can into a machine that p2p_build_new() started. 0 or -errno. */
	int (*read)(const struct p2p_input *input, struct p2p_machine *machine,
		    struct p2p_error *error);
};

extern const struct p2p_source p2p_source_lspci;
extern const struct p2p_source p2p_source_udev;
extern const struct p2p_source p2p_source_hwloc;
extern const struct p2p_source p2p_source_nccl;

/** The error for a text of none of these formats: what it lacks, if it can be told. -EBADMSG. */
int p2p_not_understood(const struct p2p_input *input, struct p2p_error *error);

/** Reads a machine from bytes in memory: what p2p_machine_open() does with a file. */
int p2p_machine_read(const struct p2p_input *input, struct p2p_machine **machine,
		     struct p2p_error *error);

/** Reads a machine from a tree. `live`: the running machine, which uname() and geteuid() tell of.
 */
int p2p_sysfs_read(const char *path, const struct p2p_tree *tree, bool live,
		   struct p2p_machine *machine, struct p2p_error *error);

#endif
