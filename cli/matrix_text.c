// SPDX-License-Identifier: MIT
/*
 * p2pmem matrix for people: a table of groups that answer alike, and who is in them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit.h"
#include "matrix.h"
#include "reports/device_kind.h"
#include "reports/order.h"
#include "reports/title.h"
#include "terminal.h"

#define CELL  6
#define HEAD  7
#define LABEL 48

/* Both selections in one, with the groups over them. */
struct table {
	const struct cli_matrix *matrix;
	struct cli_terminal terminal;
	struct p2p_selection all; /* clients and providers */
	bool *client, *provider;  /* by position in `all` */
	struct p2p_twins twins;
	uint32_t *rows, *columns; /* groups that have a client, a provider */
	uint32_t row_count, column_count;
	int label;   /* columns of a row's name; 0: none */
	bool marked; /* a cell where the wires would be more or less direct was shown */
	bool apart;  /* one between NUMA nodes was shown */
};

struct cell {
	struct p2p_route route, hardware;
	int32_t nearest; /* least distance of its pairs */
	bool any;        /* it has a pair of two different functions */
	bool near;       /* one whose ends may be on one NUMA node */
};

/* Both selections are in the order of the tree, so one walk merges them. */
static int join(struct table *table)
{
	const struct p2p_selection *a = &table->matrix->clients, *b = &table->matrix->providers;
	size_t room = (size_t)a->count + b->count + 1;
	p2p_node node = P2P_NO_NODE;
	uint32_t i = 0, j = 0;

	table->all.nodes = calloc(room, sizeof(*table->all.nodes));
	table->client = calloc(room, sizeof(*table->client));
	table->provider = calloc(room, sizeof(*table->provider));
	if (!table->all.nodes || !table->client || !table->provider)
		return -ENOMEM;
	while ((node = p2p_next_in_tree(table->matrix->view->fabric, node)) != P2P_NO_NODE) {
		uint32_t at = table->all.count;

		table->client[at] = i < a->count && a->nodes[i] == node;
		table->provider[at] = j < b->count && b->nodes[j] == node;
		i += table->client[at];
		j += table->provider[at];
		if (!table->client[at] && !table->provider[at])
			continue;
		table->all.nodes[table->all.count++] = node;
	}
	return 0;
}

/* Groups with at least one marked member, in order. */
static uint32_t *groups_of(const struct table *table, const bool *marks, uint32_t *count)
{
	const struct p2p_twins *twins = &table->twins;
	uint32_t *groups = calloc(twins->count + 1, sizeof(*groups));

	*count = 0;
	if (!groups)
		return NULL;
	for (uint32_t group = 0; group < twins->count; group++) {
		bool has = false;

		for (uint32_t m = twins->start[group]; m < twins->start[group + 1]; m++)
			has |= marks[twins->member[m]];
		if (has)
			groups[(*count)++] = group;
	}
	return groups;
}

static int prepare(struct table *table)
{
	const struct cli_view *view = table->matrix->view;
	int rc = join(table);

	if (!rc)
		rc = p2p_twins_find(view->router, view->hardware, &table->all, &table->twins);
	if (rc)
		return rc;
	table->rows = groups_of(table, table->client, &table->row_count);
	table->columns = groups_of(table, table->provider, &table->column_count);
	return table->rows && table->columns ? 0 : -ENOMEM;
}

static void release(struct table *table)
{
	p2p_selection_free(&table->all);
	p2p_twins_free(&table->twins);
	free(table->client);
	free(table->provider);
	free(table->rows);
	free(table->columns);
}

/* Whether they are known to be on two NUMA nodes, as most often on two sockets. */
static bool are_apart(const struct p2p_fabric *fabric, p2p_node one, p2p_node other)
{
	int32_t a = p2p_fabric_info(fabric, one)->numa_node;
	int32_t b = p2p_fabric_info(fabric, other)->numa_node;

	return a != P2P_NUMA_UNKNOWN && b != P2P_NUMA_UNKNOWN && a != b;
}

static void add_pair(const struct table *table, p2p_node client, p2p_node provider,
		     struct cell *cell)
{
	p2p_route_find(table->matrix->view->router, client, provider, &cell->route);
	p2p_route_find(table->matrix->view->hardware, client, provider, &cell->hardware);
	if (!cell->any || cell->route.distance < cell->nearest)
		cell->nearest = cell->route.distance;
	cell->any = true;
	cell->near |= !are_apart(table->matrix->view->fabric, client, provider);
}

static void find_cell(const struct table *table, uint32_t row, uint32_t column, struct cell *cell)
{
	const struct p2p_twins *twins = &table->twins;

	*cell = (struct cell){ .any = false };
	for (uint32_t m = twins->start[row]; m < twins->start[row + 1]; m++)
		for (uint32_t n = twins->start[column]; n < twins->start[column + 1]; n++) {
			uint32_t i = twins->member[m], j = twins->member[n];

			if (i != j && table->client[i] && table->provider[j])
				add_pair(table, table->all.nodes[i], table->all.nodes[j], cell);
		}
}

static char letter(const struct cell *cell)
{
	switch (cell->route.verdict) {
	case P2P_VERDICT_DIRECT:
		return 'D';
	case P2P_VERDICT_VIA_HOST:
		return cell->near ? 'h' : 'x';
	case P2P_VERDICT_UNREACHABLE:
		return '-';
	case P2P_VERDICT_UNKNOWN:
		break;
	}
	return '?';
}

/* Linux refusing what the wires would try is what the allowlist is for, and no news. */
static bool is_remarkable(const struct cell *cell)
{
	return cell->route.verdict != cell->hardware.verdict &&
	       (cell->route.verdict == P2P_VERDICT_DIRECT ||
		cell->hardware.verdict == P2P_VERDICT_DIRECT);
}

static void show_cell(struct table *table, const struct cell *cell)
{
	enum p2p_verdict verdict = cell->route.verdict;
	enum cli_style style = cli_verdict_style(verdict);
	char text[CELL + 16];
	bool marked;

	if (!cell->any) {
		printf("%*s", CELL, ".");
		return;
	}
	table->apart |= verdict == P2P_VERDICT_VIA_HOST && !cell->near;
	marked = is_remarkable(cell);
	table->marked |= marked;
	if (verdict == P2P_VERDICT_UNREACHABLE)
		snprintf(text, sizeof(text), "-%s", marked ? "*" : "");
	else
		snprintf(text, sizeof(text), "%c%d%s", letter(cell), (int)cell->nearest,
			 marked ? "*" : "");
	printf("%*s%s%s%s", CELL - (int)strlen(text), "", cli_style_on(&table->terminal, style),
	       text, cli_style_off(&table->terminal, style));
}

/* "gpu 0000:19:00.0 +2": the first client of a group, and how many more there are. */
static void write_label(const struct table *table, uint32_t group, char text[LABEL + 1])
{
	const struct p2p_twins *twins = &table->twins;
	const struct cli_view *view = table->matrix->view;
	char address[P2P_ADDRESS], more[16] = "";
	p2p_node first = P2P_NO_NODE;
	uint32_t count = 0;

	for (uint32_t m = twins->start[group]; m < twins->start[group + 1]; m++) {
		if (!table->client[twins->member[m]])
			continue;
		if (!count++)
			first = table->all.nodes[twins->member[m]];
	}
	if (count > 1)
		snprintf(more, sizeof(more), " +%u", count - 1);
	snprintf(text, LABEL + 1, "%.12s %s%s", p2p_device_kind(view->machine, first),
		 p2p_address(view->fabric, first, address), more);
}

static void show_label(const struct table *table, uint32_t group)
{
	char text[LABEL + 1];

	if (!table->label)
		return;
	write_label(table, group, text);
	printf("  %-*s", table->label - 2, text);
}

/* Rows have names where that leaves room for half the columns at least. */
static void measure_labels(struct table *table)
{
	int columns = (int)cli_columns(&table->terminal);
	char text[LABEL + 1];
	int widest = 0;

	for (uint32_t i = 0; i < table->row_count; i++) {
		int width;

		write_label(table, table->rows[i], text);
		width = (int)strlen(text);
		widest = width > widest ? width : widest;
	}
	if (HEAD + 2 + widest + 4 * CELL <= columns)
		table->label = widest + 2;
}

static void show_block(struct table *table, uint32_t from, uint32_t to)
{
	struct cell cell;

	printf("%*s", HEAD + table->label, "");
	for (uint32_t j = from; j < to; j++)
		printf("%*u", CELL, table->columns[j] + 1);
	printf("\n");
	for (uint32_t i = 0; i < table->row_count; i++) {
		printf("%*u", HEAD, table->rows[i] + 1);
		show_label(table, table->rows[i]);
		for (uint32_t j = from; j < to; j++) {
			find_cell(table, table->rows[i], table->columns[j], &cell);
			show_cell(table, &cell);
		}
		printf("\n");
	}
	printf("\n");
}

static uint32_t cells_a_line(const struct table *table)
{
	unsigned int columns = cli_columns(&table->terminal);
	unsigned int head = (unsigned int)(HEAD + table->label);

	/* A table may be wider than sentences are. */
	if (table->terminal.width > columns)
		columns = table->terminal.width;
	return columns >= head + CELL ? (columns - head) / CELL : 1;
}

static void show_legend(const struct table *table)
{
	const struct cli_terminal *terminal = &table->terminal;

	cli_wrap(terminal, 2, "D ", "direct");
	cli_wrap(terminal, 2, "h ", "through the host bridge");
	if (table->apart)
		cli_wrap(terminal, 2, "x ",
			 "the same, from one NUMA node to another, as between sockets");
	cli_wrap(terminal, 2, "- ", "unreachable: these rules refuse it");
	cli_wrap(terminal, 2, "? ", "unknown: something on the path could not be read");
	cli_wrap(terminal, 2, ". ", "nothing else is in the group");
	if (table->marked)
		cli_wrap(terminal, 2, "* ",
			 "the hardware alone is more or less direct than these rules: see p2pmem "
			 "check");
	cli_say(terminal, 0,
		"The number is the distance in hops, the least between the two groups; compare it "
		"only among equal letters.");
}

static void show_table(struct table *table)
{
	uint32_t to, step;

	measure_labels(table);
	step = cells_a_line(table);
	cli_say(&table->terminal, 0,
		"Clients down, providers across, as numbers of the groups below.");
	printf("\n");
	for (uint32_t from = 0; from < table->column_count; from = to) {
		to = table->column_count - from > step ? from + step : table->column_count;
		show_block(table, from, to);
	}
	show_legend(table);
}

static bool is_above(const struct p2p_fabric *fabric, p2p_node top, p2p_node node)
{
	while (node != P2P_NO_NODE && node != top)
		node = p2p_fabric_parent(fabric, node);
	return node == top;
}

/* The deepest node that is above all members of a group, or P2P_NO_NODE. */
static p2p_node above(const struct table *table, uint32_t group)
{
	const struct p2p_fabric *fabric = table->matrix->view->fabric;
	const struct p2p_twins *twins = &table->twins;
	const uint32_t *member = &twins->member[twins->start[group]];
	uint32_t count = twins->start[group + 1] - twins->start[group];
	p2p_node top = p2p_fabric_parent(fabric, table->all.nodes[member[0]]);

	for (uint32_t m = 1; m < count; m++)
		while (top != P2P_NO_NODE && !is_above(fabric, top, table->all.nodes[member[m]]))
			top = p2p_fabric_parent(fabric, top);
	return top;
}

static const char *role(const struct table *table, uint32_t at)
{
	if (table->client[at] && table->provider[at])
		return "";
	return table->client[at] ? ", client only" : ", provider only";
}

static const char *text_of(const char *text)
{
	return text ? text : "";
}

/* Whether two members make one line: the same model on one bus, and no names to tell apart. */
static bool fold(const struct table *table, uint32_t a, uint32_t b)
{
	const struct p2p_machine *machine = table->matrix->view->machine;
	p2p_node x = table->all.nodes[a], y = table->all.nodes[b];
	uint32_t names_x, names_y;

	p2p_machine_names(machine, x, &names_x);
	p2p_machine_names(machine, y, &names_y);
	return !names_x && !names_y && table->client[a] == table->client[b] &&
	       table->provider[a] == table->provider[b] &&
	       p2p_fabric_parent(table->matrix->view->fabric, x) ==
		       p2p_fabric_parent(table->matrix->view->fabric, y) &&
	       !strcmp(text_of(p2p_machine_device(machine, x)->model),
		       text_of(p2p_machine_device(machine, y)->model));
}

/* Whether member `m` goes into the line that starts with member `first`, at position `at`. */
static bool follows(const struct table *table, uint32_t at, uint32_t first, uint32_t m)
{
	/* "A to B" must not span a function of another group. */
	return table->twins.member[m] == at + (m - first) &&
	       fold(table, at, table->twins.member[m]);
}

static void show_members(const struct table *table, uint32_t group)
{
	const struct p2p_twins *twins = &table->twins;
	const struct cli_view *view = table->matrix->view;
	uint32_t end = twins->start[group + 1];
	char title[P2P_TITLE], address[P2P_ADDRESS], more[P2P_ADDRESS + 48];

	for (uint32_t m = twins->start[group], last; m < end; m = last + 1) {
		uint32_t at = twins->member[m];

		for (last = m; last + 1 < end && follows(table, at, m, last + 1); last++)
			;
		more[0] = '\0';
		if (last > m)
			snprintf(more, sizeof(more), " to %s: %u functions",
				 p2p_address(view->fabric, table->all.nodes[twins->member[last]],
					     address),
				 last - m + 1);
		cli_say(&table->terminal, HEAD + 2, "%s%s%s",
			p2p_title(view->machine, table->all.nodes[at], title), more,
			role(table, at));
	}
}

static void show_group(const struct table *table, uint32_t group)
{
	const struct cli_view *view = table->matrix->view;
	p2p_node top = above(table, group);
	char title[P2P_TITLE], head[HEAD + 8], text[P2P_TITLE + 64] = "below no common port";
	int32_t numa;

	if (top != P2P_NO_NODE) {
		numa = p2p_fabric_info(view->fabric, top)->numa_node;
		p2p_title(view->machine, top, title);
		if (numa == P2P_NUMA_UNKNOWN)
			snprintf(text, sizeof(text), "below %s", title);
		else
			snprintf(text, sizeof(text), "below %s, NUMA node %d", title, (int)numa);
	}
	snprintf(head, sizeof(head), "%*u  ", HEAD, group + 1);
	cli_wrap(&table->terminal, HEAD + 2, head, text);
}

static void show_groups(const struct table *table)
{
	printf("\n");
	cli_say(&table->terminal, 0,
		"Groups: to any other device, all of a group have one verdict.");
	for (uint32_t group = 0; group < table->twins.count; group++) {
		show_group(table, group);
		show_members(table, group);
	}
}

/* What there is instead, in the words that --clients and --providers take. */
static int show_nothing(const struct table *table)
{
	const struct cli_matrix *matrix = table->matrix;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return cli_fail_memory("matrix");
	p2p_select_write_classes(file, matrix->view->machine);
	if (fclose(file)) {
		free(text);
		return cli_fail_memory("matrix");
	}
	cli_say(&table->terminal, 0,
		"There is no such %s. This machine has: %s. p2pmem matrix --all "
		"shows every function.",
		matrix->clients.count ? "provider" : "client", text);
	free(text);
	return 0;
}

int cli_matrix_show(const struct cli_matrix *matrix)
{
	struct table table = { .matrix = matrix, .terminal = cli_terminal_look(stdout) };
	struct p2p_error error = { .code = 0 };
	int rc;

	if (!matrix->clients.count || !matrix->providers.count)
		return show_nothing(&table);
	rc = prepare(&table);
	if (rc) {
		if (rc == -E2BIG)
			p2p_error_set(&error, -EFBIG,
				      "too many kinds of answers for a table; choose with "
				      "--clients and --providers, or use --csv or --json");
		else
			p2p_error_set(&error, rc, "out of memory");
		release(&table);
		return cli_fail("matrix", &error);
	}
	cli_say(&table.terminal, 0, "%u client%s, %u provider%s. Rules: %s%s.",
		matrix->clients.count, matrix->clients.count == 1 ? "" : "s",
		matrix->providers.count, matrix->providers.count == 1 ? "" : "s",
		matrix->view->policy == p2p_policy_hardware() ? "the " : "Linux ",
		matrix->view->policy->name);
	show_table(&table);
	show_groups(&table);
	release(&table);
	return 0;
}
