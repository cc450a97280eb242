// SPDX-License-Identifier: MIT
/*
 * The doctor's findings as people read them: grouped, one mark a line, what to do below it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "doctor_text.h"
#include "terminal.h"

#define INDENT "            "

static const struct {
	const char *symbol, *word;
	enum cli_style style;
} marks[P2P_SEVERITIES] = {
	[P2P_SEVERITY_OK] = { "\u2714", "ok", CLI_GOOD },
	[P2P_SEVERITY_NOTE] = { "\u2022", "note", CLI_NOTE },
	[P2P_SEVERITY_UNKNOWN] = { "?", "unknown", CLI_UNSURE },
	[P2P_SEVERITY_WARNING] = { "!", "warning", CLI_WARN },
	[P2P_SEVERITY_PROBLEM] = { "\u2718", "PROBLEM", CLI_BAD },
};

/* Symbols are for people: what is not shown on a terminal stays plain. */
static void print_mark(const struct cli_terminal *terminal, enum p2p_severity severity)
{
	enum cli_style style = marks[severity].style;

	printf("  %s", cli_style_on(terminal, style));
	if (terminal->width && terminal->utf8)
		printf("%s %-7s", marks[severity].symbol, marks[severity].word);
	else
		printf("%-9s", marks[severity].word);
	printf("%s ", cli_style_off(terminal, style));
}

/* Lines after the first stand below it. */
static void print_text(const char *label, const char *text)
{
	if (!text)
		return;
	printf(INDENT "%-7s ", label);
	for (; *text; text++) {
		putchar(*text);
		if (*text == '\n')
			printf(INDENT "%-7s ", "");
	}
	putchar('\n');
}

static void print_finding(const struct cli_terminal *terminal, const struct p2p_finding *finding)
{
	print_mark(terminal, finding->severity);
	printf("%s [%s]\n", finding->what ? finding->what : "", finding->id);
	print_text("seen", finding->evidence);
	print_text("remedy", finding->remedy);
	print_text("cost", finding->cost);
}

static const char *plural(uint32_t count, const char *one, const char *many)
{
	return count == 1 ? one : many;
}

static void print_summary(const struct p2p_doctor *doctor)
{
	uint32_t problems = doctor->tally[P2P_SEVERITY_PROBLEM];
	uint32_t warnings = doctor->tally[P2P_SEVERITY_WARNING];
	uint32_t unknown = doctor->tally[P2P_SEVERITY_UNKNOWN];

	printf("\n%" PRIu32 " %s, %" PRIu32 " %s, %" PRIu32 " unknown\n", problems,
	       plural(problems, "problem", "problems"), warnings,
	       plural(warnings, "warning", "warnings"), unknown);
}

void cli_doctor_text(const struct cli_view *view, const struct p2p_doctor *doctor)
{
	struct cli_terminal terminal = cli_terminal_look(stdout);
	const char *area = NULL;

	printf("Judged by the rules of %s%s; source: %s\n",
	       view->policy == p2p_policy_hardware() ? "the " : "Linux ", view->policy->name,
	       p2p_machine_source(view->machine));
	for (uint32_t i = 0; i < doctor->count; i++) {
		const struct p2p_finding *finding = &doctor->findings[i];

		if (!area || strcmp(area, finding->area))
			printf("\n%s\n", finding->area);
		area = finding->area;
		print_finding(&terminal, finding);
	}
	print_summary(doctor);
}
