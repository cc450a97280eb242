// SPDX-License-Identifier: MIT
/*
 * p2pmem stat: what p2pmem.ko publishes, and who mapped how much of it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <p2pmem/allow.h>
#include <p2pmem/module.h>

#include "commands.h"
#include "exit.h"
#include "json.h"
#include <p2pmem/text.h>
#include "table.h"
#include "view.h"

#define NAMED_MAX 1024

struct arguments {
	bool json;
};

static const struct cli_option options[] = {
	{ "json", 'j', CLI_FLAG, offsetof(struct arguments, json), NULL, "one JSON object", NULL },
	{ .name = NULL },
};

/* What is shown: the whole, or only the memories that were named. */
struct selection {
	const struct p2p_module_stat *stat;
	const uint32_t *named;
	size_t count; /* 0: all */
};

static bool is_shown(const struct selection *selection, uint32_t index)
{
	for (size_t i = 0; i < selection->count; i++)
		if (selection->named[i] == index)
			return true;
	return !selection->count;
}

static void size_cell(struct cli_table *table, unsigned int column, uint64_t bytes)
{
	char size[P2P_SIZE_TEXT];

	if (bytes == P2P_UNCOUNTED)
		cli_table_cell(table, column, CLI_UNSURE, "unknown");
	else
		cli_table_cell(table, column, CLI_PLAIN, "%s", p2p_size_text(size, bytes));
}

enum memory_column {
	MEMORY_NAME,
	MEMORY_DEVICE,
	MEMORY_BAR,
	MEMORY_OFFSET,
	MEMORY_SIZE,
	MEMORY_FREE,
	MEMORY_PAGES,
	MEMORY_ALLOCATIONS,
	MEMORY_HIGH_WATER,
	MEMORY_LIMIT,
	MEMORY_COLUMNS,
};

static void memory_row(struct cli_table *table, const struct p2p_module_memory *memory)
{
	char bdf[P2P_BDF_TEXT];

	cli_table_row(table);
	cli_table_cell(table, MEMORY_NAME, CLI_BOLD, "p2pmem%" PRIu32, memory->index);
	cli_table_cell(table, MEMORY_DEVICE, CLI_PLAIN, "%s",
		       memory->on_pci ? p2p_bdf_text(memory->function, bdf) : "off-bus");
	if (memory->on_pci && memory->bar >= 0) {
		cli_table_cell(table, MEMORY_BAR, CLI_PLAIN, "%" PRId32, memory->bar);
		cli_table_cell(table, MEMORY_OFFSET, CLI_PLAIN, "%#" PRIx64, memory->offset);
	}
	size_cell(table, MEMORY_SIZE, memory->size);
	size_cell(table, MEMORY_FREE, memory->available);
	cli_table_cell(table, MEMORY_PAGES, CLI_PLAIN, "%s", memory->page_backed ? "yes" : "no");
	if (memory->allocations == P2P_UNCOUNTED)
		cli_table_cell(table, MEMORY_ALLOCATIONS, CLI_UNSURE, "unknown");
	else
		cli_table_cell(table, MEMORY_ALLOCATIONS, CLI_PLAIN, "%" PRIu64,
			       memory->allocations);
	size_cell(table, MEMORY_HIGH_WATER, memory->high_water);
	size_cell(table, MEMORY_LIMIT, memory->limit);
}

/* In the word that all commands have for it. */
static void print_total(const struct selection *selection, const struct cli_terminal *terminal)
{
	char size[P2P_SIZE_TEXT], available[P2P_SIZE_TEXT];
	uint64_t bytes = 0, left = 0;
	bool counted = true;
	uint32_t count = 0;

	for (size_t i = 0; i < selection->stat->memory_count; i++) {
		const struct p2p_module_memory *memory = &selection->stat->memories[i];

		if (!is_shown(selection, memory->index))
			continue;
		count++;
		bytes += memory->size;
		counted &= memory->available != P2P_UNCOUNTED;
		left += counted ? memory->available : 0;
	}
	p2p_size_text(size, bytes);
	p2p_size_text(available, left);
	cli_say(terminal, 0, "%" PRIu32 " range%s published: %s, %s free.", count,
		count == 1 ? "" : "s", size, counted ? available : "an unknown part");
}

static int print_memories(const struct selection *selection, const struct cli_terminal *terminal)
{
	static const char *const titles[MEMORY_COLUMNS] = {
		"MEMORY", "DEVICE", "BAR",         "OFFSET",     "SIZE",
		"FREE",   "PAGES",  "ALLOCATIONS", "HIGH WATER", "LIMIT",
	};
	struct cli_table *table = cli_table_new(titles, MEMORY_COLUMNS);
	int rc;

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < selection->stat->memory_count; i++)
		if (is_shown(selection, selection->stat->memories[i].index))
			memory_row(table, &selection->stat->memories[i]);
	/* In this order columns go when there is no room. */
	cli_table_shape(table, MEMORY_HIGH_WATER, 1, 0);
	cli_table_shape(table, MEMORY_LIMIT, 2, 0);
	cli_table_shape(table, MEMORY_ALLOCATIONS, 3, 0);
	cli_table_shape(table, MEMORY_OFFSET, 4, 0);
	cli_table_shape(table, MEMORY_PAGES, 5, 0);
	cli_table_shape(table, MEMORY_BAR, 6, 0);
	rc = cli_table_print(table, terminal, stdout);
	cli_table_free(table);
	if (!rc)
		print_total(selection, terminal);
	return rc;
}

enum pair_column {
	PAIR_MEMORY,
	PAIR_CLIENT,
	PAIR_DIRECT,
	PAIR_VIA_HOST,
	PAIR_REFUSED,
	PAIR_BOUNCED, /* the last: it is there if anything was */
	PAIR_COLUMNS,
};

static void bytes_cell(struct cli_table *table, unsigned int column, uint64_t bytes,
		       uint64_t segments)
{
	cli_table_cell(table, column, CLI_PLAIN, "%" PRIu64 " in %" PRIu64, bytes, segments);
}

static bool any_bounced(const struct p2p_module_stat *stat)
{
	for (size_t i = 0; i < stat->pair_count; i++)
		if (stat->pairs[i].bounced_segments)
			return true;
	return false;
}

static int print_pairs(const struct selection *selection, const struct cli_terminal *terminal)
{
	static const char *const titles[PAIR_COLUMNS] = { "MAPPED",      "BY",      "DIRECT",
							  "HOST BRIDGE", "REFUSED", "BOUNCED" };
	bool bounced = any_bounced(selection->stat);
	struct cli_table *table = cli_table_new(titles, bounced ? PAIR_COLUMNS : PAIR_BOUNCED);
	size_t shown = 0;
	int rc = 0;

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < selection->stat->pair_count; i++) {
		const struct p2p_module_pair *pair = &selection->stat->pairs[i];

		if (!is_shown(selection, pair->index))
			continue;
		cli_table_row(table);
		cli_table_cell(table, PAIR_MEMORY, CLI_BOLD, "p2pmem%" PRIu32, pair->index);
		cli_table_cell(table, PAIR_CLIENT, CLI_PLAIN, "%s", pair->client);
		bytes_cell(table, PAIR_DIRECT, pair->direct_bytes, pair->direct_segments);
		bytes_cell(table, PAIR_VIA_HOST, pair->via_host_bytes, pair->via_host_segments);
		cli_table_cell(table, PAIR_REFUSED, CLI_PLAIN, "%" PRIu64, pair->unreachable);
		if (bounced)
			bytes_cell(table, PAIR_BOUNCED, pair->bounced_bytes,
				   pair->bounced_segments);
		shown++;
	}
	if (shown) {
		printf("\n");
		rc = cli_table_print(table, terminal, stdout);
		cli_say(terminal, 0,
			"Mapped, directly or through the host bridge: bytes in segments. Refused: "
			"mappings of what is unreachable.%s",
			bounced ? " Bounced: what is unreachable, copied by the CPU through host "
				  "memory."
				: "");
	}
	cli_table_free(table);
	return rc;
}

enum wrapped_column {
	WRAPPED_FUNCTION,
	WRAPPED_NORMAL,
	WRAPPED_DIRECT,
	WRAPPED_VIA_HOST,
	WRAPPED_BOUNCED,
	WRAPPED_COLUMNS,
};

static bool has_mapped(const struct p2p_module_wrapped *wrapped)
{
	return wrapped->normal_bytes || wrapped->direct_bytes || wrapped->via_host_bytes ||
	       wrapped->bounced_bytes;
}

static void count_cell(struct cli_table *table, unsigned int column, uint64_t bytes)
{
	cli_table_cell(table, column, CLI_PLAIN, "%" PRIu64, bytes);
}

/* Bridges are wrapped as all functions with a driver are, and map nothing. */
static int print_wrapped(const struct p2p_module_stat *stat, const struct cli_terminal *terminal)
{
	static const char *const titles[WRAPPED_COLUMNS] = { "WRAPPED", "NORMAL", "DIRECT",
							     "HOST BRIDGE", "BOUNCED" };
	struct cli_table *table = cli_table_new(titles, WRAPPED_COLUMNS);
	char bdf[P2P_BDF_TEXT];
	size_t shown = 0;
	int rc = 0;

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < stat->wrapped_count; i++) {
		const struct p2p_module_wrapped *wrapped = &stat->wrapped[i];

		if (!has_mapped(wrapped))
			continue;
		cli_table_row(table);
		cli_table_cell(table, WRAPPED_FUNCTION, CLI_BOLD, "%s",
			       p2p_bdf_text(wrapped->function, bdf));
		count_cell(table, WRAPPED_NORMAL, wrapped->normal_bytes);
		count_cell(table, WRAPPED_DIRECT, wrapped->direct_bytes);
		count_cell(table, WRAPPED_VIA_HOST, wrapped->via_host_bytes);
		count_cell(table, WRAPPED_BOUNCED, wrapped->bounced_bytes);
		shown++;
	}
	printf("\n");
	if (shown)
		rc = cli_table_print(table, terminal, stdout);
	cli_say(terminal, 0,
		"The DMA operations of %zu functions are wrapped; %s: bytes mapped since.",
		stat->wrapped_count, shown ? "of these" : "none has mapped anything");
	cli_table_free(table);
	return rc;
}

static int print_allowed(const struct p2p_allowed *pairs, size_t count,
			 const struct cli_terminal *terminal)
{
	static const char *const titles[] = { "ALLOWED", "MEMORY OF", "" };
	struct cli_table *table = cli_table_new(titles, 3);
	char bdf[P2P_BDF_TEXT];
	int rc;

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		cli_table_row(table);
		cli_table_cell(table, 0, CLI_BOLD, "%s", p2p_bdf_text(pairs[i].client, bdf));
		cli_table_cell(table, 1, CLI_BOLD, "%s", p2p_bdf_text(pairs[i].provider, bdf));
		cli_table_cell(table, 2, CLI_PLAIN, "%s", pairs[i].trial ? "on trial" : "");
	}
	printf("\n");
	rc = cli_table_print(table, terminal, stdout);
	cli_table_free(table);
	cli_say(terminal, 0,
		"Allowed: let through by root against the kernel's rules; p2pmem allow --list says "
		"by which proof.");
	return rc;
}

/* Of the whole module. */
static int print_all_allowed(const struct cli_terminal *terminal)
{
	struct p2p_allowed *pairs;
	size_t count;
	int rc = p2p_allowed_pairs(&pairs, &count, NULL);

	if (!rc && count)
		rc = print_allowed(pairs, count, terminal);
	free(pairs);
	return rc;
}

static void write_refusals(FILE *out, const struct p2p_module_stat *stat)
{
	bool first = true;

	for (size_t i = 0; i < stat->refusal_count; i++) {
		if (!stat->refusals[i].count)
			continue;
		fprintf(out, "%s %" PRIu64 " %s", first ? "Refused:" : ",", stat->refusals[i].count,
			stat->refusals[i].why);
		first = false;
	}
	if (first)
		fprintf(out, "Refused: nothing");
}

static int print_rest(const struct p2p_module_stat *stat, const struct cli_terminal *terminal)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -ENOMEM;
	write_refusals(out, stat);
	if (fclose(out)) {
		free(text);
		return -ENOMEM;
	}
	printf("\n");
	cli_say(terminal, 0,
		"Normal memory in the same lists: %" PRIu64 " bytes in %" PRIu64 " segment%s",
		stat->normal_bytes, stat->normal_segments, stat->normal_segments == 1 ? "" : "s");
	cli_wrap(terminal, 0, "", text);
	cli_wrap(terminal, 0, "",
		 stat->wrapped_count
			 ? "These counts are of what drivers map through the module, direct I/O by "
			   "wrapped functions included."
			 : "These counts are of what drivers map through the module; direct I/O is "
			   "not among them.");
	free(text);
	return 0;
}

static int print(const struct selection *selection)
{
	const struct p2p_module_stat *stat = selection->stat;
	struct cli_terminal terminal = cli_terminal_look(stdout);
	int rc = 0;

	if (stat->memory_count)
		rc = print_memories(selection, &terminal);
	else
		cli_wrap(&terminal, 0, "",
			 "Nothing is published; p2pmem publish DEVICE --bar N does it.");
	if (rc)
		return rc;
	if (!selection->count)
		rc = print_all_allowed(&terminal);
	if (rc)
		return rc;
	if (!stat->counted) {
		printf("\n");
		cli_wrap(&terminal, 0, "", stat->missing);
		return 0;
	}
	rc = print_pairs(selection, &terminal);
	/* These are of the whole module. */
	if (!rc && !selection->count && stat->wrapped_count)
		rc = print_wrapped(stat, &terminal);
	if (!rc && !selection->count)
		rc = print_rest(stat, &terminal);
	return rc;
}

static json_t *memories_json(const struct selection *selection)
{
	json_t *array = json_array();

	for (size_t i = 0; i < selection->stat->memory_count; i++) {
		const struct p2p_module_memory *memory = &selection->stat->memories[i];

		if (!is_shown(selection, memory->index))
			continue;
		json_array_append_new(
			array,
			json_pack("{s:I, s:o, s:o, s:o, s:I, s:I, s:b, s:o, s:o, s:o, s:o}",
				  "index", (json_int_t)memory->index, "node",
				  cli_json_node(memory->index), "address",
				  cli_json_function(memory), "bar",
				  memory->bar < 0 ? json_null() : json_integer(memory->bar),
				  "offset", (json_int_t)memory->offset, "size",
				  (json_int_t)memory->size, "page_backed", memory->page_backed,
				  "available", cli_json_count(memory->available), "limit",
				  cli_json_count(memory->limit), "high_water",
				  cli_json_count(memory->high_water), "allocations",
				  cli_json_count(memory->allocations)));
	}
	return array;
}

static json_t *pairs_json(const struct selection *selection)
{
	json_t *array = json_array();

	for (size_t i = 0; i < selection->stat->pair_count; i++) {
		const struct p2p_module_pair *pair = &selection->stat->pairs[i];

		if (!is_shown(selection, pair->index))
			continue;
		json_array_append_new(
			array, json_pack("{s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "index",
					 (json_int_t)pair->index, "client", pair->client,
					 "direct_bytes", (json_int_t)pair->direct_bytes,
					 "direct_segments", (json_int_t)pair->direct_segments,
					 "via_host_bytes", (json_int_t)pair->via_host_bytes,
					 "via_host_segments", (json_int_t)pair->via_host_segments,
					 "unreachable", (json_int_t)pair->unreachable,
					 "bounced_bytes", (json_int_t)pair->bounced_bytes,
					 "bounced_segments", (json_int_t)pair->bounced_segments));
	}
	return array;
}

static json_t *wrapped_json(const struct p2p_module_stat *stat)
{
	json_t *array = json_array();
	char bdf[P2P_BDF_TEXT];

	for (size_t i = 0; i < stat->wrapped_count; i++) {
		const struct p2p_module_wrapped *wrapped = &stat->wrapped[i];

		json_array_append_new(
			array, json_pack("{s:s, s:I, s:I, s:I, s:I}", "address",
					 p2p_bdf_text(wrapped->function, bdf), "normal_bytes",
					 (json_int_t)wrapped->normal_bytes, "direct_bytes",
					 (json_int_t)wrapped->direct_bytes, "via_host_bytes",
					 (json_int_t)wrapped->via_host_bytes, "bounced_bytes",
					 (json_int_t)wrapped->bounced_bytes));
	}
	return array;
}

static json_t *allowed_json(void)
{
	char client[P2P_BDF_TEXT], provider[P2P_BDF_TEXT];
	json_t *array = json_array();
	struct p2p_allowed *pairs;
	size_t count;

	if (p2p_allowed_pairs(&pairs, &count, NULL)) {
		json_decref(array);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		json_array_append_new(array,
				      json_pack("{s:s, s:s, s:b}", "client",
						p2p_bdf_text(pairs[i].client, client), "provider",
						p2p_bdf_text(pairs[i].provider, provider), "trial",
						pairs[i].trial));
	free(pairs);
	return array;
}

static int print_json(const struct selection *selection)
{
	const struct p2p_module_stat *stat = selection->stat;
	json_t *refused = json_object(), *object;

	for (size_t i = 0; i < stat->refusal_count; i++)
		json_object_set_new(refused, stat->refusals[i].why,
				    json_integer((json_int_t)stat->refusals[i].count));
	object = json_pack("{s:o, s:b, s:s?, s:o, s:o, s:o, s:o, s:{s:I, s:I}}", "memories",
			   memories_json(selection), "counted", stat->counted, "missing",
			   stat->counted ? NULL : stat->missing, "pairs", pairs_json(selection),
			   "wrapped", wrapped_json(stat), "allowed", allowed_json(), "refused",
			   refused, "normal", "bytes", (json_int_t)stat->normal_bytes, "segments",
			   (json_int_t)stat->normal_segments);
	return cli_json_print(object);
}

static bool is_published(const struct p2p_module_stat *stat, uint32_t index)
{
	for (size_t i = 0; i < stat->memory_count; i++)
		if (stat->memories[i].index == index)
			return true;
	return false;
}

/* Reads the names of memories. */
static int read_names(char **names, uint32_t *named, size_t *count, struct p2p_error *error)
{
	for (*count = 0; names[*count]; ++*count)
		if (p2p_module_index(names[*count], &named[*count]))
			return p2p_error_set(
				error, -EINVAL,
				"%.80s: is not published memory: name it as in p2pmem0",
				names[*count]);
	return 0;
}

/* They must all be there. */
static int check_named(const struct selection *selection, struct p2p_error *error)
{
	for (size_t i = 0; i < selection->count; i++)
		if (!is_published(selection->stat, selection->named[i]))
			return p2p_error_set(error, -ENOENT,
					     "there is no p2pmem%" PRIu32
					     ": p2pmem stat lists what is published",
					     selection->named[i]);
	return 0;
}

static int show(const struct selection *selection, bool json)
{
	struct p2p_error error = { .code = 0 };

	if (check_named(selection, &error))
		return cli_fail(&error);
	if (json)
		return print_json(selection);
	return print(selection) ? cli_fail_memory() : cli_finish();
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct arguments arguments = { .json = false };
	struct p2p_error error = { .code = 0 };
	uint32_t named[NAMED_MAX];
	struct selection selection = { .named = named };
	struct p2p_module_stat *stat;
	int first, status;

	status = cli_parse(command, &arguments, argc, argv, &first);
	if (status != CLI_GO_ON)
		return status;
	if (read_names(argv + first, named, &selection.count, &error) ||
	    p2p_module_stat(&stat, &error))
		return cli_fail(&error);
	selection.stat = stat;
	status = show(&selection, arguments.json);
	p2p_module_stat_free(stat);
	return status;
}

const struct cli_command cli_stat_command = {
	.name = "stat",
	.summary = "Show what is published, and who uses it how",
	.arguments = "[p2pmemN]...",
	.details = "Counts of mappings are for root.\n",
	.options = options,
	.optional = NAMED_MAX,
	.json_format = 1,
	.run = run,
};
