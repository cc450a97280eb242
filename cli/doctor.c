// SPDX-License-Identifier: MIT
/*
 * p2pmem doctor: everything that stands between a machine and peer-to-peer, as a checklist.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "doctor_text.h"
#include "exit.h"
#include "fix.h"
#include "json.h"
#include <p2pmem/text.h>
#include "results.h"
#include "severity.h"
#include "view.h"

#define DEVICES "/sys/bus/pci/devices"
#define MODULE  "/sys/module/p2pmem"

struct arguments {
	struct cli_view_arguments view;
	int fail_on; /* enum cli_fail_on */
	const char *ignore, *only, *results;
	bool verbose;
};

static const struct cli_option options[] = {
	CLI_VIEW_OPTIONS(struct arguments, view),
	{ "fail-on", 0, CLI_WORD, offsetof(struct arguments, fail_on), "SEVERITY",
	  "what makes an exit status of its own: problem,\nwarning (and problems) or unknown (and "
	  "both)",
	  cli_fail_on_words },
	{ "ignore", 'i', CLI_TEXT, offsetof(struct arguments, ignore), "ID,...",
	  "leave these findings out", NULL },
	{ "only", 'o', CLI_TEXT, offsetof(struct arguments, only), "ID,...",
	  "leave all but these findings out", NULL },
	CLI_RESULTS_OPTION(struct arguments, results),
	{ "verbose", 'v', CLI_FLAG, offsetof(struct arguments, verbose), NULL,
	  "what was seen for every finding", NULL },
	{ .name = NULL },
};

/* Whether one of the words between commas is `word`, which has `length` bytes. */
static bool lists(const char *list, const char *word, size_t length)
{
	while (*list) {
		size_t next = strcspn(list, ",");

		if (next == length && !memcmp(list, word, length))
			return true;
		list += next + (list[next] == ',');
	}
	return false;
}

static bool wanted(const char *id, void *context)
{
	const struct arguments *arguments = context;

	if (arguments->only && !lists(arguments->only, id, strlen(id)))
		return false;
	return !arguments->ignore || !lists(arguments->ignore, id, strlen(id));
}

/* The ids that a wrong one may stand for, or all. */
static void write_ids(FILE *file, const char *word)
{
	const char *const *ids = p2p_doctor_ids();
	bool any = false;

	for (size_t i = 0; ids[i]; i++) {
		if (!p2p_near(word, ids[i]))
			continue;
		fprintf(file, "%s%s", any ? ", " : "near it: ", ids[i]);
		any = true;
	}
	if (any)
		return;
	fprintf(file, "there are ");
	for (size_t i = 0; ids[i]; i++)
		fprintf(file, "%s%s", i ? ", " : "", ids[i]);
}

static bool is_id(const char *word)
{
	const char *const *ids = p2p_doctor_ids();

	for (size_t i = 0; ids[i]; i++)
		if (!strcmp(ids[i], word))
			return true;
	return false;
}

/* A misspelt id would silently ignore nothing. */
static int check_ids(const char *option, const char *list)
{
	char *copy = strdup(list ? list : ""), *rest = copy, *word;
	char text[P2P_ERROR_TEXT] = "";
	struct p2p_error error = { .code = 0 };
	FILE *file;
	int status = 0;

	if (!copy)
		return cli_fail_memory();
	while (!status && list && (word = strsep(&rest, ","))) {
		if (is_id(word))
			continue;
		file = fmemopen(text, sizeof(text), "w");
		if (file) {
			write_ids(file, word);
			fclose(file);
		}
		p2p_error_set(&error, -EINVAL, "--%s: there is no finding \"%.60s\"; %s", option,
			      word, text);
		status = cli_fail(&error);
	}
	free(copy);
	return status;
}

static json_t *finding_json(const struct cli_view *view, const struct p2p_finding *finding)
{
	json_t *devices = json_array(), *pairs = json_array(), *object;
	char *remedy = cli_advice(view->fabric, finding->advice, finding->advice_count);

	for (uint32_t i = 0; i < finding->node_count; i++)
		json_array_append_new(devices, cli_json_address(view->fabric, finding->nodes[i]));
	for (uint32_t i = 0; i < finding->pair_count; i++)
		json_array_append_new(
			pairs,
			json_pack("{s:o, s:o}", "client",
				  cli_json_address(view->fabric, finding->pairs[i].client),
				  "provider",
				  cli_json_address(view->fabric, finding->pairs[i].provider)));
	object = json_pack(
		"{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "id", finding->id,
		"area", finding->area, "severity", p2p_severity_name(finding->severity), "what",
		cli_json_text(finding->text), "evidence", cli_json_text(finding->evidence),
		"remedy", cli_json_text(remedy), "paste", cli_json_text(finding->paste), "cost",
		cli_json_text(finding->cost), "devices", devices, "pairs", pairs, "more_pairs",
		finding->more_pairs);
	free(remedy);
	return object;
}

static int print_json(const struct cli_view *view, const struct p2p_doctor *doctor, int status)
{
	json_t *object = cli_view_json(view);
	json_t *findings = json_array(), *tally = json_object();

	for (uint32_t i = 0; i < doctor->count; i++)
		json_array_append_new(findings, finding_json(view, &doctor->findings[i]));
	for (int i = 0; i < P2P_SEVERITIES; i++)
		json_object_set_new(tally, p2p_severity_name((enum p2p_severity)i),
				    json_integer(doctor->tally[i]));
	if (json_object_set_new(object, "findings", findings) ||
	    json_object_set_new(object, "tally", tally) ||
	    json_object_set_new(object, "status", json_integer(status))) {
		json_decref(object);
		object = NULL;
	}
	return cli_json_print(object);
}

static int show(const struct cli_view *view, const struct p2p_doctor *doctor,
		const struct arguments *arguments)
{
	int found = cli_fail_on_status((enum cli_fail_on)arguments->fail_on, doctor->tally);
	int status;

	if (arguments->view.json) {
		status = print_json(view, doctor, found);
	} else {
		status = cli_doctor_text(view, doctor, arguments->verbose);
		status = status ? cli_fail_memory() : cli_finish();
	}
	return status ? status : found;
}

static int examine(const struct cli_view *view, struct arguments *arguments,
		   const struct p2p_proofs *proofs, const struct p2p_proofs *allowed)
{
	struct p2p_doctor_request request;
	struct p2p_error error = { .code = 0 };
	struct p2p_doctor *doctor;
	int status;

	p2p_doctor_request_init(&request, sizeof(request));
	request.machine = view->machine;
	request.router = view->router;
	request.release = view->policy == p2p_policy_hardware()
				  ? p2p_machine_facts(view->machine)->kernel_release
				  : view->asked;
	request.devices = arguments->view.source ? NULL : DEVICES;
	request.module = arguments->view.source ? NULL : MODULE;
	request.memories = view->memories;
	request.memory_count = view->memory_count;
	request.proofs = proofs;
	request.allowed = allowed;
	if (p2p_doctor_examine(&request, &doctor, &error))
		return cli_fail(&error);
	p2p_doctor_keep(doctor, wanted, arguments);
	status = show(view, doctor, arguments);
	p2p_doctor_free(doctor);
	return status;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct arguments arguments = { .fail_on = CLI_FAIL_ON_DEFAULT };
	struct p2p_proofs *proofs, *allowed;
	struct cli_view view;
	int first, status;

	status = cli_parse(command, &arguments, argc, argv, &first);
	if (status != CLI_GO_ON)
		return status;
	status = check_ids("ignore", arguments.ignore);
	if (!status)
		status = check_ids("only", arguments.only);
	if (status)
		return status;
	status = cli_view_open(&view, &arguments.view);
	if (status)
		return status;
	status = cli_results_open(&view, &arguments.view, arguments.results, &proofs);
	cli_allowed_results_open(&view, &arguments.view, &allowed);
	if (!status)
		status = examine(&view, &arguments, proofs, allowed);
	p2p_proofs_close(proofs);
	p2p_proofs_close(allowed);
	cli_view_close(&view);
	return status;
}

const struct cli_command cli_doctor_command = {
	.name = "doctor",
	.summary = "List everything that stands between a machine and peer-to-peer",
	.arguments = "",
	.details =
		"Exit status: 0 no problem, 1 a problem, 2 no problem but something could not be "
		"read; --fail-on changes that.\n",
	.options = options,
	.positional = 0,
	.json_format = 2,
	.run = run,
};
