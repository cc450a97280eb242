// SPDX-License-Identifier: MIT
/*
 * The doctor's findings as people read them: the worst first, what to do below each.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor_text.h"
#include "fix.h"
#include "severity.h"
#include "terminal.h"

#define TEXT  9  /* where sentences begin */
#define FIELD 17 /* and those that belong to one */

struct telling {
	struct cli_terminal terminal;
	const struct p2p_doctor *doctor;
	char **remedies; /* of each finding, or NULL: there is none */
	bool verbose;
};

static const char *head_of(enum p2p_severity severity)
{
	static const char *const heads[P2P_SEVERITIES] = {
		[P2P_SEVERITY_OK] = "ok       ",      [P2P_SEVERITY_NOTE] = "note     ",
		[P2P_SEVERITY_UNKNOWN] = "unknown  ", [P2P_SEVERITY_WARNING] = "warning  ",
		[P2P_SEVERITY_PROBLEM] = "PROBLEM  ",
	};

	return heads[severity];
}

static void print_head(const struct telling *telling, enum p2p_severity severity, const char *text)
{
	cli_wrap_styled(&telling->terminal, TEXT, head_of(severity), cli_severity_style(severity),
			text);
}

static void print_field(const struct telling *telling, const char *label, const char *text)
{
	char head[16];

	if (!text)
		return;
	snprintf(head, sizeof(head), "%-8s", label);
	cli_wrap(&telling->terminal, FIELD, head, text);
}

/* What is to be pasted is never broken. */
static void print_paste(const char *paste)
{
	if (paste)
		printf("%*s%s\n", FIELD, "", paste);
}

static void print_what(const struct telling *telling, const struct p2p_finding *finding)
{
	char *text;

	if (asprintf(&text, "%s: %s", finding->id, finding->text ? finding->text : "") < 0)
		return;
	print_head(telling, finding->severity, text);
	free(text);
}

/* Whom it bears on, and where the rest of them is told. */
static void print_affected(const struct telling *telling, const struct p2p_finding *finding)
{
	char *text = NULL;

	if (finding->pair_count > P2P_AFFECTED_SAID &&
	    asprintf(&text, "%s: %s", finding->affected,
		     finding->more_pairs ? "p2pmem matrix shows all" : "--json names them") >= 0) {
		print_field(telling, "affects", text);
		free(text);
		return;
	}
	print_field(telling, "affects", finding->affected);
}

static void print_finding(const struct telling *telling, uint32_t index)
{
	const struct p2p_finding *finding = &telling->doctor->findings[index];

	print_what(telling, finding);
	print_field(telling, "seen", finding->evidence);
	print_affected(telling, finding);
	print_field(telling, "fix", telling->remedies[index]);
	print_paste(finding->paste);
	print_field(telling, "cost", finding->cost);
}

/* A blank line before what follows something. */
static void part(bool *any)
{
	if (*any)
		printf("\n");
	*any = true;
}

static void print_whole(const struct telling *telling, enum p2p_severity severity, bool *any)
{
	for (uint32_t i = 0; i < telling->doctor->count; i++) {
		if (telling->doctor->findings[i].severity != severity)
			continue;
		part(any);
		print_finding(telling, i);
	}
}

static bool same_remedy(const struct telling *telling, uint32_t a, uint32_t b)
{
	return telling->remedies[a] && telling->remedies[b] &&
	       !strcmp(telling->remedies[a], telling->remedies[b]);
}

/* The ids of findings from `first` on that have its severity and, if asked, its remedy. */
static char *ids_like(const struct telling *telling, uint32_t first, bool by_remedy,
		      uint32_t *count)
{
	const struct p2p_finding *findings = telling->doctor->findings;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	*count = 0;
	if (!file)
		return NULL;
	for (uint32_t i = first; i < telling->doctor->count; i++) {
		if (findings[i].severity != findings[first].severity ||
		    (by_remedy && i != first && !same_remedy(telling, i, first)))
			continue;
		fprintf(file, "%s%s", *count ? ", " : "", findings[i].id);
		++*count;
	}
	if (!fclose(file))
		return text;
	free(text);
	return NULL;
}

static bool was_told(const struct telling *telling, uint32_t index)
{
	const struct p2p_finding *findings = telling->doctor->findings;

	for (uint32_t i = 0; i < index; i++)
		if (findings[i].severity == findings[index].severity &&
		    same_remedy(telling, i, index))
			return true;
	return false;
}

/* One line for all that one remedy would tell. */
static void print_group(const struct telling *telling, uint32_t first)
{
	const struct p2p_finding *finding = &telling->doctor->findings[first];
	char *ids, *text = NULL;
	uint32_t count;

	ids = ids_like(telling, first, true, &count);
	if (!ids)
		return;
	if (count == 1)
		print_what(telling, finding);
	else if (asprintf(&text, "%" PRIu32 " checks could not be made: %s", count, ids) >= 0)
		print_head(telling, finding->severity, text);
	print_field(telling, "fix", telling->remedies[first]);
	free(count == 1 ? NULL : text);
	free(ids);
}

static void print_unknown(const struct telling *telling, bool *any)
{
	for (uint32_t i = 0; i < telling->doctor->count; i++) {
		if (telling->doctor->findings[i].severity != P2P_SEVERITY_UNKNOWN ||
		    was_told(telling, i))
			continue;
		part(any);
		print_group(telling, i);
	}
}

static void print_notes(const struct telling *telling, bool *any)
{
	bool first = true;

	for (uint32_t i = 0; i < telling->doctor->count; i++) {
		if (telling->doctor->findings[i].severity != P2P_SEVERITY_NOTE)
			continue;
		if (first)
			part(any);
		first = false;
		print_what(telling, &telling->doctor->findings[i]);
	}
}

static void print_fine(const struct telling *telling, bool *any)
{
	uint32_t first = 0, count;
	char *ids;

	while (first < telling->doctor->count &&
	       telling->doctor->findings[first].severity != P2P_SEVERITY_OK)
		first++;
	if (first == telling->doctor->count)
		return;
	ids = ids_like(telling, first, false, &count);
	if (!ids)
		return;
	part(any);
	print_head(telling, P2P_SEVERITY_OK, ids);
	free(ids);
}

static void print_summary(const struct telling *telling)
{
	uint32_t problems = telling->doctor->tally[P2P_SEVERITY_PROBLEM];
	uint32_t warnings = telling->doctor->tally[P2P_SEVERITY_WARNING];
	uint32_t unknown = telling->doctor->tally[P2P_SEVERITY_UNKNOWN];

	printf("\n");
	cli_say(&telling->terminal, 0,
		"%" PRIu32 " problem%s, %" PRIu32 " warning%s, %" PRIu32 " unknown%s", problems,
		problems == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s", unknown,
		telling->verbose ? "" : "; --verbose says what was seen");
}

static void print_all(const struct telling *telling)
{
	bool any = true;

	print_whole(telling, P2P_SEVERITY_PROBLEM, &any);
	print_whole(telling, P2P_SEVERITY_WARNING, &any);
	if (telling->verbose) {
		print_whole(telling, P2P_SEVERITY_UNKNOWN, &any);
		print_whole(telling, P2P_SEVERITY_NOTE, &any);
		print_whole(telling, P2P_SEVERITY_OK, &any);
	} else {
		print_unknown(telling, &any);
		print_notes(telling, &any);
		print_fine(telling, &any);
	}
	print_summary(telling);
}

int cli_doctor_text(const struct cli_view *view, const struct p2p_doctor *doctor, bool verbose)
{
	struct telling telling = { cli_terminal_look(stdout), doctor, .verbose = verbose };

	telling.remedies = calloc(doctor->count + 1, sizeof(*telling.remedies));
	if (!telling.remedies)
		return -ENOMEM;
	for (uint32_t i = 0; i < doctor->count; i++)
		telling.remedies[i] = cli_advice(view->fabric, doctor->findings[i].advice,
						 doctor->findings[i].advice_count);
	cli_say(&telling.terminal, 0, "Rules: %s%s. Source: %s.",
		view->policy == p2p_policy_hardware() ? "the " : "Linux ", view->policy->name,
		p2p_machine_source(view->machine));
	print_all(&telling);
	for (uint32_t i = 0; i < doctor->count; i++)
		free(telling.remedies[i]);
	free(telling.remedies);
	return 0;
}
