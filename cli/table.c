// SPDX-License-Identifier: MIT
/*
 * Text in columns.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

#define GAP            2
#define NARROWEST_LAST 12

struct cell {
	char *text; /* NULL: empty */
	enum cli_style style;
};

struct cli_table {
	unsigned int columns;
	struct cell *cells; /* row after row; the first has the titles */
	size_t rows, room;  /* in rows */
	bool failed;        /* memory was lacking */
};

void cli_table_free(struct cli_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->rows * table->columns; i++)
		free(table->cells[i].text);
	free(table->cells);
	free(table);
}

void cli_table_row(struct cli_table *table)
{
	size_t room = table->room ? 2 * table->room : 64;
	struct cell *cells;

	if (table->failed)
		return;
	if (table->rows == table->room) {
		cells = reallocarray(table->cells, room, sizeof(*cells) * table->columns);
		if (!cells) {
			table->failed = true;
			return;
		}
		table->cells = cells;
		table->room = room;
	}
	memset(&table->cells[table->rows * table->columns], 0, sizeof(*cells) * table->columns);
	table->rows++;
}

/* Bytes of the UTF-8 character at `text`, 0: it is none, or a control character. RFC 3629. */
static unsigned int character(const char *text)
{
	const uint8_t *byte = (const uint8_t *)text;
	unsigned int more = byte[0] >= 0xf0 ? 3 : byte[0] >= 0xe0 ? 2 : 1;

	if (byte[0] < 0x80)
		return byte[0] >= 0x20 && byte[0] != 0x7f;
	if (byte[0] < 0xc2 || byte[0] > 0xf4)
		return 0;
	for (unsigned int i = 1; i <= more; i++)
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
	/* C1 controls, overlong forms, surrogates, past the last character. */
	if ((byte[0] == 0xc2 && byte[1] < 0xa0) || (byte[0] == 0xe0 && byte[1] < 0xa0) ||
	    (byte[0] == 0xed && byte[1] >= 0xa0) || (byte[0] == 0xf0 && byte[1] < 0x90) ||
	    (byte[0] == 0xf4 && byte[1] >= 0x90))
		return 0;
	return more + 1;
}

void cli_make_printable(char *text, bool utf8)
{
	while (*text) {
		unsigned int size = character(text);

		if (size == 0 || (size > 1 && !utf8)) {
			*text = '?';
			size = 1;
		}
		text += size;
	}
}

/* Columns on the screen: one for each character, which device names are content with. */
static unsigned int width_of(const char *text)
{
	unsigned int width = 0;

	for (; text && *text; text++)
		width += ((uint8_t)*text & 0xc0) != 0x80;
	return width;
}

void cli_table_cell(struct cli_table *table, unsigned int column, enum cli_style style,
		    const char *format, ...)
{
	struct cell *cell;
	va_list arguments;
	char *text;
	int size;

	if (table->failed)
		return;
	va_start(arguments, format);
	size = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (size < 0) {
		table->failed = true;
		return;
	}
	cell = &table->cells[(table->rows - 1) * table->columns + column];
	free(cell->text);
	cli_make_printable(text, true);
	*cell = (struct cell){ .text = text, .style = style };
}

struct cli_table *cli_table_new(const char *const *titles, unsigned int columns)
{
	struct cli_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->columns = columns;
	cli_table_row(table);
	for (unsigned int i = 0; i < columns; i++)
		cli_table_cell(table, i, CLI_DIM, "%s", titles[i]);
	return table;
}

static void measure(const struct cli_table *table, unsigned int *widths)
{
	memset(widths, 0, sizeof(*widths) * table->columns);
	/* Titles come last: they do not make a column. */
	for (size_t i = table->rows * table->columns; i--;) {
		unsigned int *width = &widths[i % table->columns];
		unsigned int needed = width_of(table->cells[i].text);

		if (*width < needed && (*width || i >= table->columns))
			*width = needed;
	}
}

/* Prints at most `room` columns; a cut is marked. Returns how many it took. */
static unsigned int print_text(const char *text, unsigned int room,
			       const struct cli_terminal *terminal, FILE *out)
{
	unsigned int width = width_of(text), taken = 0;
	bool cut = width > room;

	for (; *text; text++) {
		bool starts = ((uint8_t)*text & 0xc0) != 0x80;

		if (starts && cut && taken + 1 == room)
			break;
		taken += starts;
		if ((uint8_t)*text < 0x80 || terminal->utf8)
			fputc(*text, out);
		else if (starts)
			fputc('?', out);
	}
	if (!cut)
		return taken;
	fputs(terminal->utf8 ? "\u2026" : ">", out);
	return taken + 1;
}

static void print_row(const struct cli_table *table, const struct cell *cells,
		      const unsigned int *widths, const struct cli_terminal *terminal, FILE *out)
{
	unsigned int last = table->columns, at = 0, pending = 0, room = UINT32_MAX;

	while (last && !(cells[last - 1].text && *cells[last - 1].text))
		last--;
	for (unsigned int i = 0; i < last; i++) {
		const struct cell *cell = &cells[i];
		const char *text = cell->text ? cell->text : "";
		unsigned int taken = 0;

		if (!widths[i])
			continue;
		fprintf(out, "%*s", (int)pending, "");
		at += pending;
		if (terminal->width && i == table->columns - 1)
			room = terminal->width > at + NARROWEST_LAST ? terminal->width - at
								     : NARROWEST_LAST;
		if (*text) {
			fputs(cli_style_on(terminal, cell->style), out);
			taken = print_text(text, room, terminal, out);
			fputs(cli_style_off(terminal, cell->style), out);
		}
		at += taken;
		pending = widths[i] - taken + GAP;
	}
	fputc('\n', out);
}

int cli_table_print(const struct cli_table *table, const struct cli_terminal *terminal, FILE *out)
{
	unsigned int *widths = table->failed ? NULL : calloc(table->columns, sizeof(*widths));

	if (!widths)
		return -ENOMEM;
	measure(table, widths);
	for (size_t i = 0; i < table->rows; i++)
		print_row(table, &table->cells[i * table->columns], widths, terminal, out);
	free(widths);
	return 0;
}
