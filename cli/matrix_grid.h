/* SPDX-License-Identifier: MIT */
/*
 * What the matrix for people is made of: both selections in one, with the groups over them, and
 * what is between two groups.
 */
#ifndef P2P_CLI_MATRIX_GRID_H
#define P2P_CLI_MATRIX_GRID_H

#include "matrix.h"
#include "terminal.h"

#define CLI_MATRIX_HEAD 7 /* columns of a group's number */

struct cli_matrix_grid {
	const struct cli_matrix *matrix;
	struct cli_terminal terminal;
	p2p_node *all; /**< clients and providers */
	uint32_t count;
	bool *client, *provider; /**< by position in `all` */
	struct p2p_equivalence *groups;
	uint32_t *rows, *columns; /**< groups that have a client, a provider */
	uint32_t row_count, column_count;
};

/** `matrix` and `terminal` are set. Returns 0, -ENOMEM or -E2BIG; to be closed in any case. */
int cli_matrix_grid_open(struct cli_matrix_grid *grid);
void cli_matrix_grid_close(struct cli_matrix_grid *grid);

/** All pairs of a client of one group and a provider of another. */
struct cli_matrix_cell {
	struct p2p_route route, hardware;
	int32_t nearest; /**< least distance of its pairs */
	bool any;        /**< it has a pair of two different functions */
	bool near;       /**< one whose ends may be on one NUMA node */
	bool wrong;      /**< from one, or to it, wrong bytes arrived */
	bool proven;     /**< each is proven, at least one way, and nothing speaks against it */
};

void cli_matrix_cell_find(const struct cli_matrix_grid *grid, uint32_t row, uint32_t column,
			  struct cli_matrix_cell *cell);

/** D, h, x, - or ?, as the legend has it. */
char cli_matrix_cell_letter(const struct cli_matrix_cell *cell);

/** Whether these rules and the hardware alone differ in a way that is news. */
bool cli_matrix_cell_is_remarkable(const struct cli_matrix_cell *cell);

/** The table of groups, with its legend. */
void cli_matrix_show_table(const struct cli_matrix_grid *grid);

/** The pairs that brought wrong bytes, one by one, and how many results are void. */
void cli_matrix_show_proofs(const struct cli_matrix_grid *grid);

/** Pairs that are let through against the rules. */
void cli_matrix_show_allowed(const struct cli_matrix_grid *grid);

/** Who is in which group. */
void cli_matrix_show_groups(const struct cli_matrix_grid *grid);

#endif
