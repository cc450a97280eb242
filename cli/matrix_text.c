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
#include "reports/order.h"
#include "reports/reasons.h"
#include "reports/title.h"
#include "terminal.h"

#define CELL 6
#define HEAD 7

/* Both selections in one, with the groups over them. */
struct table {
	const struct cli_matrix *matrix;
	struct cli_terminal terminal;
	struct p2p_selection all; /* clients and providers */
	bool *client, *provider;  /* by position in `all` */
	struct p2p_twins twins;
	uint32_t *rows, *columns; /* groups that have a client, a provider */
	uint32_t row_count, column_count;
	bool marked; /* a cell where the wires would be more or less direct was shown */
};

struct cell {
	struct p2p_route route, hardware;
	int32_t nearest; /* least distance of its pairs */
	bool any;        /* it has a pair of two different functions */
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

static void add_pair(const struct table *table, p2p_node client, p2p_node provider,
		     struct cell *cell)
{
	p2p_route_find(table->matrix->view->router, client, provider, &cell->route);
	p2p_route_find(table->matrix->view->hardware, client, provider, &cell->hardware);
	if (!cell->any || cell->route.distance < cell->nearest)
		cell->nearest = cell->route.distance;
	cell->any = true;
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

static char letter(enum p2p_verdict verdict)
{
	switch (verdict) {
	case P2P_VERDICT_DIRECT:
		return 'D';
	case P2P_VERDICT_VIA_HOST:
		return 'h';
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
	marked = is_remarkable(cell);
	table->marked |= marked;
	if (verdict == P2P_VERDICT_UNREACHABLE)
		snprintf(text, sizeof(text), "-%s", marked ? "*" : "");
	else
		snprintf(text, sizeof(text), "%c%d%s", letter(verdict), (int)cell->nearest,
			 marked ? "*" : "");
	printf("%*s%s%s%s", CELL - (int)strlen(text), "", cli_style_on(&table->terminal, style),
	       text, cli_style_off(&table->terminal, style));
}

static void show_block(struct table *table, uint32_t from, uint32_t to)
{
	struct cell cell;

	printf("%*s", HEAD, "");
	for (uint32_t j = from; j < to; j++)
		printf("%*u", CELL, table->columns[j] + 1);
	printf("\n");
	for (uint32_t i = 0; i < table->row_count; i++) {
		printf("%*u", HEAD, table->rows[i] + 1);
		for (uint32_t j = from; j < to; j++) {
			find_cell(table, table->rows[i], table->columns[j], &cell);
			show_cell(table, &cell);
		}
		printf("\n");
	}
	printf("\n");
}

static uint32_t cells_a_line(const struct cli_terminal *terminal)
{
	unsigned int columns = cli_columns(terminal);

	return columns >= HEAD + CELL ? (columns - HEAD) / CELL : 1;
}

static void show_table(struct table *table)
{
	uint32_t to, step = cells_a_line(&table->terminal);

	printf("clients down, providers across, as group numbers\n\n");
	for (uint32_t from = 0; from < table->column_count; from = to) {
		to = table->column_count - from > step ? from + step : table->column_count;
		show_block(table, from, to);
	}
	printf("D direct  h via host  - unreachable  ? unknown  . nothing else in the group\n"
	       "the number is the distance, the least in the group\n");
	if (table->marked)
		printf("* the hardware alone is more or less direct than these rules: see p2pmem "
		       "check\n");
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
	return table->client[at] ? "  client only" : "  provider only";
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
	char title[P2P_TITLE], address[P2P_ADDRESS];

	for (uint32_t m = twins->start[group], last; m < end; m = last + 1) {
		uint32_t at = twins->member[m];

		for (last = m; last + 1 < end && follows(table, at, m, last + 1); last++)
			;
		printf("%*s  %s", HEAD, "", p2p_title(view->machine, table->all.nodes[at], title));
		if (last > m)
			printf(" to %s: %u functions",
			       p2p_address(view->fabric, table->all.nodes[twins->member[last]],
					   address),
			       last - m + 1);
		printf("%s\n", role(table, at));
	}
}

static void show_groups(const struct table *table)
{
	char title[P2P_TITLE];

	printf("\ngroups: to any other device, all of a group have one verdict\n");
	for (uint32_t group = 0; group < table->twins.count; group++) {
		p2p_node top = above(table, group);

		printf("%*u", HEAD, group + 1);
		if (top != P2P_NO_NODE)
			printf("  below %s", p2p_title(table->matrix->view->machine, top, title));
		printf("\n");
		show_members(table, group);
	}
}

int cli_matrix_show(const struct cli_matrix *matrix)
{
	struct table table = { .matrix = matrix, .terminal = cli_terminal_look(stdout) };
	struct p2p_error error = { .code = 0 };
	int rc;

	if (!matrix->clients.count || !matrix->providers.count) {
		printf("no %s among %u nodes; p2pmem matrix --all shows every function\n",
		       matrix->clients.count ? "provider" : "client",
		       p2p_fabric_count(matrix->view->fabric));
		return 0;
	}
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
	printf("%u clients, %u providers, by the rules of: ", matrix->clients.count,
	       matrix->providers.count);
	p2p_policy_write(stdout, matrix->view->policy);
	printf("\n");
	show_table(&table);
	show_groups(&table);
	release(&table);
	return 0;
}
