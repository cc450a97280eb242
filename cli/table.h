/* SPDX-License-Identifier: MIT */
/*
 * Text in columns. A column that is empty in every row is left out; the last one is cut to a
 * terminal's width, and nothing is cut elsewhere.
 */
#ifndef P2P_CLI_TABLE_H
#define P2P_CLI_TABLE_H

#include <stdio.h>

#include "terminal.h"

struct cli_table;

/** `titles` has `columns` of them, and must outlive the table. NULL: no memory. */
struct cli_table *cli_table_new(const char *const *titles, unsigned int columns);

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

/** Prints titles and rows. Returns 0, or -ENOMEM when any call since the start lacked memory. */
int cli_table_print(const struct cli_table *table, const struct cli_terminal *terminal, FILE *out);

/** Makes `text` safe to print, as for a cell; without `utf8` all that is not ASCII becomes "?". */
void cli_make_printable(char *text, bool utf8);

#endif
