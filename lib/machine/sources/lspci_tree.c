// SPDX-License-Identifier: MIT
/*
 * The tree that lspci -t prints (ls-tree.c of pciutils), with -v, -vv, -nn or without:
 *
 *     -+-[0000:80]-+-00.0  Intel Corporation Device [8086:09a2]
 *      |           \-01.0-[81-84]----00.0-[82-84]--+-00.0-[83]----00.0
 *      |                                           \-01.0-[84]----00.0
 *      \-[0000:00]---00.0
 *
 * A "+" begins a branch in its column, which goes on in the lines below until a "\" there. It shows
 * all that is above a function. Where lines are missing, one could go on with another's branch: so
 * a bridge's buses must lie within those of the bridge above it.
 */
#include "lspci.h"

#include <ctype.h>

static bool is_tree_sign(char byte)
{
	return byte == '-' || byte == '+' || byte == '\\';
}

/* "[0000:80]" */
static bool take_root(struct p2p_span *text, struct p2p_tree_bus *bus)
{
	struct p2p_span left = *text;
	uint64_t domain, number;

	if (!p2p_span_skip(&left, "[") || !p2p_span_hex(&left, 8, &domain) ||
	    left.text - text->text < 5 || !p2p_span_skip(&left, ":") ||
	    !p2p_span_hex_exact(&left, 2, &number) || !p2p_span_skip(&left, "]"))
		return false;
	*bus = (struct p2p_tree_bus){
		.domain = (uint32_t)domain,
		.first = (uint8_t)number,
		.last = 0xff,
		.kind = P2P_TREE_ROOT,
	};
	*text = left;
	return true;
}

/* "-[82-84]", "-[83]": the buses below a bridge. */
static bool take_buses(struct p2p_span *text, uint8_t *first, uint8_t *last)
{
	struct p2p_span left = *text;
	uint64_t number, end;

	if (!p2p_span_skip(&left, "-[") || !p2p_span_hex_exact(&left, 2, &number))
		return false;
	end = number;
	if (p2p_span_skip(&left, "-") && !p2p_span_hex_exact(&left, 2, &end))
		return false;
	if (!p2p_span_skip(&left, "]"))
		return false;
	*first = (uint8_t)number;
	*last = (uint8_t)end;
	*text = left;
	return true;
}

/* "03.1" */
static bool take_slot(struct p2p_span *text, uint8_t *devfn)
{
	struct p2p_span left = *text;
	uint64_t device, function;

	if (!p2p_span_hex_exact(&left, 2, &device) || device > 0x1f || !p2p_span_skip(&left, ".") ||
	    !p2p_span_hex_exact(&left, 1, &function) || function > 7 ||
	    (left.length && isxdigit((unsigned char)left.text[0])))
		return false;
	*devfn = (uint8_t)(device << 3 | function);
	*text = left;
	return true;
}

/* "  Intel Corporation Device [8086:09a2]" */
static void read_name(struct p2p_lspci *lspci, struct p2p_span text,
		      struct p2p_lspci_function *function)
{
	struct p2p_span ids;
	uint64_t vendor, device;

	text = p2p_span_trim(text);
	if (!text.length)
		return;
	function->device.model = p2p_build_text(lspci->machine, text.text, text.length);
	if (text.length < 11)
		return;
	ids = (struct p2p_span){ text.text + text.length - 11, 11 };
	if (p2p_span_skip(&ids, "[") && p2p_span_hex_exact(&ids, 4, &vendor) &&
	    p2p_span_skip(&ids, ":") && p2p_span_hex_exact(&ids, 4, &device) &&
	    p2p_span_is(ids, "]")) {
		function->info.vendor = (uint16_t)vendor;
		function->info.device = (uint16_t)device;
	}
}

struct walk {
	struct p2p_lspci *lspci;
	const char *start; /* of the line: columns count from here */
	struct p2p_span rest;
	struct p2p_tree_bus bus; /* where the next function sits */
	int rc;
};

static bool take_function(struct walk *walk)
{
	struct p2p_lspci_function function;
	struct p2p_tree_bus *bus = &walk->bus;
	uint8_t devfn, first, last;

	if (bus->kind != P2P_TREE_BUS && bus->kind != P2P_TREE_ROOT)
		return false;
	if (!take_slot(&walk->rest, &devfn))
		return false;
	memset(&function, 0, sizeof(function));
	p2p_node_info_init(&function.info);
	function.info.bdf = (struct p2p_bdf){ bus->domain, bus->first, devfn };
	function.device.physical_function = P2P_NO_NODE;
	function.line = walk->lspci->line;
	function.on_root_bus = bus->kind == P2P_TREE_ROOT;
	if (!take_buses(&walk->rest, &first, &last)) {
		read_name(walk->lspci, walk->rest, &function);
		walk->rest.length = 0;
		walk->rc = p2p_lspci_add(walk->lspci, &function);
		return true;
	}
	function.info.kind = P2P_KIND_BRIDGE;
	if (first <= bus->first || last < first || last > bus->last) {
		walk->rest.length = 0;
		return true;
	}
	function.info.secondary = first;
	function.info.subordinate = last;
	walk->rc = p2p_lspci_add(walk->lspci, &function);
	*bus = (struct p2p_tree_bus){ bus->domain, first, last, P2P_TREE_BUS };
	return true;
}

static struct p2p_tree_bus *branch_at(const struct walk *walk)
{
	size_t column = (size_t)(walk->rest.text - walk->start);

	return column < P2P_TREE_COLUMNS ? &walk->lspci->branch[column] : NULL;
}

/* A "+" within a line begins a branch; the first of a line goes on with one. */
static bool take_branch(struct walk *walk, bool goes_on)
{
	struct p2p_tree_bus *branch = branch_at(walk);
	bool last = walk->rest.text[0] == '\\';

	if (!branch)
		return false;
	if (goes_on)
		walk->bus = *branch;
	else if (last)
		return false;
	else
		*branch = walk->bus;
	if (last)
		branch->kind = P2P_TREE_NONE;
	return walk->bus.kind != P2P_TREE_NONE;
}

static bool step(struct walk *walk, bool first)
{
	char sign = walk->rest.text[0];

	if (sign == '-') {
		p2p_span_skip(&walk->rest, "-");
		return true;
	}
	if (sign == '+' || sign == '\\') {
		if (!take_branch(walk, first))
			return false;
		walk->rest.text++;
		walk->rest.length--;
		return true;
	}
	if (walk->bus.kind == P2P_TREE_TOP)
		return take_root(&walk->rest, &walk->bus);
	return take_function(walk);
}

bool p2p_lspci_is_tree(const struct p2p_lspci *lspci, struct p2p_span line)
{
	struct p2p_tree_bus root;
	struct p2p_span left;
	size_t signs = 0;

	while (line.length && is_tree_sign(line.text[0])) {
		line.text++;
		line.length--;
		signs++;
	}
	left = line;
	if (signs && take_root(&left, &root))
		return true;
	return lspci->in_tree && signs > 1 && line.length > 3 && line.text[2] == '.';
}

int p2p_lspci_tree(struct p2p_lspci *lspci, struct p2p_span raw, struct p2p_span line)
{
	struct walk walk = { .lspci = lspci, .start = raw.text, .rest = line };
	bool first = true;

	/* A line that begins with "-" is the first of a tree. */
	if (line.text[0] == '-') {
		memset(lspci->branch, 0, sizeof(lspci->branch));
		walk.bus.kind = P2P_TREE_TOP;
		first = false;
	}
	lspci->in_tree = true;
	while (walk.rest.length && !walk.rc && step(&walk, first))
		first = false;
	return walk.rc;
}
