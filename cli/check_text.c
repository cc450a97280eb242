// SPDX-License-Identifier: MIT
/*
 * p2pmem check for people: the verdict first, then the way, the reasons, the remedies.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "reports/hops.h"
#include "reports/notes.h"
#include "reports/reasons.h"
#include "reports/title.h"

#define INDENT          4
#define HARDWARE        "the hardware alone: "
#define HARDWARE_INDENT (2 + (int)sizeof(HARDWARE) - 1)

static void show_distance(const struct p2p_route *route)
{
	if (route->distance >= 0)
		printf(", distance %d", (int)route->distance);
}

static void show_possible(const struct p2p_route *route)
{
	const char *between = " (";

	if (route->verdict != P2P_VERDICT_UNKNOWN)
		return;
	for (unsigned int verdict = P2P_VERDICT_DIRECT; verdict <= P2P_VERDICT_UNREACHABLE;
	     verdict++) {
		if (!(route->possible & P2P_POSSIBLE(verdict)))
			continue;
		printf("%s%s", between, p2p_verdict_name((enum p2p_verdict)verdict));
		between = " or ";
	}
	printf(")");
}

static void show_verdict(const struct cli_check *check)
{
	const struct p2p_answer *answer = &check->answer;
	enum cli_style style = cli_verdict_style(answer->route.verdict);
	char client[P2P_TITLE], provider[P2P_TITLE];

	printf("%s -> %s: %s%s%s", p2p_title(answer->machine, answer->client, client),
	       p2p_title(answer->machine, answer->provider, provider),
	       cli_style_on(&check->terminal, style), p2p_verdict_name(answer->route.verdict),
	       cli_style_off(&check->terminal, style));
	show_possible(&answer->route);
	show_distance(&answer->route);
	printf("\n");
}

static void show_hardware(const struct cli_check *check)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return;
	p2p_hardware_write(file, &check->answer);
	if (!fclose(file))
		cli_wrap(&check->terminal, HARDWARE_INDENT, HARDWARE, text);
	free(text);
}

static void show_whose(const struct cli_check *check)
{
	const struct p2p_answer *answer = &check->answer;

	printf("  by the rules of: ");
	p2p_policy_write(stdout, check->view->policy);
	printf("\n");
	if (check->view->policy != p2p_policy_hardware())
		show_hardware(check);
	if (answer->client == answer->provider)
		return;
	printf("  the other way round: %s", p2p_verdict_name(answer->back.verdict));
	show_possible(&answer->back);
	printf("\n");
}

static void show_way(const struct cli_check *check)
{
	const struct p2p_answer *answer = &check->answer;
	char title[P2P_TITLE];
	int width = 0;

	if (!answer->hop_count)
		return;
	for (uint32_t i = 0; i < answer->hop_count; i++) {
		int length = (int)strlen(p2p_title(answer->machine, answer->hops[i].node, title));

		width = length > width ? length : width;
	}
	printf("\nway of the request\n");
	for (uint32_t i = 0; i < answer->hop_count; i++) {
		printf("  %-*s  ", width, p2p_title(answer->machine, answer->hops[i].node, title));
		p2p_hop_write(stdout, answer, i);
		printf("\n");
	}
	printf("  ");
	p2p_ceiling_write(stdout, answer);
	printf("\n");
}

static void show_reason(const struct cli_check *check, const struct p2p_policy *policy,
			const struct p2p_reason *reason)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return;
	p2p_reason_write(file, check->view->machine, policy, reason);
	if (!fclose(file))
		cli_wrap(&check->terminal, INDENT, "- ", text);
	free(text);
}

static void show_reasons(const struct cli_check *check)
{
	const struct p2p_answer *answer = &check->answer;

	printf("\nreasons\n");
	for (uint32_t i = 0; i < answer->reason_count; i++)
		show_reason(check, check->view->policy, &answer->reasons[i]);
	if (check->view->policy == p2p_policy_hardware() || !p2p_answer_differs(answer))
		return;
	printf("\nreasons by the hardware alone\n");
	for (uint32_t i = 0; i < answer->hardware_reason_count; i++)
		show_reason(check, p2p_policy_hardware(), &answer->hardware_reasons[i]);
}

/* What is to be pasted is never wrapped. */
static void show_paste(const char *paste)
{
	printf("\n");
	while (*paste) {
		int length = (int)strcspn(paste, "\n");

		printf("%*s%.*s\n", 2 * INDENT, "", length, paste);
		paste += length;
		paste += *paste == '\n';
	}
	printf("\n");
}

static void show_remedies(const struct cli_check *check)
{
	if (check->remedies.count)
		printf("\n%s\n", check->answer.route.verdict == P2P_VERDICT_VIA_HOST
					 ? "what would make it direct"
					 : "what would help");
	for (uint32_t i = 0; i < check->remedies.count; i++) {
		const struct p2p_remedy *remedy = &check->remedies.list[i];

		cli_wrap(&check->terminal, INDENT, "- ", remedy->text);
		if (remedy->paste)
			show_paste(remedy->paste);
		if (!remedy->cost)
			continue;
		cli_wrap(&check->terminal, INDENT + 6, "cost: ", remedy->cost);
	}
}

static void show_caution(const struct cli_check *check)
{
	if (check->answer.client == check->answer.provider ||
	    (check->answer.route.verdict != P2P_VERDICT_DIRECT &&
	     check->answer.route.verdict != P2P_VERDICT_VIA_HOST))
		return;
	printf("\n");
	cli_wrap(
		&check->terminal, 0, "",
		"Registers and rules say so; only data that arrived proves it, as p2pmem copy does "
		"before it trusts a path.");
}

void cli_check_show(const struct cli_check *check)
{
	show_verdict(check);
	show_whose(check);
	show_way(check);
	show_reasons(check);
	show_remedies(check);
	show_caution(check);
}
