// SPDX-License-Identifier: MIT
/*
 * What every command that looks at a machine shares.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "exit.h"
#include "view.h"

const char *cli_bdf(char text[CLI_BDF], struct p2p_bdf bdf)
{
	snprintf(text, CLI_BDF, "%04" PRIx32 ":%02x:%02x.%x", bdf.domain, bdf.bus, bdf.devfn >> 3,
		 bdf.devfn & 7u);
	return text;
}

const char *cli_fit_name(enum p2p_policy_fit fit)
{
	switch (fit) {
	case P2P_FIT_EXACT:
		return "exact";
	case P2P_FIT_OLDER:
		return "older";
	case P2P_FIT_BETWEEN:
		return "between";
	case P2P_FIT_NEWER:
		break;
	}
	return "newer";
}

static int choose_policy(struct cli_view *view, const char *kernel, struct p2p_error *error)
{
	const char *own = p2p_machine_facts(view->machine)->kernel_release;

	view->asked = kernel ? kernel : own;
	if (!view->asked) {
		/* A source that does not say its kernel: the newest rules, and it is said. */
		uint32_t count;
		const struct p2p_policy *policies = p2p_policies(&count);

		view->policy = &policies[count - 2];
		view->fit = P2P_FIT_NEWER;
		return 0;
	}
	if (!p2p_policy_find(view->asked, &view->policy, &view->fit))
		return 0;
	return p2p_error_set(error, -EINVAL,
			     "--kernel: \"%s\" is no kernel release; use 6.1, 6.12, 7.3, another "
			     "release as uname -r prints it, or hardware",
			     view->asked);
}

static void say_what_to_know(const struct cli_view *view, bool unjudged, const char *command)
{
	for (uint32_t i = 0; i < p2p_machine_warnings(view->machine); i++)
		fprintf(stderr, "p2pmem %s: warning: %s\n", command,
			p2p_machine_warning(view->machine, i));
	if (unjudged)
		return;
	if (!view->asked)
		fprintf(stderr,
			"p2pmem %s: note: the source does not say its kernel: judged by Linux %s; "
			"choose with --kernel\n",
			command, view->policy->name);
	else if (view->fit != P2P_FIT_EXACT)
		fprintf(stderr,
			"p2pmem %s: note: no rules are known for kernel %s: judged by the nearest, "
			"Linux %s\n",
			command, view->asked, view->policy->name);
}

int cli_view_open(struct cli_view *view, const struct cli_view_arguments *arguments,
		  const char *command)
{
	struct p2p_error error = { .code = 0 };
	struct p2p_platform platform;
	int rc;

	*view = (struct cli_view){ .machine = NULL };
	rc = p2p_machine_open(arguments->source, &view->machine, &error);
	if (rc)
		return cli_fail(command, &error);
	rc = choose_policy(view, arguments->kernel, &error);
	if (rc)
		goto fail;

	view->fabric = p2p_machine_fabric(view->machine);
	platform = p2p_machine_platform(view->machine);
	rc = p2p_router_new(view->fabric, view->policy, &platform, &view->router);
	if (!rc)
		rc = p2p_router_new(view->fabric, p2p_policy_hardware(), &platform,
				    &view->hardware);
	if (rc) {
		p2p_error_set(&error, rc, "out of memory");
		goto fail;
	}
	if (!arguments->json)
		say_what_to_know(view, arguments->unjudged, command);
	return 0;

fail:
	cli_view_close(view);
	return cli_fail(command, &error);
}

void cli_view_close(struct cli_view *view)
{
	p2p_router_free(view->router);
	p2p_router_free(view->hardware);
	p2p_machine_free(view->machine);
}

json_t *cli_view_json(const struct cli_view *view, const char *command, int format)
{
	json_t *warnings = json_array();

	for (uint32_t i = 0; i < p2p_machine_warnings(view->machine); i++)
		json_array_append_new(warnings, json_string(p2p_machine_warning(view->machine, i)));
	return json_pack("{s:s, s:i, s:s, s:s, s:{s:s, s:s?, s:s}, s:o}", "command", command,
			 "format", format, "version", P2P_VERSION, "source",
			 p2p_machine_source(view->machine), "policy", "name", view->policy->name,
			 "asked", view->asked, "fit", cli_fit_name(view->fit), "warnings",
			 warnings);
}

int cli_json_print(const char *command, json_t *object)
{
	int rc = object ? json_dumpf(object, stdout, JSON_INDENT(1)) : -1;

	json_decref(object);
	if (rc && !ferror(stdout))
		return cli_fail_memory(command);
	printf("\n");
	return cli_finish(command);
}
