/* SPDX-License-Identifier: MIT */
/*
 * A text that is put together piece by piece. Lack of memory is remembered, so that only who
 * takes the text has to look.
 */
#ifndef P2P_LIB_TEXT_BUILDER_H
#define P2P_LIB_TEXT_BUILDER_H

#include <stdbool.h>
#include <stddef.h>

/** All zero: empty. */
struct p2p_text_builder {
	char *text;
	size_t length, room;
	bool failed;
};

/** Appends. */
void p2p_text_add(struct p2p_text_builder *builder, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** Appends a line: on a new one, unless it is the first. */
void p2p_text_line(struct p2p_text_builder *builder, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * Takes the text out, which empties the builder. Returns a string for free(), "" where nothing was
 * added; NULL: memory was short for a part of it.
 */
char *p2p_text_take(struct p2p_text_builder *builder);

#endif
