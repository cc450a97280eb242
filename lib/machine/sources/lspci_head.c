// SPDX-License-Identifier: MIT
/*
 * The head line of a function, as lspci prints it without and with -n, -nn, -P, -PP (pciutils 3.1
 * to 3.13, show_terse() in lspci.c):
 *
 *     0000:00:01.0 PCI bridge [0604]: Intel Corporation Device [8086:347a] (rev 04)
 *     00:01.0/01:00.0 Class 0604: Device 1000:c010 (prog-if 00 [Normal decode])
 */
#include "lspci.h"
#include "models.h"

#include <ctype.h>

const struct p2p_pci_ids *p2p_lspci_ids(struct p2p_lspci *lspci)
{
	const struct p2p_pci_ids *ids = p2p_models_list(lspci->machine);

	if (!ids && !lspci->ids_missed)
		p2p_build_warn(lspci->machine,
			       "%s: names without numbers, and no pci.ids on this machine to look "
			       "them up: ids are unknown; install pci.ids",
			       lspci->input->path);
	lspci->ids_missed = !ids;
	return ids;
}

/* "/00.0" of -P */
static bool take_slot(struct p2p_span *span, struct p2p_bdf *bdf)
{
	struct p2p_span left = *span;
	uint64_t device, function;

	if (!p2p_span_hex_exact(&left, 2, &device) || device > 0x1f || !p2p_span_skip(&left, ".") ||
	    !p2p_span_hex_exact(&left, 1, &function) || function > 7)
		return false;
	bdf->devfn = (uint8_t)(device << 3 | function);
	*span = left;
	return true;
}

enum p2p_lspci_head p2p_lspci_address(struct p2p_span *line, struct p2p_lspci_address *address)
{
	struct p2p_span left = *line;

	memset(address, 0, sizeof(*address));
	if (!p2p_span_bdf(&left, &address->bdf))
		return P2P_HEAD_NONE;
	while (p2p_span_skip(&left, "/")) {
		uint32_t domain = address->bdf.domain;

		address->above = address->bdf;
		address->has_above = true;
		address->no_bus = false;
		if (p2p_span_bdf(&left, &address->bdf))
			address->bdf.domain = domain; /* printed once, in front */
		else if (take_slot(&left, &address->bdf))
			address->no_bus = true;
		else
			return P2P_HEAD_PROSE;
	}
	if (!p2p_span_skip(&left, " "))
		return left.length && isalnum((unsigned char)left.text[0]) ? P2P_HEAD_NONE
									   : P2P_HEAD_PROSE;
	left = p2p_span_trim(left);
	if (!p2p_span_after(left, ": ").text)
		return P2P_HEAD_PROSE;
	*line = left;
	return P2P_HEAD_DEVICE;
}

/* "8086:09a2", "Device 8086:09a2", "... [8086:09a2]"; what follows in brackets is passed over. */
static bool parse_id_pair(struct p2p_span text, uint16_t *vendor, uint16_t *device)
{
	uint64_t first, second;

	if (text.length > 11 && text.text[text.length - 1] == ']') {
		text.text += text.length - 11;
		text.length = 10;
		if (!p2p_span_skip(&text, "["))
			return false;
	} else {
		p2p_span_skip(&text, "Device ");
	}
	if (!p2p_span_hex_exact(&text, 4, &first) || !p2p_span_skip(&text, ":") ||
	    !p2p_span_hex_exact(&text, 4, &second) || (text.length && !p2p_span_starts(text, " (")))
		return false;
	*vendor = (uint16_t)first;
	*device = (uint16_t)second;
	return true;
}

/* "0604", "Class 0604", "PCI bridge [0604]" */
static uint32_t class_number(struct p2p_span text)
{
	struct p2p_span digits = text;
	uint64_t class;

	if (text.length > 6 && text.text[text.length - 1] == ']' &&
	    text.text[text.length - 6] == '[')
		digits = (struct p2p_span){ text.text + text.length - 5, 4 };
	else
		p2p_span_skip(&digits, "Class ");
	if (!p2p_span_hex_exact(&digits, 4, &class) || digits.length)
		return UINT32_MAX;
	return (uint32_t) class;
}

/*
 * Class names that Linux's and our rules depend on, for machines without the list, and some that
 * the list had when it was younger.
 */
static uint32_t class_name(struct p2p_span text)
{
	static const struct {
		const char *name;
		uint16_t class;
	} names[] = {
		{ "PCI bridge", 0x0604 },
		{ "Host bridge", 0x0600 },
		{ "ISA bridge", 0x0601 },
		{ "System peripheral", 0x0880 },
		{ "Non-Volatile memory controller", 0x0108 },
		{ "VGA compatible controller", 0x0300 },
		{ "3D controller", 0x0302 },
		{ "Display controller", 0x0380 },
		{ "Ethernet controller", 0x0200 },
		{ "Network controller", 0x0280 },
		{ "Infiniband controller", 0x0207 },
		{ "Processing accelerators", 0x1200 },
		{ "SATA controller", 0x0106 },
		{ "Semi-transparent PCI-to-PCI bridge", 0x0609 },
		{ "InfiniBand to PCI host bridge", 0x060a },
		{ "CardBus bridge", 0x0607 },
		{ "Bridge", 0x0680 },
		{ "USB Controller", 0x0c03 },
		{ "Audio device", 0x0403 },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (p2p_span_is(text, names[i].name))
			return names[i].class;
	return UINT32_MAX;
}

static uint32_t parse_class(struct p2p_lspci *lspci, struct p2p_span text)
{
	uint32_t class = class_number(text);

	if (class == UINT32_MAX)
		class = class_name(text);
	if (class == UINT32_MAX)
		class = p2p_pci_ids_parse_class(p2p_lspci_ids(lspci), text);
	return class;
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

static const char *model_of(struct p2p_lspci *lspci, struct p2p_span text, bool numbers,
			    const struct p2p_node_info *info)
{
	char name[256];

	/* -nn: the name is there, the numbers behind it. -n: the list may have the name. */
	if (numbers && text.length > 12 && text.text[text.length - 1] == ']') {
		text = p2p_span_trim((struct p2p_span){ text.text, text.length - 11 });
	} else if (numbers) {
		if (!p2p_pci_ids_model(p2p_lspci_ids(lspci), info->vendor, info->device, name,
				       sizeof(name)))
			return NULL;
		text = p2p_span(name);
	}
	return p2p_build_text(lspci->machine, text.text, text.length);
}

/* What lspci alone writes, where the class is a name that the list does not have. */
static bool is_plausible(struct p2p_span class, struct p2p_span device)
{
	uint16_t vendor, number;

	return isupper((unsigned char)class.text[0]) &&
	       (p2p_span_after(device, " (rev ").text || parse_id_pair(device, &vendor, &number));
}

static uint64_t hash_of(struct p2p_span text)
{
	uint64_t hash = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < text.length; i++)
		hash = (hash ^ (unsigned char)text.text[i]) * 0x100000001b3ull;
	return hash;
}

static void resolve(struct p2p_lspci *lspci, struct p2p_span text, struct p2p_lspci_kind *kind)
{
	struct p2p_span device = p2p_span_after(text, ": ");
	struct p2p_node_info info;
	uint32_t class, interface;
	bool numbers;

	p2p_node_info_init(&info);
	*kind = (struct p2p_lspci_kind){ .text = text };
	text.length = (size_t)(device.text - text.text) - 2;
	text = p2p_span_trim(text);
	device = p2p_span_trim(device);
	class = text.length ? parse_class(lspci, text) : UINT32_MAX;
	kind->valid =
		text.length && device.length && (class != UINT32_MAX || is_plausible(text, device));
	if (!kind->valid)
		return;
	interface = take_suffixes(&device);
	device = p2p_span_trim(device);
	numbers = parse_id_pair(device, &info.vendor, &info.device);
	if (!numbers)
		p2p_pci_ids_parse_device(p2p_lspci_ids(lspci), device, &info.vendor, &info.device);
	kind->class_code = class == UINT32_MAX ? UINT32_MAX : class << 8 | interface;
	kind->vendor = info.vendor;
	kind->device = info.device;
	kind->model = model_of(lspci, device, numbers, &info);
	kind->hash = hash_of(device);
}

static bool same_text(struct p2p_span a, struct p2p_span b)
{
	return a.length == b.length && !memcmp(a.text, b.text, a.length);
}

static const struct p2p_lspci_kind *kind_of(struct p2p_lspci *lspci, struct p2p_span text,
					    struct p2p_lspci_kind *room)
{
	for (unsigned int i = 0; i < lspci->kind_count; i++)
		if (same_text(lspci->kinds[i].text, text))
			return &lspci->kinds[i];
	resolve(lspci, text, room);
	if (lspci->kind_count < P2P_LSPCI_KINDS)
		lspci->kinds[lspci->kind_count++] = *room;
	return room;
}

bool p2p_lspci_head(struct p2p_lspci *lspci, struct p2p_span text)
{
	struct p2p_lspci_function *function = &lspci->record.function;
	const struct p2p_lspci_kind *kind;
	struct p2p_lspci_kind room;

	kind = kind_of(lspci, text, &room);
	if (!kind->valid)
		return false;
	function->info.vendor = kind->vendor;
	function->info.device = kind->device;
	function->info.class_code = kind->class_code;
	function->device.model = kind->model;
	function->proof.model = kind->hash;
	return true;
}

bool p2p_lspci_looks_like_head(struct p2p_span line)
{
	struct p2p_lspci_address address;
	struct p2p_span device;

	if (p2p_lspci_address(&line, &address) != P2P_HEAD_DEVICE)
		return false;
	device = p2p_span_after(line, ": ");
	line.length = (size_t)(device.text - line.text) - 2;
	return line.length && device.length &&
	       (class_number(line) != UINT32_MAX || class_name(line) != UINT32_MAX ||
		isupper((unsigned char)line.text[0]) || isdigit((unsigned char)line.text[0]));
}
