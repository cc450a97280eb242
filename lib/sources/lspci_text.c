// SPDX-License-Identifier: MIT
/*
 * The words of lspci: the head line of a function, and the lines that -v to -vvv print below it.
 * The forms are those of pciutils 3.1 to 3.13 (lspci.c, ls-caps.c, ls-ecaps.c, ls-kernel.c).
 *
 * Region lines show the kernel's addresses (what a CPU uses), as libpci reads them from sysfs. So
 * do bridge windows since 3.8, which writes their width behind them ("[32-bit]"); before that,
 * windows show the bridge's registers.
 */
#include "config_space.h"
#include "lspci.h"

#include <stdlib.h>

const struct p2p_pci_ids *p2p_lspci_ids(struct p2p_lspci *lspci)
{
	if (lspci->ids_asked)
		return lspci->ids;
	lspci->ids_asked = true;
	if (p2p_pci_ids_open(NULL, &lspci->ids))
		p2p_build_warn(lspci->machine,
			       "%s: names without numbers, and no pci.ids on this machine to look "
			       "them up: ids are unknown; install pci.ids",
			       lspci->input->path);
	return lspci->ids;
}

/* "[8086:09a2]" at the end, or the whole: what -nn and -n print. */
static bool parse_id_pair(struct p2p_span text, uint16_t *vendor, uint16_t *device)
{
	uint64_t first, second;

	if (text.length > 11 && text.text[text.length - 1] == ']') {
		text.text += text.length - 11;
		text.length = 10;
		if (!p2p_span_skip(&text, "["))
			return false;
	}
	if (text.length != 9 || !p2p_span_hex(&text, 4, &first) || !p2p_span_skip(&text, ":") ||
	    !p2p_span_hex(&text, 4, &second) || text.length)
		return false;
	*vendor = (uint16_t)first;
	*device = (uint16_t)second;
	return true;
}

/* "0604", "PCI bridge [0604]", "PCI bridge". */
static uint32_t parse_class(struct p2p_lspci *lspci, struct p2p_span text)
{
	struct p2p_span digits = text;
	uint64_t class;

	if (text.length > 6 && text.text[text.length - 1] == ']' &&
	    text.text[text.length - 6] == '[')
		digits = (struct p2p_span){ text.text + text.length - 5, 4 };
	if (digits.length == 4 && p2p_span_hex(&digits, 4, &class) && !digits.length)
		return (uint32_t) class;
	return p2p_pci_ids_parse_class(p2p_lspci_ids(lspci), text);
}

/* Takes " (rev 20) (prog-if 00 [Normal decode])" off the end; the programming interface is kept. */
static uint32_t take_suffixes(struct p2p_span *text)
{
	struct p2p_span interface = p2p_span_after(*text, " (prog-if ");
	uint64_t value = 0;

	if (interface.text) {
		text->length = (size_t)(interface.text - text->text) - strlen(" (prog-if ");
		if (!p2p_span_hex(&interface, 2, &value))
			value = 0;
	}
	if (text->length > 9 && !memcmp(text->text + text->length - 9, " (rev ", 6))
		text->length -= 9;
	return (uint32_t)value;
}

static void keep_model(struct p2p_lspci *lspci, struct p2p_span text, bool numbers)
{
	struct p2p_lspci_record *record = &lspci->record;
	char name[256];

	/* -nn: the name is there, the numbers behind it. -n: the list may have the name. */
	if (numbers && text.length > 12) {
		text = p2p_span_trim((struct p2p_span){ text.text, text.length - 11 });
	} else if (numbers) {
		if (!p2p_pci_ids_model(p2p_lspci_ids(lspci), record->info.vendor,
				       record->info.device, name, sizeof(name)))
			return;
		text = p2p_span(name);
	}
	record->device.model = p2p_build_text(lspci->machine, text.text, text.length);
}

static void resolve_head(struct p2p_lspci *lspci, struct p2p_span text)
{
	struct p2p_node_info *info = &lspci->record.info;
	struct p2p_span device = p2p_span_after(text, ": ");
	uint32_t class, interface;
	bool numbers;

	if (!device.text)
		return;
	text.length = (size_t)(device.text - text.text) - 2;
	interface = take_suffixes(&device);
	device = p2p_span_trim(device);
	class = parse_class(lspci, p2p_span_trim(text));
	if (class != UINT32_MAX)
		info->class_code = class << 8 | interface;
	numbers = parse_id_pair(device, &info->vendor, &info->device);
	if (!numbers)
		p2p_pci_ids_parse_device(p2p_lspci_ids(lspci), device, &info->vendor,
					 &info->device);
	keep_model(lspci, device, numbers);
}

static bool same_text(struct p2p_span a, struct p2p_span b)
{
	return a.length == b.length && !memcmp(a.text, b.text, a.length);
}

void p2p_lspci_head(struct p2p_lspci *lspci, struct p2p_span text)
{
	struct p2p_lspci_record *record = &lspci->record;
	struct p2p_lspci_kind *kind;

	for (unsigned int i = 0; i < lspci->kind_count; i++) {
		kind = &lspci->kinds[i];
		if (!same_text(kind->text, text))
			continue;
		record->info.vendor = kind->vendor;
		record->info.device = kind->device;
		record->info.class_code = kind->class_code;
		record->device.model = kind->model;
		return;
	}
	resolve_head(lspci, text);
	if (lspci->kind_count == P2P_LSPCI_KINDS)
		return;
	lspci->kinds[lspci->kind_count++] = (struct p2p_lspci_kind){
		.text = text,
		.vendor = record->info.vendor,
		.device = record->info.device,
		.class_code = record->info.class_code,
		.model = record->device.model,
	};
}

/* "[size=128K]"; 0: none. */
static uint64_t parse_size(struct p2p_span text)
{
	static const char units[] = "KMGTPE";
	uint64_t size;

	text = p2p_span_after(text, "[size=");
	if (!text.text || !p2p_span_decimal(&text, 1u << 20, &size))
		return 0;
	for (unsigned int i = 0; text.length && units[i]; i++)
		if (text.text[0] == units[i])
			return size > UINT64_MAX >> 10 * (i + 1) ? 0 : size << 10 * (i + 1);
	return size;
}

/* "0: Memory at 214042000000 (64-bit, prefetchable) [size=16M]" */
static void read_region(struct p2p_lspci_record *record, struct p2p_span text)
{
	struct p2p_range *range;
	uint64_t bar, address;
	uint8_t flags;

	if (!p2p_span_decimal(&text, P2P_BARS - 1, &bar) || !p2p_span_skip(&text, ": "))
		return;
	p2p_span_skip(&text, "[virtual] ");
	if (p2p_span_skip(&text, "Memory at "))
		flags = P2P_RANGE_MEMORY;
	else if (p2p_span_skip(&text, "I/O ports at "))
		flags = P2P_RANGE_IO;
	else
		return;
	range = &record->info.bar[bar];
	/* There, and without an address. */
	if (p2p_span_starts(text, "<unassigned>"))
		range->flags = flags;
	/* <ignored>, <broken-64-bit-slot> */
	if (!p2p_span_hex(&text, 16, &address))
		return;
	if (p2p_span_after(text, "64-bit").text)
		flags |= P2P_RANGE_64BIT;
	if (p2p_span_after(text, " prefetchable").text)
		flags |= P2P_RANGE_PREFETCH;
	range->cpu.value = address;
	range->cpu_known = true;
	range->size = parse_size(text);
	range->flags = flags;
}

/* "90000000-900fffff [size=1M] [32-bit]"; a base above its limit is a closed window. */
static void read_window(struct p2p_range *window, struct p2p_span text, uint8_t flags)
{
	uint64_t base, limit;

	if (!p2p_span_hex(&text, 16, &base) || !p2p_span_skip(&text, "-") ||
	    !p2p_span_hex(&text, 16, &limit) || limit <= base ||
	    p2p_span_after(text, "[disabled]").text)
		return;
	window->size = limit - base + 1;
	window->flags = flags;
	if (p2p_span_after(text, "-bit]").text) {
		window->cpu.value = base;
		window->cpu_known = true;
	} else {
		window->bus.value = base;
		window->bus_known = true;
	}
}

/* "primary=00, secondary=01, subordinate=01, sec-latency=0" */
static void read_bus_numbers(struct p2p_lspci_record *record, struct p2p_span text)
{
	struct p2p_span secondary = p2p_span_after(text, "secondary=");
	struct p2p_span subordinate = p2p_span_after(text, "subordinate=");
	uint64_t first, last;

	record->has_bus_numbers = true;
	if (!p2p_span_hex(&secondary, 2, &first) || !p2p_span_hex(&subordinate, 2, &last))
		return;
	record->info.secondary = (uint8_t)first;
	record->info.subordinate = (uint8_t)last;
}

/* "(v2) Root Port (Slot-), MSI 00" */
static void read_pcie(struct p2p_lspci_record *record, struct p2p_span text)
{
	static const struct {
		const char *name;
		uint8_t type;
	} types[] = {
		{ "Endpoint", 0 },
		{ "Legacy Endpoint", 1 },
		{ "Root Port", 4 },
		{ "Upstream Port", 5 },
		{ "Downstream Port", 6 },
		{ "PCI-Express to PCI/PCI-X Bridge", 7 },
		{ "PCI/PCI-X to PCI-Express Bridge", 8 },
		{ "Root Complex Integrated Endpoint", 9 },
		{ "Root Complex Event Collector", 10 },
	};
	struct p2p_span type = text;

	if (p2p_span_starts(text, "("))
		type = p2p_span_after(text, ") ");
	for (size_t i = 0; type.text && i < sizeof(types) / sizeof(types[0]); i++) {
		if (!p2p_span_starts(type, types[i].name))
			continue;
		record->has_pcie = true;
		record->info.port_type = types[i].type;
		return;
	}
}

/* "[148 v1] Access Control Services", "<access denied>" */
static void read_capability(struct p2p_lspci *lspci, struct p2p_span text)
{
	struct p2p_lspci_record *record = &lspci->record;
	uint64_t offset;

	if (p2p_span_starts(text, "<access denied>")) {
		record->list = P2P_LIST_DENIED;
		return;
	}
	if (!p2p_span_skip(&text, "[") || !p2p_span_hex(&text, 3, &offset))
		return;
	record->list = P2P_LIST_SEEN;
	record->has_extended |= offset >= P2P_CONFIG_PCI;
	text = p2p_span_after(text, "] ");
	if (!text.text)
		return;
	record->in_resizable = p2p_span_starts(text, "Physical Resizable BAR");
	if (p2p_span_skip(&text, "Express "))
		read_pcie(record, text);
	else if (p2p_span_starts(text, "Access Control Services"))
		record->has_acs = true;
	else if (p2p_span_skip(&text, "Subsystem: "))
		record->subsystem = text;
}

/* "SrcValid+ TransBlk- ReqRedir+ …": all seven or none, for a cut line proves nothing. */
static bool parse_acs(struct p2p_span text, uint16_t *bits)
{
	static const char *const names[] = { "SrcValid",   "TransBlk",    "ReqRedir",
					     "CmpltRedir", "UpstreamFwd", "EgressCtrl",
					     "DirectTrans" };

	*bits = 0;
	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		text = p2p_span_trim(text);
		if (!p2p_span_skip(&text, names[i]))
			return false;
		if (p2p_span_skip(&text, "+"))
			*bits = (uint16_t)(*bits | 1u << i);
		else if (!p2p_span_skip(&text, "-"))
			return false;
	}
	return true;
}

static void read_acs(struct p2p_lspci_record *record, struct p2p_span text, bool control)
{
	uint16_t bits;

	if (!parse_acs(text, &bits))
		return;
	if (control) {
		record->info.acs.control = bits;
		record->has_acs_control = true;
	} else {
		record->info.acs.capability = bits;
		record->has_acs_capability = true;
	}
}

/* "Port #0, Speed 32GT/s, Width x16, …", "Speed 8GT/s (downgraded), Width x8 (ok)" */
static void read_link(struct p2p_span text, uint32_t *speed, uint8_t *width)
{
	struct p2p_span lanes = p2p_span_after(text, "Width x");
	struct p2p_span rate = p2p_span_after(text, "Speed ");
	uint64_t value;

	*width = lanes.text && p2p_span_decimal(&lanes, 32, &value) ? (uint8_t)value : 0;
	*speed = rate.text && *width ? p2p_span_speed(rate) : 0;
}

static const char *keep(struct p2p_lspci *lspci, struct p2p_span text)
{
	text = p2p_span_trim(text);
	return text.length ? p2p_build_text(lspci->machine, text.text, text.length) : NULL;
}

static int32_t small_number(struct p2p_span text)
{
	uint64_t value;

	return p2p_span_decimal(&text, INT32_MAX, &value) ? (int32_t)value : -1;
}

/* Lines that come after all capabilities, so the list above them is whole. */
static bool read_kernel_line(struct p2p_lspci *lspci, struct p2p_span line)
{
	struct p2p_device *device = &lspci->record.device;

	if (p2p_span_skip(&line, "Kernel driver in use: ")) {
		device->driver = keep(lspci, line);
		device->driver_known = device->driver ? P2P_PRESENT : P2P_UNKNOWN;
	} else if (p2p_span_starts(line, "Kernel modules: ")) {
		/* It could have a driver, and the line of its driver is not there. */
		if (device->driver_known == P2P_UNKNOWN)
			device->driver_known = P2P_ABSENT;
	} else {
		return false;
	}
	lspci->record.is_whole = true;
	return true;
}

/* "BAR 2: current size: 128GB, supported: 64MB 128MB 128GB": cap_rebar() in ls-ecaps.c. */
static void read_resizable(struct p2p_lspci_record *record, struct p2p_span text)
{
	static const char units[] = "MGTPE";
	uint64_t bar, size;

	if (!p2p_span_decimal(&text, P2P_BARS - 1, &bar))
		return;
	text = p2p_span_after(text, "supported: ");
	while (text.length && p2p_span_decimal(&text, 1023, &size)) {
		const char *unit = text.length ? strchr(units, text.text[0]) : NULL;

		if (!unit || !*unit)
			return;
		size <<= 20 + 10 * (unit - units);
		if (size > record->device.bar_max[bar])
			record->device.bar_max[bar] = size;
		text = p2p_span_after(text, "B ");
	}
}

static bool read_capability_detail(struct p2p_lspci_record *record, struct p2p_span line)
{
	struct p2p_link *link = &record->link;

	if (p2p_span_skip(&line, "ACSCap:"))
		read_acs(record, line, false);
	else if (p2p_span_skip(&line, "ACSCtl:"))
		read_acs(record, line, true);
	else if (record->in_resizable && p2p_span_skip(&line, "BAR "))
		read_resizable(record, line);
	else if (p2p_span_skip(&line, "LnkCap:"))
		read_link(line, &link->max_speed, &link->max_width);
	else if (p2p_span_skip(&line, "LnkSta:"))
		read_link(line, &link->speed, &link->width);
	else
		return false;
	return true;
}

static void read_header_line(struct p2p_lspci *lspci, struct p2p_span line)
{
	struct p2p_lspci_record *record = &lspci->record;
	struct p2p_node_info *info = &record->info;

	if (p2p_span_skip(&line, "Region "))
		read_region(record, line);
	else if (p2p_span_skip(&line, "Bus: "))
		read_bus_numbers(record, line);
	else if (p2p_span_skip(&line, "I/O behind bridge: "))
		read_window(&info->window[0], line, P2P_RANGE_IO);
	else if (p2p_span_skip(&line, "Memory behind bridge: "))
		read_window(&info->window[1], line, P2P_RANGE_MEMORY);
	else if (p2p_span_skip(&line, "Prefetchable memory behind bridge: "))
		read_window(&info->window[2], line, P2P_RANGE_MEMORY | P2P_RANGE_PREFETCH);
	else if (p2p_span_skip(&line, "Status: Cap"))
		record->status = p2p_span_starts(line, "+")   ? P2P_PRESENT
				 : p2p_span_starts(line, "-") ? P2P_ABSENT
							      : P2P_UNKNOWN;
	else if (p2p_span_skip(&line, "Subsystem: "))
		record->subsystem = line;
	else if (p2p_span_skip(&line, "NUMA node: "))
		info->numa_node = small_number(line);
	else if (p2p_span_skip(&line, "IOMMU group: "))
		info->iommu_group = small_number(line);
	else if (p2p_span_skip(&line, "Physical Slot: "))
		record->device.slot = keep(lspci, line);
	else if (p2p_span_skip(&line, "DeviceName: "))
		record->device.label = keep(lspci, line);
}

/*
 * SR-IOV and others print Region lines of their own below the capability list's first line; a
 * function's own come before it.
 */
void p2p_lspci_line(struct p2p_lspci *lspci, struct p2p_span line)
{
	struct p2p_lspci_record *record = &lspci->record;

	record->is_whole = false;
	record->has_body = true;
	if (p2p_span_skip(&line, "Capabilities: "))
		read_capability(lspci, line);
	else if (line.text[0] == 'K')
		read_kernel_line(lspci, line);
	else if (record->list == P2P_LIST_SEEN)
		read_capability_detail(record, line);
	else
		read_header_line(lspci, line);
}

/* What a list says only when the whole of it was seen. */
static enum p2p_known pcie_known(const struct p2p_lspci_record *record, bool whole)
{
	if (record->has_pcie)
		return P2P_PRESENT;
	if (record->status == P2P_ABSENT)
		return P2P_ABSENT;
	return record->list == P2P_LIST_SEEN && whole ? P2P_ABSENT : P2P_UNKNOWN;
}

static enum p2p_kind kind_of(const struct p2p_lspci_record *record)
{
	const struct p2p_node_info *info = &record->info;
	uint32_t class = info->class_code >> 8;

	if (!record->has_bus_numbers &&
	    (info->class_code == UINT32_MAX || (class != 0x0604 && class != 0x0609)))
		return P2P_KIND_ENDPOINT;
	if (info->pcie == P2P_ABSENT || class == 0x0607)
		return P2P_KIND_PCI_BRIDGE;
	if (info->pcie == P2P_UNKNOWN)
		return P2P_KIND_BRIDGE;
	return p2p_config_port_kind(info->port_type);
}

static void settle_acs(struct p2p_lspci_record *record, bool whole)
{
	struct p2p_acs *acs = &record->info.acs;

	if (record->has_acs_capability && record->has_acs_control) {
		acs->known = P2P_PRESENT;
		return;
	}
	acs->capability = acs->control = 0;
	if (record->has_acs)
		return; /* -v names it and leaves its bits out */
	if (record->info.pcie == P2P_ABSENT)
		acs->known = P2P_ABSENT;
	else if (record->info.pcie == P2P_PRESENT && record->list == P2P_LIST_SEEN && whole) {
		acs->known = record->has_extended ? P2P_ABSENT : P2P_UNKNOWN;
		record->acs_hidden = !record->has_extended;
	}
}

static void settle_subsystem(struct p2p_lspci *lspci)
{
	struct p2p_node_info *info = &lspci->record.info;
	struct p2p_span text = p2p_span_trim(lspci->record.subsystem);

	if (text.length && !parse_id_pair(text, &info->subsystem_vendor, &info->subsystem_device))
		p2p_pci_ids_parse_subsystem(p2p_lspci_ids(lspci), text, info->vendor, info->device,
					    &info->subsystem_vendor, &info->subsystem_device);
}

void p2p_lspci_settle(struct p2p_lspci *lspci)
{
	struct p2p_lspci_record *record = &lspci->record;
	/* Of the last function only its last line, or a blank one behind it, shows the end. */
	bool whole = record->is_whole;

	record->info.pcie = pcie_known(record, whole);
	record->info.kind = kind_of(record);
	settle_acs(record, whole);
	settle_subsystem(lspci);
	if (record->info.kind == P2P_KIND_ROOT_PORT ||
	    record->info.kind == P2P_KIND_DOWNSTREAM_PORT)
		record->device.link_below = record->link;
	else if (record->info.kind != P2P_KIND_BRIDGE)
		record->info.link = record->link;
	if (record->config_size && !p2p_config_decode(record->config, record->config_size,
						      &record->info, &record->device.link_below))
		p2p_config_resizable(record->config, record->config_size, record->device.bar_max);
}
