/* SPDX-License-Identifier: MIT */
/*
 * Addresses, sizes and verdicts as people write and read them, and text that others wrote.
 *
 * All functions may be called by any number of threads at once.
 */
#ifndef P2PMEM_TEXT_H
#define P2PMEM_TEXT_H

#include <p2pmem/fabric.h>
#include <p2pmem/route.h>

P2P_BEGIN_DECLS

/** Room for an address of the widest domain, 32 bits, and its NUL. */
#define P2P_BDF_TEXT 20

/** Writes an address as sysfs has it, "0000:03:00.0". Returns `text`. */
const char *p2p_bdf_text(struct p2p_bdf bdf, char text[P2P_BDF_TEXT]);

/**
 * Reads an address as sysfs and lspci print it, "0000:03:00.0" or "03:00.0" of domain 0: a domain
 * of 4 to 8 hexadecimal digits, a bus and a device of 2, a function from 0 to 7, and nothing else.
 * What people type is shorter: p2p_machine_find() knows that, too.
 *
 * Returns 0, or -EINVAL: it is no such address, and `*bdf` is untouched.
 */
int p2p_bdf_parse(const char *text, struct p2p_bdf *bdf);

/** Room for a size and its NUL. */
#define P2P_SIZE_TEXT 32

/** Writes a number of bytes with a binary unit, rounded: "12.5 MiB". Returns `text`. */
const char *p2p_size_text(char text[P2P_SIZE_TEXT], uint64_t bytes);

/**
 * Gives a verdict as people read it. Returns "direct", "through the host bridge", "unreachable" or
 * "unknown"; the stable words are those of p2p_verdict_name().
 */
const char *p2p_verdict_text(enum p2p_verdict verdict);

/**
 * Replaces what a terminal would act on (control characters, those of the C1 set too) and what is
 * not UTF-8 by "?", in place: names come out of files that anybody may have written. `length` is
 * in bytes.
 */
void p2p_printable(char *text, size_t length);

/**
 * Finds out whether somebody who typed `typed` may have meant `name`: one insertion, deletion or
 * change apart, or the beginning of it, whatever the case of letters. Returns true if so.
 */
bool p2p_near(const char *typed, const char *name);

P2P_END_DECLS

#endif
