// SPDX-License-Identifier: MIT
/* Arguments and answers of p2pmem-guest. */
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void __attribute__((noreturn)) bad(const char *text, const char *wanted)
{
	fprintf(stderr, "p2pmem-guest: %s: give %s\n", text, wanted);
	exit(STATUS_USAGE);
}

uint64_t number(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 0);

	if (end != text && *end == 'K' && ++end)
		value <<= 10;
	else if (end != text && *end == 'M' && ++end)
		value <<= 20;
	if (end == text || *end != '\0')
		bad(text, "a number");
	return value;
}

const char *option(int argc, char **argv, const char *name)
{
	size_t length = strlen(name);

	for (int i = 0; i < argc; i++) {
		if (strncmp(argv[i], name, length) != 0)
			continue;
		if (argv[i][length] == '=')
			return argv[i] + length + 1;
		if (argv[i][length] == '\0')
			return argv[i] + length;
	}
	return NULL;
}

struct p2pmem_function function_of(const char *text)
{
	struct p2pmem_function function = { 0 };
	unsigned int domain, bus, device, number;
	char rest;

	if (sscanf(text, "%x:%x:%x.%x%c", &domain, &bus, &device, &number, &rest) != 4)
		bad(text, "an address such as 0000:01:00.0");
	function.domain = domain;
	function.bus = (uint8_t)bus;
	function.devfn = (uint8_t)(device << 3 | number);
	return function;
}

int open_memory(const char *index)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/p2pmem%s", index);
	return open(path, O_RDWR | O_CLOEXEC);
}

int refused(const char *what, uint32_t why)
{
	const char *name = strerrorname_np(errno);

	printf("%s: %s", what, name ? name : "?");
	if (why)
		printf(" %s", p2pmem_why_name(why));
	printf("\n");
	return STATUS_REFUSED;
}
