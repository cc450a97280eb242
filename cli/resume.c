// SPDX-License-Identifier: MIT
/*
 * A command as text to paste into a shell.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "resume.h"
#include "table.h"

/* $'...' is in POSIX.1-2024, and in bash, zsh and ksh long since. */
static void print_escaped(FILE *file, const char *word)
{
	fprintf(file, " $'");
	for (; *word; word++) {
		unsigned char c = (unsigned char)*word;

		if (c < ' ' || c > '~')
			fprintf(file, "\\%03o", c);
		else
			fprintf(file, c == '\'' || c == '\\' ? "\\%c" : "%c", c);
	}
	fputc('\'', file);
}

static bool is_printable(const char *word)
{
	char *copy = strdup(word);
	bool same = false;

	if (copy) {
		cli_make_printable(copy, true);
		same = !strcmp(copy, word);
	}
	free(copy);
	return same;
}

void cli_print_word(FILE *file, const char *word)
{
	static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789@%+=:,./-_";

	if (*word && strspn(word, harmless) == strlen(word)) {
		fprintf(file, " %s", word);
		return;
	}
	if (!is_printable(word)) {
		print_escaped(file, word);
		return;
	}
	fprintf(file, " '");
	for (; *word; word++)
		if (*word == '\'')
			fprintf(file, "'\\''");
		else
			fputc(*word, file);
	fputc('\'', file);
}

static size_t size_of(enum cli_type type)
{
	switch (type) {
	case CLI_FLAG:
		return sizeof(bool);
	case CLI_TEXT:
		return sizeof(const char *);
	case CLI_SIZE:
		return sizeof(uint64_t);
	case CLI_COUNT:
	case CLI_WORD:
		break;
	}
	return sizeof(int);
}

static void print_value(FILE *file, const struct cli_option *option, const char *where)
{
	const char *text;
	uint64_t size;
	int number;

	switch (option->type) {
	case CLI_FLAG:
		return;
	case CLI_TEXT:
		memcpy(&text, where, sizeof(text));
		cli_print_word(file, text);
		return;
	case CLI_SIZE:
		memcpy(&size, where, sizeof(size));
		fprintf(file, " %" PRIu64, size);
		return;
	case CLI_COUNT:
	case CLI_WORD:
		break;
	}
	memcpy(&number, where, sizeof(number));
	if (option->type == CLI_WORD)
		fprintf(file, " %s", option->words[number]);
	else
		fprintf(file, " %u", (unsigned int)number);
}

static bool is_one_of(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(name, *names))
			return true;
	return false;
}

void cli_print_options(FILE *file, const struct cli_command *command, const void *given,
		       const void *defaults, const char *const *except)
{
	for (const struct cli_option *option = command->options; option->name; option++) {
		const char *where = (const char *)given + option->offset;

		if (is_one_of(option->name, except) ||
		    !memcmp(where, (const char *)defaults + option->offset, size_of(option->type)))
			continue;
		fprintf(file, " --%s", option->name);
		print_value(file, option, where);
	}
}
