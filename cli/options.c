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

#include "exit.h"
#include "options.h"
#include "terminal.h"

#define MAX_OPTIONS    32
#define HELP_COLUMN    28
#define HELP_NARROWEST 24 /* a narrower column of help stands below its option */

enum {
	RESULT_HELP = 0x1000,
	RESULT_COLOR,
	RESULT_OPTION
};

/* In the order of enum cli_color. */
static const char *const colors[] = { "auto", "always", "never", NULL };

/* What every command takes beside its own. */
static const struct cli_option color_option = {
	.name = "color",
	.type = CLI_WORD,
	.argument = "WHEN",
	.help = "auto (the default), always or never",
	.words = colors,
};
static const struct cli_option help_option = { .name = "help",
					       .letter = 'h',
					       .help = "show this help" };

/* Where a help text has newlines another line may have room: they are blanks. */
static void show_option(const struct cli_terminal *terminal, const struct cli_option *option)
{
	char head[64], text[512];
	int used;

	used = snprintf(head, sizeof(head), option->letter ? "  -%c, " : "      ", option->letter);
	snprintf(head + used, sizeof(head) - (size_t)used, "--%s%s%s", option->name,
		 option->argument ? " " : "", option->argument ? option->argument : "");
	snprintf(text, sizeof(text), "%s", option->help);
	for (char *at = text; *at; at++)
		*at = *at == '\n' ? ' ' : *at;
	if (strlen(head) < HELP_COLUMN - 1 &&
	    cli_columns(terminal) >= HELP_COLUMN + HELP_NARROWEST) {
		used = (int)strlen(head);
		snprintf(head + used, sizeof(head) - (size_t)used, "%*s", HELP_COLUMN - used, "");
		cli_wrap(terminal, HELP_COLUMN, head, text);
		return;
	}
	printf("%s\n", head);
	cli_wrap(terminal, cli_columns(terminal) >= HELP_COLUMN + HELP_NARROWEST ? HELP_COLUMN : 8,
		 "", text);
}

static void show_help(const struct cli_command *command)
{
	struct cli_terminal terminal = cli_terminal_look(stdout);

	cli_say(&terminal, 0, "Usage: p2pmem %s [OPTION]... %s", command->name, command->arguments);
	cli_say(&terminal, 0, "%s.", command->summary);
	printf("\n");
	if (command->details[0]) {
		cli_wrap(&terminal, 0, "", command->details);
		printf("\n");
	}
	printf("Options:\n");
	for (const struct cli_option *option = command->options; option->name; option++)
		show_option(&terminal, option);
	show_option(&terminal, &color_option);
	show_option(&terminal, &help_option);
	printf("\nManual page: p2pmem-%s(1)\n", command->name);
}

int cli_parse_size(const char *text, uint64_t *size)
{
	static const char units[] = "KMGT";
	unsigned int shift = 0;
	const char *unit;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	/* A leading zero is no octal number to anybody who copies. */
	*size = strtoull(text, &end, text[0] == '0' && (text[1] | 0x20) == 'x' ? 16 : 10);
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
		return cli_parse_size(value, (uint64_t *)where);
	case CLI_COUNT:
		rc = cli_parse_size(value, &number);
		if (rc || !number || number > UINT_MAX)
			return rc ? rc : -ERANGE;
		*(unsigned int *)where = (unsigned int)number;
		return 0;
	case CLI_WORD:
		return parse_word(option, value, (int *)where);
	}
	return -EINVAL;
}

/* What a value may be, for the end of a sentence. */
static void write_allowed(FILE *file, const struct cli_option *option)
{
	switch (option->type) {
	case CLI_SIZE:
		fprintf(file, "bytes, as in 4096, 64K, 1M or 2G");
		return;
	case CLI_COUNT:
		fprintf(file, "a whole number from 1");
		return;
	case CLI_WORD:
		for (int i = 0; option->words[i]; i++)
			fprintf(file, "%s%s", i ? ", " : "", option->words[i]);
		return;
	default:
		fprintf(file, "%s", option->argument ? option->argument : "another");
	}
}

static int fail_value(const struct cli_option *option, const char *value, int code)
{
	char text[512] = "";
	FILE *file = fmemopen(text, sizeof(text), "w");

	if (file) {
		fprintf(file, "--%s: \"%.80s\" is %s; use ", option->name, value,
			code == -ERANGE ? "out of range" : "not valid");
		write_allowed(file, option);
		fclose(file);
	}
	return cli_fail_with(EX_USAGE, text);
}

/* A sentence about what was typed, and the usage. */
static int fail_usage(const struct cli_command *command, const char *sentence)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "%s; usage: p2pmem %s [OPTION]... %s; for more, p2pmem %s --help", sentence,
		 command->name, command->arguments, command->name);
	return cli_fail_with(EX_USAGE, text);
}

static int fail_count(const struct cli_command *command, int given)
{
	int least = command->positional, most = least + command->optional;
	char text[80];

	if (!most)
		snprintf(text, sizeof(text), "takes no arguments, %d given", given);
	else if (least == most)
		snprintf(text, sizeof(text), "takes %d argument%s, %d given", most,
			 most == 1 ? "" : "s", given);
	else
		snprintf(text, sizeof(text), "takes %d to %d arguments, %d given", least, most,
			 given);
	return fail_usage(command, text);
}

static int fail_option(const struct cli_command *command, const char *option, int found)
{
	char text[160];

	snprintf(text, sizeof(text), "option %.80s %s", option,
		 found == ':' ? "needs a value" : "is unknown");
	return fail_usage(command, text);
}

/* Errors before --json is come to are for the same reader. */
static bool asks_for_json(const struct cli_command *command, int argc, char **argv)
{
	const struct cli_option *option = command->options;

	while (option->name && strcmp(option->name, "json") != 0)
		option++;
	if (!option->name)
		return false;
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (!strcmp(argv[i], "--json") || !strcmp(argv[i], "-j"))
			return true;
	return false;
}

static int set_color(const char *value)
{
	int color;

	if (parse_word(&color_option, value, &color))
		return fail_value(&color_option, value, -EINVAL);
	cli_color_choose((enum cli_color)color);
	return CLI_GO_ON;
}

int cli_parse(const struct cli_command *command, void *target, int argc, char **argv, int *first)
{
	struct option longs[MAX_OPTIONS + 3] = { 0 };
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
	longs[count + 1] = (struct option){ "color", required_argument, NULL, RESULT_COLOR };

	opterr = 0;
	cli_begin(command);
	cli_errors_as_json(asks_for_json(command, argc, argv));
	while ((found = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		int rc;

		if (found == 'h' || found == RESULT_HELP) {
			show_help(command);
			return EX_OK;
		}
		if (found == ':' || found == '?')
			return fail_option(command, argv[optind - 1], found);
		if (found == RESULT_COLOR) {
			rc = set_color(optarg);
			if (rc != CLI_GO_ON)
				return rc;
			continue;
		}
		for (index = 0; index < count; index++)
			if (found == RESULT_OPTION + index ||
			    found == command->options[index].letter)
				break;
		rc = set(&command->options[index], target, optarg);
		if (rc)
			return fail_value(&command->options[index], optarg, rc);
	}

	if (argc - optind < command->positional ||
	    argc - optind > command->positional + command->optional)
		return fail_count(command, argc - optind);
	*first = optind;
	return CLI_GO_ON;
}
