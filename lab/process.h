/* SPDX-License-Identifier: MIT */
/* Runs a helper program and takes what it prints. */
#ifndef LAB_PROCESS_H
#define LAB_PROCESS_H

#include "error.h"

#include <stddef.h>

/**
 * lab_process_output() - run a program to its end.
 * @argv: ends in NULL; argv[0] is searched in PATH
 * @output: takes its standard output, cut at @size - 1 bytes and ended with a 0 byte
 * @size: bytes of @output
 * @error: says so when it cannot run or is killed; its own words go to standard error
 *
 * Return: its exit status, or -1.
 */
int lab_process_output(char *const argv[], char *output, size_t size, struct lab_error *error);

/** lab_process_wait() - wait for a child; its exit status, or 128 + the signal that killed it. */
int lab_process_wait(int pid);

#endif
