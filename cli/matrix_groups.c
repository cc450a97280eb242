// SPDX-License-Identifier: MIT
/*
 * Who is in which group of a matrix.
 */
#include <stdio.h>
#include <string.h>

#include "matrix_grid.h"
#include <p2pmem/topology.h>

#define HEAD CLI_MATRIX_HEAD

static bool is_above(const struct p2p_fabric *fabric, p2p_node top, p2p_node node)
{
	while (node != P2P_NO_NODE && node != top)
		node = p2p_fabric_parent(fabric, node);
	return node == top;
}

/* The deepest node that is above all members of a group, or P2P_NO_NODE. */
static p2p_node above(const struct cli_matrix_grid *grid, uint32_t group)
{
	const struct p2p_fabric *fabric = grid->matrix->view->fabric;
	const struct p2p_equivalence *groups = grid->groups;
	const uint32_t *member = &groups->member[groups->start[group]];
	uint32_t count = groups->start[group + 1] - groups->start[group];
	p2p_node top = p2p_fabric_parent(fabric, grid->all[member[0]]);

	for (uint32_t m = 1; m < count; m++)
		while (top != P2P_NO_NODE && !is_above(fabric, top, grid->all[member[m]]))
			top = p2p_fabric_parent(fabric, top);
	return top;
}

static const char *role(const struct cli_matrix_grid *grid, uint32_t at)
{
	if (grid->client[at] && grid->provider[at])
		return "";
	return grid->client[at] ? ", client only" : ", provider only";
}

static const char *text_of(const char *text)
{
	return text ? text : "";
}

/* Whether two members make one line: the same model on one bus, and no names to tell apart. */
static bool fold(const struct cli_matrix_grid *grid, uint32_t a, uint32_t b)
{
	const struct p2p_machine *machine = grid->matrix->view->machine;
	p2p_node x = grid->all[a], y = grid->all[b];
	uint32_t names_x, names_y;

	p2p_machine_names(machine, x, &names_x);
	p2p_machine_names(machine, y, &names_y);
	return !names_x && !names_y && grid->client[a] == grid->client[b] &&
	       grid->provider[a] == grid->provider[b] &&
	       p2p_fabric_parent(grid->matrix->view->fabric, x) ==
		       p2p_fabric_parent(grid->matrix->view->fabric, y) &&
	       !strcmp(text_of(p2p_machine_device(machine, x)->model),
		       text_of(p2p_machine_device(machine, y)->model));
}

/* Whether member `m` goes into the line that starts with member `first`, at position `at`. */
static bool follows(const struct cli_matrix_grid *grid, uint32_t at, uint32_t first, uint32_t m)
{
	/* "A to B" must not span a function of another group. */
	return grid->groups->member[m] == at + (m - first) &&
	       fold(grid, at, grid->groups->member[m]);
}

static void show_members(const struct cli_matrix_grid *grid, uint32_t group)
{
	const struct p2p_equivalence *groups = grid->groups;
	const struct cli_view *view = grid->matrix->view;
	uint32_t end = groups->start[group + 1];
	char title[P2P_TITLE], address[P2P_ADDRESS], more[P2P_ADDRESS + 48];

	for (uint32_t m = groups->start[group], last; m < end; m = last + 1) {
		uint32_t at = groups->member[m];

		for (last = m; last + 1 < end && follows(grid, at, m, last + 1); last++)
			;
		more[0] = '\0';
		if (last > m)
			snprintf(
				more, sizeof(more), " to %s: %u functions",
				p2p_address(view->fabric, grid->all[groups->member[last]], address),
				last - m + 1);
		cli_say(&grid->terminal, HEAD + 2, "%s%s%s",
			p2p_title(view->machine, grid->all[at], title), more, role(grid, at));
	}
}

static void show_group(const struct cli_matrix_grid *grid, uint32_t group)
{
	const struct cli_view *view = grid->matrix->view;
	p2p_node top = above(grid, group);
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
	cli_wrap(&grid->terminal, HEAD + 2, head, text);
}

void cli_matrix_show_groups(const struct cli_matrix_grid *grid)
{
	printf("\n");
	cli_say(&grid->terminal, 0,
		"Groups: to any other device, all of a group have one verdict.");
	for (uint32_t group = 0; group < grid->groups->count; group++) {
		show_group(grid, group);
		show_members(grid, group);
	}
}
