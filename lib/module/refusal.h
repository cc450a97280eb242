/* SPDX-License-Identifier: MIT */
/*
 * Why the module refuses to publish or unpublish, as one sentence with the next step.
 */
#ifndef P2P_LIB_MODULE_REFUSAL_H
#define P2P_LIB_MODULE_REFUSAL_H

#include <p2pmem/module.h>
#include <p2pmem/uapi.h>

#include "module/system.h"

/**
 * Fills in `error` for what P2PMEM_PUBLISH answered.
 *
 * @param code    the negative errno, which is returned (-EEXIST as -EBUSY)
 * @param why     enum p2pmem_why
 * @param culprit whom P2PMEM_WHY_WRAP_* is about, else NULL
 */
int p2p_publish_refused(const struct p2p_system *system, const struct p2p_publish_options *options,
			int code, unsigned int why, const struct p2pmem_function *culprit,
			struct p2p_error *error);

/** The same for P2PMEM_UNPUBLISH of /dev/p2pmem`index`. */
int p2p_unpublish_refused(uint32_t index, int code, unsigned int why, struct p2p_error *error);

#endif
