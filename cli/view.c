// SPDX-License-Identifier: MIT
/*
 * What every command that looks at a machine shares.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <p2pmem/kernels.h>

#include "exit.h"
#include "json.h"
#include "view.h"

static int make_routers(struct cli_view *view, const char *kernel, struct p2p_error *error)
{
	struct p2p_error bad = { .code = 0 };
	enum p2p_policy_fit exact;
	int rc = p2p_machine_router(view->machine, kernel, &view->router, &view->fit, &bad);

	if (rc)
		return p2p_error_set(error, rc, "%s%s", rc == -EINVAL && kernel ? "--kernel: " : "",
				     bad.text);
	view->policy = p2p_router_policy(view->router);
	view->asked = kernel ? kernel : p2p_machine_facts(view->machine)->kernel_release;
	return p2p_machine_router(view->machine, "hardware", &view->hardware, &exact, error);
}

static void say_unread(const struct cli_view *view)
{
	char rules[P2P_POLICY_TEXT];

	fprintf(stderr,
		"p2pmem %s: note: the rules of kernel %s were not read: it has those of %s; a "
		"verdict is what all of them say\n",
		cli_running()->name, view->asked, p2p_policy_text(view->policy, rules));
}

static void say_what_to_know(const struct cli_view *view, bool unjudged)
{
	const char *command = cli_running()->name;

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
		say_unread(view);
}

int cli_view_open(struct cli_view *view, const struct cli_view_arguments *arguments)
{
	struct p2p_error error = { .code = 0 };
	int rc;

	*view = (struct cli_view){ .machine = NULL };
	rc = p2p_machine_open_nth(arguments->source, arguments->machine ? arguments->machine : 1,
				  &view->machine, &error);
	if (rc)
		return cli_fail(&error);
	view->fabric = p2p_machine_fabric(view->machine);
	rc = make_routers(view, arguments->kernel, &error);
	/* A module that is not loaded provides nothing. */
	if (!rc && !arguments->source &&
	    p2p_module_memories(&view->memories, &view->memory_count, NULL) == -ENOMEM)
		rc = p2p_error_set(&error, -ENOMEM, "out of memory");
	if (rc)
		goto fail;
	if (!arguments->json)
		say_what_to_know(view, arguments->unjudged);
	return 0;

fail:
	cli_view_close(view);
	return cli_fail(&error);
}

void cli_view_close(struct cli_view *view)
{
	p2p_router_free(view->router);
	p2p_router_free(view->hardware);
	p2p_machine_free(view->machine);
	free(view->memories);
}

int cli_view_providers(const struct cli_view *view, p2p_node client,
		       struct p2p_provider_info **providers, uint32_t *count)
{
	struct p2p_providers_request request;

	p2p_providers_request_init(&request, sizeof(request));
	request.machine = view->machine;
	request.router = view->router;
	request.client = client;
	request.memories = view->memories;
	request.memory_count = view->memory_count;
	return p2p_providers_list(&request, providers, count);
}

int cli_find_function(const char *name, struct p2p_bdf *function, struct p2p_error *error)
{
	const struct p2p_node_info *info;
	struct p2p_machine *machine;
	p2p_node node;
	int rc = p2p_machine_open(NULL, &machine, error);

	if (rc)
		return rc;
	rc = p2p_machine_find(machine, name, &node, error);
	if (!rc) {
		info = p2p_fabric_info(p2p_machine_fabric(machine), node);
		*function = info->bdf;
		if (info->kind == P2P_KIND_HOST_BRIDGE || info->kind == P2P_KIND_OFF_BUS)
			rc = p2p_error_set(
				error, -EINVAL,
				"%.80s: is not a PCI function, so it has no BAR: name one, "
				"as lspci does",
				name);
	}
	p2p_machine_free(machine);
	return rc;
}

static json_t *machine_json(const struct p2p_machine *machine)
{
	const struct p2p_machine_facts *facts = p2p_machine_facts(machine);

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "arch",
			 cli_json_text(facts->arch), "cpu_vendor", cli_json_text(facts->cpu_vendor),
			 "cpu_name", cli_json_text(facts->cpu_name), "cpu_family",
			 cli_json_natural(facts->cpu_family), "cpu_model",
			 cli_json_natural(facts->cpu_model), "kernel",
			 cli_json_text(facts->kernel_release), "command_line",
			 cli_json_text(facts->command_line), "virtual",
			 cli_json_known(facts->hypervisor), "iommu", cli_json_known(facts->iommu),
			 "root", cli_json_known(facts->root));
}

static json_t *policy_json(const struct cli_view *view)
{
	/* Nothing was asked for, so nothing fits: the rules are the newest. */
	return json_pack("{s:s, s:o, s:s?}", "name", view->policy->name, "asked",
			 cli_json_text(view->asked), "fit",
			 view->asked ? p2p_policy_fit_name(view->fit) : NULL);
}

static json_t *warnings_json(const struct p2p_machine *machine)
{
	json_t *warnings = json_array();

	for (uint32_t i = 0; i < p2p_machine_warnings(machine); i++)
		json_array_append_new(warnings, cli_json_text(p2p_machine_warning(machine, i)));
	return warnings;
}

json_t *cli_view_json(const struct cli_view *view)
{
	return json_pack("{s:s, s:o, s:o, s:o}", "source", p2p_machine_source(view->machine),
			 "policy", policy_json(view), "warnings", warnings_json(view->machine),
			 "machine", machine_json(view->machine));
}
