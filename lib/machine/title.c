// SPDX-License-Identifier: MIT
/*
 * What a node of a machine is called in a sentence.
 */
#include <inttypes.h>
#include <stdio.h>

#include <p2pmem/text.h>
#include <p2pmem/topology.h>

const char *p2p_address(const struct p2p_fabric *fabric, p2p_node node, char text[P2P_ADDRESS])
{
	const struct p2p_node_info *info = p2p_fabric_info(fabric, node);
	struct p2p_bdf bdf = info->bdf;

	if (info->kind == P2P_KIND_OFF_BUS)
		snprintf(text, P2P_ADDRESS, "off-bus-%" PRIu32, node);
	else if (info->unplaced)
		snprintf(text, P2P_ADDRESS, "bus %04" PRIx32 ":%02x", bdf.domain, bdf.bus);
	else if (info->kind == P2P_KIND_HOST_BRIDGE)
		snprintf(text, P2P_ADDRESS, "pci%04" PRIx32 ":%02x", bdf.domain, bdf.bus);
	else
		p2p_bdf_text(bdf, text);
	return text;
}

/* A name comes from a source, which may be hostile, and goes to a terminal and into JSON. */
static const char *make_plain(char text[P2P_TITLE])
{
	for (char *at = text; *at; at++)
		if (*at < 0x20 || *at >= 0x7f)
			*at = '?';
	return text;
}

const char *p2p_kind_name(enum p2p_kind kind)
{
	switch (kind) {
	case P2P_KIND_HOST_BRIDGE:
		return "host bridge";
	case P2P_KIND_ROOT_PORT:
		return "root port";
	case P2P_KIND_UPSTREAM_PORT:
		return "switch upstream port";
	case P2P_KIND_DOWNSTREAM_PORT:
		return "switch downstream port";
	case P2P_KIND_PCI_BRIDGE:
		return "PCI bridge";
	case P2P_KIND_BRIDGE:
		return "bridge of unknown type";
	case P2P_KIND_OFF_BUS:
		return "device on no PCI bus";
	case P2P_KIND_ENDPOINT:
		break;
	}
	return "endpoint";
}

/* "card0" and "dax0.0" tell a person little; "nvme0" and "mlx5_0" all. */
static bool tells_all(const struct p2p_name *name)
{
	return name->kind != P2P_NAME_DRM && name->kind != P2P_NAME_OTHER;
}

const char *p2p_title(const struct p2p_machine *machine, p2p_node node, char text[P2P_TITLE])
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	enum p2p_kind kind = p2p_fabric_info(fabric, node)->kind;
	const char *model = p2p_machine_device(machine, node)->model;
	char address[P2P_ADDRESS];
	uint32_t count;
	const struct p2p_name *names = p2p_machine_names(machine, node, &count);

	p2p_address(fabric, node, address);
	/* The first and the last step are alike, which is not a mistake. */
	if (p2p_fabric_info(fabric, node)->unplaced)
		snprintf(text, P2P_TITLE, "%s", address); // NOLINT(bugprone-branch-clone)
	else if (kind != P2P_KIND_ENDPOINT && kind != P2P_KIND_OFF_BUS)
		snprintf(text, P2P_TITLE, "%s (%s)", address, p2p_kind_name(kind));
	else if (count && (tells_all(&names[0]) || !model))
		snprintf(text, P2P_TITLE, "%s (%.100s)", address, names[0].text);
	else if (count)
		snprintf(text, P2P_TITLE, "%s (%.40s, %.80s)", address, names[0].text, model);
	else if (model)
		snprintf(text, P2P_TITLE, "%s (%.100s)", address, model);
	else
		snprintf(text, P2P_TITLE, "%s", address);
	return make_plain(text);
}

const char *p2p_short_title(const struct p2p_machine *machine, p2p_node node, char text[P2P_TITLE])
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	enum p2p_kind kind = p2p_fabric_info(fabric, node)->kind;
	char address[P2P_ADDRESS];
	uint32_t count;
	const struct p2p_name *names = p2p_machine_names(machine, node, &count);

	if (kind == P2P_KIND_HOST_BRIDGE)
		return p2p_title(machine, node, text);
	p2p_address(fabric, node, address);
	if (count)
		snprintf(text, P2P_TITLE, "%s (%.40s)", address, names[0].text);
	else
		snprintf(text, P2P_TITLE, "%s", address);
	return make_plain(text);
}
