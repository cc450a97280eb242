// SPDX-License-Identifier: MIT
/*
 * The sentence that goes with a negative errno.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <p2pmem/error.h>

#include <p2pmem/text.h>

/* A text that was cut ends with a whole character of UTF-8. */
static void end_at_character(char *text, size_t length)
{
	size_t start = length;

	while (start && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
		start--;
	if (start && (unsigned char)text[start - 1] >= 0xc0)
		text[start - 1] = '\0';
}

static void set(struct p2p_error *error, int code, enum p2p_hint hint, const char *format,
		va_list arguments)
{
	int length;

	if (!error)
		return;
	error->code = code;
	error->hint = hint;
	length = vsnprintf(error->text, sizeof(error->text), format, arguments);
	if (length >= (int)sizeof(error->text))
		end_at_character(error->text, sizeof(error->text) - 1);
	/* It quotes names out of files and arguments. */
	p2p_printable(error->text, strlen(error->text));
}

int p2p_error_set(struct p2p_error *error, int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	set(error, code, P2P_HINT_NONE, format, arguments);
	va_end(arguments);
	return code;
}

int p2p_error_set_hint(struct p2p_error *error, int code, enum p2p_hint hint, const char *format,
		       ...)
{
	va_list arguments;

	va_start(arguments, format);
	set(error, code, hint, format, arguments);
	va_end(arguments);
	return code;
}
