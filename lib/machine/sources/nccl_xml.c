// SPDX-License-Identifier: MIT
/*
 * Topology files of NCCL and RCCL (NCCL_TOPO_DUMP_FILE): <system>, in it <cpu>, in it <pci> inside
 * <pci>, in these <gpu>, <nic> and <net>. After NCCL's src/graph/xml.cc.
 *
 * NCCL keeps one <pci> for each switch and leaves out the other ports, host bridges and all of
 * ACS: these are unknown. What is in two <cpu>s is below two host bridges. Its link is what the
 * slower of a device and its port can do.
 */
#include "xml.h"

#include "models.h"

struct nccl {
	const struct p2p_pci_ids *ids;
	int32_t numa_node;
};

static uint64_t number_or(const char **attributes, const char *name, uint64_t max,
			  uint64_t otherwise)
{
	struct p2p_span text = p2p_xml_attribute(attributes, name);
	uint64_t value;

	return text.text && p2p_span_number(text, &value) && value <= max ? value : otherwise;
}

static const char *text_of(struct p2p_xml *xml, const char **attributes, const char *name)
{
	struct p2p_span text = p2p_xml_attribute(attributes, name);

	return text.length ? p2p_build_text(xml->machine, text.text, text.length) : NULL;
}

/*
 * NCCL writes CPUID's base family + 16 * the extended one (ncclTopoGetXmlFromCpu() in xml.cc); the
 * family that Linux knows adds them, where the base is 15 (SDM vol. 2, CPUID leaf 1).
 */
static int32_t cpu_family(uint64_t id)
{
	uint64_t base = id & 0xf;

	return (int32_t)(base == 0xf ? base + (id >> 4) : base);
}

static void start_cpu(struct p2p_xml *xml, const char **attributes)
{
	struct p2p_machine_facts *platform = &xml->machine->platform;
	struct nccl *nccl = xml->context;
	uint64_t numa = number_or(attributes, "numaid", INT32_MAX, UINT64_MAX);
	uint64_t family = number_or(attributes, "familyid", INT32_MAX, UINT64_MAX);
	uint64_t model = number_or(attributes, "modelid", INT32_MAX, UINT64_MAX);

	nccl->numa_node = numa == UINT64_MAX ? P2P_NUMA_UNKNOWN : (int32_t)numa;
	platform->arch = text_of(xml, attributes, "arch");
	platform->cpu_vendor = text_of(xml, attributes, "vendor");
	platform->cpu_family = family == UINT64_MAX ? -1 : cpu_family(family);
	platform->cpu_model = model == UINT64_MAX ? -1 : (int32_t)model;
}

static void read_link(const char **attributes, struct p2p_link *link)
{
	struct p2p_span speed = p2p_xml_attribute(attributes, "link_speed");

	link->max_width = (uint8_t)number_or(attributes, "link_width", 32, 0);
	if (link->max_width && speed.text)
		link->max_speed = p2p_span_speed(speed);
}

static int start_pci(struct p2p_xml *xml, const char **attributes)
{
	struct p2p_span address = p2p_xml_attribute(attributes, "busid");
	const struct nccl *nccl = xml->context;
	struct p2p_node_info info;
	char model[256];
	uint32_t before = xml->functions;
	int rc = 0;

	p2p_node_info_init(&info);
	if (!address.text || !p2p_span_bdf(&address, &info.bdf) || address.length) {
		p2p_build_warn(xml->machine, "%s:%lu: <pci> without a busid; left out",
			       xml->input->path, p2p_xml_line(xml));
		return 0;
	}
	info.vendor = (uint16_t)number_or(attributes, "vendor", 0xffff, P2P_ID_UNKNOWN);
	info.device = (uint16_t)number_or(attributes, "device", 0xffff, P2P_ID_UNKNOWN);
	info.subsystem_vendor =
		(uint16_t)number_or(attributes, "subsystem_vendor", 0xffff, P2P_ID_UNKNOWN);
	info.subsystem_device =
		(uint16_t)number_or(attributes, "subsystem_device", 0xffff, P2P_ID_UNKNOWN);
	info.class_code = (uint32_t)number_or(attributes, "class", 0xffffff, UINT32_MAX);
	info.kind = info.class_code >> 8 == 0x0604 ? P2P_KIND_BRIDGE : P2P_KIND_ENDPOINT;
	info.numa_node = nccl->numa_node;
	info.gap = true;
	read_link(attributes, &info.link);
	if (xml->below[xml->depth] == P2P_NO_NODE)
		rc = p2p_build_root_add(xml->machine, info.bdf, &xml->below[xml->depth]);
	if (!rc)
		rc = p2p_xml_add(xml, &info);
	if (rc || xml->functions == before)
		return rc;
	if (p2p_pci_ids_model(nccl->ids, info.vendor, info.device, model, sizeof(model)))
		p2p_build_device(xml->machine, xml->inside[xml->depth])->model =
			p2p_build_text(xml->machine, model, strlen(model));
	return 0;
}

static int start(struct p2p_xml *xml, const char *name, const char **attributes)
{
	struct p2p_span text;

	if (!strcmp(name, "cpu")) {
		start_cpu(xml, attributes);
	} else if (!strcmp(name, "pci")) {
		return start_pci(xml, attributes);
	} else if (!strcmp(name, "net") && xml->inside[xml->depth] != P2P_NO_NODE) {
		text = p2p_xml_attribute(attributes, "name");
		if (text.text)
			p2p_build_name(xml->machine, xml->inside[xml->depth], P2P_NAME_NET,
				       text.text, text.length);
	}
	return 0;
}

static bool detect(const struct p2p_input *input)
{
	return p2p_xml_has(input, "<system");
}

static int read_nccl(const struct p2p_input *input, struct p2p_machine *machine,
		     struct p2p_error *error)
{
	struct nccl nccl = { .numa_node = P2P_NUMA_UNKNOWN };
	struct p2p_input document = p2p_xml_document(input, "<system");
	struct p2p_xml xml = {
		.input = &document,
		.machine = machine,
		.start = start,
		.context = &nccl,
	};

	/* Without the list models have no name, and that is all. */
	nccl.ids = p2p_models_list(machine);
	p2p_build_warn(machine,
		       "%s: NCCL's XML has no host bridges, no ports and no ACS: verdicts are "
		       "unknown; take a capture on the machine",
		       input->path);
	return p2p_xml_read(&xml, error);
}

const struct p2p_source p2p_source_nccl = {
	.name = "nccl-xml",
	.detect = detect,
	.read = read_nccl,
};
