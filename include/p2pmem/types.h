/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What headers that user space and the kernel share begin with: fixed-width integers, and memory
 * from the caller.
 */
#ifndef P2PMEM_TYPES_H
#define P2PMEM_TYPES_H

#ifdef __KERNEL__
#include <linux/limits.h>
#include <linux/types.h>
/* Of stdint.h, the kernel has the types only. */
#define UINT32_C(number) number##U
#define UINT64_C(number) number##ULL
#define UINT16_MAX       U16_MAX
#define UINT32_MAX       U32_MAX
#define UINT64_MAX       U64_MAX
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#endif

#ifdef __cplusplus
#define P2P_BEGIN_DECLS extern "C" {
#define P2P_END_DECLS   }
#else
#define P2P_BEGIN_DECLS
#define P2P_END_DECLS
#endif

/** Memory for the core, from its caller; the core allocates through nothing else. */
struct p2p_allocator {
	void *(*alloc)(void *context, size_t size); /**< NULL when there is none */
	void (*free)(void *context, void *memory);
	void *context;
};

#endif
