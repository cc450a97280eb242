// SPDX-License-Identifier: MIT
/*
 * p2pmem check for people: the verdict first, then the way, the reasons, the remedies.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <p2pmem/text.h>
#include <p2pmem/topology.h>

#include "check.h"
#include "fix.h"
#include "severity.h"

#define INDENT   4
#define NARROW   60
#define HOP_TEXT 30 /* a narrower column for what a hop does is none */

/* A verdict, with what it may be where that is not known: "unknown (direct or unreachable)". */
#define VERDICT 96

static const char *possible(char text[VERDICT], const struct p2p_route *route)
{
	const char *between = " (";
	int used = 0;

	text[0] = '\0';
	if (route->verdict != P2P_VERDICT_UNKNOWN)
		return text;
	for (unsigned int verdict = P2P_VERDICT_DIRECT; verdict <= P2P_VERDICT_UNREACHABLE;
	     verdict++) {
		if (!(route->possible & P2P_POSSIBLE(verdict)))
			continue;
		used += snprintf(text + used, VERDICT - (size_t)used, "%s%s", between,
				 p2p_verdict_text((enum p2p_verdict)verdict));
		between = " or ";
	}
	snprintf(text + used, VERDICT - (size_t)used, ")");
	return text;
}

/* One line for scripts; on a terminal it may be too long for that. */
static void show_verdict(const struct cli_check *check)
{
	const struct p2p_explanation *explanation = check->explanation;
	const struct p2p_route *route = &explanation->route;
	enum cli_style style = cli_verdict_style(route->verdict);
	char client[P2P_TITLE], provider[P2P_TITLE], may_be[VERDICT], distance[32] = "";
	char text[2 * P2P_TITLE + 2 * VERDICT];

	if (route->distance >= 0)
		snprintf(distance, sizeof(distance), ", distance %d", (int)route->distance);
	snprintf(text, sizeof(text), "%s -> %s: %s%s%s%s%s",
		 p2p_title(explanation->machine, explanation->client, client),
		 p2p_title(explanation->machine, explanation->provider, provider),
		 cli_style_on(&check->terminal, style), p2p_verdict_text(route->verdict),
		 cli_style_off(&check->terminal, style), possible(may_be, route), distance);
	if (!check->terminal.width || cli_width(text) <= check->terminal.width)
		printf("%s\n", text);
	else
		cli_hang(&check->terminal, INDENT, text);
}

static void show_rules(const struct cli_check *check)
{
	struct p2p_kernel kernel;
	char rules[P2P_POLICY_TEXT], has[P2P_KERNEL_TEXT];

	cli_wrap(&check->terminal, INDENT, "  rules: ",
		 check->view->policy == p2p_policy_hardware()
			 ? "the hardware's alone"
			 : p2p_policy_text(check->view->policy, rules));
	if (cli_check_kernel(check, &kernel))
		cli_wrap(&check->terminal, INDENT, "  kernel: ", p2p_kernel_text(&kernel, has));
}

static void show_reverse(const struct cli_check *check)
{
	const struct p2p_route *back = &check->explanation->back;
	char may_be[VERDICT], text[2 * VERDICT];

	snprintf(text, sizeof(text), "%s%s", p2p_verdict_text(back->verdict),
		 possible(may_be, back));
	cli_wrap(&check->terminal, INDENT, "  in reverse: ", text);
}

static void show_whose(const struct cli_check *check)
{
	const struct p2p_explanation *explanation = check->explanation;

	show_rules(check);
	if (check->view->policy != p2p_policy_hardware())
		cli_wrap(&check->terminal, INDENT,
			 "  hardware alone: ", explanation->hardware_text);
	if (explanation->client == explanation->provider)
		return;
	show_reverse(check);
	if (explanation->numa_text)
		cli_wrap(&check->terminal, INDENT, "  NUMA nodes: ", explanation->numa_text);
}

static void show_proofs(const struct cli_check *check)
{
	const struct p2p_explained_proof *proofs = check->explanation->proofs;

	if (!proofs || check->explanation->client == check->explanation->provider)
		return;
	cli_wrap(&check->terminal, INDENT,
		 "  data to the provider: ", proofs[P2P_PROOF_TO_PROVIDER].text);
	cli_wrap(&check->terminal, INDENT,
		 "  data from the provider: ", proofs[P2P_PROOF_FROM_PROVIDER].text);
}

static void show_cautions(const struct cli_check *check)
{
	for (uint32_t i = 0; i < check->explanation->caution_count; i++) {
		const struct p2p_caution *caution = &check->explanation->cautions[i];
		char head[32], text[CLI_FIX];
		const char *fix =
			cli_fix(text, check->view->fabric, &caution->step, caution->advice);

		snprintf(head, sizeof(head), "  %s: ", p2p_severity_name(caution->severity));
		cli_wrap_styled(&check->terminal, INDENT, head,
				cli_severity_style(caution->severity), caution->text);
		if (fix)
			cli_wrap(&check->terminal, INDENT + 5, "fix: ", fix);
	}
	if (check->explanation->caution_tally[P2P_SEVERITY_UNKNOWN] &&
	    p2p_machine_unread(check->view->machine) == P2P_UNREAD_NEEDS_CAPTURE)
		cli_wrap(&check->terminal, INDENT + 5, "fix: ",
			 "on that machine: sudo p2pmem capture machine.tar.gz, and --source with "
			 "that file");
}

/* Side by side where there is room for that, else what a node does stands below it. */
static void show_hop(const struct cli_check *check, const struct p2p_explained_hop *hop, int width)
{
	int room = (int)cli_columns(&check->terminal) - width;
	char title[P2P_TITLE], head[P2P_TITLE + 8];

	p2p_title(check->view->machine, hop->hop.node, title);
	if (room >= HOP_TEXT + 4) {
		snprintf(head, sizeof(head), "  %-*s  ", width, title);
		cli_wrap(&check->terminal, width + 4, head, hop->text);
		return;
	}
	cli_wrap(&check->terminal, 2, "", title);
	cli_wrap(&check->terminal, INDENT + 2, "", hop->text);
}

static void show_path(const struct cli_check *check)
{
	const struct p2p_explanation *explanation = check->explanation;
	char title[P2P_TITLE];
	int width = 0;

	if (!explanation->hop_count)
		return;
	for (uint32_t i = 0; i < explanation->hop_count; i++) {
		p2p_node node = explanation->hops[i].hop.node;
		int length = (int)strlen(p2p_title(explanation->machine, node, title));

		width = length > width ? length : width;
	}
	printf("\npath of the request\n");
	for (uint32_t i = 0; i < explanation->hop_count; i++)
		show_hop(check, &explanation->hops[i], width);
	cli_wrap(&check->terminal, 2, "", explanation->ceiling_text);
}

static void show_list(const struct cli_check *check, const char *title,
		      const struct p2p_explained_reason *reasons, uint32_t count)
{
	printf("\n%s\n", title);
	for (uint32_t i = 0; i < count; i++)
		cli_wrap(&check->terminal, INDENT, "- ", reasons[i].text);
}

static void show_reasons(const struct cli_check *check)
{
	const struct p2p_explanation *explanation = check->explanation;

	show_list(check, "reasons", explanation->reasons, explanation->reason_count);
	if (check->view->policy != p2p_policy_hardware() && p2p_explanation_differs(explanation))
		show_list(check, "reasons of the hardware alone", explanation->hardware_reasons,
			  explanation->hardware_reason_count);
}

/* What is to be pasted is never wrapped. */
static void show_paste(const struct cli_check *check, const char *paste)
{
	int indent = cli_columns(&check->terminal) < NARROW ? INDENT : 2 * INDENT;

	printf("\n");
	while (*paste) {
		int length = (int)strcspn(paste, "\n");

		printf("%*s%.*s\n", indent, "", length, paste);
		paste += length;
		paste += *paste == '\n';
	}
	printf("\n");
}

static void show_remedy(const struct cli_check *check, const struct p2p_remedy *remedy)
{
	const char *paste = remedy->paste ? remedy->paste : cli_step_paste(remedy->step.code);
	char *text;

	if (asprintf(&text, "%s%s", remedy->text, cli_step_sentence(remedy->step.code)) < 0)
		return;
	cli_wrap(&check->terminal, INDENT, "- ", text);
	free(text);
	if (paste)
		show_paste(check, paste);
	if (remedy->cost)
		cli_wrap(&check->terminal, INDENT + 6, "cost: ", remedy->cost);
}

static void show_remedies(const struct cli_check *check)
{
	const struct p2p_explanation *explanation = check->explanation;

	if (explanation->remedy_count)
		printf("\n%s\n", explanation->route.verdict == P2P_VERDICT_VIA_HOST
					 ? "what would make it direct"
					 : "what would help");
	for (uint32_t i = 0; i < explanation->remedy_count; i++)
		show_remedy(check, &explanation->remedies[i]);
}

static void show_caution(const struct cli_check *check)
{
	if (check->explanation->client == check->explanation->provider ||
	    p2p_explanation_proven(check->explanation) ||
	    (check->explanation->route.verdict != P2P_VERDICT_DIRECT &&
	     check->explanation->route.verdict != P2P_VERDICT_VIA_HOST))
		return;
	printf("\n");
	cli_wrap(&check->terminal, 0, "",
		 "Registers and rules say so; only data that arrived proves it: p2pmem prove moves "
		 "some, and p2pmem copy does before it trusts a path.");
}

void cli_check_show(const struct cli_check *check)
{
	show_verdict(check);
	show_proofs(check);
	show_cautions(check);
	show_whose(check);
	show_path(check);
	show_reasons(check);
	show_remedies(check);
	show_caution(check);
}
