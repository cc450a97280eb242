// SPDX-License-Identifier: MIT
/* The lab's error sentences. */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>

int lab_fail(struct lab_error *error, const char *format, ...)
{
	va_list args;

	if (error->text[0] != '\0')
		return -1;
	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return -1;
}
