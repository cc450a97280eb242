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
#include "reports/reasons.h"
#include "reports/title.h"
#include "words.h"

#define CELL         6
#define HEAD         7
#define CELLS_A_LINE ((CLI_WIDTH - HEAD) / CELL)

/* Both selections in one, with the groups over them. */
struct table {
	const struct cli_matrix *matrix;
	struct p2p_selection all; /* clients and providers */
	bool *client, *provider;  /* by position in `all` */
	struct p2p_twins twins;
	uint32_t *rows, *columns; /* groups that have a client, a provider */
	uint32_t row_count, column_count;
	bool marked; /* a cell where the wires would be more or less direct was shown */
};

struct cell {
	struct p2p_route route, hardware;
	int32_t nearest; /* least distance of its pairs, -1: none */
	bool any;        /* it has a pair of two different functions */
};

static void mark(const struct table *table, const struct p2p_selection *selection, bool *marks)
{
	/* Both are in the order of the tree. */
	for (uint32_t i = 0, j = 0; i < table->all.count && j < selection->count; i++)
		if (table->all.nodes[i] == selection->nodes[j]) {
			marks[i] = true;
			j++;
		}
}

static int join(struct table *table)
{
	const struct p2p_fabric *fabric = table->matrix->view->fabric;
	const struct p2p_selection *a = &table->matrix->clients, *b = &table->matrix->providers;
	p2p_node node = P2P_NO_NODE;
	uint32_t i = 0, j = 0;

	table->all.nodes = calloc((size_t)a->count + b->count + 1, sizeof(*table->all.nodes));
	if (!table->all.nodes)
		return -ENOMEM;
	while ((node = p2p_next_in_tree(fabric, node)) != P2P_NO_NODE) {
		bool in_a = i < a->count && a->nodes[i] == node;
		bool in_b = j < b->count && b->nodes[j] == node;

		if (in_a || in_b)
			table->all.nodes[table->all.count++] = node;
		i += in_a;
		j += in_b;
	}
	table->client = calloc(table->all.count + 1, sizeof(*table->client));
	table->provider = calloc(table->all.count + 1, sizeof(*table->provider));
	if (!table->client || !table->provider)
		return -ENOMEM;
	mark(table, a, table->client);
	mark(table, b, table->provider);
	return 0;
}

/* Groups with at least one marked member, in order. */
static uint32_t *groups_of(const struct table *table, const bool *marks, uint32_t *count)
{
	uint32_t *groups = calloc(table->twins.count + 1, sizeof(*groups));
	bool *has = calloc(table->twins.count + 1, sizeof(*has));

	*count = 0;
	for (uint32_t i = 0; has && i < table->all.count; i++)
		has[table->twins.group[i]] |= marks[i];
	for (uint32_t group = 0; groups && has && group < table->twins.count; group++)
		if (has[group])
			groups[(*count)++] = group;
	if (!has) {
		free(groups);
		groups = NULL;
	}
	free(has);
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

/* Members of a group are in a row mostly, but need not be. */
static void find_cell(const struct table *table, uint32_t row, uint32_t column, struct cell *cell)
{
	const struct cli_view *view = table->matrix->view;
	const struct p2p_twins *twins = &table->twins;

	*cell = (struct cell){ .nearest = -1 };
	for (uint32_t i = twins->first[row]; i < table->all.count; i++) {
		if (twins->group[i] != row || !table->client[i])
			continue;
		for (uint32_t j = twins->first[column]; j < table->all.count; j++) {
			if (twins->group[j] != column || !table->provider[j] || i == j)
				continue;
			p2p_route_find(view->router, table->all.nodes[i], table->all.nodes[j],
				       &cell->route);
			if (cell->nearest < 0 || cell->route.distance < cell->nearest)
				cell->nearest = cell->route.distance;
			if (cell->any)
				continue;
			cell->any = true;
			p2p_route_find(view->hardware, table->all.nodes[i], table->all.nodes[j],
				       &cell->hardware);
		}
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
	printf("%*s%s%s%s", CELL - (int)strlen(text), "", cli_verdict_colour(verdict), text,
	       cli_plain());
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

static void show_table(struct table *table)
{
	printf("clients down, providers across, as group numbers\n\n");
	for (uint32_t from = 0; from < table->column_count; from += CELLS_A_LINE) {
		uint32_t to = from + CELLS_A_LINE;

		show_block(table, from, to < table->column_count ? to : table->column_count);
	}
	printf("D direct  h via host  - unreachable  ? unknown  . nothing else in the group\n"
	       "the number is the distance, the least in the group\n");
	if (table->marked)
		printf("* the hardware alone is more or less direct than these rules: see p2pmem "
		       "check\n");
}

/* The deepest node that is above all members of a group, or is its only member's parent. */
static p2p_node above(const struct table *table, uint32_t group)
{
	const struct p2p_fabric *fabric = table->matrix->view->fabric;
	p2p_node top = P2P_NO_NODE;
	bool started = false;

	for (uint32_t i = table->twins.first[group]; i < table->all.count; i++) {
		p2p_node node = table->all.nodes[i], a;

		if (table->twins.group[i] != group)
			continue;
		if (!started)
			top = p2p_fabric_parent(fabric, node);
		started = true;
		/* As high as needed for `node` to be below it. */
		for (; top != P2P_NO_NODE; top = p2p_fabric_parent(fabric, top)) {
			for (a = node; a != P2P_NO_NODE && a != top;)
				a = p2p_fabric_parent(fabric, a);
			if (a == top)
				break;
		}
	}
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

static void show_members(const struct table *table, uint32_t group)
{
	const struct p2p_machine *machine = table->matrix->view->machine;
	const uint32_t *groups = table->twins.group;
	char title[P2P_TITLE], address[P2P_ADDRESS];

	for (uint32_t i = table->twins.first[group]; i < table->all.count; i++) {
		uint32_t last = i;

		if (groups[i] != group)
			continue;
		while (last + 1 < table->all.count && groups[last + 1] == group &&
		       fold(table, i, last + 1))
			last++;
		printf("%*s  %s", HEAD, "", p2p_title(machine, table->all.nodes[i], title));
		if (last > i)
			printf(" to %s: %u functions",
			       p2p_address(table->matrix->view->fabric, table->all.nodes[last],
					   address),
			       last - i + 1);
		printf("%s\n", role(table, i));
		i = last;
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
	struct table table = { .matrix = matrix };
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
