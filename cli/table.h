/* SPDX-License-Identifier: MIT */
/*
 * Text in columns, made to fit a terminal: no row is ever longer than it. A column that is empty in
 * every row is left out. What is too wide becomes narrower in this order: texts become their brief
 * forms; columns that bear it are cut; columns are left out, and named below the table; at last
 * rows are cut. Where there is no width nothing of that is done.
 */
#ifndef P2P_CLI_TABLE_H
#define P2P_CLI_TABLE_H

#include <stdio.h>

#include "terminal.h"

struct cli_table;

/** `titles` has `columns` of them, and must outlive the table. NULL: no memory. */
struct cli_table *cli_table_new(const char *const *titles, unsigned int columns);

/**
 * What a column bears on narrow terminals. The last column may be cut to 12 columns, and no other
 * column can be left out or cut, unless this says so.
 *
 * @param drop  in this order columns are left out, from 1; 0: never.
 * @param least it may be cut to this many columns; 0: never.
 */
void cli_table_shape(struct cli_table *table, unsigned int column, unsigned int drop,
		     unsigned int least);

/** NULL is allowed. */
void cli_table_free(struct cli_table *table);

/** Starts the next row; its cells are empty. */
void cli_table_row(struct cli_table *table);

/**
 * Sets a cell of the newest row. Control characters become "?", and what is not UTF-8 as well: the
 * text may come out of a file that somebody sent.
 */
void cli_table_cell(struct cli_table *table, unsigned int column, enum cli_style style,
		    const char *format, ...) __attribute__((format(printf, 4, 5)));

/** The brief form of a cell that has a text, for narrow terminals. */
void cli_table_brief(struct cli_table *table, unsigned int column, const char *text);

/** Begins a cell whose text is written to a stream. NULL: there is no memory; nothing to end. */
FILE *cli_table_begin(struct cli_table *table);

/** Ends it: it is that cell of the newest row, or nothing where nothing was written. */
void cli_table_end(struct cli_table *table, unsigned int column, enum cli_style style);

/** Ends it: it is the brief form of that cell. */
void cli_table_end_brief(struct cli_table *table, unsigned int column);

/** Prints titles and rows. Returns 0, or -ENOMEM when any call since the start lacked memory. */
int cli_table_print(struct cli_table *table, const struct cli_terminal *terminal, FILE *out);

/** Whether a column was left out, for want of room, when the table was printed. */
bool cli_table_left_out(const struct cli_table *table, unsigned int column);

/** Makes `text` safe to print, as for a cell; without `utf8` all that is not ASCII becomes "?". */
void cli_make_printable(char *text, bool utf8);

#endif
