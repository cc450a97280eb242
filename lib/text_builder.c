// SPDX-License-Identifier: MIT
/*
 * A text that is put together piece by piece.
 */
#include "text_builder.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for so much more, and for the end of the string. */
static bool reserve(struct p2p_text_builder *builder, size_t more)
{
	size_t wanted = builder->length + more + 1;
	char *larger;

	if (wanted <= builder->room)
		return true;
	wanted = wanted < 2 * builder->room ? 2 * builder->room : wanted;
	larger = realloc(builder->text, wanted);
	if (!larger)
		return false;
	builder->text = larger;
	builder->room = wanted;
	return true;
}

static void add(struct p2p_text_builder *builder, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

static void add(struct p2p_text_builder *builder, const char *format, va_list arguments)
{
	va_list again;
	int length;

	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0 || !reserve(builder, (size_t)length)) {
		builder->failed = true;
		return;
	}
	vsnprintf(builder->text + builder->length, (size_t)length + 1, format, arguments);
	builder->length += (size_t)length;
}

void p2p_text_add(struct p2p_text_builder *builder, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(builder, format, arguments);
	va_end(arguments);
}

void p2p_text_line(struct p2p_text_builder *builder, const char *format, ...)
{
	va_list arguments;

	if (builder->length)
		p2p_text_add(builder, "\n");
	va_start(arguments, format);
	add(builder, format, arguments);
	va_end(arguments);
}

char *p2p_text_take(struct p2p_text_builder *builder)
{
	char *text = NULL;

	if (!builder->failed && reserve(builder, 0)) {
		builder->text[builder->length] = '\0';
		text = builder->text;
	} else {
		free(builder->text);
	}
	*builder = (struct p2p_text_builder){ .text = NULL };
	return text;
}
