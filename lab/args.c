// SPDX-License-Identifier: MIT
/* A growing argument list for exec. */
#include "args.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void lab_args_add(struct lab_args *args, const char *format, ...)
{
	char **list = realloc(args->list, (args->count + 2) * sizeof(*list));
	va_list values;

	if (!list) {
		args->failed = 1;
		return;
	}
	args->list = list;
	va_start(values, format);
	if (vasprintf(&list[args->count], format, values) < 0)
		args->failed = 1;
	else
		args->count++;
	va_end(values);
	list[args->count] = NULL;
}

void lab_args_free(struct lab_args *args)
{
	for (size_t i = 0; i < args->count; i++)
		free(args->list[i]);
	free(args->list);
	*args = (struct lab_args){ 0 };
}
