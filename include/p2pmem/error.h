/* SPDX-License-Identifier: MIT */
/*
 * The one error style: a function returns 0 or a negative errno, and can leave the sentence that
 * a person needs: what, where, why, and the next step.
 */
#ifndef P2PMEM_ERROR_H
#define P2PMEM_ERROR_H

#include <p2pmem/types.h>

P2P_BEGIN_DECLS

#define P2P_ERROR_TEXT 768

struct p2p_error {
	int code;                  /**< the negative errno that was returned too; 0: none */
	char text[P2P_ERROR_TEXT]; /**< one line without a newline, cut when longer */
};

/**
 * Fills in `error` (which may be NULL) and returns `code`, so that a failing function can say
 * `return p2p_error_set(error, -EINVAL, ...)`. A message names what, where, why and the next step.
 */
int p2p_error_set(struct p2p_error *error, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

P2P_END_DECLS

#endif
