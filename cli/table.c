// SPDX-License-Identifier: MIT
/*
 * Text in columns.
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

#define GAP            2
#define NARROWEST_LAST 12

struct cell {
	char *text;  /* NULL: empty */
	char *brief; /* for narrow terminals, or NULL */
	enum cli_style style;
};

struct shape {
	unsigned int drop, least;
	bool left_out;
};

struct cli_table {
	unsigned int columns;
	struct shape *shapes; /* by column */
	struct cell *cells;   /* row after row; the first has the titles */
	size_t rows, room;    /* in rows */
	FILE *out;            /* the text of a cell that is being written */
	char *text;
	size_t size;
	bool failed; /* memory was lacking */
};

void cli_table_free(struct cli_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->rows * table->columns; i++) {
		free(table->cells[i].text);
		free(table->cells[i].brief);
	}
	free(table->cells);
	free(table->shapes);
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

static struct cell *newest(struct cli_table *table, unsigned int column)
{
	return &table->cells[(table->rows - 1) * table->columns + column];
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
	cell = newest(table, column);
	free(cell->text);
	free(cell->brief);
	cli_make_printable(text, true);
	*cell = (struct cell){ .text = text, .style = style };
}

void cli_table_brief(struct cli_table *table, unsigned int column, const char *text)
{
	struct cell *cell;
	char *copy;

	if (table->failed)
		return;
	copy = strdup(text);
	if (!copy) {
		table->failed = true;
		return;
	}
	cell = newest(table, column);
	free(cell->brief);
	cli_make_printable(copy, true);
	cell->brief = copy;
}

FILE *cli_table_begin(struct cli_table *table)
{
	table->out = open_memstream(&table->text, &table->size);
	table->failed |= !table->out;
	return table->out;
}

static bool end(struct cli_table *table)
{
	bool whole = !fclose(table->out);

	table->failed |= !whole;
	return whole && table->size;
}

void cli_table_end(struct cli_table *table, unsigned int column, enum cli_style style)
{
	if (end(table))
		cli_table_cell(table, column, style, "%s", table->text);
	free(table->text);
}

void cli_table_end_brief(struct cli_table *table, unsigned int column)
{
	if (end(table))
		cli_table_brief(table, column, table->text);
	free(table->text);
}

struct cli_table *cli_table_new(const char *const *titles, unsigned int columns)
{
	struct cli_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->columns = columns;
	table->shapes = calloc(columns, sizeof(*table->shapes));
	if (!table->shapes) {
		free(table);
		return NULL;
	}
	table->shapes[columns - 1].least = NARROWEST_LAST;
	cli_table_row(table);
	for (unsigned int i = 0; i < columns; i++)
		cli_table_cell(table, i, CLI_DIM, "%s", titles[i]);
	return table;
}

void cli_table_shape(struct cli_table *table, unsigned int column, unsigned int drop,
		     unsigned int least)
{
	table->shapes[column] = (struct shape){ .drop = drop, .least = least };
}

/* How a table is to be printed. */
struct layout {
	const struct cli_table *table;
	const struct cli_terminal *terminal;
	unsigned int *widths; /* by column; 0: left out */
	bool *dropped;        /* by column: for want of room */
	bool brief;
	FILE *out;
};

static const char *text_of(const struct layout *layout, const struct cell *cell)
{
	if (layout->brief && cell->brief)
		return cell->brief;
	return cell->text ? cell->text : "";
}

static void measure(struct layout *layout)
{
	const struct cli_table *table = layout->table;

	memset(layout->widths, 0, sizeof(*layout->widths) * table->columns);
	/* Titles come last: they do not make a column. */
	for (size_t i = table->rows * table->columns; i--;) {
		unsigned int column = (unsigned int)(i % table->columns);
		unsigned int *width = &layout->widths[column];
		unsigned int needed = cli_width(text_of(layout, &table->cells[i]));

		if (!layout->dropped[column] && *width < needed && (*width || i >= table->columns))
			*width = needed;
	}
}

static unsigned int total(const struct layout *layout)
{
	unsigned int sum = 0;

	for (unsigned int i = 0; i < layout->table->columns; i++)
		if (layout->widths[i])
			sum += layout->widths[i] + (sum ? GAP : 0);
	return sum;
}

/* How far columns are beyond what they can be cut to; cuts them when it is enough. */
static bool cut_columns(struct layout *layout)
{
	unsigned int excess = total(layout) - layout->terminal->width, spare = 0;

	for (unsigned int i = 0; i < layout->table->columns; i++) {
		unsigned int least = layout->table->shapes[i].least;

		if (least && layout->widths[i] > least)
			spare += layout->widths[i] - least;
	}
	if (spare < excess)
		return false;
	/* The last gives first: it tells most that is told elsewhere, too. */
	for (unsigned int i = layout->table->columns; excess && i--;) {
		unsigned int least = layout->table->shapes[i].least, cut;

		if (!least || layout->widths[i] <= least)
			continue;
		cut = layout->widths[i] - least < excess ? layout->widths[i] - least : excess;
		layout->widths[i] -= cut;
		excess -= cut;
	}
	return true;
}

static bool drop_column(struct layout *layout)
{
	const struct cli_table *table = layout->table;
	unsigned int next = table->columns;

	for (unsigned int i = 0; i < table->columns; i++)
		if (table->shapes[i].drop && layout->widths[i] &&
		    (next == table->columns || table->shapes[i].drop < table->shapes[next].drop))
			next = i;
	if (next == table->columns)
		return false;
	layout->dropped[next] = true;
	return true;
}

static void fit(struct layout *layout)
{
	measure(layout);
	if (!layout->terminal->width || total(layout) <= layout->terminal->width)
		return;
	layout->brief = true;
	do
		measure(layout);
	while (total(layout) > layout->terminal->width && !cut_columns(layout) &&
	       drop_column(layout));
}

/* Prints at most `room` columns; a cut is marked. Returns how many it took. */
static unsigned int print_text(const struct layout *layout, const char *text, unsigned int room)
{
	unsigned int width = cli_width(text), taken = 0;
	bool cut = width > room;

	for (; *text; text++) {
		bool starts = ((uint8_t)*text & 0xc0) != 0x80;

		if (starts && cut && taken + 1 >= room)
			break;
		taken += starts;
		if ((uint8_t)*text < 0x80 || layout->terminal->utf8)
			fputc(*text, layout->out);
		else if (starts)
			fputc('?', layout->out);
	}
	if (!cut || !room)
		return taken;
	fputs(layout->terminal->utf8 ? "\u2026" : ">", layout->out);
	return taken + 1;
}

static unsigned int last_cell(const struct layout *layout, const struct cell *cells)
{
	unsigned int last = layout->table->columns;

	while (last && (!layout->widths[last - 1] || !*text_of(layout, &cells[last - 1])))
		last--;
	return last;
}

static void print_row(const struct layout *layout, const struct cell *cells)
{
	unsigned int last = last_cell(layout, cells), at = 0, pending = 0;
	unsigned int end = layout->terminal->width ? layout->terminal->width : UINT_MAX;

	for (unsigned int i = 0; i < last; i++) {
		const char *text = text_of(layout, &cells[i]);
		unsigned int room, taken;

		if (!layout->widths[i])
			continue;
		if (!*text) {
			pending += layout->widths[i] + GAP;
			continue;
		}
		if (at + pending >= end)
			break;
		fprintf(layout->out, "%*s", (int)pending, "");
		at += pending;
		room = end - at < layout->widths[i] ? end - at : layout->widths[i];
		fputs(cli_style_on(layout->terminal, cells[i].style), layout->out);
		taken = print_text(layout, text, room);
		fputs(cli_style_off(layout->terminal, cells[i].style), layout->out);
		at += taken;
		pending = layout->widths[i] - taken + GAP;
	}
	fputc('\n', layout->out);
}

/* What is not there to be seen is said. */
static void print_dropped(const struct layout *layout)
{
	unsigned int at = 0, length;

	for (unsigned int i = 0; i < layout->table->columns; i++) {
		const char *title = layout->table->cells[i].text;

		if (!layout->dropped[i])
			continue;
		length = cli_width(title) + 2;
		if (at && at + length + 1 > layout->terminal->width) {
			fputs(",\n  ", layout->out);
			at = 2;
		} else {
			at += (unsigned int)fprintf(layout->out, "%s", at ? ", " : "No room for: ");
		}
		at += (unsigned int)fprintf(layout->out, "%s", title);
	}
	if (at)
		fputc('\n', layout->out);
}

int cli_table_print(struct cli_table *table, const struct cli_terminal *terminal, FILE *out)
{
	struct layout layout = { .table = table, .terminal = terminal, .out = out };
	int rc = -ENOMEM;

	layout.widths = calloc(table->columns, sizeof(*layout.widths));
	layout.dropped = calloc(table->columns, sizeof(*layout.dropped));
	if (!table->failed && layout.widths && layout.dropped) {
		fit(&layout);
		for (size_t i = 0; i < table->rows; i++)
			print_row(&layout, &table->cells[i * table->columns]);
		print_dropped(&layout);
		for (unsigned int i = 0; i < table->columns; i++)
			table->shapes[i].left_out = layout.dropped[i];
		rc = 0;
	}
	free(layout.widths);
	free(layout.dropped);
	return rc;
}

bool cli_table_left_out(const struct cli_table *table, unsigned int column)
{
	return table->shapes[column].left_out;
}
