// SPDX-License-Identifier: MIT
/*
 * A machine's forest folded to what people want to see of it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <p2pmem/topology.h>

/* What there is to see at and below a node. */
enum worth {
	WORTH_NOTHING,
	WORTH_MINOR,
	WORTH_SHOWING
};

struct making {
	const struct p2p_machine *machine;
	const struct p2p_fabric *fabric;
	struct p2p_folded_tree *tree;
	uint32_t *row;    /* of each node */
	uint32_t *newest; /* the last row below each row */
	p2p_node *latest; /* the last visible child of each node */
	uint8_t *worth;   /* of each node */
	bool *single;     /* whether a bridge leads to one row only */
	bool all;
};

static void weigh(struct making *making, const p2p_node *order, uint32_t count)
{
	while (count--) {
		p2p_node node = order[count], parent = p2p_fabric_parent(making->fabric, node);
		const struct p2p_node_info *info = p2p_fabric_info(making->fabric, node);

		if (info->kind == P2P_KIND_ENDPOINT || info->kind == P2P_KIND_OFF_BUS)
			making->worth[node] = p2p_device_is_minor(making->machine, node)
						      ? WORTH_MINOR
						      : WORTH_SHOWING;
		if (parent != P2P_NO_NODE && making->worth[parent] < making->worth[node])
			making->worth[parent] = making->worth[node];
	}
}

/* Minor functions are shown only where they are all that a card has. */
static bool visible(const struct making *making, p2p_node node)
{
	const struct p2p_node_info *info = p2p_fabric_info(making->fabric, node);
	p2p_node parent = p2p_fabric_parent(making->fabric, node);

	if (making->all || making->worth[node] == WORTH_SHOWING)
		return true;
	if (info->kind == P2P_KIND_HOST_BRIDGE) {
		for (node = p2p_fabric_first_child(making->fabric, node); node != P2P_NO_NODE;
		     node = p2p_fabric_next_sibling(making->fabric, node))
			if (p2p_kind_is_bridge(p2p_fabric_info(making->fabric, node)->kind) &&
			    making->worth[node] != WORTH_NOTHING)
				return true;
		return false;
	}
	if (p2p_kind_is_bridge(info->kind))
		return making->worth[node] == WORTH_MINOR;
	return p2p_fabric_info(making->fabric, parent)->kind != P2P_KIND_HOST_BRIDGE &&
	       making->worth[parent] != WORTH_SHOWING;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_link(const struct p2p_link *a, const struct p2p_link *b)
{
	return a->speed == b->speed && a->width == b->width && a->max_speed == b->max_speed &&
	       a->max_width == b->max_width;
}

/* The channels of a DMA engine have ids and models of their own, and are one device. */
static bool same_model(const struct making *making, p2p_node first, p2p_node second)
{
	const struct p2p_node_info *a = p2p_fabric_info(making->fabric, first);
	const struct p2p_node_info *b = p2p_fabric_info(making->fabric, second);
	const struct p2p_device *c = p2p_machine_device(making->machine, first);
	const struct p2p_device *d = p2p_machine_device(making->machine, second);

	if (a->vendor != b->vendor || a->class_code != b->class_code ||
	    !same_text(c->driver, d->driver))
		return false;
	return p2p_device_kind(making->machine, first) == P2P_DEVICE_DMA ||
	       (a->device == b->device && same_text(c->model, d->model));
}

/* Two functions of one device, or of one device's virtual ones. */
static bool same_device(const struct making *making, p2p_node first, p2p_node second)
{
	struct p2p_bdf a = p2p_fabric_info(making->fabric, first)->bdf;
	struct p2p_bdf b = p2p_fabric_info(making->fabric, second)->bdf;
	p2p_node c = p2p_machine_device(making->machine, first)->physical_function;
	p2p_node d = p2p_machine_device(making->machine, second)->physical_function;

	return a.domain == b.domain && c == d &&
	       (c != P2P_NO_NODE || (a.bus == b.bus && a.devfn >> 3 == b.devfn >> 3));
}

/* Functions of which nothing differs that a folded tree is for, save names and groups. */
static bool alike(const struct making *making, p2p_node first, p2p_node second)
{
	const struct p2p_node_info *a = p2p_fabric_info(making->fabric, first);
	const struct p2p_node_info *b = p2p_fabric_info(making->fabric, second);
	const struct p2p_device *c = p2p_machine_device(making->machine, first);
	const struct p2p_device *d = p2p_machine_device(making->machine, second);

	return a->kind == P2P_KIND_ENDPOINT && b->kind == P2P_KIND_ENDPOINT &&
	       a->numa_node == b->numa_node && a->acs.known == b->acs.known &&
	       a->acs.control == b->acs.control && same_link(&a->link, &b->link) &&
	       c->memory.known != P2P_PRESENT && d->memory.known != P2P_PRESENT &&
	       same_device(making, first, second) && same_model(making, first, second);
}

/* Whether a bridge leads to one row only, which then is the bridge's own. */
static bool leads_to_one(const struct making *making, p2p_node bridge)
{
	p2p_node child, seen = P2P_NO_NODE;

	if (making->all || !p2p_kind_is_bridge(p2p_fabric_info(making->fabric, bridge)->kind))
		return false;
	for (child = p2p_fabric_first_child(making->fabric, bridge); child != P2P_NO_NODE;
	     child = p2p_fabric_next_sibling(making->fabric, child)) {
		if (!visible(making, child))
			continue;
		if (seen != P2P_NO_NODE && !alike(making, seen, child))
			return false;
		seen = child;
	}
	return true;
}

static uint32_t add_row(struct making *making, p2p_node node, uint32_t parent)
{
	struct p2p_folded_tree *tree = making->tree;
	struct p2p_folded_row *row = &tree->rows[tree->count];

	*row = (struct p2p_folded_row){
		.first = node,
		.last = node,
		.last_alike = node,
		.functions = 1,
		.parent = parent,
		.final = true,
	};
	if (parent != P2P_NO_ROW) {
		uint32_t *newest = &making->newest[parent];

		row->depth = tree->rows[parent].depth + 1;
		if (*newest != P2P_NO_ROW)
			tree->rows[*newest].final = false;
		*newest = tree->count;
	}
	making->newest[tree->count] = P2P_NO_ROW;
	return tree->count++;
}

/* Counts a hidden node where its surroundings are shown. */
static uint32_t hide(struct making *making, p2p_node node, uint32_t row)
{
	const struct p2p_node_info *info = p2p_fabric_info(making->fabric, node);
	struct p2p_folded_tree *tree = making->tree;

	if (info->kind == P2P_KIND_HOST_BRIDGE)
		tree->bare[tree->bare_count++] = node;
	else if (row == P2P_NO_ROW)
		tree->bare_functions++;
	else if (info->kind == P2P_KIND_ENDPOINT)
		tree->rows[row].minor++;
	else if (p2p_fabric_first_child(making->fabric, node) == P2P_NO_NODE)
		tree->rows[row].empty++;
	return row;
}

/* The row that shows a node; its parent's is known. */
static uint32_t place(struct making *making, p2p_node node, p2p_node previous)
{
	p2p_node parent = p2p_fabric_parent(making->fabric, node);
	uint32_t above = parent == P2P_NO_NODE ? P2P_NO_ROW : making->row[parent];
	struct p2p_folded_row *row;

	if (!visible(making, node))
		return hide(making, node, above);
	if (!making->all && previous != P2P_NO_NODE && alike(making, previous, node)) {
		row = &making->tree->rows[making->row[previous]];
		row->last_alike = node;
		row->functions++;
		return making->row[previous];
	}
	if (parent != P2P_NO_NODE && making->single[parent]) {
		making->tree->rows[above].last = node;
		making->tree->rows[above].last_alike = node;
		return above;
	}
	return add_row(making, node, above);
}

static void make_rows(struct making *making, const p2p_node *order, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		p2p_node node = order[i], parent = p2p_fabric_parent(making->fabric, node);
		p2p_node previous = parent == P2P_NO_NODE ? P2P_NO_NODE : making->latest[parent];

		making->single[node] = leads_to_one(making, node);
		making->row[node] = place(making, node, previous);
		if (parent != P2P_NO_NODE && visible(making, node))
			making->latest[parent] = node;
	}
}

static void free_making(struct making *making)
{
	free(making->row);
	free(making->newest);
	free(making->latest);
	free(making->worth);
	free(making->single);
}

/* One more of each than needed: an empty machine is no special case. */
static bool allocate(struct making *making, size_t room)
{
	making->tree->rows = calloc(room, sizeof(*making->tree->rows));
	making->tree->bare = calloc(room, sizeof(*making->tree->bare));
	making->row = calloc(room, sizeof(*making->row));
	making->newest = calloc(room, sizeof(*making->newest));
	making->latest = calloc(room, sizeof(*making->latest));
	making->worth = calloc(room, sizeof(*making->worth));
	making->single = calloc(room, sizeof(*making->single));
	return making->tree->rows && making->tree->bare && making->row && making->newest &&
	       making->latest && making->worth && making->single;
}

int p2p_fold(const struct p2p_machine *machine, bool all, struct p2p_folded_tree **tree)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	const p2p_node *order = p2p_fabric_order(fabric);
	uint32_t count = p2p_fabric_count(fabric);
	struct making making = { machine, fabric, .all = all };
	int rc = -ENOMEM;

	*tree = making.tree = calloc(1, sizeof(*making.tree));
	if (!making.tree)
		return rc;
	if (allocate(&making, (size_t)count + 1)) {
		for (uint32_t i = 0; i < count; i++)
			making.latest[i] = P2P_NO_NODE;
		weigh(&making, order, count);
		make_rows(&making, order, count);
		rc = 0;
	}
	free_making(&making);
	if (!rc)
		return 0;
	p2p_folded_tree_free(*tree);
	*tree = NULL;
	return rc;
}

void p2p_folded_tree_free(struct p2p_folded_tree *tree)
{
	if (!tree)
		return;
	free(tree->rows);
	free(tree->bare);
	free(tree);
}
