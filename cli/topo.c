// SPDX-License-Identifier: MIT
/*
 * p2pmem topo: the fabric as people want to see it.
 */
#include <stddef.h>

#include "commands.h"
#include "exit.h"
#include "topo.h"

struct arguments {
	struct cli_view_arguments view;
	bool all;
};

static const struct cli_option options[] = {
	{ "all", 'a', CLI_FLAG, offsetof(struct arguments, all), NULL,
	  "every function and port on a line of its own", NULL },
	CLI_VIEW_OPTIONS(struct arguments, view),
	{ .name = NULL },
};

static int print(const struct cli_view *view, bool all)
{
	struct cli_terminal terminal = cli_terminal_look(stdout);
	struct p2p_folded_tree *tree;
	bool redirects = false;
	int rc = p2p_fold(view->machine, all, &tree);

	if (!rc) {
		cli_topo_header(view->machine, &terminal);
		rc = cli_topo_table(view, tree, &terminal, &redirects);
		cli_topo_footer(view->machine, tree, &terminal, redirects);
		p2p_folded_tree_free(tree);
	}
	return rc ? cli_fail_memory() : cli_finish();
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct arguments arguments = { .view.unjudged = true };
	struct cli_view view;
	int first, status;

	status = cli_parse(command, &arguments, argc, argv, &first);
	if (status != CLI_GO_ON)
		return status;
	status = cli_view_open(&view, &arguments.view);
	if (status)
		return status;
	status = arguments.view.json ? cli_topo_json(&view) : print(&view, arguments.all);
	cli_view_close(&view);
	return status;
}

const struct cli_command cli_topo_command = {
	.name = "topo",
	.summary = "Show the fabric: which device sits below which port, links, ACS, memory",
	.arguments = "",
	.details = "Ports that lead to one device share its line; empty ports and chipset "
		   "functions are only counted. ACS: redirect bits that are on, off, ? (not "
		   "read) or - (there is none).\n",
	.options = options,
	.positional = 0,
	.json_format = 2,
	.run = run,
};
