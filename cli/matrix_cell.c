// SPDX-License-Identifier: MIT
/*
 * What is between two groups of a matrix.
 */
#include "matrix_grid.h"

/* Whether they are known to be on two NUMA nodes, as most often on two sockets. */
static bool are_apart(const struct p2p_fabric *fabric, p2p_node one, p2p_node other)
{
	int32_t a = p2p_fabric_info(fabric, one)->numa_node;
	int32_t b = p2p_fabric_info(fabric, other)->numa_node;

	return a != P2P_NUMA_UNKNOWN && b != P2P_NUMA_UNKNOWN && a != b;
}

static void add_states(const struct cli_matrix_grid *grid, p2p_node client, p2p_node provider,
		       struct cli_matrix_cell *cell)
{
	enum p2p_proof_state states[P2P_PROOF_DIRECTIONS];
	bool proven = false, doubtful = false;

	cli_matrix_states(grid->matrix, client, provider, states);
	for (int i = 0; i < P2P_PROOF_DIRECTIONS; i++) {
		cell->wrong |= states[i] == P2P_PROOF_WRONG;
		proven |= states[i] == P2P_PROOF_PROVEN;
		doubtful |= states[i] != P2P_PROOF_PROVEN && states[i] != P2P_PROOF_NOT_TRIED;
	}
	cell->proven = proven && !doubtful && (cell->proven || !cell->any);
}

static void add_pair(const struct cli_matrix_grid *grid, p2p_node client, p2p_node provider,
		     struct cli_matrix_cell *cell)
{
	p2p_route_find(grid->matrix->view->router, client, provider, &cell->route);
	p2p_route_find(grid->matrix->view->hardware, client, provider, &cell->hardware);
	add_states(grid, client, provider, cell);
	if (!cell->any || cell->route.distance < cell->nearest)
		cell->nearest = cell->route.distance;
	cell->any = true;
	cell->near |= !are_apart(grid->matrix->view->fabric, client, provider);
}

void cli_matrix_cell_find(const struct cli_matrix_grid *grid, uint32_t row, uint32_t column,
			  struct cli_matrix_cell *cell)
{
	const struct p2p_equivalence *groups = grid->groups;

	*cell = (struct cli_matrix_cell){ .any = false };
	for (uint32_t m = groups->start[row]; m < groups->start[row + 1]; m++)
		for (uint32_t n = groups->start[column]; n < groups->start[column + 1]; n++) {
			uint32_t i = groups->member[m], j = groups->member[n];

			if (i != j && grid->client[i] && grid->provider[j])
				add_pair(grid, grid->all[i], grid->all[j], cell);
		}
}

char cli_matrix_cell_letter(const struct cli_matrix_cell *cell)
{
	switch (cell->route.verdict) {
	case P2P_VERDICT_DIRECT:
		return 'D';
	case P2P_VERDICT_VIA_HOST:
		return cell->near ? 'h' : 'x';
	case P2P_VERDICT_UNREACHABLE:
		return '-';
	case P2P_VERDICT_UNKNOWN:
		break;
	}
	return '?';
}

/* Linux refusing what the wires would try is what the allowlist is for, and no news. */
bool cli_matrix_cell_is_remarkable(const struct cli_matrix_cell *cell)
{
	return cell->route.verdict != cell->hardware.verdict &&
	       (cell->route.verdict == P2P_VERDICT_DIRECT ||
		cell->hardware.verdict == P2P_VERDICT_DIRECT);
}
