// SPDX-License-Identifier: MIT
/*
 * p2pmem providers: who lends memory, and who could.
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "commands.h"
#include "describe.h"
#include "exit.h"
#include "json.h"
#include "print.h"
#include "reports/device_kind.h"
#include "reports/lenders.h"
#include "table.h"
#include "view.h"

#define FORMAT 1

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
	"DEVICE",  "KIND",     "NAMES", "LENDS", "AS",    "SIZE",
	"VERDICT", "DISTANCE", "BAR",   "WHY",   "MODEL",
};

struct listing {
	const struct cli_view *view;
	p2p_node client;
	struct p2p_lender *lenders;
	uint32_t count;
	bool with_domain;
};

typedef void writer(FILE *out, const struct listing *listing, const struct p2p_lender *lender);

static void write_device(FILE *out, const struct listing *listing, const struct p2p_lender *lender)
{
	cli_write_address(out, p2p_fabric_info(listing->view->fabric, lender->node),
			  listing->with_domain);
}

static void write_names(FILE *out, const struct listing *listing, const struct p2p_lender *lender)
{
	cli_write_names(out, listing->view->machine, lender->node);
}

static void write_model(FILE *out, const struct listing *listing, const struct p2p_lender *lender)
{
	cli_write_model(out, listing->view->machine, lender->node);
}

static int written_cell(struct cli_table *table, enum column column, enum cli_style style,
			writer *write, const struct listing *listing,
			const struct p2p_lender *lender)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -ENOMEM;
	write(out, listing, lender);
	if (fclose(out)) {
		free(text);
		return -ENOMEM;
	}
	if (size)
		cli_table_cell(table, column, style, "%s", text);
	free(text);
	return 0;
}

static void size_cell(struct cli_table *table, const struct p2p_lender *lender)
{
	char size[P2P_SIZE_TEXT], available[P2P_SIZE_TEXT];
	bool some_taken = lender->state <= P2P_LENDER_PRIVATE && lender->available < lender->size;

	p2p_size_text(size, lender->size);
	if (some_taken)
		cli_table_cell(table, COLUMN_SIZE, CLI_PLAIN, "%s, %s free", size,
			       p2p_size_text(available, lender->available));
	else
		cli_table_cell(table, COLUMN_SIZE, CLI_PLAIN, "%s", size);
}

static void route_cells(struct cli_table *table, const struct p2p_route *route)
{
	cli_table_cell(table, COLUMN_VERDICT, cli_verdict_style(route->verdict), "%s",
		       p2p_verdict_name(route->verdict));
	if (route->distance >= 0)
		cli_table_cell(table, COLUMN_DISTANCE, CLI_PLAIN, "%" PRId32, route->distance);
}

static int add_row(struct cli_table *table, const struct listing *listing,
		   const struct p2p_lender *lender)
{
	static const char *const words[] = {
		[P2P_LENDER_PUBLISHED] = "now",    [P2P_LENDER_PRIVATE] = "to itself",
		[P2P_LENDER_POSSIBLE] = "could",   [P2P_LENDER_UNLIKELY] = "unlikely",
		[P2P_LENDER_TOO_SMALL] = "cannot",
	};
	const struct cli_view *view = listing->view;
	int rc;

	cli_table_row(table);
	rc = written_cell(table, COLUMN_DEVICE, CLI_PLAIN, write_device, listing, lender);
	if (!rc)
		rc = written_cell(table, COLUMN_NAMES, CLI_BOLD, write_names, listing, lender);
	if (!rc)
		rc = written_cell(table, COLUMN_MODEL, CLI_PLAIN, write_model, listing, lender);
	if (rc)
		return rc;
	cli_table_cell(table, COLUMN_KIND, CLI_PLAIN, "%s",
		       p2p_device_kind(view->machine, lender->node));
	cli_table_cell(table, COLUMN_STATE,
		       lender->state == P2P_LENDER_PUBLISHED ? CLI_GOOD : CLI_DIM, "%s",
		       words[lender->state]);
	if (lender->module != P2P_LENT_BY_DRIVER)
		cli_table_cell(table, COLUMN_AS, CLI_PLAIN, "p2pmem%" PRId64 "%s", lender->module,
			       lender->page_backed ? "" : ", no pages");
	size_cell(table, lender);
	if (listing->client != P2P_NO_NODE)
		route_cells(table, &lender->route);
	if (lender->reason != P2P_LENDER_LENDS)
		cli_table_cell(table, COLUMN_WHY, CLI_PLAIN, "%s",
			       p2p_lender_reason_name(lender->reason));
	if (lender->bar >= 0)
		cli_table_cell(table, COLUMN_BAR, CLI_PLAIN, "%d", lender->bar);
	return 0;
}

/* The reasons that the table names, in words. */
static void print_legend(const struct listing *listing)
{
	uint32_t said = 1u << P2P_LENDER_LENDS;

	for (uint32_t i = 0; i < listing->count; i++) {
		enum p2p_lender_reason reason = listing->lenders[i].reason;

		if (!(said & 1u << reason))
			printf("%s: %s\n", p2p_lender_reason_name(reason),
			       p2p_lender_reason_text(reason));
		said |= 1u << reason;
	}
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
			 "No device lends memory, and none has a prefetchable memory BAR of 2 MiB "
			 "or more.");
	else
		cli_wrap(
			terminal, 0, "",
			"Unknown: the source tells neither who lends memory nor the sizes of BARs; "
			"take a capture as root on that machine, with p2pmem capture FILE.");
}

static void print_summary(const struct listing *listing)
{
	uint64_t bytes = 0;
	p2p_node last = P2P_NO_NODE;
	uint32_t now = 0;
	char size[P2P_SIZE_TEXT];

	for (uint32_t i = 0; i < listing->count; i++) {
		if (listing->lenders[i].state != P2P_LENDER_PUBLISHED)
			continue;
		bytes += listing->lenders[i].available;
		/* A device's lines follow each other. */
		now += listing->lenders[i].node != last;
		last = listing->lenders[i].node;
	}
	printf("\n");
	print_legend(listing);
	if (now)
		printf("%" PRIu32 " device%s lend%s memory now, %s of it free.\n", now,
		       now == 1 ? "" : "s", now == 1 ? "s" : "", p2p_size_text(size, bytes));
	else
		printf("No device lends memory now%s.\n",
		       p2p_machine_facts(listing->view->machine)->kernel_release
			       ? ""
			       : ", as far as the source tells");
}

static int print(const struct listing *listing)
{
	struct cli_terminal terminal = cli_terminal_look(stdout);
	struct cli_table *table;
	int rc = 0;

	if (!listing->count) {
		print_nothing(listing->view->machine, &terminal);
		return 0;
	}
	table = cli_table_new(titles, COLUMNS);
	if (!table)
		return -ENOMEM;
	for (uint32_t i = 0; !rc && i < listing->count; i++)
		rc = add_row(table, listing, &listing->lenders[i]);
	if (!rc)
		rc = cli_table_print(table, &terminal, stdout);
	cli_table_free(table);
	if (!rc)
		print_summary(listing);
	return rc;
}

static json_t *route_object(const struct listing *listing, const struct p2p_lender *lender)
{
	if (listing->client == P2P_NO_NODE)
		return json_null();
	return json_pack("{s:s, s:i}", "verdict", p2p_verdict_name(lender->route.verdict),
			 "distance", (int)lender->route.distance);
}

/* The node that it is allocated by, where that is the module's. */
static json_t *node_string(const struct p2p_lender *lender)
{
	return lender->module == P2P_LENT_BY_DRIVER
		       ? json_null()
		       : json_sprintf("/dev/p2pmem%" PRId64, lender->module);
}

static json_t *pages_json(const struct p2p_lender *lender)
{
	if (lender->state > P2P_LENDER_PRIVATE)
		return json_null();
	return json_boolean(lender->module == P2P_LENT_BY_DRIVER || lender->page_backed);
}

static json_t *lender_object(const struct listing *listing, const struct p2p_lender *lender)
{
	const struct p2p_machine *machine = listing->view->machine;
	bool lends = lender->state <= P2P_LENDER_PRIVATE;

	return json_pack("{s:o, s:o, s:s, s:o, s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o}",
			 "address", cli_json_address(listing->view->fabric, lender->node), "names",
			 cli_json_names(machine, lender->node), "kind",
			 p2p_device_kind(machine, lender->node), "model",
			 cli_json_text(p2p_machine_device(machine, lender->node)->model), "state",
			 p2p_lender_state_name(lender->state), "reason",
			 p2p_lender_reason_name(lender->reason), "text",
			 p2p_lender_reason_text(lender->reason), "size", (json_int_t)lender->size,
			 "available",
			 lends ? json_integer((json_int_t)lender->available) : json_null(), "bar",
			 lender->bar < 0 ? json_null() : json_integer(lender->bar), "node",
			 node_string(lender), "page_backed", pages_json(lender), "route",
			 route_object(listing, lender));
}

static int print_json(const struct listing *listing)
{
	json_t *object = cli_view_json(listing->view, "providers", FORMAT);
	json_t *client = cli_json_address(listing->view->fabric, listing->client);
	json_t *array = json_array();

	for (uint32_t i = 0; i < listing->count; i++)
		json_array_append_new(array, lender_object(listing, &listing->lenders[i]));
	if (json_object_set_new(object, "client", client) |
	    json_object_set_new(object, "providers", array)) {
		json_decref(object);
		object = NULL;
	}
	return cli_json_print("providers", object);
}

static int list(const struct cli_view *view, const char *client, bool json, bool live)
{
	struct listing listing = { .view = view,
				   .client = P2P_NO_NODE,
				   .with_domain = cli_domains_matter(view->fabric) };
	struct p2p_error error = { .code = 0 };
	struct p2p_lenders_request request = { .machine = view->machine, .router = view->router };
	struct p2p_module_memory *memories = NULL;
	int rc, status = EX_OK;

	if (client && p2p_machine_find(view->machine, client, &listing.client, &error))
		return cli_fail("providers", &error);
	request.client = listing.client;
	/* A module that is not loaded lends nothing. */
	if (live && p2p_module_memories(&memories, &request.memory_count, NULL) == -ENOMEM)
		return cli_fail_memory("providers");
	request.memories = memories;
	rc = p2p_lenders_list(&request, &listing.lenders, &listing.count);
	free(memories);
	if (!rc && !json)
		rc = print(&listing);
	if (!rc)
		status = json ? print_json(&listing) : cli_finish("providers");
	free(listing.lenders);
	return rc ? cli_fail_memory("providers") : status;
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
	status = cli_view_open(&view, &arguments.view, "providers");
	if (status)
		return status;
	status = list(&view, argv[first], arguments.view.json, !arguments.view.source);
	cli_view_close(&view);
	return status;
}

const struct cli_command cli_providers_command = {
	.name = "providers",
	.summary = "List who lends memory, and who could",
	.arguments = "[CLIENT]",
	.details = "With CLIENT, a device, the best provider for it comes first: by verdict, then "
		   "distance.\n",
	.options = options,
	.optional = 1,
	.run = run,
};
