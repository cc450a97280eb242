// SPDX-License-Identifier: MIT
/*
 * p2pmem providers: who provides memory, and who could.
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "commands.h"
#include "format.h"
#include "exit.h"
#include "fix.h"
#include "json.h"
#include <p2pmem/text.h>
#include <p2pmem/topology.h>
#include <p2pmem/providers.h>
#include <p2pmem/explain.h>
#include "table.h"
#include "view.h"

struct arguments {
	struct cli_view_arguments view;
};

static const struct cli_option options[] = {
	CLI_VIEW_OPTIONS(struct arguments, view),
	{ .name = NULL },
};

enum column {
	COLUMN_DEVICE,
	COLUMN_KIND,
	COLUMN_NAMES,
	COLUMN_STATE,
	COLUMN_AS,
	COLUMN_SIZE,
	COLUMN_VERDICT,
	COLUMN_DISTANCE,
	COLUMN_BAR,
	COLUMN_WHY,
	COLUMN_MODEL,
	COLUMNS,
};

static const char *const titles[COLUMNS] = {
	"DEVICE",  "KIND",     "NAMES", "STATE", "AS",    "SIZE",
	"VERDICT", "DISTANCE", "BAR",   "WHY",   "MODEL",
};

struct listing {
	const struct cli_view *view;
	p2p_node client;
	struct p2p_provider_info *providers;
	uint32_t count;
	bool with_domain;
};

static void device_cell(struct cli_table *table, const struct listing *listing, p2p_node node)
{
	FILE *out = cli_table_begin(table);

	if (!out)
		return;
	cli_write_address(out, p2p_fabric_info(listing->view->fabric, node), listing->with_domain);
	cli_table_end(table, COLUMN_DEVICE, CLI_PLAIN);
}

static void names_cell(struct cli_table *table, const struct listing *listing, p2p_node node)
{
	FILE *out = cli_table_begin(table);

	if (!out)
		return;
	cli_write_names(out, listing->view->machine, node);
	cli_table_end(table, COLUMN_NAMES, CLI_BOLD);
}

/* And what of it there is room for on a narrow terminal. */
static void model_cell(struct cli_table *table, const struct listing *listing, p2p_node node)
{
	FILE *out = cli_table_begin(table);

	if (!out)
		return;
	cli_write_model(out, listing->view->machine, node);
	cli_table_end(table, COLUMN_MODEL, CLI_PLAIN);
	out = cli_table_begin(table);
	if (!out)
		return;
	cli_write_short_model(out, listing->view->machine, node);
	cli_table_end_brief(table, COLUMN_MODEL);
}

static void size_cell(struct cli_table *table, const struct p2p_provider_info *provider)
{
	char size[P2P_SIZE_TEXT], available[P2P_SIZE_TEXT];
	bool some_taken =
		provider->state <= P2P_PROVIDER_PRIVATE && provider->available < provider->size;

	/* What is not counted is more than any size. */

	p2p_size_text(size, provider->size);
	if (some_taken)
		cli_table_cell(table, COLUMN_SIZE, CLI_PLAIN, "%s, %s free", size,
			       p2p_size_text(available, provider->available));
	else
		cli_table_cell(table, COLUMN_SIZE, CLI_PLAIN, "%s", size);
}

static void route_cells(struct cli_table *table, const struct p2p_route *route)
{
	cli_table_cell(table, COLUMN_VERDICT, cli_verdict_style(route->verdict), "%s",
		       p2p_verdict_text(route->verdict));
	if (route->verdict == P2P_VERDICT_VIA_HOST)
		cli_table_brief(table, COLUMN_VERDICT, "host bridge");
	if (route->distance >= 0)
		cli_table_cell(table, COLUMN_DISTANCE, CLI_PLAIN, "%" PRId32, route->distance);
}

/* In this order columns go when there is no room. */
static void shape(struct cli_table *table)
{
	cli_table_shape(table, COLUMN_BAR, 1, 0);
	cli_table_shape(table, COLUMN_DISTANCE, 2, 0);
	cli_table_shape(table, COLUMN_MODEL, 3, 12);
	cli_table_shape(table, COLUMN_WHY, 4, 0);
	cli_table_shape(table, COLUMN_KIND, 5, 0);
	cli_table_shape(table, COLUMN_NAMES, 6, 8);
	cli_table_shape(table, COLUMN_SIZE, 7, 0);
}

static void add_row(struct cli_table *table, const struct listing *listing,
		    const struct p2p_provider_info *provider)
{
	const struct cli_view *view = listing->view;

	cli_table_row(table);
	device_cell(table, listing, provider->node);
	names_cell(table, listing, provider->node);
	model_cell(table, listing, provider->node);
	cli_table_cell(table, COLUMN_KIND, CLI_PLAIN, "%s",
		       p2p_device_kind_name(p2p_device_kind(view->machine, provider->node)));
	cli_table_cell(table, COLUMN_STATE,
		       provider->state == P2P_PROVIDER_PUBLISHED ? CLI_GOOD : CLI_DIM, "%s",
		       p2p_provider_state_name(provider->state));
	if (provider->module != P2P_BY_DRIVER)
		cli_table_cell(table, COLUMN_AS, CLI_PLAIN, "p2pmem%" PRId64 "%s", provider->module,
			       provider->page_backed ? "" : ", no pages");
	size_cell(table, provider);
	if (listing->client != P2P_NO_NODE)
		route_cells(table, &provider->route);
	if (provider->reason != P2P_PROVIDER_LENDS)
		cli_table_cell(table, COLUMN_WHY, CLI_PLAIN, "%s",
			       p2p_provider_reason_name(provider->reason));
	if (provider->bar >= 0)
		cli_table_cell(table, COLUMN_BAR, CLI_PLAIN, "%d", provider->bar);
}

/* The reasons that the table names, in words. */
static void print_legend(const struct listing *listing, const struct cli_terminal *terminal)
{
	uint32_t said = 1u << P2P_PROVIDER_LENDS;

	for (uint32_t i = 0; i < listing->count; i++) {
		enum p2p_provider_reason reason = listing->providers[i].reason;

		if (!(said & 1u << reason))
			cli_say(terminal, 0, "%s: %s", p2p_provider_reason_name(reason),
				listing->providers[i].text);
		said |= 1u << reason;
	}
}

/* What would make the first of those that do not provide do so, once for each reason. */
static void print_fixes(const struct listing *listing, const struct cli_terminal *terminal)
{
	uint32_t said = 0;

	for (uint32_t i = 0; i < listing->count; i++) {
		const struct p2p_provider_info *provider = &listing->providers[i];
		char step[CLI_STEP];

		if (said & 1u << provider->reason)
			continue;
		said |= 1u << provider->reason;
		if (provider->advice || provider->step.code)
			cli_say(terminal, 0, "%s, for example: %s",
				p2p_provider_reason_name(provider->reason),
				provider->advice
					? provider->advice
					: cli_step(step, listing->view->fabric, &provider->step));
	}
}

/* Whether the source tells of any function if it provides. */
static bool is_told(const struct p2p_machine *machine)
{
	for (p2p_node node = 0; node < p2p_fabric_count(p2p_machine_fabric(machine)); node++)
		if (p2p_machine_device(machine, node)->memory.known != P2P_UNKNOWN)
			return true;
	return false;
}

/* Whether the source tells of every function of interest if it provides, and its BARs. */
static bool is_complete(const struct p2p_machine *machine)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);

	for (p2p_node node = 0; node < p2p_fabric_count(fabric); node++)
		if (p2p_fabric_info(fabric, node)->kind == P2P_KIND_ENDPOINT &&
		    p2p_machine_device(machine, node)->memory.known == P2P_UNKNOWN)
			return false;
	return true;
}

/* Why a list can be empty, and the next step. */
static void print_nothing(const struct p2p_machine *machine, const struct cli_terminal *terminal)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	bool ranges = false;

	for (p2p_node node = 0; node < p2p_fabric_count(fabric); node++) {
		const struct p2p_node_info *info = p2p_fabric_info(fabric, node);

		for (int bar = 0; bar < P2P_BARS; bar++)
			ranges |= info->bar[bar].size != 0;
	}
	if (ranges)
		cli_wrap(terminal, 0, "",
			 "No device publishes memory, and none has a prefetchable memory BAR of 2 "
			 "MiB or more.");
	else
		cli_wrap(terminal, 0, "",
			 p2p_machine_unread(machine) == P2P_UNREAD_NEEDS_CAPTURE
				 ? "Unknown: the source tells neither who publishes memory nor the "
				   "sizes of BARs; take a capture as root on that machine: sudo "
				   "p2pmem capture machine.tar.gz"
				 : "Unknown: the source tells neither who publishes memory nor the "
				   "sizes of BARs.");
}

static void print_summary(const struct listing *listing, const struct cli_terminal *terminal)
{
	uint64_t bytes = 0;
	p2p_node last = P2P_NO_NODE;
	uint32_t now = 0;
	bool uncounted = false;
	char size[P2P_SIZE_TEXT];

	for (uint32_t i = 0; i < listing->count; i++) {
		if (listing->providers[i].state != P2P_PROVIDER_PUBLISHED)
			continue;
		if (listing->providers[i].available == P2P_UNCOUNTED)
			uncounted = true;
		else
			bytes += listing->providers[i].available;
		/* A device's lines follow each other. */
		now += listing->providers[i].node != last;
		last = listing->providers[i].node;
	}
	printf("\n");
	print_legend(listing, terminal);
	print_fixes(listing, terminal);
	if (now && uncounted)
		cli_say(terminal, 0, "%" PRIu32 " device%s publish%s memory.", now,
			now == 1 ? "" : "s", now == 1 ? "es" : "");
	else if (now)
		cli_say(terminal, 0, "%" PRIu32 " device%s publish%s memory, %s of it free.", now,
			now == 1 ? "" : "s", now == 1 ? "es" : "", p2p_size_text(size, bytes));
	else
		cli_say(terminal, 0, "No device publishes memory%s.",
			is_told(listing->view->machine) ? "" : ", as far as the source tells");
}

static int print(const struct listing *listing)
{
	struct cli_terminal terminal = cli_terminal_look(stdout);
	struct cli_table *table;
	int rc;

	if (!listing->count) {
		print_nothing(listing->view->machine, &terminal);
		return 0;
	}
	table = cli_table_new(titles, COLUMNS);
	if (!table)
		return -ENOMEM;
	shape(table);
	for (uint32_t i = 0; i < listing->count; i++)
		add_row(table, listing, &listing->providers[i]);
	rc = cli_table_print(table, &terminal, stdout);
	cli_table_free(table);
	if (!rc)
		print_summary(listing, &terminal);
	return rc;
}

static json_t *route_object(const struct listing *listing, const struct p2p_provider_info *provider)
{
	if (listing->client == P2P_NO_NODE)
		return json_null();
	return json_pack("{s:s, s:i}", "verdict", p2p_verdict_name(provider->route.verdict),
			 "distance", (int)provider->route.distance);
}

static json_t *pages_json(const struct p2p_provider_info *provider)
{
	if (provider->state > P2P_PROVIDER_PRIVATE || provider->available == P2P_UNCOUNTED)
		return json_null();
	return json_boolean(provider->module == P2P_BY_DRIVER || provider->page_backed);
}

static json_t *provider_object(const struct listing *listing,
			       const struct p2p_provider_info *provider)
{
	const struct p2p_machine *machine = listing->view->machine;
	bool provides = provider->state <= P2P_PROVIDER_PRIVATE;

	json_t *device = cli_json_device(machine, provider->node);
	json_t *rest =
		json_pack("{s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o}", "state",
			  p2p_provider_state_name(provider->state), "reason",
			  p2p_provider_reason_name(provider->reason), "text", provider->text,
			  "size", (json_int_t)provider->size, "available",
			  provides ? cli_json_count(provider->available) : json_null(), "bar",
			  provider->bar < 0 ? json_null() : json_integer(provider->bar), "node",
			  cli_json_node(provider->module), "page_backed", pages_json(provider),
			  "route", route_object(listing, provider));

	if (device && rest && !json_object_update_new(device, rest))
		return device;
	json_decref(device);
	return NULL;
}

static int print_json(const struct listing *listing)
{
	json_t *object = cli_view_json(listing->view);
	json_t *client = cli_json_address(listing->view->fabric, listing->client);
	json_t *array = json_array();

	for (uint32_t i = 0; i < listing->count; i++)
		json_array_append_new(array, provider_object(listing, &listing->providers[i]));
	/* An empty list is an answer only where the source would show what there is. */
	if (json_object_set_new(object, "client", client) |
	    json_object_set_new(object, "complete",
				json_boolean(is_complete(listing->view->machine))) |
	    json_object_set_new(object, "providers", array)) {
		json_decref(object);
		object = NULL;
	}
	return cli_json_print(object);
}

static int list(const struct cli_view *view, const char *client, bool json)
{
	struct listing listing = { .view = view,
				   .client = P2P_NO_NODE,
				   .with_domain = cli_domains_matter(view->fabric) };
	struct p2p_error error = { .code = 0 };
	int rc, status = EX_OK;

	if (client && p2p_machine_find(view->machine, client, &listing.client, &error))
		return cli_fail(&error);
	rc = cli_view_providers(view, listing.client, &listing.providers, &listing.count);
	if (!rc && !json)
		rc = print(&listing);
	if (!rc)
		status = json ? print_json(&listing) : cli_finish();
	free(listing.providers);
	return rc ? cli_fail_memory() : status;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct arguments arguments = { .view.source = NULL };
	struct cli_view view;
	int first, status;

	status = cli_parse(command, &arguments, argc, argv, &first);
	if (status != CLI_GO_ON)
		return status;
	arguments.view.unjudged = !argv[first];
	status = cli_view_open(&view, &arguments.view);
	if (status)
		return status;
	status = list(&view, argv[first], arguments.view.json);
	cli_view_close(&view);
	return status;
}

const struct cli_command cli_providers_command = {
	.name = "providers",
	.summary = "List who provides memory, and who could",
	.arguments = "[CLIENT]",
	.details = "With CLIENT, a device, the best provider for it comes first: by verdict, then "
		   "distance.\n",
	.options = options,
	.optional = 1,
	.json_format = 2,
	.run = run,
};
