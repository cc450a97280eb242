// SPDX-License-Identifier: MIT
/*
 * The table of a matrix: groups down and across, a letter and a number between them.
 */
#include <stdio.h>
#include <string.h>

#include "matrix_grid.h"
#include <p2pmem/topology.h>

#define CELL  6
#define HEAD  CLI_MATRIX_HEAD
#define LABEL 48

struct table {
	const struct cli_matrix_grid *grid;
	int label;          /* columns of a row's name; 0: none */
	bool marked;        /* a cell where the wires would be more or less direct was shown */
	bool apart;         /* one between NUMA nodes was shown */
	bool wrong, proven; /* one with a pair that is wrong, one whose pairs are proven */
};

static void show_cell(struct table *table, const struct cli_matrix_cell *cell)
{
	enum p2p_verdict verdict = cell->route.verdict;
	enum cli_style style = cell->wrong ? CLI_BAD : cli_verdict_style(verdict);
	char text[CELL + 16];
	const char *proof = cell->wrong ? "!" : cell->proven ? "+" : "";
	bool marked;

	if (!cell->any) {
		printf("%*s", CELL, ".");
		return;
	}
	table->apart |= verdict == P2P_VERDICT_VIA_HOST && !cell->near;
	marked = cli_matrix_cell_is_remarkable(cell);
	table->marked |= marked;
	table->wrong |= cell->wrong;
	table->proven |= cell->proven;
	if (verdict == P2P_VERDICT_UNREACHABLE)
		snprintf(text, sizeof(text), "-%s%s", marked ? "*" : "", proof);
	else
		snprintf(text, sizeof(text), "%c%d%s%s", cli_matrix_cell_letter(cell),
			 (int)cell->nearest, marked ? "*" : "", proof);
	printf("%*s%s%s%s", CELL - (int)strlen(text), "",
	       cli_style_on(&table->grid->terminal, style), text,
	       cli_style_off(&table->grid->terminal, style));
}

/* "gpu 0000:19:00.0 +2": the first client of a group, and how many more there are. */
static void write_label(const struct table *table, uint32_t group, char text[LABEL + 1])
{
	const struct p2p_equivalence *groups = table->grid->groups;
	const struct cli_view *view = table->grid->matrix->view;
	char address[P2P_ADDRESS], more[16] = "";
	p2p_node first = P2P_NO_NODE;
	uint32_t count = 0;

	for (uint32_t m = groups->start[group]; m < groups->start[group + 1]; m++) {
		if (!table->grid->client[groups->member[m]])
			continue;
		if (!count++)
			first = table->grid->all[groups->member[m]];
	}
	if (count > 1)
		snprintf(more, sizeof(more), " +%u", count - 1);
	snprintf(text, LABEL + 1, "%.12s %s%s",
		 p2p_device_kind_name(p2p_device_kind(view->machine, first)),
		 p2p_address(view->fabric, first, address), more);
}

static void show_label(const struct table *table, uint32_t group)
{
	char text[LABEL + 1];

	if (!table->label)
		return;
	write_label(table, group, text);
	printf("  %-*s", table->label - 2, text);
}

/* Rows have names where that leaves room for half the columns at least. */
static void measure_labels(struct table *table)
{
	int columns = (int)cli_columns(&table->grid->terminal);
	char text[LABEL + 1];
	int widest = 0;

	for (uint32_t i = 0; i < table->grid->row_count; i++) {
		int width;

		write_label(table, table->grid->rows[i], text);
		width = (int)strlen(text);
		widest = width > widest ? width : widest;
	}
	if (HEAD + 2 + widest + 4 * CELL <= columns)
		table->label = widest + 2;
}

static void show_block(struct table *table, uint32_t from, uint32_t to)
{
	struct cli_matrix_cell cell;

	printf("%*s", HEAD + table->label, "");
	for (uint32_t j = from; j < to; j++)
		printf("%*u", CELL, table->grid->columns[j] + 1);
	printf("\n");
	for (uint32_t i = 0; i < table->grid->row_count; i++) {
		printf("%*u", HEAD, table->grid->rows[i] + 1);
		show_label(table, table->grid->rows[i]);
		for (uint32_t j = from; j < to; j++) {
			cli_matrix_cell_find(table->grid, table->grid->rows[i],
					     table->grid->columns[j], &cell);
			show_cell(table, &cell);
		}
		printf("\n");
	}
	printf("\n");
}

static uint32_t cells_a_line(const struct table *table)
{
	unsigned int columns = cli_columns(&table->grid->terminal);
	unsigned int head = (unsigned int)(HEAD + table->label);

	/* A table may be wider than sentences are. */
	if (table->grid->terminal.width > columns)
		columns = table->grid->terminal.width;
	return columns >= head + CELL ? (columns - head) / CELL : 1;
}

static void show_legend(const struct table *table)
{
	const struct cli_terminal *terminal = &table->grid->terminal;

	cli_wrap(terminal, 2, "D ", "direct");
	cli_wrap(terminal, 2, "h ", "through the host bridge");
	if (table->apart)
		cli_wrap(terminal, 2, "x ",
			 "the same, from one NUMA node to another, as between sockets");
	cli_wrap(terminal, 2, "- ", "unreachable: these rules refuse it");
	cli_wrap(terminal, 2, "? ", "unknown: something on the path could not be read");
	cli_wrap(terminal, 2, ". ", "nothing else is in the group");
	if (table->marked)
		cli_wrap(terminal, 2, "* ",
			 "the hardware alone is more or less direct than these rules: see p2pmem "
			 "check");
	if (table->proven)
		cli_wrap(terminal, 2, "+ ",
			 "proven with data, at least one way: each pair of the two groups");
	if (table->wrong)
		cli_wrap(terminal, 2, "! ",
			 "WRONG bytes arrived: which pairs of the two groups, is below");
	cli_say(terminal, 0,
		"The number is the distance in hops, the least between the two groups; compare it "
		"only among equal letters.");
}

void cli_matrix_show_table(const struct cli_matrix_grid *grid)
{
	struct table table = { .grid = grid };
	uint32_t to, step;

	measure_labels(&table);
	step = cells_a_line(&table);
	cli_say(&grid->terminal, 0,
		"Clients down, providers across, as numbers of the groups below.");
	printf("\n");
	for (uint32_t from = 0; from < grid->column_count; from = to) {
		to = grid->column_count - from > step ? from + step : grid->column_count;
		show_block(&table, from, to);
	}
	show_legend(&table);
}
