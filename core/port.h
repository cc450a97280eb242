/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The one place where core/ meets its surroundings: memset, memcpy and memcmp, error numbers
 * and compile-time checks, from the C library or from the kernel. Nothing else is needed.
 */
#ifndef P2P_CORE_PORT_H
#define P2P_CORE_PORT_H

#include <p2pmem/types.h>

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/string.h>
#define P2P_STATIC_ASSERT(condition, text) static_assert(condition, text)
#else
#include <errno.h>
#include <string.h>
#define P2P_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#endif

#define P2P_ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
