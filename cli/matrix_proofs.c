// SPDX-License-Identifier: MIT
/*
 * Pairs of a matrix that brought wrong bytes, and those that are let through against the rules.
 * They are pairs, not groups: what answers alike by its registers need not carry data alike.
 */
#include <stdio.h>
#include <stdlib.h>

#include <p2pmem/allow.h>
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

/* What is let through is in the router, for it counts; by what, p2pmem check says. */
static void show_allowed(const struct cli_matrix_grid *grid, p2p_node client, p2p_node provider,
			 bool first)
{
	char from[P2P_TITLE], to[P2P_TITLE], line[3 * P2P_TITLE];

	snprintf(line, sizeof(line), "%s -> %s: allowed by root against the rules, after proof",
		 p2p_short_title(grid->matrix->view->machine, client, from),
		 p2p_short_title(grid->matrix->view->machine, provider, to));
	if (first)
		printf("\n");
	cli_wrap_styled(&grid->terminal, 2, "* ", CLI_WARN, line);
}

void cli_matrix_show_allowed(const struct cli_matrix_grid *grid)
{
	const struct p2p_selection *clients = grid->matrix->clients;
	const struct p2p_selection *providers = grid->matrix->providers;
	struct p2p_allowed *pairs;
	bool first = true;
	size_t count;

	if (p2p_allowed_pairs(&pairs, &count, NULL))
		return;
	for (size_t i = 0; i < count; i++) {
		const struct p2p_fabric *fabric = grid->matrix->view->fabric;
		p2p_node client = p2p_fabric_find(fabric, pairs[i].client);
		p2p_node provider = p2p_fabric_find(fabric, pairs[i].provider);
		struct p2p_path path;

		if (!selects(clients, client) || !selects(providers, provider) ||
		    p2p_path_find(grid->matrix->view->router, client, provider, &path) ||
		    !path.allowed)
			continue;
		show_allowed(grid, client, provider, first);
		first = false;
	}
	free(pairs);
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
