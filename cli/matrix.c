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
#include "view.h"

struct arguments {
	struct cli_view_arguments view;
	const char *clients, *providers;
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
	{ .name = NULL },
};

struct pair {
	char client[P2P_ADDRESS], provider[P2P_ADDRESS];
	struct p2p_route route, hardware;
};

static void ask(const struct cli_matrix *matrix, p2p_node client, p2p_node provider,
		struct pair *pair)
{
	p2p_address(matrix->view->fabric, provider, pair->provider);
	p2p_route_find(matrix->view->router, client, provider, &pair->route);
	p2p_route_find(matrix->view->hardware, client, provider, &pair->hardware);
}

static void print_json_pair(const struct pair *pair, bool first)
{
	printf("%s\n{\"client\":\"%s\",\"provider\":\"%s\",\"verdict\":\"%s\",\"distance\":%d,"
	       "\"hardware\":\"%s\",\"hardware_distance\":%d}",
	       first ? "" : ",", pair->client, pair->provider,
	       p2p_verdict_name(pair->route.verdict), (int)pair->route.distance,
	       p2p_verdict_name(pair->hardware.verdict), (int)pair->hardware.distance);
}

static void print_csv_pair(const struct pair *pair)
{
	printf("%s,%s,%s,%d,%s,%d\n", pair->client, pair->provider,
	       p2p_verdict_name(pair->route.verdict), (int)pair->route.distance,
	       p2p_verdict_name(pair->hardware.verdict), (int)pair->hardware.distance);
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
	char *text = head ? json_dumps(head, JSON_COMPACT) : NULL;

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
	printf("client,provider,verdict,distance,hardware,hardware_distance\n");
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
	if (!rc && arguments.view.json)
		rc = print_json(&matrix);
	else if (!rc && arguments.csv)
		rc = print_csv(&matrix);
	else if (!rc)
		rc = show(&matrix);
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
