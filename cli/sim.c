// SPDX-License-Identifier: MIT
/*
 * p2pmem sim: runs a scenario on the simulated bus, draws the way of each request, and says what
 * each expectation gave.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "commands.h"
#include "exit.h"
#include "json.h"
#include <p2pmem/text.h>
#include "scenario.h"
#include "view.h"

#define STATUS_BAD 1

struct arguments {
	bool json, quiet;
};

static const struct cli_option options[] = {
	{ "quiet", 'q', CLI_FLAG, offsetof(struct arguments, quiet), NULL,
	  "say only what was not as expected", NULL },
	{ "json", 'j', CLI_FLAG, offsetof(struct arguments, json), NULL, "one JSON object", NULL },
	{ .name = NULL },
};

struct report {
	const struct sim_machine *machine;
	const char *file;
	bool quiet;
	unsigned int expectations;
	json_t *steps; /* array; NULL when for people */
};

static const char *name_of(const struct report *report, sim_node node)
{
	return sim_info(report->machine, node)->name;
}

/* What a hop does, in a person's words; `text` has room for a sentence. */
static const char *hop_words(const struct sim_hop *hop, char *text, size_t room)
{
	unsigned long long address = hop->address;
	char bits[SIM_ACS_TEXT];

	switch (hop->action) {
	case SIM_SENDS:
		snprintf(text, room, hop->completion ? "answers" : "sends to 0x%llx", address);
		break;
	case SIM_UP:
		return "up";
	case SIM_REDIRECTS:
		snprintf(text, room, "up, because of ACS %s", sim_acs_text(bits, hop->bits));
		break;
	case SIM_TURNS:
		snprintf(text, room, "turns to its neighbour%s%s", hop->bits ? ", by ACS " : "",
			 hop->bits ? sim_acs_text(bits, hop->bits) : "");
		break;
	case SIM_TAKES:
		snprintf(text, room, hop->completion ? "host" : "host, CPU address 0x%llx",
			 address);
		break;
	case SIM_TRANSLATES:
		snprintf(text, room, "host, by its IOMMU CPU address 0x%llx", address);
		break;
	case SIM_PUTS:
		snprintf(text, room, hop->completion ? "down" : "down, bus address 0x%llx",
			 address);
		break;
	case SIM_DOWN:
		return "down";
	case SIM_ENDS:
		return hop->completion ? "has the data" : "takes it";
	case SIM_DIES:
		return "dies";
	}
	return text;
}

static uint32_t kept(const struct sim_result *result)
{
	return result->hop_count < SIM_HOPS_MAX ? result->hop_count : SIM_HOPS_MAX;
}

static void draw_way(const struct report *report, const struct sim_result *result)
{
	bool back = false;
	char text[128];

	for (uint32_t i = 0; i < kept(result); i++) {
		const struct sim_hop *hop = &result->hop[i];

		if (hop->completion && !back)
			printf("      and back:\n");
		back = hop->completion;
		printf("      %-12s %s\n", name_of(report, hop->node),
		       hop_words(hop, text, sizeof(text)));
	}
	if (result->hop_count > SIM_HOPS_MAX)
		printf("      and %u more\n", result->hop_count - SIM_HOPS_MAX);
}

static const char *wrong_place(const struct sim_run *run)
{
	const struct sim_target *wanted = &run->wanted;
	const struct sim_result *result = run->result;

	if (result->where == wanted->node && result->bar == wanted->bar &&
	    result->offset == wanted->offset)
		return "WRONG BYTES at";
	return "LANDS IN THE WRONG PLACE,";
}

static void draw_end(const struct report *report, const struct sim_run *run)
{
	const struct sim_result *result = run->result;
	const struct sim_target place = { result->where, result->bar, result->offset };
	char bytes[P2P_SIZE_TEXT], target[SIM_TARGET_TEXT], bits[SIM_ACS_TEXT];

	printf("    %s, %s: ", run->segment->write ? "write" : "read",
	       p2p_size_text(bytes, result->bytes));
	if (run->arrived)
		printf("arrives at %s\n", sim_target_text(report->machine, target, &place));
	else if (result->outcome == SIM_LANDED)
		printf("%s %s\n", wrong_place(run),
		       sim_target_text(report->machine, target, &place));
	else
		printf("dies (%s%s%s) at %s: %s\n", sim_outcome_name(result->outcome),
		       result->bits ? " " : "",
		       result->bits ? sim_acs_text(bits, result->bits) : "",
		       name_of(report, result->where), result->why);
}

static void draw_step(void *context, const struct sim_step *step)
{
	const struct report *report = context;

	if (!report->quiet)
		printf("%u: %s\n", step->line, step->text);
}

static void draw_run(void *context, const struct sim_step *step, const struct sim_run *run)
{
	const struct report *report = context;

	(void)step;
	if (report->quiet)
		return;
	draw_end(report, run);
	draw_way(report, run->result);
}

static void draw_judged(void *context, const struct sim_step *step, bool met, const char *instead)
{
	struct report *report = context;

	report->expectations++;
	if (met && !report->quiet)
		printf("    as expected: %s\n", step->text);
	else if (!met)
		printf("%s:%u: NOT AS EXPECTED: %s: instead %s\n", report->file, step->line,
		       step->text, instead);
}

static json_t *hops_json(const struct report *report, const struct sim_result *result)
{
	json_t *hops = json_array();
	char bits[SIM_ACS_TEXT], address[32];

	for (uint32_t i = 0; i < kept(result); i++) {
		const struct sim_hop *hop = &result->hop[i];

		snprintf(address, sizeof(address), "0x%llx", (unsigned long long)hop->address);
		json_array_append_new(hops, json_pack("{s:s, s:s, s:s, s:b, s:s?}", "node",
						      name_of(report, hop->node), "action",
						      sim_action_name(hop->action), "acs",
						      sim_acs_text(bits, hop->bits), "completion",
						      (int)hop->completion, "address",
						      hop->completion ? NULL : address));
	}
	return hops;
}

static void json_step(void *context, const struct sim_step *step)
{
	struct report *report = context;

	json_array_append_new(report->steps,
			      json_pack("{s:i, s:s, s:[], s:[]}", "line", (int)step->line, "text",
					step->text, "runs", "expectations"));
}

static json_t *last_step(const struct report *report, const char *member)
{
	size_t count = json_array_size(report->steps);

	return json_object_get(json_array_get(report->steps, count - 1), member);
}

static void json_run(void *context, const struct sim_step *step, const struct sim_run *run)
{
	const struct report *report = context;
	const struct sim_result *result = run->result;
	char bits[SIM_ACS_TEXT], dma[32];

	(void)step;
	snprintf(dma, sizeof(dma), "0x%llx", (unsigned long long)run->dma.value);
	json_array_append_new(last_step(report, "runs"),
			      json_pack("{s:b, s:s, s:I, s:b, s:s, s:s, s:i, s:I, s:s, s:s, s:o}",
					"write", (int)run->segment->write, "dma", dma, "bytes",
					(json_int_t)result->bytes, "arrived", (int)run->arrived,
					"outcome", sim_outcome_name(result->outcome), "where",
					name_of(report, result->where), "bar", (int)result->bar,
					"offset", (json_int_t)result->offset, "acs",
					sim_acs_text(bits, result->bits), "why", result->why,
					"hops", hops_json(report, result)));
}

static void json_judged(void *context, const struct sim_step *step, bool met, const char *instead)
{
	struct report *report = context;

	report->expectations++;
	json_array_append_new(last_step(report, "expectations"),
			      json_pack("{s:i, s:s, s:b, s:s?}", "line", (int)step->line, "text",
					step->text, "met", (int)met, "instead",
					met ? NULL : instead));
}

static int play(struct sim_scenario *scenario, const char *file, const struct arguments *arguments)
{
	struct report report = {
		.machine = scenario->machine,
		.file = file,
		.quiet = arguments->quiet,
		.steps = arguments->json ? json_array() : NULL,
	};
	const struct sim_observer people = { draw_step, draw_run, draw_judged, &report };
	const struct sim_observer programs = { json_step, json_run, json_judged, &report };
	struct sim_error error;
	unsigned int unmet;

	if (sim_scenario_run(scenario, file, arguments->json ? &programs : &people, &unmet,
			     &error) != 0) {
		json_decref(report.steps);
		fprintf(stderr, "p2pmem sim: %s\n", error.text);
		return EX_DATAERR;
	}
	if (arguments->json) {
		int rc = cli_json_print(json_pack("{s:s, s:i, s:i, s:o}", "scenario", file,
						  "expectations", (int)report.expectations, "unmet",
						  (int)unmet, "steps", report.steps));

		if (rc)
			return rc;
	} else if (!arguments->quiet || unmet) {
		printf("%u of %u expectations met\n", report.expectations - unmet,
		       report.expectations);
	}
	return unmet ? STATUS_BAD : 0;
}

/* Reads all of it, or one byte more than a scenario may have. */
static char *read_file(const char *path, size_t *length, struct p2p_error *error)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	char *text = file ? malloc(SIM_TEXT_MAX + 1) : NULL;

	if (text)
		*length = fread(text, 1, SIM_TEXT_MAX + 1, file);
	if (!text || ferror(file)) {
		p2p_error_set(error, errno ? -errno : -EIO, "%s: %s; give a scenario file, or -",
			      path, strerror(errno ? errno : EIO));
		free(text);
		text = NULL;
	}
	if (file && file != stdin)
		fclose(file);
	return text;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct arguments arguments = { .json = false };
	struct p2p_error failure = { .code = 0 };
	struct sim_scenario *scenario;
	struct sim_error error;
	const char *file;
	size_t length;
	int first, rc;
	char *text;

	rc = cli_parse(command, &arguments, argc, argv, &first);
	if (rc != CLI_GO_ON)
		return rc;
	file = argv[first];
	text = read_file(file, &length, &failure);
	if (!text)
		return cli_fail(&failure);
	if (strcmp(file, "-") == 0)
		file = "stdin";
	scenario = sim_scenario_parse(file, text, length, &error);
	free(text);
	if (!scenario) {
		fprintf(stderr, "p2pmem sim: %s\n", error.text);
		return EX_DATAERR;
	}
	rc = play(scenario, file, &arguments);
	sim_scenario_free(scenario);
	return rc;
}

const struct cli_command cli_sim_command = {
	.name = "sim",
	.summary = "Run a scenario on a simulated bus and draw the path of each request",
	.arguments = "FILE",
	.details = "FILE is a scenario, p2pmem-sim-scenario(5), or - for standard input.\n"
		   "Exit status: 0 all as expected, 1 not.\n",
	.options = options,
	.positional = 1,
	.json_format = 1,
	.run = run,
};
