/* SPDX-License-Identifier: MIT */
/* One sentence that says what went wrong in the lab: what, where, why, next step. */
#ifndef LAB_ERROR_H
#define LAB_ERROR_H

struct lab_error {
	char text[512];
};

/**
 * lab_fail() - write the sentence.
 * @error: where to; the first sentence written wins, later ones are dropped
 * @format: as in printf; no newline
 *
 * Return: -1, so that a caller can say "return lab_fail(...)".
 */
int lab_fail(struct lab_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
