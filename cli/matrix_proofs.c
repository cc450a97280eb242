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

static p2p_node node_of(const struct cli_matrix_grid *grid, struct p2p_proof_end end)
{
	return end.on_pci ? p2p_fabric_find(grid->matrix->view->fabric, end.function) : P2P_NO_NODE;
}

/* Memory on no PCI bus is in no selection, and in all. */
static bool is_shown(const struct cli_matrix_grid *grid, const struct p2p_proof_result *result)
{
	return selects(grid->matrix->clients, node_of(grid, result->client)) &&
	       (!result->provider.on_pci ||
		selects(grid->matrix->providers, node_of(grid, result->provider)));
}

static const char *name(const struct cli_matrix_grid *grid, struct p2p_proof_end end,
			char text[P2P_TITLE])
{
	p2p_node node = node_of(grid, end);

	if (node != P2P_NO_NODE)
		return p2p_short_title(grid->matrix->view->machine, node, text);
	return p2p_proof_end_text(end, text);
}

static void show_wrong(const struct cli_matrix_grid *grid, const struct p2p_proof_result *result)
{
	char client[P2P_TITLE], provider[P2P_TITLE], *text = p2p_proof_text(result), *line;

	if (!text)
		return;
	if (asprintf(&line, "%s -> %s, data %s: %s", name(grid, result->client, client),
		     name(grid, result->provider, provider),
		     result->direction == P2P_PROOF_TO_PROVIDER ? "to the provider"
								: "from the provider",
		     text) >= 0) {
		cli_wrap_styled(&grid->terminal, 2, "! ", CLI_BAD, line);
		free(line);
	}
	free(text);
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
