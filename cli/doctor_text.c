// SPDX-License-Identifier: MIT
/*
 * The doctor's findings as people read them: grouped, one mark a line, what to do below it.
 */
#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor_text.h"

#define PLAIN  "\033[0m"
#define INDENT "            "

struct style {
	bool symbols, colour;
};

static const struct {
	const char *symbol, *word, *colour;
} marks[P2P_SEVERITIES] = {
	[P2P_SEVERITY_OK] = { "\u2714", "ok", "\033[32m" },
	[P2P_SEVERITY_NOTE] = { "\u2022", "note", "\033[36m" },
	[P2P_SEVERITY_UNKNOWN] = { "?", "unknown", "\033[35m" },
	[P2P_SEVERITY_WARNING] = { "!", "warning", "\033[33m" },
	[P2P_SEVERITY_PROBLEM] = { "\u2718", "PROBLEM", "\033[31m" },
};

static struct style choose_style(void)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");
	bool shown = isatty(STDOUT_FILENO) && (!terminal || strcmp(terminal, "dumb"));

	setlocale(LC_CTYPE, "");
	return (struct style){
		.symbols = shown && !strcmp(nl_langinfo(CODESET), "UTF-8"),
		.colour = shown && (!no_colour || !*no_colour),
	};
}

static void print_mark(const struct style *style, enum p2p_severity severity)
{
	const char *colour = style->colour ? marks[severity].colour : "";
	const char *plain = style->colour ? PLAIN : "";

	if (style->symbols)
		printf("  %s%s %-7s%s ", colour, marks[severity].symbol, marks[severity].word,
		       plain);
	else
		printf("  %s%-9s%s ", colour, marks[severity].word, plain);
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

static void print_finding(const struct style *style, const struct p2p_finding *finding)
{
	print_mark(style, finding->severity);
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
	struct style style = choose_style();
	const char *area = NULL;

	printf("Judged by the rules of %s%s; source: %s\n",
	       view->policy == p2p_policy_hardware() ? "the " : "Linux ", view->policy->name,
	       p2p_machine_source(view->machine));
	for (uint32_t i = 0; i < doctor->count; i++) {
		const struct p2p_finding *finding = &doctor->findings[i];

		if (!area || strcmp(area, finding->area))
			printf("\n%s\n", finding->area);
		area = finding->area;
		print_finding(&style, finding);
	}
	print_summary(doctor);
}
