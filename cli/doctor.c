// SPDX-License-Identifier: MIT
/*
 * p2pmem doctor: everything that stands between a machine and peer-to-peer, as a checklist.
 */
#include <errno.h>
#include <stdio.h>

#include "commands.h"
#include "doctor_text.h"
#include "exit.h"
#include "json.h"
#include "view.h"

#define NAME        "doctor"
#define JSON_FORMAT 1

#define STATUS_FINE    0
#define STATUS_PROBLEM 1
#define STATUS_UNKNOWN 2

#define DEVICES "/sys/bus/pci/devices"
#define MODULE  "/sys/module/p2pmem"

struct arguments {
	struct cli_view_arguments view;
};

static const struct cli_option options[] = {
	CLI_VIEW_OPTIONS(struct arguments, view),
	{ .name = NULL },
};

static int status_of(const struct p2p_doctor *doctor)
{
	if (doctor->tally[P2P_SEVERITY_PROBLEM])
		return STATUS_PROBLEM;
	return doctor->tally[P2P_SEVERITY_UNKNOWN] ? STATUS_UNKNOWN : STATUS_FINE;
}

static json_t *finding_json(const struct cli_view *view, const struct p2p_finding *finding)
{
	json_t *devices = json_array();

	for (uint32_t i = 0; i < finding->node_count; i++)
		json_array_append_new(devices, cli_json_address(view->fabric, finding->nodes[i]));
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "id", finding->id, "area",
			 finding->area, "severity", p2p_severity_name(finding->severity), "what",
			 cli_json_text(finding->what), "evidence", cli_json_text(finding->evidence),
			 "remedy", cli_json_text(finding->remedy), "cost",
			 cli_json_text(finding->cost), "devices", devices);
}

static int print_json(const struct cli_view *view, const struct p2p_doctor *doctor)
{
	json_t *object = cli_view_json(view, NAME, JSON_FORMAT);
	json_t *findings = json_array(), *tally = json_object();

	for (uint32_t i = 0; i < doctor->count; i++)
		json_array_append_new(findings, finding_json(view, &doctor->findings[i]));
	for (int i = 0; i < P2P_SEVERITIES; i++)
		json_object_set_new(tally, p2p_severity_name((enum p2p_severity)i),
				    json_integer(doctor->tally[i]));
	if (json_object_set_new(object, "findings", findings) ||
	    json_object_set_new(object, "tally", tally) ||
	    json_object_set_new(object, "status", json_integer(status_of(doctor)))) {
		json_decref(object);
		object = NULL;
	}
	return cli_json_print(NAME, object);
}

static int show(const struct cli_view *view, const struct p2p_doctor *doctor, bool json)
{
	int status;

	if (json) {
		status = print_json(view, doctor);
	} else {
		cli_doctor_text(view, doctor);
		status = cli_finish(NAME);
	}
	return status ? status : status_of(doctor);
}

static int examine(const struct cli_view *view, const struct arguments *arguments)
{
	struct p2p_doctor_request request = {
		.machine = view->machine,
		.router = view->router,
		.release = view->policy == p2p_policy_hardware()
				   ? p2p_machine_facts(view->machine)->kernel_release
				   : view->asked,
		.devices = arguments->view.source ? NULL : DEVICES,
		.module = arguments->view.source ? NULL : MODULE,
	};
	struct p2p_error error = { .code = 0 };
	struct p2p_doctor *doctor;
	int status;

	if (p2p_doctor_examine(&request, &doctor, &error))
		return cli_fail(NAME, &error);
	status = show(view, doctor, arguments->view.json);
	p2p_doctor_free(doctor);
	return status;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct arguments arguments = { .view = { .json = false } };
	struct cli_view view;
	int first, status;

	status = cli_parse(command, &arguments, argc, argv, &first);
	if (status != CLI_GO_ON)
		return status;
	status = cli_view_open(&view, &arguments.view, NAME);
	if (status)
		return status;
	status = examine(&view, &arguments);
	cli_view_close(&view);
	return status;
}

const struct cli_command cli_doctor_command = {
	.name = NAME,
	.summary = "List everything that stands between a machine and peer-to-peer",
	.arguments = "",
	.details =
		"Exit status: 0 no problem, 1 a problem, 2 no problem but something could not be "
		"read.\n",
	.options = options,
	.positional = 0,
	.run = run,
};
