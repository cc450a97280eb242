// SPDX-License-Identifier: MIT
/*
 * p2pmem check for people: the verdict first, then the way, the reasons, the remedies.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "explain/hops.h"
#include "explain/notes.h"
#include "explain/reading.h"
#include "explain/reasons.h"
#include <p2pmem/text.h>
#include <p2pmem/topology.h>
#include "severity.h"

#define INDENT   4
#define NARROW   60
#define HOP_TEXT 30 /* a narrower column for what a hop does is none */

/* What a writer of reports writes, as one text; NULL without memory. The caller frees it. */
typedef void writer(FILE *file, const struct cli_check *check, const void *what);

static char *written(writer *write, const struct cli_check *check, const void *what)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return NULL;
	write(file, check, what);
	if (!fclose(file))
		return text;
	free(text);
	return NULL;
}

static void show_written(writer *write, const struct cli_check *check, const void *what, int indent,
			 const char *head)
{
	char *text = written(write, check, what);

	if (text)
		cli_wrap(&check->terminal, indent, head, text);
	free(text);
}

static void write_possible(FILE *file, const struct p2p_route *route)
{
	const char *between = " (";

	if (route->verdict != P2P_VERDICT_UNKNOWN)
		return;
	for (unsigned int verdict = P2P_VERDICT_DIRECT; verdict <= P2P_VERDICT_UNREACHABLE;
	     verdict++) {
		if (!(route->possible & P2P_POSSIBLE(verdict)))
			continue;
		fprintf(file, "%s%s", between, p2p_verdict_text((enum p2p_verdict)verdict));
		between = " or ";
	}
	fprintf(file, ")");
}

static void write_verdict(FILE *file, const struct cli_check *check, const void *what)
{
	const struct p2p_answer *answer = &check->answer;
	enum cli_style style = cli_verdict_style(answer->route.verdict);
	char client[P2P_TITLE], provider[P2P_TITLE];

	(void)what;
	fprintf(file, "%s -> %s: %s%s%s", p2p_title(answer->machine, answer->client, client),
		p2p_title(answer->machine, answer->provider, provider),
		cli_style_on(&check->terminal, style), p2p_verdict_text(answer->route.verdict),
		cli_style_off(&check->terminal, style));
	write_possible(file, &answer->route);
	if (answer->route.distance >= 0)
		fprintf(file, ", distance %d", (int)answer->route.distance);
}

/* One line for scripts; on a terminal it may be too long for that. */
static void show_verdict(const struct cli_check *check)
{
	char *text = written(write_verdict, check, NULL);

	if (text && (!check->terminal.width || cli_width(text) <= check->terminal.width))
		printf("%s\n", text);
	else if (text)
		cli_hang(&check->terminal, INDENT, text);
	free(text);
}

static void write_rules(FILE *file, const struct cli_check *check, const void *what)
{
	(void)what;
	if (check->view->policy == p2p_policy_hardware())
		fprintf(file, "the hardware's alone");
	else
		p2p_policy_write(file, check->view->policy);
}

static void write_kernel(FILE *file, const struct cli_check *check, const void *what)
{
	(void)check;
	p2p_kernel_write(file, what);
}

static void write_hardware(FILE *file, const struct cli_check *check, const void *what)
{
	(void)what;
	p2p_hardware_write(file, &check->answer);
}

static void write_reverse(FILE *file, const struct cli_check *check, const void *what)
{
	(void)what;
	fprintf(file, "%s", p2p_verdict_text(check->answer.back.verdict));
	write_possible(file, &check->answer.back);
}

static void write_places(FILE *file, const struct cli_check *check, const void *what)
{
	(void)what;
	p2p_places_write(file, &check->answer);
}

static void show_whose(const struct cli_check *check)
{
	const struct p2p_answer *answer = &check->answer;
	struct p2p_kernel kernel;

	show_written(write_rules, check, NULL, INDENT, "  rules: ");
	if (cli_check_kernel(check, &kernel))
		show_written(write_kernel, check, &kernel, INDENT, "  kernel: ");
	if (check->view->policy != p2p_policy_hardware())
		show_written(write_hardware, check, NULL, INDENT, "  hardware alone: ");
	if (answer->client == answer->provider)
		return;
	show_written(write_reverse, check, NULL, INDENT, "  in reverse: ");
	if (p2p_places_known(answer))
		show_written(write_places, check, NULL, INDENT, "  NUMA nodes: ");
}

static void show_cautions(const struct cli_check *check)
{
	for (uint32_t i = 0; i < check->cautions.count; i++) {
		const struct p2p_caution *caution = &check->cautions.list[i];
		char head[32];

		snprintf(head, sizeof(head), "  %s: ", p2p_severity_name(caution->severity));
		cli_wrap_styled(&check->terminal, INDENT, head,
				cli_severity_style(caution->severity), caution->text);
		if (caution->fix)
			cli_wrap(&check->terminal, INDENT + 5, "fix: ", caution->fix);
	}
	if (check->cautions.tally[P2P_SEVERITY_UNKNOWN] &&
	    p2p_reading_of(check->view->machine) == P2P_READING_CAPTURE)
		cli_wrap(&check->terminal, INDENT + 5, "fix: ",
			 "on that machine: sudo p2pmem capture machine.tar.gz, and --source with "
			 "that file");
}

static void write_hop(FILE *file, const struct cli_check *check, const void *what)
{
	p2p_hop_write(file, &check->answer, *(const uint32_t *)what);
}

static void write_ceiling(FILE *file, const struct cli_check *check, const void *what)
{
	(void)what;
	p2p_ceiling_write(file, &check->answer);
}

/* Side by side where there is room for that, else what a node does stands below it. */
static void show_hop(const struct cli_check *check, uint32_t index, int width)
{
	int room = (int)cli_columns(&check->terminal) - width;
	char title[P2P_TITLE], head[P2P_TITLE + 8];

	p2p_title(check->answer.machine, check->answer.hops[index].node, title);
	if (room >= HOP_TEXT + 4) {
		snprintf(head, sizeof(head), "  %-*s  ", width, title);
		show_written(write_hop, check, &index, width + 4, head);
		return;
	}
	cli_wrap(&check->terminal, 2, "", title);
	show_written(write_hop, check, &index, INDENT + 2, "");
}

static void show_path(const struct cli_check *check)
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
	printf("\npath of the request\n");
	for (uint32_t i = 0; i < answer->hop_count; i++)
		show_hop(check, i, width);
	show_written(write_ceiling, check, NULL, 2, "");
}

struct judged {
	const struct p2p_policy *policy;
	const struct p2p_reason *reason;
};

static void write_reason(FILE *file, const struct cli_check *check, const void *what)
{
	const struct judged *judged = what;

	p2p_reason_write(file, check->view->machine, judged->policy, judged->reason);
}

static void show_reason(const struct cli_check *check, const struct p2p_policy *policy,
			const struct p2p_reason *reason)
{
	struct judged judged = { policy, reason };

	show_written(write_reason, check, &judged, INDENT, "- ");
}

static void show_reasons(const struct cli_check *check)
{
	const struct p2p_answer *answer = &check->answer;

	printf("\nreasons\n");
	for (uint32_t i = 0; i < answer->reason_count; i++)
		show_reason(check, check->view->policy, &answer->reasons[i]);
	if (check->view->policy == p2p_policy_hardware() || !p2p_answer_differs(answer))
		return;
	printf("\nreasons of the hardware alone\n");
	for (uint32_t i = 0; i < answer->hardware_reason_count; i++)
		show_reason(check, p2p_policy_hardware(), &answer->hardware_reasons[i]);
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
			show_paste(check, remedy->paste);
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
	show_cautions(check);
	show_whose(check);
	show_path(check);
	show_reasons(check);
	show_remedies(check);
	show_caution(check);
}
