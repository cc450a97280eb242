// SPDX-License-Identifier: MIT
/*
 * Results of p2pmem prove, for the commands that heed them.
 */
#include <stdio.h>
#include <string.h>

#include "exit.h"
#include "json.h"
#include "results.h"

#include <p2pmem/allow.h>

static void say_damaged(const struct p2p_proofs *proofs)
{
	for (uint32_t i = 0; i < p2p_proofs_warnings(proofs); i++)
		fprintf(stderr, "p2pmem %s: warning: %s\n", cli_running()->name,
			p2p_proofs_warning(proofs, i));
}

/* `own`: where this machine's are; `what` they are. */
static int open_results(const struct cli_view *view, const struct cli_view_arguments *arguments,
			const char *path, const char *own, const char *what,
			struct p2p_proofs **proofs)
{
	struct p2p_error error = { .code = 0 };
	struct p2p_proofs_options options;

	*proofs = NULL;
	if (arguments->source && !path)
		return 0;
	p2p_proofs_options_init(&options, sizeof(options));
	options.path = path ? path : own;
	if (view->policy != p2p_policy_hardware())
		options.kernel = arguments->kernel;
	if (!p2p_proofs_open(view->machine, &options, proofs, &error)) {
		if (!arguments->json)
			say_damaged(*proofs);
		return 0;
	}
	if (path)
		return cli_fail(&error);
	fprintf(stderr, "p2pmem %s: warning: results of p2pmem %s do not count: %s\n",
		cli_running()->name, what, error.text);
	return 0;
}

int cli_results_open(const struct cli_view *view, const struct cli_view_arguments *arguments,
		     const char *path, struct p2p_proofs **proofs)
{
	return open_results(view, arguments, path, P2P_PROOFS_PATH, "prove", proofs);
}

void cli_allowed_results_open(const struct cli_view *view,
			      const struct cli_view_arguments *arguments,
			      struct p2p_proofs **proofs)
{
	open_results(view, arguments, NULL, P2P_ALLOWED_PATH, "allow", proofs);
}

json_t *cli_results_json(const struct p2p_proofs *proofs)
{
	json_t *warnings;

	if (!proofs)
		return json_null();
	warnings = json_array();
	for (uint32_t i = 0; i < p2p_proofs_warnings(proofs); i++)
		json_array_append_new(warnings, cli_json_text(p2p_proofs_warning(proofs, i)));
	return json_pack("{s:o, s:o}", "path", cli_json_text(p2p_proofs_path(proofs)), "warnings",
			 warnings);
}

json_t *cli_result_json(const struct p2p_proof_result *result)
{
	bool tried = result->state != P2P_PROOF_NOT_TRIED;

	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "state",
			 p2p_proof_state_name(result->state), "recorded",
			 p2p_proof_state_name(result->recorded), "damage",
			 p2p_damage_name(result->damage), "time",
			 tried ? json_integer(result->time) : json_null(), "bytes",
			 tried ? json_integer((json_int_t)result->bytes) : json_null(), "text",
			 cli_json_text(result->text), "changed", cli_json_text(result->changed));
}
