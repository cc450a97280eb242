// SPDX-License-Identifier: MIT
/*
 * The one option parser, on getopt_long().
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "options.h"

#define MAX_OPTIONS 32
#define HELP_COLUMN 28

enum {
	RESULT_HELP = 0x1000,
	RESULT_OPTION
};

static void show_option(const struct cli_option *option)
{
	const char *help = option->help;
	char text[64];
	int used;

	used = snprintf(text, sizeof(text), option->letter ? "  -%c, " : "      ", option->letter);
	snprintf(text + used, sizeof(text) - (size_t)used, "--%s%s%s", option->name,
		 option->argument ? " " : "", option->argument ? option->argument : "");
	printf("%-*s", HELP_COLUMN - 2, text);
	if (strlen(text) >= HELP_COLUMN - 2)
		printf("\n%*s", HELP_COLUMN - 2, "");
	while (true) {
		int length = (int)strcspn(help, "\n");

		printf("  %.*s\n", length, help);
		help += length;
		if (!*help++)
			return;
		printf("%*s", HELP_COLUMN - 2, "");
	}
}

static void show_help(const struct cli_command *command)
{
	static const struct cli_option help = { .name = "help",
						.letter = 'h',
						.help = "show this help" };

	printf("Usage: p2pmem %s [OPTION]... %s\n%s.\n\n%s%sOptions:\n", command->name,
	       command->arguments, command->summary, command->details,
	       command->details[0] ? "\n" : "");
	for (const struct cli_option *option = command->options; option->name; option++)
		show_option(option);
	show_option(&help);
	printf("\nManual page: p2pmem-%s(1)\n", command->name);
}

static int parse_size(const char *text, uint64_t *size)
{
	static const char units[] = "KMGT";
	unsigned int shift = 0;
	const char *unit;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	*size = strtoull(text, &end, 0);
	if (errno)
		return -ERANGE;
	if (*end) {
		unit = strchr(units, *end >= 'a' ? *end - 'a' + 'A' : *end);
		if (!unit)
			return -EINVAL;
		shift = 10 * (unsigned int)(unit - units + 1);
		end++;
		if (!strcmp(end, "iB") || !strcmp(end, "i"))
			end += strlen(end);
	}
	if (*end)
		return -EINVAL;
	if (*size > UINT64_MAX >> shift)
		return -ERANGE;
	*size <<= shift;
	return 0;
}

static int parse_word(const struct cli_option *option, const char *text, int *index)
{
	for (int i = 0; option->words[i]; i++) {
		if (strcmp(option->words[i], text))
			continue;
		*index = i;
		return 0;
	}
	return -EINVAL;
}

static int set(const struct cli_option *option, void *target, const char *value)
{
	char *where = (char *)target + option->offset;
	uint64_t number;
	int rc;

	switch (option->type) {
	case CLI_FLAG:
		*(bool *)where = true;
		return 0;
	case CLI_TEXT:
		*(const char **)where = value;
		return *value ? 0 : -EINVAL;
	case CLI_SIZE:
		return parse_size(value, (uint64_t *)where);
	case CLI_COUNT:
		rc = parse_size(value, &number);
		if (rc || !number || number > UINT_MAX)
			return rc ? rc : -ERANGE;
		*(unsigned int *)where = (unsigned int)number;
		return 0;
	case CLI_WORD:
		return parse_word(option, value, (int *)where);
	}
	return -EINVAL;
}

static void say_bad_value(const struct cli_command *command, const struct cli_option *option,
			  const char *value, int code)
{
	fprintf(stderr, "p2pmem %s: --%s: \"%s\" is %s; use ", command->name, option->name, value,
		code == -ERANGE ? "out of range" : "no valid value");
	switch (option->type) {
	case CLI_SIZE:
		fprintf(stderr, "bytes, as in 4096, 64K, 1M or 2G\n");
		return;
	case CLI_COUNT:
		fprintf(stderr, "a whole number from 1\n");
		return;
	case CLI_WORD:
		for (int i = 0; option->words[i]; i++)
			fprintf(stderr, "%s%s", i ? ", " : "", option->words[i]);
		fprintf(stderr, "\n");
		return;
	default:
		fprintf(stderr, "%s\n", option->argument ? option->argument : "another");
	}
}

static void say_usage(const struct cli_command *command)
{
	fprintf(stderr, "usage: p2pmem %s [OPTION]... %s; more with p2pmem %s --help\n",
		command->name, command->arguments, command->name);
}

static void say_count(const struct cli_command *command, int given)
{
	fprintf(stderr, "p2pmem %s: ", command->name);
	if (command->optional)
		fprintf(stderr, "%d to %d arguments", command->positional,
			command->positional + command->optional);
	else
		fprintf(stderr, "%d arguments", command->positional);
	fprintf(stderr, " are needed, %d given; ", given);
}

int cli_parse(const struct cli_command *command, void *target, int argc, char **argv, int *first)
{
	struct option longs[MAX_OPTIONS + 2] = { 0 };
	char shorts[2 * MAX_OPTIONS + 4] = ":h", *next = shorts + 2;
	int count = 0, found, index = 0;

	for (; count < MAX_OPTIONS && command->options[count].name; count++) {
		const struct cli_option *option = &command->options[count];

		longs[count] = (struct option){ option->name, option->argument != NULL, NULL,
						RESULT_OPTION + count };
		if (!option->letter)
			continue;
		*next++ = option->letter;
		if (option->argument)
			*next++ = ':';
	}
	longs[count] = (struct option){ "help", no_argument, NULL, RESULT_HELP };

	opterr = 0;
	while ((found = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		int rc;

		if (found == 'h' || found == RESULT_HELP) {
			show_help(command);
			return EX_OK;
		}
		if (found == ':' || found == '?') {
			fprintf(stderr, "p2pmem %s: option %s %s; ", command->name,
				argv[optind - 1], found == ':' ? "needs a value" : "is unknown");
			say_usage(command);
			return EX_USAGE;
		}
		for (index = 0; index < count; index++)
			if (found == RESULT_OPTION + index ||
			    found == command->options[index].letter)
				break;
		rc = set(&command->options[index], target, optarg);
		if (rc) {
			say_bad_value(command, &command->options[index], optarg, rc);
			return EX_USAGE;
		}
	}

	if (argc - optind < command->positional ||
	    argc - optind > command->positional + command->optional) {
		say_count(command, argc - optind);
		say_usage(command);
		return EX_USAGE;
	}
	*first = optind;
	return CLI_GO_ON;
}
