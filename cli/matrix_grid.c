// SPDX-License-Identifier: MIT
/*
 * The groups that a matrix for people has as rows and columns.
 */
#include <errno.h>
#include <stdlib.h>

#include "matrix_grid.h"
#include <p2pmem/topology.h>

/* Both selections are in the order of the tree, so one walk merges them. */
static int join(struct cli_matrix_grid *grid)
{
	const struct p2p_selection *a = grid->matrix->clients, *b = grid->matrix->providers;
	size_t room = (size_t)a->count + b->count + 1;
	p2p_node node = P2P_NO_NODE;
	uint32_t i = 0, j = 0;

	grid->all = calloc(room, sizeof(*grid->all));
	grid->client = calloc(room, sizeof(*grid->client));
	grid->provider = calloc(room, sizeof(*grid->provider));
	if (!grid->all || !grid->client || !grid->provider)
		return -ENOMEM;
	while ((node = p2p_fabric_next(grid->matrix->view->fabric, node)) != P2P_NO_NODE) {
		uint32_t at = grid->count;

		grid->client[at] = i < a->count && a->nodes[i] == node;
		grid->provider[at] = j < b->count && b->nodes[j] == node;
		i += grid->client[at];
		j += grid->provider[at];
		if (!grid->client[at] && !grid->provider[at])
			continue;
		grid->all[grid->count++] = node;
	}
	return 0;
}

/* Groups with at least one marked member, in order. */
static uint32_t *groups_of(const struct cli_matrix_grid *grid, const bool *marks, uint32_t *count)
{
	const struct p2p_equivalence *all = grid->groups;
	uint32_t *groups = calloc(all->count + 1, sizeof(*groups));

	*count = 0;
	if (!groups)
		return NULL;
	for (uint32_t group = 0; group < all->count; group++) {
		bool has = false;

		for (uint32_t m = all->start[group]; m < all->start[group + 1]; m++)
			has |= marks[all->member[m]];
		if (has)
			groups[(*count)++] = group;
	}
	return groups;
}

int cli_matrix_grid_open(struct cli_matrix_grid *grid)
{
	const struct cli_view *view = grid->matrix->view;
	int rc = join(grid);

	if (!rc)
		rc = p2p_equivalence_find(view->router, view->hardware, grid->all, grid->count,
					  &grid->groups);
	if (rc)
		return rc;
	grid->rows = groups_of(grid, grid->client, &grid->row_count);
	grid->columns = groups_of(grid, grid->provider, &grid->column_count);
	return grid->rows && grid->columns ? 0 : -ENOMEM;
}

void cli_matrix_grid_close(struct cli_matrix_grid *grid)
{
	free(grid->all);
	p2p_equivalence_free(grid->groups);
	free(grid->client);
	free(grid->provider);
	free(grid->rows);
	free(grid->columns);
}
