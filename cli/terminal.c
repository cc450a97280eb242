// SPDX-License-Identifier: MIT
/*
 * What a stream can show, and text made to fit it.
 */
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "terminal.h"

#define USUAL_WIDTH    80
#define NARROWEST      20
#define WIDEST         10000
#define NARROWEST_TEXT 24 /* a column of text: below it stands under its head */
#define SMALL_INDENT   4

static enum cli_color chosen_color;

void cli_color_choose(enum cli_color color)
{
	chosen_color = color;
}

static bool wants_colour(bool able)
{
	const char *plain = getenv("NO_COLOR");

	switch (chosen_color) {
	case CLI_COLOR_ALWAYS:
		return true;
	case CLI_COLOR_NEVER:
		return false;
	case CLI_COLOR_AUTO:
		break;
	}
	/* no-color.org: set and not empty. */
	return able && !(plain && *plain);
}

/* COLUMNS, or 0 where nobody says. */
static unsigned int columns_said(void)
{
	const char *text = getenv("COLUMNS");
	char *end = NULL;
	unsigned long columns = text ? strtoul(text, &end, 10) : 0;

	if (!columns || *end || columns > WIDEST)
		return 0;
	return columns < NARROWEST ? NARROWEST : (unsigned int)columns;
}

struct cli_terminal cli_terminal_look(FILE *stream)
{
	struct cli_terminal terminal = { .width = columns_said() };
	const char *type = getenv("TERM");

	setlocale(LC_CTYPE, "");
	terminal.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	if (isatty(fileno(stream))) {
		terminal.escapes = type && strcmp(type, "dumb") != 0;
		if (!terminal.width)
			terminal.width = USUAL_WIDTH;
		cli_terminal_measure(&terminal, stream);
	}
	terminal.colour = wants_colour(terminal.escapes);
	return terminal;
}

void cli_terminal_measure(struct cli_terminal *terminal, FILE *stream)
{
	struct winsize size;

	if (!ioctl(fileno(stream), TIOCGWINSZ, &size) && size.ws_col)
		terminal->width = size.ws_col < NARROWEST ? NARROWEST : size.ws_col;
}

const char *cli_style_on(const struct cli_terminal *terminal, enum cli_style style)
{
	static const char *const codes[] = {
		[CLI_PLAIN] = "",        [CLI_BOLD] = "\033[1m",  [CLI_DIM] = "\033[2m",
		[CLI_GOOD] = "\033[32m", [CLI_NOTE] = "\033[36m", [CLI_UNSURE] = "\033[35m",
		[CLI_WARN] = "\033[33m", [CLI_BAD] = "\033[31m",
	};

	return terminal->colour ? codes[style] : "";
}

const char *cli_style_off(const struct cli_terminal *terminal, enum cli_style style)
{
	return terminal->colour && style != CLI_PLAIN ? "\033[0m" : "";
}

enum cli_style cli_verdict_style(enum p2p_verdict verdict)
{
	switch (verdict) {
	case P2P_VERDICT_DIRECT:
		return CLI_GOOD;
	case P2P_VERDICT_VIA_HOST:
		return CLI_NOTE;
	case P2P_VERDICT_UNREACHABLE:
		return CLI_BAD;
	case P2P_VERDICT_UNKNOWN:
		break;
	}
	return CLI_UNSURE;
}

unsigned int cli_columns(const struct cli_terminal *terminal)
{
	return terminal->width && terminal->width < CLI_WIDTH ? terminal->width : CLI_WIDTH;
}

/* Bytes of an escape sequence of cli_style_on() at `text`, or 0. */
static size_t escape(const char *text)
{
	size_t length;

	if (text[0] != '\033' || text[1] != '[')
		return 0;
	length = 2 + strspn(text + 2, "0123456789");
	return text[length] == 'm' ? length + 1 : 0;
}

unsigned int cli_width(const char *text)
{
	unsigned int width = 0;

	while (*text) {
		size_t skip = escape(text);

		width += !skip && ((unsigned char)*text & 0xc0) != 0x80;
		text += skip ? skip : 1;
	}
	return width;
}

/* Where the printing of one text stands. */
struct wrapping {
	unsigned int columns, indent, column;
};

static void new_line(struct wrapping *wrapping)
{
	printf("\n");
	wrapping->column = 0;
}

/* What of a word goes into `room` columns, in bytes, and how many columns that is. */
static size_t piece(const char *word, size_t length, unsigned int room, unsigned int *taken)
{
	size_t bytes = 0;

	*taken = 0;
	while (bytes < length) {
		size_t skip = escape(word + bytes);
		bool starts = !skip && ((unsigned char)word[bytes] & 0xc0) != 0x80;

		if (starts && *taken == room)
			break;
		*taken += starts;
		bytes += skip ? skip : 1;
	}
	return bytes;
}

static void put_word(struct wrapping *wrapping, const char *word, size_t length)
{
	unsigned int width, room = wrapping->columns - wrapping->indent;
	bool first = wrapping->column <= wrapping->indent;

	piece(word, length, UINT_MAX, &width);
	if (!first && wrapping->column + 1 + width > wrapping->columns) {
		new_line(wrapping);
		first = true;
	}
	if (!first)
		wrapping->column += (unsigned int)printf(" ");
	while (length) {
		size_t bytes = piece(word, length, room, &width);

		if (wrapping->column < wrapping->indent)
			wrapping->column += (unsigned int)printf(
				"%*s", (int)(wrapping->indent - wrapping->column), "");
		printf("%.*s", (int)bytes, word);
		wrapping->column += width;
		word += bytes;
		length -= bytes;
		if (length)
			new_line(wrapping);
	}
}

/* All but the first line are indented by `indent`. */
static void put_text(struct wrapping *wrapping, const char *text, unsigned int indent)
{
	while (*text) {
		size_t word = strcspn(text, " \n");

		if (word) {
			put_word(wrapping, text, word);
			wrapping->indent = indent;
		}
		text += word;
		for (; *text == ' ' || *text == '\n'; text++)
			if (*text == '\n' && text[1])
				new_line(wrapping);
	}
	printf("\n");
}

void cli_wrap_styled(const struct cli_terminal *terminal, int indent, const char *head,
		     enum cli_style style, const char *text)
{
	unsigned int before =
		cli_width(head) < (unsigned int)indent ? (unsigned int)indent - cli_width(head) : 0;
	struct wrapping wrapping = { .columns = cli_columns(terminal),
				     .indent = (unsigned int)indent };
	int length;

	if (wrapping.indent + NARROWEST_TEXT > wrapping.columns && wrapping.indent > SMALL_INDENT) {
		before = before < SMALL_INDENT ? before : SMALL_INDENT - 2;
		wrapping.indent = SMALL_INDENT;
	}
	/* A head that reaches past the indent has one blank before the text, from put_word(). */
	length = (int)strlen(head);
	if (before + cli_width(head) > wrapping.indent)
		while (length && head[length - 1] == ' ')
			length--;
	printf("%*s%s%.*s%s", (int)before, "", cli_style_on(terminal, style), length, head,
	       cli_style_off(terminal, style));
	wrapping.column = before + cli_width(head) - (unsigned int)(strlen(head) - (size_t)length);
	put_text(&wrapping, text, wrapping.indent);
}

void cli_hang(const struct cli_terminal *terminal, int indent, const char *text)
{
	struct wrapping wrapping = { .columns = cli_columns(terminal), .indent = 0 };

	put_text(&wrapping, text, (unsigned int)indent);
}

void cli_wrap(const struct cli_terminal *terminal, int indent, const char *head, const char *text)
{
	cli_wrap_styled(terminal, indent, head, CLI_PLAIN, text);
}

void cli_say(const struct cli_terminal *terminal, int indent, const char *format, ...)
{
	va_list arguments;
	char *text;
	int size;

	va_start(arguments, format);
	size = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (size < 0) {
		fprintf(stderr, "p2pmem: out of memory: a sentence is missing here\n");
		return;
	}
	cli_wrap(terminal, indent, "", text);
	free(text);
}
