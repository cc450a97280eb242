// SPDX-License-Identifier: MIT
/*
 * The lines that lspci -v to -vvv print below the head of a function. The forms are those of
 * pciutils 3.1 to 3.13 (lspci.c, ls-caps.c, ls-ecaps.c, ls-kernel.c).
 *
 * Region lines show the kernel's addresses (what a CPU uses), as libpci reads them from sysfs. So
 * do bridge windows since 3.8, which writes their width behind them ("[32-bit]"); before that,
 * windows show the bridge's registers.
 */
#include "lspci.h"

#include <ctype.h>

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
	/* Without its end it may be cut in the middle of the number. */
	return p2p_span_starts(text, "]") ? size : 0;
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
	range = &record->function.info.bar[bar];
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

/* Two digits, and what ends them: a cut or wrapped line proves nothing. */
static bool bus_number(struct p2p_span text, const char *name, uint8_t *bus)
{
	struct p2p_span number = p2p_span_after(text, name);
	uint64_t value;

	if (!p2p_span_hex_exact(&number, 2, &value) ||
	    (number.length && number.text[0] != ',' && number.text[0] != ' '))
		return false;
	*bus = (uint8_t)value;
	return true;
}

/* "primary=00, secondary=01, subordinate=01, sec-latency=0" */
static void read_bus_numbers(struct p2p_lspci_record *record, struct p2p_span text)
{
	struct p2p_node_info *info = &record->function.info;
	uint8_t primary, secondary, subordinate;
	uint32_t class = info->class_code >> 8;
	/* Of a function that is not a bridge it is another's line. */
	bool other =
		record->has_bus_numbers || (info->class_code != UINT32_MAX && class != 0x0604 &&
					    class != 0x0607 && class != 0x0609);

	record->has_bus_numbers = true;
	if (!bus_number(text, "primary=", &primary) ||
	    !bus_number(text, "secondary=", &secondary) ||
	    !bus_number(text, "subordinate=", &subordinate))
		return;
	/* Firmware may leave the primary bus at 0; another bridge's line has another number. */
	if (other || (primary && primary != info->bdf.bus)) {
		record->function.proof.broken = true;
		info->secondary = info->subordinate = 0;
		return;
	}
	info->secondary = secondary;
	info->subordinate = subordinate;
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
	struct p2p_lspci_proof *proof = &record->function.proof;
	struct p2p_span type = text;

	if (p2p_span_starts(text, "("))
		type = p2p_span_after(text, ") ");
	if (proof->signs & P2P_SIGN(EXPRESS))
		proof->broken = proof->express_unknown = true;
	for (size_t i = 0; type.text && i < sizeof(types) / sizeof(types[0]); i++) {
		if (!p2p_span_starts(type, types[i].name))
			continue;
		record->function.info.port_type = types[i].type;
		return;
	}
	proof->express_unknown = true;
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

/* The lines from here on are another function's. */
static void overrun(struct p2p_lspci_record *record)
{
	record->function.proof.broken = record->function.proof.overrun = true;
	record->closed = true;
}

/* A capability at an offset where one was already is another function's. */
static void note_offset(struct p2p_lspci_record *record, uint64_t offset)
{
	struct p2p_lspci_proof *proof = &record->function.proof;
	uint64_t *word = &record->offsets[offset / 4 / 64];
	uint64_t bit = UINT64_C(1) << offset / 4 % 64;

	/* Those beyond 256 bytes come last. */
	if (*word & bit || (offset < P2P_CONFIG_PCI && proof->extended))
		overrun(record);
	*word |= bit;
	proof->capabilities = true;
	proof->extended |= offset >= P2P_CONFIG_PCI;
	proof->extended_first |= offset == P2P_CONFIG_PCI;
}

/* A name that is cut off may be the rest of this one, too. */
static bool may_be(struct p2p_span text, const char *name)
{
	size_t length = strlen(name);

	return !memcmp(text.text, name, text.length < length ? text.length : length);
}

/* "[148 v1] Access Control Services", "<access denied>" */
static enum p2p_lspci_sign read_capability(struct p2p_lspci *lspci, struct p2p_span text)
{
	struct p2p_lspci_record *record = &lspci->record;
	struct p2p_lspci_proof *proof = &record->function.proof;
	uint64_t offset;

	if (p2p_span_starts(text, "<access denied>")) {
		proof->denied = true;
		return P2P_SIGNS;
	}
	if (!p2p_span_skip(&text, "[") || !p2p_span_hex(&text, 3, &offset) ||
	    !p2p_span_after(text, "]").text) {
		proof->broken = true;
		return P2P_SIGNS;
	}
	note_offset(record, offset);
	if (record->closed)
		return P2P_SIGNS;
	text = p2p_span_trim(p2p_span_after(text, "]"));
	record->in_resizable = p2p_span_starts(text, "Physical Resizable BAR");
	/* Nothing, or so little that it may be anything: the rest is lost or in the next line. */
	if (text.length < 2) {
		proof->broken = true;
		return P2P_SIGNS;
	}
	if (p2p_span_skip(&text, "Express ")) {
		read_pcie(record, text);
		return P2P_SIGN_EXPRESS;
	}
	if (may_be(text, "Access Control Services")) {
		proof->acs_named = true;
		proof->acs_heads += proof->acs_heads < 2;
		return P2P_SIGN_ACS;
	}
	if (may_be(text, "Express")) {
		proof->express_unknown = true;
		return P2P_SIGN_EXPRESS;
	}
	if (p2p_span_starts(text, "Advanced Error Reporting"))
		return P2P_SIGN_AER;
	if (p2p_span_skip(&text, "Subsystem: "))
		record->subsystem = text;
	return P2P_SIGNS;
}

/* Lines that come after all capabilities, so the list above them is whole. */
static bool read_kernel_line(struct p2p_lspci *lspci, struct p2p_span line)
{
	struct p2p_device *device = &lspci->record.function.device;

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
	lspci->record.kernel_seen = true;
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
		if (size > record->function.device.bar_max[bar])
			record->function.device.bar_max[bar] = size;
		text = p2p_span_after(text, "B ");
	}
}

struct word {
	const char *text;
	uint8_t sign;
};

static const struct word *find(const struct word *words, size_t count, struct p2p_span line)
{
	for (size_t i = 0; i < count; i++)
		if (words[i].text[0] == line.text[0] && p2p_span_starts(line, words[i].text))
			return &words[i];
	return NULL;
}

static enum p2p_lspci_sign read_capability_detail(struct p2p_lspci_record *record,
						  struct p2p_span line)
{
	static const struct word words[] = {
		{ "DevCap:", P2P_SIGN_DEVICE_CAP }, { "DevCtl:", P2P_SIGN_DEVICE_CTL },
		{ "DevSta:", P2P_SIGN_DEVICE_STA }, { "LnkCap:", P2P_SIGN_LINK_CAP },
		{ "LnkCtl:", P2P_SIGN_LINK_CTL },   { "LnkSta:", P2P_SIGN_LINK_STA },
		{ "UESta:", P2P_SIGN_AER_UESTA },   { "UEMsk:", P2P_SIGN_AER_UEMSK },
		{ "UESvrt:", P2P_SIGN_AER_UESVRT }, { "CESta:", P2P_SIGN_AER_CESTA },
		{ "CEMsk:", P2P_SIGN_AER_CEMSK },   { "AERCap:", P2P_SIGN_AER_CAP },
		{ "ACSCap:", P2P_SIGN_ACS_CAP },    { "ACSCtl:", P2P_SIGN_ACS_CTL },
	};
	const struct word *word = find(words, sizeof(words) / sizeof(words[0]), line);
	struct p2p_link *link = &record->link;

	if (!word) {
		if (record->in_resizable && p2p_span_skip(&line, "BAR "))
			read_resizable(record, line);
		return P2P_SIGNS;
	}
	line.text += strlen(word->text);
	line.length -= strlen(word->text);
	switch (word->sign) {
	case P2P_SIGN_ACS_CAP:
	case P2P_SIGN_ACS_CTL:
		p2p_lspci_acs(record, line, word->sign == P2P_SIGN_ACS_CTL);
		record->last = (enum p2p_lspci_sign)word->sign;
		return P2P_SIGNS; /* the sign is set when all of it is there */
	case P2P_SIGN_LINK_CAP:
		read_link(line, &link->max_speed, &link->max_width);
		break;
	case P2P_SIGN_LINK_STA:
		read_link(line, &link->speed, &link->width);
		break;
	default:
		break;
	}
	return (enum p2p_lspci_sign)word->sign;
}

static enum p2p_lspci_sign read_header_line(struct p2p_lspci *lspci, struct p2p_span line)
{
	struct p2p_lspci_record *record = &lspci->record;
	struct p2p_node_info *info = &record->function.info;
	struct p2p_device *device = &record->function.device;

	if (p2p_span_skip(&line, "Region ")) {
		read_region(record, line);
	} else if (p2p_span_skip(&line, "Bus: ")) {
		read_bus_numbers(record, line);
		return P2P_SIGN_BUS;
	} else if (p2p_span_skip(&line, "I/O behind bridge: ")) {
		read_window(&info->window[0], line, P2P_RANGE_IO);
		return P2P_SIGN_IO_WINDOW;
	} else if (p2p_span_skip(&line, "Memory behind bridge: ")) {
		read_window(&info->window[1], line, P2P_RANGE_MEMORY);
		return P2P_SIGN_MEMORY_WINDOW;
	} else if (p2p_span_skip(&line, "Prefetchable memory behind bridge: ")) {
		read_window(&info->window[2], line, P2P_RANGE_MEMORY | P2P_RANGE_PREFETCH);
		return P2P_SIGN_PREFETCH_WINDOW;
	} else if (p2p_span_starts(line, "Secondary status: ")) {
		return P2P_SIGN_SECONDARY_STATUS;
	} else if (p2p_span_starts(line, "BridgeCtl: ")) {
		return P2P_SIGN_BRIDGE_CONTROL;
	} else if (p2p_span_skip(&line, "Subsystem: ")) {
		record->subsystem = line;
	} else if (p2p_span_skip(&line, "NUMA node: ")) {
		info->numa_node = small_number(line);
	} else if (p2p_span_skip(&line, "IOMMU group: ")) {
		info->iommu_group = small_number(line);
	} else if (p2p_span_skip(&line, "Physical Slot: ")) {
		device->slot = keep(lspci, line);
	} else if (p2p_span_skip(&line, "DeviceName: ")) {
		device->label = keep(lspci, line);
	}
	return P2P_SIGNS;
}

/* The lines that come first, each once: a second one is another function's. */
static enum p2p_lspci_sign first_line(struct p2p_span line)
{
	if (p2p_span_starts(line, "Control: I/O"))
		return P2P_SIGN_CONTROL;
	if (p2p_span_starts(line, "Status: Cap"))
		return P2P_SIGN_STATUS;
	/* Power management has flags, too. */
	if (p2p_span_starts(line, "Flags: ") && !p2p_span_starts(line, "Flags: PME"))
		return P2P_SIGN_FLAGS;
	return P2P_SIGNS;
}

static void read_first_line(struct p2p_lspci_record *record, struct p2p_span line,
			    enum p2p_lspci_sign sign)
{
	struct p2p_lspci_proof *proof = &record->function.proof;

	if (proof->signs >> sign & 1 || proof->capabilities || record->kernel_seen) {
		overrun(record);
		return;
	}
	record->last = sign;
	proof->signs |= UINT64_C(1) << sign;
	if (p2p_span_skip(&line, "Status: Cap"))
		proof->list = p2p_span_starts(line, "+")   ? P2P_PRESENT
			      : p2p_span_starts(line, "-") ? P2P_ABSENT
							   : P2P_UNKNOWN;
}

bool p2p_lspci_is_body(struct p2p_span line)
{
	static const char *const words[] = { "Capabilities: ", "Bus: primary",           "ACSCap:",
					     "ACSCtl:",        "Kernel driver in use: ", "Region ",
					     "LnkSta:" };

	if (first_line(line) != P2P_SIGNS)
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (p2p_span_starts(line, words[i]))
			return true;
	return false;
}

/*
 * SR-IOV and others print Region lines of their own below the capability list's first line; a
 * function's own come before it.
 */
static enum p2p_lspci_sign read_body_line(struct p2p_lspci *lspci, struct p2p_span line)
{
	struct p2p_lspci_record *record = &lspci->record;

	if (p2p_span_skip(&line, "Capabilities: "))
		return read_capability(lspci, line);
	if (line.text[0] == 'K' && read_kernel_line(lspci, line))
		return P2P_SIGN_KERNEL;
	if (line.text[0] == 'A' &&
	    (p2p_span_starts(line, "ACSCap:") || p2p_span_starts(line, "ACSCtl:")))
		return read_capability_detail(record, line);
	if (record->function.proof.capabilities)
		return read_capability_detail(record, line);
	return read_header_line(lspci, line);
}

static bool is_repeated(const struct p2p_lspci_record *record, struct p2p_span line)
{
	enum p2p_lspci_sign sign = first_line(line);

	if (sign != P2P_SIGNS)
		return record->function.proof.signs >> sign & 1;
	return record->has_bus_numbers && p2p_span_starts(line, "Bus: primary=");
}

void p2p_lspci_line(struct p2p_lspci *lspci, struct p2p_span line)
{
	struct p2p_lspci_record *record = &lspci->record;
	struct p2p_lspci_proof *proof = &record->function.proof;
	enum p2p_lspci_sign sign;

	if (record->closed) {
		/* Whose line is this? Perhaps the last record's, which ended too early then. */
		proof->broken |= p2p_lspci_is_body(line);
		proof->overrun |= !proof->trimmed && is_repeated(record, line);
		return;
	}
	if (p2p_lspci_acs_goes_on(record, line))
		return;
	sign = first_line(line);
	if (sign != P2P_SIGNS) {
		record->has_body = true;
		read_first_line(record, line, sign);
		return;
	}
	/* Nothing but the modules comes after the driver. */
	if (record->kernel_seen && line.text[0] != 'K' && p2p_lspci_is_body(line)) {
		overrun(record);
		return;
	}
	sign = read_body_line(lspci, line);
	record->has_body = true;
	if (sign != P2P_SIGNS) {
		/* A function has each of them once; its driver and its modules are one. */
		if (proof->signs >> sign & 1 && sign != P2P_SIGN_KERNEL)
			overrun(record);
		proof->signs |= UINT64_C(1) << sign;
		record->last = sign;
	} else if (!p2p_span_starts(line, "ACSC")) {
		record->last = P2P_SIGNS;
	}
}
