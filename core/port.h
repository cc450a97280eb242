/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The one place where core/ meets its surroundings: memset, memcpy and memcmp, error numbers,
 * compile-time checks and loads and stores that other threads see, from the C library and the
 * compiler or from the kernel. Nothing else is needed.
 */
#ifndef P2P_CORE_PORT_H
#define P2P_CORE_PORT_H

#include <p2pmem/types.h>

/*
 * P2P_SHARED_LOAD(), P2P_SHARED_STORE(): a word that others change or read meanwhile, whole but in
 * no order. P2P_PUBLISH() makes what a pointer points at visible before the pointer;
 * P2P_SUBSCRIBE() reads such a pointer, and then what it points at;
 * P2P_ACQUIRE() a number, and then what was there before it. P2P_SHARED_ADD() adds to a
 * uint32_t, ordered with everything before and after.
 */
#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/atomic.h>
#include <asm/barrier.h>
#define P2P_STATIC_ASSERT(condition, text) static_assert(condition, text)
#define P2P_NOINLINE                       noinline
#define P2P_INLINE                         __always_inline
#define P2P_SHARED_LOAD(word)              READ_ONCE(word)
#define P2P_SHARED_STORE(word, value)      WRITE_ONCE(word, value)
/* Loads through a pointer follow its own load without a barrier: memory-barriers.txt. */
#define P2P_SUBSCRIBE(pointer)      READ_ONCE(pointer)
#define P2P_PUBLISH(pointer, value) smp_store_release(&(pointer), value)
#define P2P_ACQUIRE(word)           smp_load_acquire(&(word))
#define P2P_SHARED_ADD(word, value) atomic_add_return(value, (atomic_t *)&(word))
#else
#include <errno.h>
#include <string.h>
#define P2P_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#define P2P_NOINLINE                       __attribute__((noinline))
#define P2P_INLINE                         inline __attribute__((always_inline))
#define P2P_SHARED_LOAD(word)              __atomic_load_n(&(word), __ATOMIC_RELAXED)
#define P2P_SHARED_STORE(word, value)      __atomic_store_n(&(word), value, __ATOMIC_RELAXED)
/* Compilers read consume as acquire: more than needed, free on x86, one instruction on others. */
#define P2P_SUBSCRIBE(pointer)             __atomic_load_n(&(pointer), __ATOMIC_CONSUME)
#define P2P_PUBLISH(pointer, value)        __atomic_store_n(&(pointer), value, __ATOMIC_RELEASE)
#define P2P_ACQUIRE(word)                  __atomic_load_n(&(word), __ATOMIC_ACQUIRE)
#define P2P_SHARED_ADD(word, value)        __atomic_add_fetch(&(word), value, __ATOMIC_SEQ_CST)
#endif

#define P2P_ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
