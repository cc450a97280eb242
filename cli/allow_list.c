// SPDX-License-Identifier: MIT
/*
 * p2pmem allow --list: which pairs were allowed, by which proof, and whether they are now.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <p2pmem/text.h>
#include <p2pmem/topology.h>

#include "allow.h"
#include "exit.h"
#include "json.h"
#include "results.h"
#include "table.h"

int cli_allowed_open(struct cli_allowed *allowed, const char *path)
{
	struct p2p_proofs_options options;
	struct p2p_error error = { .code = 0 };
	int rc;

	*allowed = (struct cli_allowed){ .machine = NULL };
	p2p_proofs_options_init(&options, sizeof(options));
	options.path = path ? path : P2P_ALLOWED_PATH;
	rc = p2p_machine_open(NULL, &allowed->machine, &error);
	if (!rc)
		rc = p2p_proofs_open(allowed->machine, &options, &allowed->proofs, &error);
	if (!rc)
		rc = p2p_allowed_list(allowed->machine, allowed->proofs, &allowed->pairs,
				      &allowed->count, &error);
	if (!rc)
		return 0;
	cli_allowed_close(allowed);
	return cli_fail(&error);
}

void cli_allowed_close(struct cli_allowed *allowed)
{
	free(allowed->pairs);
	p2p_proofs_close(allowed->proofs);
	p2p_machine_free(allowed->machine);
	*allowed = (struct cli_allowed){ .machine = NULL };
}

const char *cli_allowed_word(const struct p2p_allowed_pair *pair)
{
	if (pair->trial)
		return "on trial";
	return pair->now ? "allowed" : "not allowed";
}

static const char *title_of(const struct cli_allowed *allowed, struct p2p_bdf function,
			    char text[P2P_TITLE])
{
	p2p_node node = p2p_fabric_find(p2p_machine_fabric(allowed->machine), function);

	return node == P2P_NO_NODE ? p2p_bdf_text(function, text)
				   : p2p_short_title(allowed->machine, node, text);
}

static bool is_void(const struct p2p_allowed_pair *pair)
{
	return pair->recorded && pair->proof.state != P2P_PROOF_PROVEN;
}

static enum cli_style style_of(const struct p2p_allowed_pair *pair)
{
	return pair->now && !is_void(pair) ? CLI_GOOD : CLI_WARN;
}

static int show_table(const struct cli_allowed *allowed)
{
	static const char *const titles[] = { "CLIENT", "PROVIDER", "NOW", "PROOF" };
	struct cli_terminal terminal = cli_terminal_look(stdout);
	struct cli_table *table = cli_table_new(titles, 4);
	int rc;

	if (!table)
		return cli_fail_memory();
	for (size_t i = 0; i < allowed->count; i++) {
		const struct p2p_allowed_pair *pair = &allowed->pairs[i];
		char *text = pair->recorded ? p2p_proof_text(&pair->proof) : NULL;
		char title[P2P_TITLE];

		cli_table_row(table);
		cli_table_cell(table, 0, CLI_BOLD, "%s", title_of(allowed, pair->client, title));
		cli_table_cell(table, 1, CLI_BOLD, "%s", title_of(allowed, pair->provider, title));
		cli_table_cell(table, 2, style_of(pair), "%s", cli_allowed_word(pair));
		cli_table_cell(table, 3, CLI_PLAIN, "%s", text ? text : "not recorded");
		free(text);
	}
	rc = cli_table_print(table, &terminal, stdout);
	cli_table_free(table);
	return rc ? cli_fail_memory() : cli_finish();
}

static json_t *pair_json(const struct p2p_allowed_pair *pair)
{
	char client[P2P_BDF_TEXT], provider[P2P_BDF_TEXT];

	return json_pack("{s:s, s:s, s:b, s:b, s:o}", "client", p2p_bdf_text(pair->client, client),
			 "provider", p2p_bdf_text(pair->provider, provider), "now", pair->now,
			 "trial", pair->trial, "proof",
			 pair->recorded ? cli_result_json(&pair->proof) : json_null());
}

static int show_json(const struct cli_allowed *allowed)
{
	json_t *pairs = json_array();

	for (size_t i = 0; i < allowed->count; i++)
		json_array_append_new(pairs, pair_json(&allowed->pairs[i]));
	return cli_json_print(json_pack("{s:o, s:o}", "results", cli_results_json(allowed->proofs),
					"pairs", pairs));
}

int cli_allowed_show(const struct cli_allowed *allowed, bool json)
{
	if (json)
		return show_json(allowed);
	for (uint32_t i = 0; i < p2p_proofs_warnings(allowed->proofs); i++)
		fprintf(stderr, "p2pmem %s: warning: %s\n", cli_running()->name,
			p2p_proofs_warning(allowed->proofs, i));
	if (allowed->count)
		return show_table(allowed);
	printf("No pair is allowed that the rules refuse, and none was.\n");
	return cli_finish();
}
