/* SPDX-License-Identifier: MIT */
/*
 * What happens to a text on its way from a terminal to whoever reads it: lines go missing, are
 * wrapped, quoted, trimmed, put in another order.
 */
#ifndef P2P_TESTS_VARIANTS_H
#define P2P_TESTS_VARIANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_lines {
	char **line; /* without newlines */
	size_t count, room;
};

void lines_split(struct text_lines *lines, const char *text, size_t size);
char *lines_join(const struct text_lines *lines, size_t *size);
void lines_free(struct text_lines *lines);

/* Does one to four such things; `*what` says which, for a report. */
void lines_vary(struct text_lines *lines, uint64_t *seed, char *what, size_t room);

#endif
