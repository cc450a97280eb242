// SPDX-License-Identifier: MIT
/*
 * Text of lspci, from plain `lspci` to `lspci -nnvvvxxxx`: functions, one after another, each a
 * head line with lines below it. Text comes from mails and threads, so what stands before a line
 * (blanks, ">", "|") is passed over, and so is every line that lspci does not print.
 */
#include "print.h"
#include "lspci.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define DETECT_BYTES (64u << 10)

/* Without what quoting puts before a line, and without blanks behind it. */
static struct p2p_span bare(struct p2p_span line)
{
	p2p_span_skip(&line, "\xef\xbb\xbf");
	while (line.length && strchr(" \t>|", line.text[0]) && line.text[0]) {
		line.text++;
		line.length--;
	}
	return p2p_span_trim(line);
}

/* "00:0c.0 PCI bridge: Intel …": takes the address off. */
static bool is_head(struct p2p_span *line, struct p2p_bdf *bdf)
{
	struct p2p_span left = *line;

	if (!p2p_span_bdf(&left, bdf) || !p2p_span_skip(&left, " ") ||
	    !p2p_span_after(left, ": ").text)
		return false;
	*line = left;
	return true;
}

static bool detect(const struct p2p_input *input)
{
	struct p2p_span rest = { input->data, input->size }, line;
	struct p2p_bdf bdf;

	if (rest.length > DETECT_BYTES)
		rest.length = DETECT_BYTES;
	while (p2p_span_line(&rest, &line, NULL)) {
		line = bare(line);
		if (is_head(&line, &bdf))
			return true;
	}
	return false;
}

static void begin_record(struct p2p_lspci *lspci, struct p2p_bdf bdf, struct p2p_span text)
{
	struct p2p_lspci_record *record = &lspci->record;

	memset(record, 0, sizeof(*record));
	p2p_node_info_init(&record->info);
	record->info.bdf = bdf;
	record->device.physical_function = P2P_NO_NODE;
	record->line = lspci->line;
	lspci->in_record = true;
	p2p_lspci_head(lspci, text);
}

static int keep_function(struct p2p_lspci *lspci, p2p_node node)
{
	struct p2p_lspci_record *record = &lspci->record;

	if (lspci->count == lspci->room) {
		uint32_t room = lspci->room ? lspci->room * 2 : 256;
		void *larger = reallocarray(lspci->functions, room, sizeof(*lspci->functions));

		if (!larger)
			return -ENOMEM;
		lspci->functions = larger;
		lspci->room = room;
	}
	lspci->functions[lspci->count++] = (struct p2p_lspci_function){
		.info = record->info,
		.node = node,
		.acs_hidden = record->acs_hidden,
	};
	lspci->extended_seen |= record->has_extended;
	*p2p_build_device(lspci->machine, node) = record->device;
	return 0;
}

static void note_privileges(struct p2p_lspci *lspci)
{
	struct p2p_machine_facts *platform = &lspci->machine->platform;

	if (lspci->record.list == P2P_LIST_DENIED)
		platform->root = P2P_ABSENT;
	else if (lspci->record.list == P2P_LIST_SEEN && platform->root == P2P_UNKNOWN)
		platform->root = P2P_PRESENT;
	if (lspci->record.info.iommu_group >= 0)
		platform->iommu = P2P_PRESENT;
}

static int end_record(struct p2p_lspci *lspci)
{
	char bdf[P2P_BDF_TEXT];
	char where[256];
	p2p_node node;
	int status;

	if (!lspci->in_record)
		return 0;
	lspci->in_record = false;
	p2p_lspci_settle(lspci);
	snprintf(where, sizeof(where), "%s:%u", lspci->input->path, lspci->record.line);
	p2p_build_check_buses(lspci->machine, &lspci->record.info, where);
	note_privileges(lspci);
	if (lspci->count == P2P_FUNCTIONS_MAX)
		return -EFBIG;
	status = p2p_build_add(lspci->machine, &lspci->record.info, &node);
	if (!status)
		return keep_function(lspci, node);
	if (status != -EEXIST)
		return status;
	/* Two machines in one file, or one twice: the first is kept. */
	if (!lspci->doubles++)
		p2p_build_warn(lspci->machine,
			       "%s:%u: %s is there already; is this the text of two machines? "
			       "Only the first of each address is used",
			       lspci->input->path, lspci->record.line,
			       p2p_bdf_text(lspci->record.info.bdf, bdf));
	return 0;
}

static int read_line(struct p2p_lspci *lspci, struct p2p_span line)
{
	struct p2p_bdf bdf;
	int status;

	if (!line.length) {
		lspci->record.is_whole = true;
		return 0;
	}
	if (is_head(&line, &bdf)) {
		/* The next head shows that the one before is whole. */
		lspci->record.is_whole = true;
		status = end_record(lspci);
		begin_record(lspci, bdf, line);
		return status;
	}
	if (lspci->in_record && !p2p_lspci_hex(lspci, line))
		p2p_lspci_line(lspci, line);
	return 0;
}

/* lspci -x, -xxx and -xxxx print 64, 256 or 4096 bytes. */
static bool is_dump_whole(size_t size)
{
	return !size || size == P2P_CONFIG_HEADER || size == P2P_CONFIG_PCI ||
	       size == P2P_CONFIG_PCIE;
}

/* Nothing after the last function shows that its text is whole. */
static int end_text(struct p2p_lspci *lspci)
{
	const struct p2p_lspci_record *record = &lspci->record;
	char bdf[P2P_BDF_TEXT];

	if (lspci->in_record &&
	    ((record->has_body && !record->is_whole) || !is_dump_whole(record->config_size)))
		p2p_build_warn(lspci->machine,
			       "%s:%u: the text may be cut off inside %s; what it does not show "
			       "of it is unknown",
			       lspci->input->path, lspci->line,
			       p2p_bdf_text(record->info.bdf, bdf));
	return end_record(lspci);
}

static int read_lines(struct p2p_lspci *lspci)
{
	struct p2p_span rest = { lspci->input->data, lspci->input->size }, line;
	int status = 0;

	while (!status && p2p_span_line(&rest, &line, NULL)) {
		lspci->line++;
		status = read_line(lspci, bare(line));
	}
	return status ? status : end_text(lspci);
}

/* A root or downstream port's link, by the bus it leads to. */
struct port {
	uint32_t domain;
	uint8_t bus;
	struct p2p_link link;
};

static int compare_ports(const void *a, const void *b)
{
	const struct port *left = a, *right = b;

	if (left->domain != right->domain)
		return left->domain < right->domain ? -1 : 1;
	return left->bus - right->bus;
}

static size_t collect_ports(const struct p2p_lspci *lspci, struct port *ports)
{
	size_t count = 0;

	for (uint32_t i = 0; i < lspci->count; i++) {
		const struct p2p_lspci_function *function = &lspci->functions[i];
		const struct p2p_link *below =
			&p2p_build_device(lspci->machine, function->node)->link_below;

		if (!function->info.secondary || !below->width)
			continue;
		ports[count++] = (struct port){ function->info.bdf.domain, function->info.secondary,
						*below };
	}
	if (count)
		qsort(ports, count, sizeof(*ports), compare_ports);
	return count;
}

/* A device whose link is not shown has the link of the port it is plugged into. */
static int share_links(struct p2p_lspci *lspci)
{
	struct port *ports = calloc(lspci->count + 1, sizeof(*ports));
	size_t count;

	if (!ports)
		return -ENOMEM;
	count = collect_ports(lspci, ports);
	for (uint32_t i = 0; i < lspci->count && count; i++) {
		struct p2p_node_info *info = &lspci->functions[i].info;
		struct port key = { .domain = info->bdf.domain, .bus = info->bdf.bus };
		const struct port *found;

		if (info->link.width)
			continue;
		found = bsearch(&key, ports, count, sizeof(*ports), compare_ports);
		if (!found)
			continue;
		info->link.speed = found->link.speed;
		info->link.width = found->link.width;
	}
	free(ports);
	return 0;
}

/*
 * A PCI Express function that shows no extended capability has none where others' can be read;
 * where nobody's can be, the machine or the reader could not reach them.
 */
static int complete(struct p2p_lspci *lspci)
{
	int status = share_links(lspci);

	for (uint32_t i = 0; !status && i < lspci->count; i++) {
		struct p2p_lspci_function *function = &lspci->functions[i];

		if (function->acs_hidden && function->info.acs.known == P2P_UNKNOWN &&
		    lspci->extended_seen)
			function->info.acs.known = P2P_ABSENT;
		status =
			p2p_fabric_update(lspci->machine->builder, function->node, &function->info);
	}
	return status;
}

static int read_lspci(const struct p2p_input *input, struct p2p_machine *machine,
		      struct p2p_error *error)
{
	struct p2p_lspci *lspci = calloc(1, sizeof(*lspci));
	int status = -ENOMEM;

	if (lspci) {
		lspci->input = input;
		lspci->machine = machine;
		status = read_lines(lspci);
		if (!status)
			status = complete(lspci);
		if (lspci->doubles > 1)
			p2p_build_warn(machine, "%s: %u functions appear more than once",
				       input->path, lspci->doubles);
		p2p_pci_ids_free(lspci->ids);
		free(lspci->functions);
		free(lspci);
	}
	if (status == -EFBIG)
		return p2p_error_set(error, status,
				     "%s: more than %u PCI functions; no machine has that many",
				     input->path, P2P_FUNCTIONS_MAX);
	if (status)
		return p2p_error_set(error, status, "%s: cannot build the fabric: %s", input->path,
				     strerror(-status));
	return 0;
}

const struct p2p_source p2p_source_lspci = {
	.name = "lspci",
	.detect = detect,
	.read = read_lspci,
};
