// SPDX-License-Identifier: MIT
/*
 * p2pmem check: whether one device can use another's memory, why not, and what to change.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "commands.h"
#include "exit.h"
#include "reports/notes.h"
#include "reports/title.h"

enum {
	STATUS_REACHABLE = 0,
	STATUS_UNREACHABLE = 1,
	STATUS_UNKNOWN = 2,
};

struct arguments {
	struct cli_view_arguments view;
};

static const struct cli_option options[] = {
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
			      "%s is a host bridge, which neither sends requests nor lends memory; "
			      "name a device below it: p2pmem topo shows them",
			      text);
		return cli_fail("check", &error);
	}
	rc = p2p_machine_find(view->machine, text, node, &error);
	return rc ? cli_fail("check", &error) : 0;
}

static void say_notes(const struct cli_check *check)
{
	for (int provider = 0; provider < 2; provider++) {
		char *note = NULL;
		size_t size;
		FILE *file = open_memstream(&note, &size);
		bool any;

		if (!file)
			return;
		any = p2p_end_note_write(file, &check->answer, provider);
		if (!fclose(file) && any)
			fprintf(stderr, "p2pmem check: note: %s\n", note);
		free(note);
	}
}

static int status_of(enum p2p_verdict verdict)
{
	switch (verdict) {
	case P2P_VERDICT_DIRECT:
	case P2P_VERDICT_VIA_HOST:
		return STATUS_REACHABLE;
	case P2P_VERDICT_UNREACHABLE:
		return STATUS_UNREACHABLE;
	case P2P_VERDICT_UNKNOWN:
		break;
	}
	return STATUS_UNKNOWN;
}

static int tell(struct cli_check *check, bool json)
{
	int rc = 0;

	if (json) {
		rc = cli_json_print("check", cli_check_json(check));
	} else {
		say_notes(check);
		check->terminal = cli_terminal_look(stdout);
		cli_check_show(check);
		rc = cli_finish("check");
	}
	return rc ? rc : status_of(check->answer.route.verdict);
}

static int answer(const struct cli_view *view, p2p_node client, p2p_node provider, bool json)
{
	struct cli_check check = { .view = view };
	int rc = p2p_answer_find(view->machine, view->router, view->hardware, client, provider,
				 &check.answer);

	if (!rc)
		rc = p2p_remedies_find(&check.answer, &check.remedies);
	rc = rc ? cli_fail_memory("check") : tell(&check, json);
	p2p_remedies_free(&check.remedies);
	p2p_answer_free(&check.answer);
	return rc;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct arguments arguments = { .view = { .json = false } };
	p2p_node client = P2P_NO_NODE, provider = P2P_NO_NODE;
	struct cli_view view;
	int first, rc;

	rc = cli_parse(command, &arguments, argc, argv, &first);
	if (rc != CLI_GO_ON)
		return rc;
	rc = cli_view_open(&view, &arguments.view, "check");
	if (rc)
		return rc;
	rc = find(&view, argv[first], &client);
	if (!rc)
		rc = find(&view, argv[first + 1], &provider);
	if (!rc)
		rc = answer(&view, client, provider, arguments.view.json);
	cli_view_close(&view);
	return rc;
}

const struct cli_command cli_check_command = {
	.name = "check",
	.summary = "Say whether one device can use another's memory, why not, and what to change",
	.arguments = "CLIENT PROVIDER",
	.details = "CLIENT sends requests to memory that PROVIDER lends. Both are named as people "
		   "name\nthem: 0000:03:00.0, 3:0, nvme0, /dev/nvme0n1, mlx5_0, eth0.\n"
		   "Exit status: 0 reachable, 1 unreachable, 2 unknown.\n",
	.options = options,
	.positional = 2,
	.run = run,
};
