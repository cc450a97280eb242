// SPDX-License-Identifier: MIT
/*
 * The sentence that goes with a negative errno.
 */
#include <stdarg.h>
#include <stdio.h>

#include <p2pmem/error.h>

int p2p_error_set(struct p2p_error *error, int code, const char *format, ...)
{
	va_list arguments;

	if (!error)
		return code;

	error->code = code;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	return code;
}
