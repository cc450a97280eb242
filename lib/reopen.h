/* SPDX-License-Identifier: MIT */
/*
 * Opening in two steps: find with O_PATH, look at what it is, then open that and nothing else.
 */
#ifndef P2P_LIB_REOPEN_H
#define P2P_LIB_REOPEN_H

/** Opens what `fd` is open on anew. Returns a descriptor or a negative errno. */
int p2p_reopen(int fd, int flags);

#endif
