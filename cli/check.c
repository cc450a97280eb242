// SPDX-License-Identifier: MIT
/*
 * p2pmem check: whether one device can use another's memory, why not, and what to change.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "check.h"
#include "commands.h"
#include "exit.h"
#include "reports/reasons.h"
#include "reports/select.h"
#include "reports/title.h"

/* As many devices below a bridge as a note names. */
#define NAMED_MAX 8

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

static bool is_below(const struct p2p_fabric *fabric, p2p_node node, p2p_node bridge)
{
	while (node != P2P_NO_NODE && node != bridge)
		node = p2p_fabric_parent(fabric, node);
	return node == bridge;
}

/* The devices below a bridge, or why there are none to name. */
static void write_below(FILE *file, const struct p2p_machine *machine, p2p_node bridge)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	char title[P2P_TITLE];
	uint32_t count = 0;

	for (p2p_node node = p2p_next_in_tree(fabric, bridge);
	     node != P2P_NO_NODE && is_below(fabric, node, bridge);
	     node = p2p_next_in_tree(fabric, node)) {
		if (p2p_fabric_info(fabric, node)->kind != P2P_KIND_ENDPOINT)
			continue;
		if (count++ < NAMED_MAX)
			fprintf(file, "%s%s", count > 1 ? ", " : "; the devices below it: ",
				p2p_title(machine, node, title));
	}
	if (count > NAMED_MAX)
		fprintf(file, " and %u more", count - NAMED_MAX);
	if (!count)
		fprintf(file, "; no device is below it");
}

char *cli_check_note(const struct cli_check *check, int which)
{
	const struct p2p_answer *answer = &check->answer;
	p2p_node node = which ? answer->provider : answer->client;
	const struct p2p_fabric *fabric = check->view->fabric;
	char title[P2P_TITLE], *text = NULL;
	size_t size;
	FILE *file;

	if (!p2p_is_bridge(p2p_fabric_info(fabric, node)))
		return NULL;
	file = open_memstream(&text, &size);
	if (!file)
		return NULL;
	fprintf(file, "%s carries others' requests; the answer is for the bridge itself as %s",
		p2p_title(check->view->machine, node, title), which ? "provider" : "client");
	write_below(file, check->view->machine, node);
	fclose(file);
	return text;
}

static const char *comparison(const struct p2p_answer *answer)
{
	enum p2p_verdict rules = answer->route.verdict, wires = answer->hardware_route.verdict;

	if (wires == P2P_VERDICT_UNKNOWN)
		return "what the wires alone would do depends on what is not known";
	if (rules == P2P_VERDICT_UNKNOWN)
		return "the wires alone would try it, whatever is not known here";
	if (wires == P2P_VERDICT_DIRECT)
		return "the wires alone would carry it directly: ACS bits that Linux counts do "
		       "nothing on this way";
	if (rules == P2P_VERDICT_UNREACHABLE)
		return "the wires alone would try it, and nothing promises that it arrives: that "
		       "is why Linux refuses";
	return "what the wires do is less direct than these rules expect: prove it with data "
	       "before trusting it";
}

char *cli_check_hardware(const struct cli_check *check)
{
	const struct p2p_answer *answer = &check->answer;
	char *text = NULL;
	int rc;

	if (!p2p_answer_differs(answer))
		rc = asprintf(&text, "%s", p2p_verdict_name(answer->hardware_route.verdict));
	else
		rc = asprintf(&text, "%s: %s", p2p_verdict_name(answer->hardware_route.verdict),
			      comparison(answer));
	return rc < 0 ? NULL : text;
}

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
	for (int which = 0; which < 2; which++) {
		char *note = cli_check_note(check, which);

		if (note)
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

static int tell(const struct cli_check *check, bool json)
{
	int rc = 0;

	if (json) {
		rc = cli_json_print(cli_check_json(check));
	} else {
		say_notes(check);
		cli_check_show(check);
	}
	return rc ? rc : status_of(check->answer.route.verdict);
}

static int answer(const struct cli_view *view, p2p_node client, p2p_node provider, bool json)
{
	struct cli_check check = { .view = view };
	struct p2p_error error = { .code = 0 };
	int rc = p2p_answer_find(view->machine, view->router, view->hardware, client, provider,
				 &check.answer);

	if (!rc)
		rc = p2p_remedies_find(&check.answer, &check.remedies);
	if (!rc) {
		rc = tell(&check, json);
	} else {
		p2p_error_set(&error, rc, "out of memory");
		rc = cli_fail("check", &error);
	}
	p2p_remedies_free(&check.remedies);
	p2p_answer_free(&check.answer);
	return rc;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct arguments arguments = { .view = { .json = false } };
	p2p_node client, provider;
	struct cli_view view;
	int first, rc;

	switch (cli_parse(command, &arguments, argc, argv, &first)) {
	case CLI_GO_ON:
		break;
	case CLI_HELP_SHOWN:
		return 0;
	case CLI_MISUSED:
		return EX_USAGE;
	}
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
