// SPDX-License-Identifier: MIT
/*
 * Pairs of a matrix that brought wrong bytes. They are pairs, not groups: what answers alike by
 * its registers need not carry data alike.
 */
#include <stdio.h>
#include <stdlib.h>

#include <p2pmem/topology.h>

#include "matrix_grid.h"

static bool selects(const struct p2p_selection *selection, p2p_node node)
{
	for (uint32_t i = 0; i < selection->count; i++)
		if (selection->nodes[i] == node)
			return true;
	return false;
}

/* Memory on no PCI bus is in no selection, and in all. */
static bool is_shown(const struct cli_matrix_grid *grid, const struct p2p_proof_result *result)
{
	const struct p2p_machine *machine = grid->matrix->view->machine;

	return selects(grid->matrix->clients, p2p_proof_end_node(machine, result->client)) &&
	       (!result->provider.on_pci ||
		selects(grid->matrix->providers, p2p_proof_end_node(machine, result->provider)));
}

static void show_wrong(const struct cli_matrix_grid *grid, const struct p2p_proof_result *result)
{
	char *line = p2p_proof_pair_text(grid->matrix->view->machine, result);

	if (line)
		cli_wrap_styled(&grid->terminal, 2, "! ", CLI_BAD, line);
	free(line);
}

void cli_matrix_show_proofs(const struct cli_matrix_grid *grid)
{
	const struct p2p_proofs *proofs = grid->matrix->proofs;
	uint32_t wrong = 0, stale = 0;

	for (uint32_t i = 0; proofs && i < p2p_proofs_count(proofs); i++) {
		struct p2p_proof_result result;

		p2p_proof_result_init(&result, sizeof(result));
		if (p2p_proofs_get(proofs, i, &result) || !is_shown(grid, &result))
			continue;
		stale += result.state == P2P_PROOF_VOID;
		if (result.state != P2P_PROOF_WRONG)
			continue;
		if (!wrong++)
			printf("\n");
		show_wrong(grid, &result);
	}
	if (!stale)
		return;
	printf("\n");
	cli_say(&grid->terminal, 0,
		"%u recorded result%s void, for something has changed: p2pmem doctor tells what.",
		stale, stale == 1 ? " is" : "s are");
}
