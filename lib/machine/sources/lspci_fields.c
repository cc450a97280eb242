// SPDX-License-Identifier: MIT
/*
 * The two forms that lspci prints for programs (show_machine() in lspci.c of pciutils):
 *
 *     -mm   00:00.0 "Host bridge" "Intel Corporation" "Device 09a2" -r20 "Dell" "Device 0b73"
 *     -vmm  Slot:   00:00.0
 *           Class:  Host bridge [0600]
 *           ...
 */
#include "lspci.h"

#include <stdio.h>

/* "Intel Corporation [8086]" and "8086" have a number, and lspci pairs it with the other's. */
static bool number_of(struct p2p_span text, uint64_t *number)
{
	if (text.length > 6 && text.text[text.length - 1] == ']' &&
	    text.text[text.length - 6] == '[')
		text = (struct p2p_span){ text.text + text.length - 5, 4 };
	return p2p_span_hex_exact(&text, 4, number) && !text.length;
}

/* The head line that lspci prints without -m. */
static struct p2p_span head_of(struct p2p_lspci *lspci, struct p2p_span class,
			       struct p2p_span vendor, struct p2p_span device)
{
	uint64_t first, second;
	char head[512];

	if (number_of(vendor, &first) && number_of(device, &second))
		snprintf(head, sizeof(head), "%.*s: %04x:%04x", (int)class.length, class.text,
			 (unsigned int)first, (unsigned int)second);
	else
		snprintf(head, sizeof(head), "%.*s: %.*s %.*s", (int)class.length, class.text,
			 (int)vendor.length, vendor.text, (int)device.length, device.text);
	/* What was resolved is remembered by its text, which must not go away. */
	return p2p_span(p2p_build_text(lspci->machine, head, strlen(head)));
}

static bool take_field(struct p2p_span *text, struct p2p_span *field)
{
	const char *end;

	*text = p2p_span_trim(*text);
	if (!p2p_span_skip(text, "\""))
		return false;
	end = memchr(text->text, '"', text->length);
	if (!end)
		return false;
	*field = (struct p2p_span){ text->text, (size_t)(end - text->text) };
	text->length -= field->length + 1;
	text->text = end + 1;
	return true;
}

bool p2p_lspci_quoted(struct p2p_lspci *lspci, struct p2p_span line, struct p2p_bdf *bdf,
		      struct p2p_span *head)
{
	struct p2p_span class, vendor, device;

	if (!p2p_span_bdf(&line, bdf) || !p2p_span_starts(line, " \"") ||
	    !take_field(&line, &class) || !take_field(&line, &vendor) ||
	    !take_field(&line, &device))
		return false;
	*head = head_of(lspci, class, vendor, device);
	return true;
}

static bool is_field(struct p2p_span line, const char *name, struct p2p_span *value)
{
	if (!p2p_span_skip(&line, name) || !p2p_span_skip(&line, ":"))
		return false;
	*value = p2p_span_trim(line);
	return true;
}

bool p2p_lspci_slot(struct p2p_lspci *lspci, struct p2p_span line, struct p2p_bdf *bdf,
		    struct p2p_span *head)
{
	struct p2p_lspci_fields *fields = &lspci->fields;
	struct p2p_span value;

	if (is_field(line, "Slot", &value) && p2p_span_bdf(&value, &fields->bdf) && !value.length) {
		fields->open = true;
		fields->class = fields->vendor = (struct p2p_span){ NULL, 0 };
		return false;
	}
	if (!fields->open)
		return false;
	if (is_field(line, "Class", &value)) {
		fields->class = value;
	} else if (is_field(line, "Vendor", &value)) {
		fields->vendor = value;
	} else if (is_field(line, "Device", &value) && fields->class.length &&
		   fields->vendor.length) {
		fields->open = false;
		*bdf = fields->bdf;
		*head = head_of(lspci, fields->class, fields->vendor, value);
		return true;
	}
	return false;
}

bool p2p_lspci_field(struct p2p_lspci_record *record, struct p2p_span line,
		     struct p2p_machine *machine)
{
	struct p2p_lspci_function *function = &record->function;
	struct p2p_span value;
	uint64_t number;

	if (is_field(line, "Driver", &value)) {
		function->device.driver = p2p_build_text(machine, value.text, value.length);
		function->device.driver_known = P2P_PRESENT;
	} else if (is_field(line, "NUMANode", &value)) {
		if (p2p_span_decimal(&value, INT32_MAX, &number))
			function->info.numa_node = (int32_t)number;
	} else if (is_field(line, "IOMMUGroup", &value)) {
		if (p2p_span_decimal(&value, INT32_MAX, &number))
			function->info.iommu_group = (int32_t)number;
	} else if (is_field(line, "PhySlot", &value)) {
		function->device.slot = p2p_build_text(machine, value.text, value.length);
	} else {
		return false;
	}
	return true;
}
