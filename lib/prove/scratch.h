/* SPDX-License-Identifier: MIT */
/*
 * What may be overwritten: a new file that has no name any more, or a range of a device that nobody
 * uses. It is on one client.
 */
#ifndef P2P_LIB_PROVE_SCRATCH_H
#define P2P_LIB_PROVE_SCRATCH_H

#include <p2pmem/prove.h>

#include "copy/file.h"

struct p2p_prove_scratch {
	struct p2p_file file;
	uint64_t offset, length; /**< in it: nothing outside is written */
	struct p2p_bdf function; /**< that moves its bytes */
};

/** Returns 0 or a negative errno with the sentence. The caller closes it, also after an error. */
int p2p_prove_scratch_open(struct p2p_prove_scratch *scratch,
			   const struct p2p_prove_options *options, struct p2p_error *error);

/**
 * Writes the beginning of a scratch file, and looks whether the page cache takes part: then bytes
 * would be right whatever a device's DMA does. Returns 0, -EOPNOTSUPP, or another negative errno,
 * with the sentence.
 */
int p2p_prove_scratch_look(const struct p2p_prove_scratch *scratch, struct p2p_error *error);

void p2p_prove_scratch_close(struct p2p_prove_scratch *scratch);

#endif
