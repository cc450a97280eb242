// SPDX-License-Identifier: MIT
/*
 * p2pmem check: whether one device can use another's memory, why not, and what to change.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <p2pmem/topology.h>

#include "check.h"
#include "commands.h"
#include "exit.h"
#include "json.h"
#include "results.h"
#include "severity.h"

enum {
	STATUS_FULFILLED = 0,
	STATUS_REFUSED = 1,
	STATUS_UNKNOWN = 2,
};

enum requirement {
	REQUIRE_REACHABLE,
	REQUIRE_DIRECT,
};

struct arguments {
	struct cli_view_arguments view;
	int require; /* enum requirement */
	int fail_on; /* enum cli_fail_on */
	const char *results;
};

static const char *const requirements[] = { "reachable", "direct", NULL };

static const struct cli_option options[] = {
	{ "require", 'r', CLI_WORD, offsetof(struct arguments, require), "WHAT",
	  "what exit status 0 takes: reachable (the\ndefault) or direct", requirements },
	{ "fail-on", 0, CLI_WORD, offsetof(struct arguments, fail_on), "SEVERITY",
	  "exit status 1 for warnings, too: warning; and 2 for\nwhat is unknown: unknown",
	  cli_fail_on_words },
	CLI_RESULTS_OPTION(struct arguments, results),
	CLI_VIEW_OPTIONS(struct arguments, view),
	{ .name = NULL },
};

static bool names_host_bridge(const struct cli_view *view, const char *text)
{
	char address[P2P_ADDRESS];

	for (p2p_node node = 0; node < p2p_fabric_count(view->fabric); node++)
		if (p2p_fabric_info(view->fabric, node)->kind == P2P_KIND_HOST_BRIDGE &&
		    !strcmp(p2p_address(view->fabric, node, address), text))
			return true;
	return false;
}

static int find(const struct cli_view *view, const char *text, p2p_node *node)
{
	struct p2p_error error = { .code = 0 };
	int rc;

	if (names_host_bridge(view, text)) {
		p2p_error_set(&error, -EINVAL,
			      "%s is a host bridge, which neither sends requests nor has memory; "
			      "name a device below it: p2pmem topo shows them",
			      text);
		return cli_fail(&error);
	}
	rc = p2p_machine_find(view->machine, text, node, &error);
	return rc ? cli_fail(&error) : 0;
}

/* By what the known facts still allow: all, some or none of it fulfills the requirement. */
static int status_of_route(const struct p2p_route *route, enum requirement require)
{
	unsigned int wanted = P2P_POSSIBLE(P2P_VERDICT_DIRECT);

	if (require == REQUIRE_REACHABLE)
		wanted |= P2P_POSSIBLE(P2P_VERDICT_VIA_HOST);
	if (!(route->possible & ~wanted))
		return STATUS_FULFILLED;
	return route->possible & wanted ? STATUS_UNKNOWN : STATUS_REFUSED;
}

static int status_of(const struct cli_check *check, const struct arguments *arguments)
{
	int status =
		status_of_route(&check->explanation->route, (enum requirement)arguments->require);
	enum cli_fail_on fail_on = (enum cli_fail_on)arguments->fail_on;

	/* Without the option the verdict alone decides. */
	if (status || fail_on == CLI_FAIL_ON_DEFAULT)
		return status;
	return cli_fail_on_status(fail_on, check->explanation->caution_tally);
}

static int tell(struct cli_check *check, bool json)
{
	int rc = 0;

	if (json) {
		rc = cli_json_print(cli_check_json(check));
	} else {
		check->terminal = cli_terminal_look(stdout);
		cli_check_show(check);
		rc = cli_finish();
	}
	return rc ? rc : check->status;
}

bool cli_check_kernel(const struct cli_check *check, struct p2p_kernel *kernel)
{
	const struct cli_view *view = check->view;

	return view->asked && !p2p_kernel_of(view->machine, view->asked, kernel);
}

static int explain(struct cli_check *check, p2p_node client, p2p_node provider)
{
	const struct cli_view *view = check->view;
	struct p2p_explain_options known;
	struct p2p_error error = { .code = 0 };
	struct p2p_provider_info *providers;
	int rc;

	p2p_explain_options_init(&known, sizeof(known));
	if (cli_view_providers(view, P2P_NO_NODE, &providers, &known.provider_count))
		return cli_fail_memory();
	known.hardware = view->hardware;
	known.providers = providers;
	known.proofs = check->proofs;
	known.allowed = check->allowed;
	rc = p2p_explain(view->machine, view->router, client, provider, &known, &check->explanation,
			 &error);
	free(providers);
	return rc ? cli_fail(&error) : 0;
}

static int answer(const struct cli_view *view, p2p_node client, p2p_node provider,
		  const struct arguments *arguments)
{
	struct cli_check check = { .view = view };
	int rc = cli_results_open(view, &arguments->view, arguments->results, &check.proofs);

	cli_allowed_results_open(view, &arguments->view, &check.allowed);
	if (!rc)
		rc = explain(&check, client, provider);
	if (check.explanation) {
		check.status = status_of(&check, arguments);
		rc = tell(&check, arguments->view.json);
	}
	p2p_explanation_free(check.explanation);
	p2p_proofs_close(check.proofs);
	p2p_proofs_close(check.allowed);
	return rc;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct arguments arguments = { .fail_on = CLI_FAIL_ON_DEFAULT };
	p2p_node client = P2P_NO_NODE, provider = P2P_NO_NODE;
	struct cli_view view;
	int first, rc;

	rc = cli_parse(command, &arguments, argc, argv, &first);
	if (rc != CLI_GO_ON)
		return rc;
	rc = cli_view_open(&view, &arguments.view);
	if (rc)
		return rc;
	rc = find(&view, argv[first], &client);
	if (!rc)
		rc = find(&view, argv[first + 1], &provider);
	if (!rc)
		rc = answer(&view, client, provider, &arguments);
	cli_view_close(&view);
	return rc;
}

const struct cli_command cli_check_command = {
	.name = "check",
	.summary = "Say whether one device can use another's memory, why not, and what to change",
	.arguments = "CLIENT PROVIDER",
	.details =
		"CLIENT sends requests to memory of PROVIDER. Both are named as people "
		"name them: 0000:03:00.0, 3:0, nvme0, /dev/nvme0n1, mlx5_0, eth0.\n"
		"Exit status: 0 reachable (with --require direct: direct), 1 not so, 2 unknown.\n",
	.options = options,
	.positional = 2,
	.json_format = 2,
	.run = run,
};
