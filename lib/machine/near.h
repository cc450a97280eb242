/* SPDX-License-Identifier: MIT */
/*
 * What somebody may have meant who typed something else.
 */
#ifndef P2P_NEAR_H
#define P2P_NEAR_H

#include <stdbool.h>

/**
 * Whether `typed` may stand for `name`: one insertion, deletion or change apart, or the beginning
 * of it, whatever the case of letters.
 */
bool p2p_near(const char *typed, const char *name);

#endif
