// SPDX-License-Identifier: MIT
/*
 * What a proof does to bytes, and a line of each page.
 */
#include <string.h>

#include "proof/lines.h"
#include "random.h"

#define LINE 64u

void p2p_complement(char *to, const char *from, size_t size)
{
	for (size_t i = 0; i < size; i++)
		to[i] = (char)~from[i];
}

bool p2p_is_blank(const char *bytes, size_t size)
{
	return size < 2 || !memcmp(bytes, bytes + 1, size - 1);
}

struct line {
	size_t at, size; /* from the place */
};

static struct line line_of(const struct p2p_lines *lines, size_t page, uint64_t *random)
{
	size_t left = lines->size - page;
	size_t count = (left < P2P_PROOF_PAGE ? left : P2P_PROOF_PAGE) / LINE;
	size_t at = page + (count ? p2p_random_next(random) % count * LINE : 0);

	return (struct line){ at, lines->size - at < LINE ? lines->size - at : LINE };
}

void p2p_lines_complement(const struct p2p_lines *lines, char *bytes)
{
	uint64_t random = lines->random;

	for (size_t page = 0; page < lines->size; page += P2P_PROOF_PAGE) {
		struct line line = line_of(lines, page, &random);

		p2p_complement(bytes + line.at, bytes + line.at, line.size);
	}
}

int p2p_lines_store(const struct p2p_lines *lines, struct p2p_memory *memory, const char *from)
{
	uint64_t random = lines->random;
	int rc = 0;

	for (size_t page = 0; !rc && page < lines->size; page += P2P_PROOF_PAGE) {
		struct line line = line_of(lines, page, &random);

		rc = p2p_memory_store(memory, lines->place + line.at, from + line.at, line.size);
	}
	return rc;
}

int p2p_lines_load(const struct p2p_lines *lines, struct p2p_memory *memory, char *to,
		   size_t *count)
{
	uint64_t random = lines->random;
	int rc = 0;

	*count = 0;
	for (size_t page = 0; !rc && page < lines->size; page += P2P_PROOF_PAGE) {
		struct line line = line_of(lines, page, &random);

		rc = p2p_memory_load(memory, lines->place + line.at, to + line.at, line.size);
		*count += line.size;
	}
	return rc;
}
