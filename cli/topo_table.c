// SPDX-License-Identifier: MIT
/*
 * The table of `p2pmem topo`: an tree's rows, each as cells.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include <p2pmem/acs.h>

#include "format.h"
#include <p2pmem/text.h>
#include <p2pmem/topology.h>
#include "table.h"
#include "topo.h"

/* Below this a BAR is registers more often than memory, and no news. */
#define NOTABLE_BAR (64ull << 20)

#define CHAIN 256

enum column {
	COLUMN_DEVICE,
	COLUMN_KIND,
	COLUMN_NAMES,
	COLUMN_LINK,
	COLUMN_ACS,
	COLUMN_NUMA,
	COLUMN_GROUP,
	COLUMN_LENDS,
	COLUMN_MODEL,
	COLUMNS,
};

static const char *const titles[COLUMNS] = {
	"DEVICE", "KIND", "NAMES", "LINK", "ACS", "NUMA", "GROUP", "PROVIDES", "MODEL",
};

struct strokes {
	const char *tee, *end, *bar, *to;
};

static const struct strokes drawn = { "\u251c\u2500 ", "\u2514\u2500 ", "\u2502  ", " \u2192 " };
static const struct strokes ascii = { "|- ", "`- ", "|  ", " > " };

struct printing {
	const struct p2p_machine *machine;
	const struct p2p_fabric *fabric;
	const struct p2p_folded_tree *tree;
	const struct strokes *strokes;
	struct cli_table *table;
	struct p2p_provider_info *providers; /* all of the machine */
	uint32_t provider_count;
	uint32_t *path; /* rows from the top to the one at work */
	bool with_domain, acs, redirects;
};

/*
 * The chain from the top down. Bus numbers keep chains below 256 nodes; a file can claim longer
 * ones, whose upper end then is left out.
 */
static void write_chain(struct printing *printing, FILE *out, const struct p2p_folded_row *row)
{
	p2p_node chain[CHAIN], node = row->last;
	unsigned int length = 0;

	chain[length++] = node;
	while (length < CHAIN && node != row->first) {
		node = p2p_fabric_parent(printing->fabric, node);
		chain[length++] = node;
	}
	while (length--) {
		cli_write_address(out, p2p_fabric_info(printing->fabric, chain[length]),
				  printing->with_domain);
		if (length)
			fputs(printing->strokes->to, out);
	}
}

/* How a row's first and last number go together: "0-3" only when it has all between. */
static const char *joined(uint32_t functions, uint32_t span)
{
	return functions == span ? "-" : functions == 2 ? "," : "..";
}

static void write_last_alike(FILE *out, const struct p2p_folded_row *row,
			     const struct p2p_node_info *first, const struct p2p_node_info *last)
{
	bool same_bus = first->bdf.bus == last->bdf.bus;
	uint32_t span = same_bus ? last->bdf.devfn - first->bdf.devfn + 1u : 0;

	fputs(joined(row->functions, span), out);
	if (same_bus && first->bdf.devfn >> 3 == last->bdf.devfn >> 3)
		fprintf(out, "%x", last->bdf.devfn & 7u);
	else
		cli_write_address(out, last, false);
}

static void device_cell(struct printing *printing, const struct p2p_folded_row *row)
{
	const struct p2p_folded_row *rows = printing->tree->rows;
	FILE *out = cli_table_begin(printing->table);

	if (!out)
		return;
	for (uint32_t depth = 1; depth < row->depth; depth++)
		fputs(rows[printing->path[depth]].final ? "   " : printing->strokes->bar, out);
	if (row->depth)
		fputs(row->final ? printing->strokes->end : printing->strokes->tee, out);
	write_chain(printing, out, row);
	if (row->functions > 1)
		write_last_alike(out, row, p2p_fabric_info(printing->fabric, row->last),
				 p2p_fabric_info(printing->fabric, row->last_alike));
	cli_table_end(printing->table, COLUMN_DEVICE, CLI_PLAIN);
}

static p2p_node next_alike(const struct printing *printing, const struct p2p_folded_row *row,
			   p2p_node node)
{
	return node == row->last_alike ? P2P_NO_NODE
				       : p2p_fabric_next_sibling(printing->fabric, node);
}

static void names_cell(struct printing *printing, const struct p2p_folded_row *row)
{
	bool before = false;
	FILE *out = cli_table_begin(printing->table);
	uint32_t count;

	if (!out)
		return;
	for (p2p_node node = row->last; node != P2P_NO_NODE;
	     node = next_alike(printing, row, node)) {
		p2p_machine_names(printing->machine, node, &count);
		if (count && before)
			fputc(' ', out);
		cli_write_names(out, printing->machine, node);
		before |= count;
	}
	cli_table_end(printing->table, COLUMN_NAMES, CLI_BOLD);
}

static const struct p2p_link *port_link(const struct printing *printing, p2p_node node)
{
	p2p_node port = p2p_fabric_parent(printing->fabric, node);

	return port == P2P_NO_NODE ? NULL
				   : &p2p_machine_device(printing->machine, port)->link_below;
}

/* Of a chain's links the narrowest counts, of equals the lowest. Some are not known. */
static p2p_node narrowest(const struct printing *printing, const struct p2p_folded_row *row)
{
	p2p_node best = row->last, node = row->last;
	uint32_t least = 0;

	while (true) {
		const struct p2p_link *link = &p2p_fabric_info(printing->fabric, node)->link;
		uint32_t bandwidth = p2p_link_bandwidth(link);

		if (bandwidth && (!least || bandwidth < least)) {
			least = bandwidth;
			best = node;
		}
		if (node == row->first)
			return best;
		node = p2p_fabric_parent(printing->fabric, node);
	}
}

static void link_cell(struct printing *printing, const struct p2p_folded_row *row)
{
	p2p_node node = narrowest(printing, row);
	const struct p2p_link *link = &p2p_fabric_info(printing->fabric, node)->link;
	const struct p2p_link *port = port_link(printing, node);
	char text[CLI_LINK];

	cli_table_cell(printing->table, COLUMN_LINK,
		       cli_link_downgraded(link, port) ? CLI_WARN : CLI_PLAIN, "%s",
		       cli_link(text, link, port));
}

/* All of the chain counts: Linux asks every node of the way, ends included. */
static void acs_cell(struct printing *printing, const struct p2p_folded_row *row)
{
	bool present = false, unknown = false;
	p2p_node node = row->last;
	char text[CLI_LINK];
	uint16_t bits = 0;

	if (p2p_fabric_info(printing->fabric, node)->kind == P2P_KIND_HOST_BRIDGE)
		return;
	while (true) {
		const struct p2p_node_info *info = p2p_fabric_info(printing->fabric, node);
		enum p2p_known known = p2p_acs_known(info);

		bits |= p2p_acs_active(info, P2P_ACS_LINUX);
		present |= known == P2P_PRESENT;
		unknown |= known == P2P_UNKNOWN;
		if (node == row->first)
			break;
		node = p2p_fabric_parent(printing->fabric, node);
	}
	printing->redirects |= bits != 0;
	if (bits)
		cli_table_cell(printing->table, COLUMN_ACS, CLI_WARN, "%s",
			       cli_acs_bits(text, bits));
	else if (unknown)
		cli_table_cell(printing->table, COLUMN_ACS, CLI_DIM, "?");
	else
		cli_table_cell(printing->table, COLUMN_ACS, CLI_DIM, present ? "off" : "-");
}

static void place_cells(struct printing *printing, const struct p2p_folded_row *row)
{
	const struct p2p_node_info *info = p2p_fabric_info(printing->fabric, row->last);
	int32_t last = p2p_fabric_info(printing->fabric, row->last_alike)->iommu_group;

	if (info->numa_node >= 0)
		cli_table_cell(printing->table, COLUMN_NUMA, CLI_PLAIN, "%" PRId32,
			       info->numa_node);
	if (info->iommu_group < 0)
		return;
	if (last == info->iommu_group)
		cli_table_cell(printing->table, COLUMN_GROUP, CLI_PLAIN, "%" PRId32, last);
	else
		cli_table_cell(printing->table, COLUMN_GROUP, CLI_PLAIN, "%" PRId32 "%s%" PRId32,
			       info->iommu_group,
			       joined(row->functions, (uint32_t)(last - info->iommu_group) + 1),
			       last);
}

static void lends_cell(struct printing *printing, const struct p2p_folded_row *row)
{
	const struct p2p_provider_info *provider =
		p2p_providers_find(printing->providers, printing->provider_count, row->last);
	char size[P2P_SIZE_TEXT], available[P2P_SIZE_TEXT];
	enum cli_style style;
	const char *state;

	if (!provider || provider->state > P2P_PROVIDER_PRIVATE)
		return;
	state = p2p_provider_state_name(provider->state);
	style = provider->state == P2P_PROVIDER_PUBLISHED ? CLI_GOOD : CLI_WARN;
	p2p_size_text(size, provider->size);
	if (provider->available >= provider->size)
		cli_table_cell(printing->table, COLUMN_LENDS, style, "%s %s", state, size);
	else
		cli_table_cell(printing->table, COLUMN_LENDS, style, "%s %s, %s free", state, size,
			       p2p_size_text(available, provider->available));
	if (provider->state == P2P_PROVIDER_PUBLISHED)
		cli_table_brief(printing->table, COLUMN_LENDS, size);
}

/* Parts of a cell go with commas between. */
static FILE *next_part(FILE *out)
{
	if (ftell(out) > 0)
		fputs(", ", out);
	return out;
}

static void write_count(FILE *out, uint32_t count, const char *what)
{
	if (count)
		fprintf(next_part(out), "%" PRIu32 " %s%s", count, what, count == 1 ? "" : "s");
}

/* A device's own label or slot, else those of the port that it alone is below. */
static void write_label(FILE *out, const struct printing *printing,
			const struct p2p_folded_row *row)
{
	const struct p2p_device *device = p2p_machine_device(printing->machine, row->last);

	if (!device->label && !device->slot && row->first != row->last &&
	    p2p_fabric_info(printing->fabric, row->last)->kind == P2P_KIND_ENDPOINT)
		device = p2p_machine_device(printing->machine,
					    p2p_fabric_parent(printing->fabric, row->last));
	if (device->label)
		fprintf(next_part(out), "\"%s\"", device->label);
	else if (device->slot)
		fprintf(next_part(out), "slot %s", device->slot);
}

static void write_count_of(FILE *out, const struct p2p_folded_row *row)
{
	if (row->functions > 1)
		fprintf(out, "%" PRIu32 "x ", row->functions);
}

/* What a short name has of it, and where the device is. */
static void brief_model(struct printing *printing, const struct p2p_folded_row *row)
{
	FILE *out = cli_table_begin(printing->table);

	if (!out)
		return;
	write_count_of(out, row);
	cli_write_short_model(out, printing->machine, row->last);
	write_label(out, printing, row);
	cli_table_end_brief(printing->table, COLUMN_MODEL);
}

static void model_cell(struct printing *printing, const struct p2p_folded_row *row)
{
	const struct p2p_node_info *info = p2p_fabric_info(printing->fabric, row->last);
	bool host = info->kind == P2P_KIND_HOST_BRIDGE;
	int bar = p2p_device_memory_bar(info);
	char size[P2P_SIZE_TEXT];
	FILE *out = cli_table_begin(printing->table);

	if (!out)
		return;
	write_count_of(out, row);
	cli_write_model(out, printing->machine, row->last);
	if (bar >= 0 && info->bar[bar].size >= NOTABLE_BAR)
		fprintf(next_part(out), "BAR %d of %s", bar,
			p2p_size_text(size, info->bar[bar].size));
	if (!host)
		write_label(out, printing, row);
	write_count(out, row->minor, host ? "chipset function" : "minor function");
	write_count(out, row->empty, "empty port");
	cli_table_end(printing->table, COLUMN_MODEL, CLI_PLAIN);
	if (!host)
		brief_model(printing, row);
}

static void print_row(struct printing *printing, uint32_t index)
{
	const struct p2p_folded_row *row = &printing->tree->rows[index];

	printing->path[row->depth] = index;
	cli_table_row(printing->table);
	device_cell(printing, row);
	cli_table_cell(printing->table, COLUMN_KIND, CLI_PLAIN, "%s",
		       p2p_device_kind_name(p2p_device_kind(printing->machine, row->last)));
	names_cell(printing, row);
	link_cell(printing, row);
	if (printing->acs)
		acs_cell(printing, row);
	place_cells(printing, row);
	lends_cell(printing, row);
	model_cell(printing, row);
}

/* Where nothing is known to have ACS a column tells nothing; what is unknown is said below. */
static bool acs_matters(const struct p2p_fabric *fabric)
{
	for (p2p_node node = 0; node < p2p_fabric_count(fabric); node++) {
		const struct p2p_node_info *info = p2p_fabric_info(fabric, node);

		if (info->kind != P2P_KIND_HOST_BRIDGE && info->kind != P2P_KIND_OFF_BUS &&
		    p2p_acs_known(info) == P2P_PRESENT)
			return true;
	}
	return false;
}

/* In this order columns go when there is no room: what is told elsewhere, or is rarely asked. */
static void shape(struct cli_table *table)
{
	cli_table_shape(table, COLUMN_GROUP, 1, 0);
	cli_table_shape(table, COLUMN_NUMA, 2, 0);
	cli_table_shape(table, COLUMN_MODEL, 3, 16);
	cli_table_shape(table, COLUMN_LENDS, 4, 0);
	cli_table_shape(table, COLUMN_LINK, 5, 0);
	cli_table_shape(table, COLUMN_ACS, 6, 0);
	cli_table_shape(table, COLUMN_KIND, 7, 0);
	cli_table_shape(table, COLUMN_NAMES, 0, 8);
}

int cli_topo_table(const struct cli_view *view, const struct p2p_folded_tree *tree,
		   const struct cli_terminal *terminal, bool *redirects)
{
	struct printing printing = {
		.machine = view->machine,
		.fabric = view->fabric,
		.tree = tree,
		.strokes = terminal->utf8 ? &drawn : &ascii,
		.table = cli_table_new(titles, COLUMNS),
		.path = malloc(sizeof(*printing.path) * (tree->count + 1)),
	};
	int rc = -ENOMEM;

	if (!printing.table || !printing.path ||
	    cli_view_providers(view, P2P_NO_NODE, &printing.providers, &printing.provider_count))
		goto out;
	shape(printing.table);
	printing.with_domain = cli_domains_matter(printing.fabric);
	printing.acs = acs_matters(printing.fabric);
	for (uint32_t i = 0; i < tree->count; i++)
		print_row(&printing, i);
	rc = tree->count ? cli_table_print(printing.table, terminal, stdout) : 0;
	*redirects = printing.redirects && !cli_table_left_out(printing.table, COLUMN_ACS);
out:
	free(printing.path);
	free(printing.providers);
	cli_table_free(printing.table);
	return rc;
}
