// SPDX-License-Identifier: MIT
/*
 * p2pmem matrix: the verdict on every client against every provider.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "commands.h"
#include "exit.h"
#include "json.h"
#include "matrix.h"
#include <p2pmem/topology.h>
#include "results.h"
#include "view.h"

struct arguments {
	struct cli_view_arguments view;
	const char *clients, *providers, *results;
	bool all, csv;
};

static const struct cli_option options[] = {
	CLI_VIEW_OPTIONS(struct arguments, view),
	{ "clients", 'c', CLI_TEXT, offsetof(struct arguments, clients), "LIST",
	  "devices, or gpu, nvme, storage, net, accelerator,\nbridge, all, with commas", NULL },
	{ "providers", 'p', CLI_TEXT, offsetof(struct arguments, providers), "LIST",
	  "the same for those that provide memory", NULL },
	{ "all", 'a', CLI_FLAG, offsetof(struct arguments, all), NULL,
	  "every function, bridges too, as client and provider", NULL },
	{ "csv", 0, CLI_FLAG, offsetof(struct arguments, csv), NULL, "one line for each pair",
	  NULL },
	CLI_RESULTS_OPTION(struct arguments, results),
	{ .name = NULL },
};

struct pair {
	char client[P2P_ADDRESS], provider[P2P_ADDRESS];
	struct p2p_route route, hardware;
	const char *to_provider, *from_provider; /* what is recorded; NULL: no results */
	bool allowed;
};

void cli_matrix_states(const struct cli_matrix *matrix, p2p_node client, p2p_node provider,
		       enum p2p_proof_state states[P2P_PROOF_DIRECTIONS])
{
	const struct p2p_node_info *from = p2p_fabric_info(matrix->view->fabric, client);
	const struct p2p_node_info *to = p2p_fabric_info(matrix->view->fabric, provider);
	bool known = matrix->proofs && p2p_proofs_count(matrix->proofs) &&
		     from->kind != P2P_KIND_OFF_BUS && to->kind != P2P_KIND_OFF_BUS;
	struct p2p_proof_result result;

	for (int i = 0; i < P2P_PROOF_DIRECTIONS; i++) {
		p2p_proof_result_init(&result, sizeof(result));
		if (known)
			p2p_proofs_find(matrix->proofs, p2p_proof_function(from->bdf),
					p2p_proof_function(to->bdf), (enum p2p_proof_direction)i,
					&result);
		states[i] = result.state;
	}
}

static void ask(const struct cli_matrix *matrix, p2p_node client, p2p_node provider,
		struct pair *pair)
{
	enum p2p_proof_state states[P2P_PROOF_DIRECTIONS];
	struct p2p_path path;

	pair->allowed =
		!p2p_path_find(matrix->view->router, client, provider, &path) && path.allowed;
	p2p_address(matrix->view->fabric, provider, pair->provider);
	p2p_route_find(matrix->view->router, client, provider, &pair->route);
	p2p_route_find(matrix->view->hardware, client, provider, &pair->hardware);
	pair->to_provider = pair->from_provider = NULL;
	if (!matrix->proofs)
		return;
	cli_matrix_states(matrix, client, provider, states);
	pair->to_provider = p2p_proof_state_name(states[P2P_PROOF_TO_PROVIDER]);
	pair->from_provider = p2p_proof_state_name(states[P2P_PROOF_FROM_PROVIDER]);
}

/* A word of ours, or null: it needs no escapes. */
static void print_json_state(const char *key, const char *state)
{
	printf(",\"%s\":%s%s%s", key, state ? "\"" : "", state ? state : "null", state ? "\"" : "");
}

static void print_json_pair(const struct pair *pair, bool first)
{
	printf("%s\n{\"client\":\"%s\",\"provider\":\"%s\",\"verdict\":\"%s\",\"distance\":%d,"
	       "\"hardware\":\"%s\",\"hardware_distance\":%d",
	       first ? "" : ",", pair->client, pair->provider,
	       p2p_verdict_name(pair->route.verdict), (int)pair->route.distance,
	       p2p_verdict_name(pair->hardware.verdict), (int)pair->hardware.distance);
	print_json_state("to_provider", pair->to_provider);
	print_json_state("from_provider", pair->from_provider);
	printf(",\"allowed\":%s}", pair->allowed ? "true" : "false");
}

static void print_csv_pair(const struct pair *pair)
{
	printf("%s,%s,%s,%d,%s,%d,%s,%s\n", pair->client, pair->provider,
	       p2p_verdict_name(pair->route.verdict), (int)pair->route.distance,
	       p2p_verdict_name(pair->hardware.verdict), (int)pair->hardware.distance,
	       pair->to_provider ? pair->to_provider : "",
	       pair->from_provider ? pair->from_provider : "");
}

/* Pair by pair, so that a matrix of any size takes no memory. Addresses need no escapes. */
static void print_pairs(const struct cli_matrix *matrix, bool json)
{
	struct pair pair;

	for (uint32_t i = 0; i < matrix->clients->count; i++) {
		p2p_address(matrix->view->fabric, matrix->clients->nodes[i], pair.client);
		for (uint32_t j = 0; j < matrix->providers->count; j++) {
			ask(matrix, matrix->clients->nodes[i], matrix->providers->nodes[j], &pair);
			if (json)
				print_json_pair(&pair, !i && !j);
			else
				print_csv_pair(&pair);
		}
	}
}

static int print_json(const struct cli_matrix *matrix)
{
	json_t *head = cli_json_head(cli_view_json(matrix->view));
	char *text = NULL;

	if (head && !json_object_set_new(head, "results", cli_results_json(matrix->proofs)))
		text = json_dumps(head, JSON_COMPACT);

	json_decref(head);
	if (!text)
		return cli_fail_memory();
	cli_errors_as_json(false);
	/* The pairs go before the head's closing brace. */
	printf("%.*s,\"pairs\":[", (int)strlen(text) - 1, text);
	free(text);
	print_pairs(matrix, true);
	printf("\n]}\n");
	return cli_finish();
}

static int print_csv(const struct cli_matrix *matrix)
{
	printf("client,provider,verdict,distance,hardware,hardware_distance,to_provider,"
	       "from_provider\n");
	print_pairs(matrix, false);
	return cli_finish();
}

static int show(const struct cli_matrix *matrix)
{
	int rc = cli_matrix_show(matrix);

	return rc ? rc : cli_finish();
}

static int choose(struct cli_matrix *matrix, const struct arguments *arguments)
{
	const char *otherwise = arguments->all ? "all" : NULL;
	const char *clients = arguments->clients ? arguments->clients : otherwise;
	const char *providers = arguments->providers ? arguments->providers : otherwise;
	struct p2p_error error = { .code = 0 };
	int rc = p2p_select(matrix->view->machine, clients, P2P_ROLE_CLIENT, &matrix->clients,
			    &error);

	if (!rc)
		rc = p2p_select(matrix->view->machine, providers, P2P_ROLE_PROVIDER,
				&matrix->providers, &error);
	return rc ? cli_fail(&error) : 0;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct arguments arguments = { .all = false };
	struct cli_view view;
	struct cli_matrix matrix = { .view = &view };
	int first, rc;

	rc = cli_parse(command, &arguments, argc, argv, &first);
	if (rc != CLI_GO_ON)
		return rc;
	if (arguments.csv && arguments.view.json)
		return cli_fail_with(EX_USAGE, "--csv and --json are mutually exclusive: give one");
	rc = cli_view_open(&view, &arguments.view);
	if (rc)
		return rc;
	rc = choose(&matrix, &arguments);
	if (!rc)
		rc = cli_results_open(&view, &arguments.view, arguments.results, &matrix.proofs);
	if (!rc && arguments.view.json)
		rc = print_json(&matrix);
	else if (!rc && arguments.csv)
		rc = print_csv(&matrix);
	else if (!rc)
		rc = show(&matrix);
	p2p_proofs_close(matrix.proofs);
	p2p_selection_free(matrix.clients);
	p2p_selection_free(matrix.providers);
	cli_view_close(&view);
	return rc;
}

const struct cli_command cli_matrix_command = {
	.name = "matrix",
	.summary = "Show which devices can use which devices' memory",
	.arguments = "",
	.details = "Every client against every provider, as one kernel's rules have it.\n",
	.options = options,
	.positional = 0,
	.json_format = 2,
	.run = run,
};
