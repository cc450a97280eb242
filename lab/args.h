/* SPDX-License-Identifier: MIT */
/* A growing argument list for exec. */
#ifndef LAB_ARGS_H
#define LAB_ARGS_H

#include <stddef.h>

struct lab_args {
	char **list; /* ends in NULL once lab_args_add() was called */
	size_t count;
	int failed; /* memory ran out: the list is not whole */
};

/** lab_args_add() - append one argument, formatted as in printf. */
void lab_args_add(struct lab_args *args, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** lab_args_free() - give the list back. */
void lab_args_free(struct lab_args *args);

#endif
