// SPDX-License-Identifier: MIT
/*
 * hwloc's XML, versions 1 to 3 (lstopo FILE.xml): <object type="Bridge"> inside each other,
 * "PCIDev" and "OSDev" in these, <info> for words. After hwloc's topology-xml.c and hwloc2.dtd.
 *
 * It has no ACS, no kinds of port and no addresses, and a link only as gigabytes a second, from
 * which speed and width cannot be told apart: these are unknown.
 */
#include "xml.h"

#include <errno.h>

#include "models.h"

struct hwloc {
	const struct p2p_pci_ids *ids;
	unsigned int version;                     /* the first number */
	int32_t numa_node[P2P_XML_DEPTH_MAX + 1]; /* by depth */
};

/* "0000:[2b-3b]" */
static bool parse_buses(struct p2p_span text, struct p2p_bdf *first, uint8_t *last)
{
	uint64_t domain, secondary, subordinate;

	if (!p2p_span_hex(&text, 8, &domain) || !p2p_span_skip(&text, ":[") ||
	    !p2p_span_hex(&text, 2, &secondary) || !p2p_span_skip(&text, "-") ||
	    !p2p_span_hex(&text, 2, &subordinate) || !p2p_span_is(text, "]"))
		return false;
	*first = (struct p2p_bdf){ (uint32_t)domain, (uint8_t)secondary, 0 };
	*last = (uint8_t)subordinate;
	return true;
}

/* " [8086:2030]" */
static void take_ids(struct p2p_span *text, uint16_t *vendor, uint16_t *device)
{
	uint64_t first, second;

	if (p2p_span_skip(text, " [") && p2p_span_hex(text, 4, &first) &&
	    p2p_span_skip(text, ":") && p2p_span_hex(text, 4, &second) &&
	    p2p_span_skip(text, "]")) {
		*vendor = (uint16_t)first;
		*device = (uint16_t)second;
	}
}

/* "0604 [8086:2030] [8086:0000] 04 00": class, ids, revision, since version 3 the interface. */
static void parse_type(struct p2p_span text, struct p2p_node_info *info)
{
	uint64_t class, revision, interface = 0;

	if (!p2p_span_hex(&text, 4, &class))
		return;
	take_ids(&text, &info->vendor, &info->device);
	take_ids(&text, &info->subsystem_vendor, &info->subsystem_device);
	if (!p2p_span_skip(&text, " ") || !p2p_span_hex(&text, 2, &revision) ||
	    !p2p_span_skip(&text, " ") || !p2p_span_hex(&text, 2, &interface))
		interface = 0;
	info->class_code = (uint32_t)(class << 8 | interface);
}

static int start_host_bridge(struct p2p_xml *xml, const char **attributes)
{
	struct p2p_span buses = p2p_xml_attribute(attributes, "bridge_pci");
	struct p2p_bdf first;
	uint8_t last;

	if (!buses.text || !parse_buses(buses, &first, &last)) {
		p2p_build_warn(xml->machine, "%s:%lu: a host bridge without its buses; left out",
			       xml->input->path, p2p_xml_line(xml));
		return 0;
	}
	return p2p_build_root_add(xml->machine, first, &xml->below[xml->depth]);
}

static void set_model(struct p2p_xml *xml, const struct p2p_node_info *info)
{
	const struct hwloc *hwloc = xml->context;
	char model[256];

	if (p2p_pci_ids_model(hwloc->ids, info->vendor, info->device, model, sizeof(model)))
		p2p_build_device(xml->machine, xml->inside[xml->depth])->model =
			p2p_build_text(xml->machine, model, strlen(model));
}

static int start_function(struct p2p_xml *xml, const char **attributes, enum p2p_kind kind)
{
	struct p2p_span address = p2p_xml_attribute(attributes, "pci_busid");
	struct p2p_span buses = p2p_xml_attribute(attributes, "bridge_pci");
	struct p2p_span type = p2p_xml_attribute(attributes, "pci_type");
	const struct hwloc *hwloc = xml->context;
	uint32_t before = xml->functions;
	struct p2p_node_info info;
	struct p2p_bdf first;
	uint8_t last;
	int rc;

	p2p_node_info_init(&info);
	if (!address.text || !p2p_span_bdf(&address, &info.bdf) || address.length) {
		p2p_build_warn(xml->machine, "%s:%lu: a PCI object without pci_busid; left out",
			       xml->input->path, p2p_xml_line(xml));
		return 0;
	}
	info.kind = kind;
	info.numa_node = hwloc->numa_node[xml->depth];
	if (type.text)
		parse_type(type, &info);
	if (kind == P2P_KIND_BRIDGE && buses.text && parse_buses(buses, &first, &last) &&
	    first.domain == info.bdf.domain && first.bus > info.bdf.bus && last >= first.bus) {
		info.secondary = first.bus;
		info.subordinate = last;
	}
	rc = p2p_xml_add(xml, &info);
	if (!rc && xml->functions != before)
		set_model(xml, &info);
	return rc;
}

/* Numbers before version 3, a set of bits since: hwloc_obj_osdev_type_e. */
static enum p2p_name_kind name_kind(uint64_t type, unsigned int version)
{
	if (version < 3)
		return type == 0   ? P2P_NAME_BLOCK
		       : type == 2 ? P2P_NAME_NET
		       : type == 3 ? P2P_NAME_INFINIBAND
				   : P2P_NAME_OTHER;
	return type & 1    ? P2P_NAME_BLOCK
	       : type & 32 ? P2P_NAME_INFINIBAND
	       : type & 16 ? P2P_NAME_NET
			   : P2P_NAME_OTHER;
}

static void start_device(struct p2p_xml *xml, const char **attributes)
{
	struct p2p_span name = p2p_xml_attribute(attributes, "name");
	struct p2p_span type = p2p_xml_attribute(attributes, "osdev_type");
	const struct hwloc *hwloc = xml->context;
	p2p_node node = xml->inside[xml->depth];
	enum p2p_name_kind kind = P2P_NAME_OTHER;
	uint64_t number;

	if (type.text && p2p_span_number(type, &number))
		kind = name_kind(number, hwloc->version);
	if (name.text && node != P2P_NO_NODE)
		p2p_build_name(xml->machine, node, kind, name.text, name.length);
}

/* One bit set is one NUMA node; a machine's or package's set may have several. */
static void read_nodeset(struct p2p_xml *xml, const char **attributes)
{
	struct p2p_span text = p2p_xml_attribute(attributes, "nodeset");
	struct hwloc *hwloc = xml->context;
	uint64_t set;

	hwloc->numa_node[xml->depth] = hwloc->numa_node[xml->depth - 1];
	if (!text.text)
		return;
	hwloc->numa_node[xml->depth] = P2P_NUMA_UNKNOWN;
	if (p2p_span_number(text, &set) && set && !(set & (set - 1)))
		hwloc->numa_node[xml->depth] = __builtin_ctzll(set);
}

static int start_object(struct p2p_xml *xml, const char **attributes)
{
	struct p2p_span type = p2p_xml_attribute(attributes, "type");
	struct p2p_span bridge = p2p_xml_attribute(attributes, "bridge_type");

	if (!type.text)
		return 0;
	if (p2p_span_is(type, "Bridge") && bridge.text && p2p_span_is(bridge, "0-1"))
		return start_host_bridge(xml, attributes);
	if (p2p_span_is(type, "Bridge"))
		return start_function(xml, attributes, P2P_KIND_BRIDGE);
	if (p2p_span_is(type, "PCIDev"))
		return start_function(xml, attributes, P2P_KIND_ENDPOINT);
	if (p2p_span_is(type, "OSDev"))
		start_device(xml, attributes);
	return 0;
}

static int32_t small_number(struct p2p_span text)
{
	uint64_t value;

	return p2p_span_number(text, &value) && value <= INT32_MAX ? (int32_t)value : -1;
}

static void start_info(struct p2p_xml *xml, const char **attributes)
{
	struct p2p_machine_facts *platform = &xml->machine->platform;
	struct p2p_span name = p2p_xml_attribute(attributes, "name");
	struct p2p_span value = p2p_xml_attribute(attributes, "value");
	p2p_node node = xml->inside[xml->depth];
	const char *text;

	if (!name.text || !value.length)
		return;
	text = p2p_build_text(xml->machine, value.text, value.length);
	if (p2p_span_is(name, "CPUVendor"))
		platform->cpu_vendor = text;
	else if (p2p_span_is(name, "CPUModel"))
		platform->cpu_name = text;
	else if (p2p_span_is(name, "CPUFamilyNumber"))
		platform->cpu_family = small_number(value);
	else if (p2p_span_is(name, "CPUModelNumber"))
		platform->cpu_model = small_number(value);
	else if (p2p_span_is(name, "OSRelease"))
		platform->kernel_release = text;
	else if (p2p_span_is(name, "Architecture"))
		platform->arch = text;
	else if (p2p_span_is(name, "PCISlot") && node != P2P_NO_NODE)
		p2p_build_device(xml->machine, node)->slot = text;
}

static int start(struct p2p_xml *xml, const char *name, const char **attributes)
{
	struct hwloc *hwloc = xml->context;
	struct p2p_span version;
	uint64_t number;

	read_nodeset(xml, attributes);
	if (!strcmp(name, "object"))
		return start_object(xml, attributes);
	if (!strcmp(name, "info"))
		start_info(xml, attributes);
	if (strcmp(name, "topology"))
		return 0;
	version = p2p_xml_attribute(attributes, "version");
	if (version.text && p2p_span_decimal(&version, 1000, &number))
		hwloc->version = (unsigned int)number;
	return 0;
}

static bool detect(const struct p2p_input *input)
{
	return p2p_xml_has(input, "<topology");
}

static int read_hwloc(const struct p2p_input *input, struct p2p_machine *machine,
		      struct p2p_error *error)
{
	struct hwloc hwloc = { .numa_node = { P2P_NUMA_UNKNOWN } };
	struct p2p_input document = p2p_xml_document(input, "<topology");
	struct p2p_xml xml = {
		.input = &document,
		.machine = machine,
		.start = start,
		.context = &hwloc,
	};
	int rc;

	/* Without the list models have no name, and that is all. */
	hwloc.ids = p2p_models_list(machine);
	p2p_build_warn(machine,
		       "%s: hwloc's XML has no ACS and no kinds of port: verdicts are unknown; "
		       "take a capture on the machine",
		       input->path);
	rc = p2p_xml_read(&xml, error);
	if (!rc && !xml.functions)
		return p2p_error_set(
			error, -EBADMSG,
			"%s: a topology without PCI devices, which lstopo leaves out "
			"unless told otherwise; make it with `lstopo --whole-io FILE.xml` on "
			"that machine",
			input->path);
	return rc;
}

const struct p2p_source p2p_source_hwloc = {
	.name = "hwloc-xml",
	.detect = detect,
	.read = read_hwloc,
};
