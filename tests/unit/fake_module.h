/* SPDX-License-Identifier: MIT */
/*
 * A stand-in for p2pmem.ko and the files around it, in a directory.
 */
#ifndef P2P_TESTS_FAKE_MODULE_H
#define P2P_TESTS_FAKE_MODULE_H

#include <stdbool.h>
#include <stdint.h>

#include <p2pmem/uapi.h>

#include "module/system.h"

#define FAKE_FUNCTION "0000:01:00.0"

/* What a request answers instead of doing it. */
struct fake_refusal {
	int code; /* 0: it is done */
	unsigned int why;
};

struct fake_module {
	struct p2p_system system;
	char root[32];
	uint32_t next; /* N of the next publication */
	bool probe_fails;
	struct fake_refusal publish[4]; /* for the first, second, ... request */
	struct fake_refusal unpublish, alloc;
	struct p2pmem_publish asked[4];
	struct fake_refusal allow[4]; /* likewise, of P2PMEM_ALLOW */
	struct p2pmem_allow allows[4];
	unsigned int allow_calls;
	unsigned int publish_calls, unpublish_calls, writes;
	struct p2pmem_info info;
	int exported, answer;          /* of P2PMEM_EXPORT: descriptor or code; of P2PMEM_VERDICT */
	struct p2pmem_verdict verdict; /* what P2PMEM_VERDICT says, with so many of `reason` */
	struct p2pmem_reason reason[64];
	struct p2pmem_function verdict_client; /* whom it was asked about */
};

/* A loaded module and a function with a 64 MiB BAR 2 and no driver. */
void fake_open(struct fake_module *fake);
void fake_close(struct fake_module *fake);

/* Makes files and links, with the directories above them; paths are below the root. */
void fake_file(const struct fake_module *fake, const char *path, const char *text);
void fake_link(const struct fake_module *fake, const char *path, const char *target);
void fake_remove(const struct fake_module *fake, const char *path);

/* Reads a file, "" when there is none. */
const char *fake_text(const struct fake_module *fake, const char *path);

/* A published range in the class. */
void fake_memory(const struct fake_module *fake, uint32_t index, const char *function, int bar,
		 uint64_t offset, uint64_t size, bool page_backed);

#endif
