// SPDX-License-Identifier: MIT
/*
 * Text of lspci, from plain `lspci` to `lspci -nnvvvxxxx`: functions, one after another, each a
 * head line with lines below it. Text comes from mails and threads, so what lspci does not print
 * is passed over, and what it does print and is missing is unknown.
 */
#include "lspci.h"
#include "grow.h"
#include <p2pmem/text.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* What -mm and -vmm begin with. */
static bool is_field_form(struct p2p_span line)
{
	struct p2p_span slot = line;
	struct p2p_bdf bdf;

	if (p2p_span_skip(&slot, "Slot:")) {
		slot = p2p_span_trim(slot);
		return p2p_span_bdf(&slot, &bdf) && !slot.length;
	}
	return p2p_span_bdf(&line, &bdf) && p2p_span_starts(line, " \"");
}

static bool detect(const struct p2p_input *input)
{
	struct p2p_span text = { input->data, input->size }, line;
	struct p2p_lspci *lspci = calloc(1, sizeof(*lspci));
	bool found = false;

	if (!lspci)
		return true; /* reading will say that there is no memory */
	p2p_lspci_find_prefix(lspci, text);
	while (!found && p2p_span_line(&text, &line, NULL)) {
		line = p2p_lspci_bare(&lspci->prefix, line);
		if (p2p_lspci_looks_like_head(line) || p2p_lspci_is_tree(lspci, line) ||
		    is_field_form(line))
			found = true;
	}
	free(lspci);
	return found;
}

static int start_listing(struct p2p_lspci *lspci, bool new_run)
{
	if (new_run) {
		if (!p2p_grow((void **)&lspci->runs, lspci->run_count, &lspci->run_room,
			      sizeof(*lspci->runs)))
			return -ENOMEM;
		memset(&lspci->runs[lspci->run_count++], 0, sizeof(*lspci->runs));
	}
	if (!p2p_grow((void **)&lspci->listings, lspci->listing_count, &lspci->listing_room,
		      sizeof(*lspci->listings)))
		return -ENOMEM;
	lspci->listings[lspci->listing_count++] = (struct p2p_lspci_listing){
		.first = lspci->count,
		.run = lspci->run_count - 1,
	};
	return 0;
}

static struct p2p_lspci_listing *current(const struct p2p_lspci *lspci)
{
	return lspci->listing_count ? &lspci->listings[lspci->listing_count - 1] : NULL;
}

/* lspci prints functions in order of address: where that goes back, another run begins. */
static bool goes_back(const struct p2p_lspci *lspci, struct p2p_bdf bdf)
{
	const struct p2p_lspci_listing *listing = current(lspci);

	return !listing || (listing->count &&
			    p2p_bdf_compare(lspci->functions[lspci->count - 1].info.bdf, bdf) >= 0);
}

static void decode(struct p2p_lspci_record *record)
{
	struct p2p_lspci_function *function = &record->function;

	if (record->config_size &&
	    !p2p_config_decode(record->config, record->config_size, &function->info,
			       &function->device.link_below)) {
		p2p_config_resizable(record->config, record->config_size, function->device.bar_max);
		function->proof.hex = true;
	}
}

static void settle_subsystem(struct p2p_lspci *lspci)
{
	struct p2p_node_info *info = &lspci->record.function.info;
	struct p2p_span text = p2p_span_trim(lspci->record.subsystem), rest;
	uint64_t vendor, device;

	if (!text.length)
		return;
	rest = text;
	if (p2p_span_hex_exact(&rest, 4, &vendor) && p2p_span_skip(&rest, ":") &&
	    p2p_span_hex_exact(&rest, 4, &device) && !rest.length) {
		info->subsystem_vendor = (uint16_t)vendor;
		info->subsystem_device = (uint16_t)device;
		return;
	}
	rest = (struct p2p_span){ text.text + text.length - 11, 11 };
	if (text.length > 11 && p2p_span_skip(&rest, "[") &&
	    p2p_span_hex_exact(&rest, 4, &vendor) && p2p_span_skip(&rest, ":") &&
	    p2p_span_hex_exact(&rest, 4, &device) && p2p_span_is(rest, "]")) {
		info->subsystem_vendor = (uint16_t)vendor;
		info->subsystem_device = (uint16_t)device;
		return;
	}
	p2p_pci_ids_parse_subsystem(p2p_lspci_ids(lspci), text, info->vendor, info->device,
				    &info->subsystem_vendor, &info->subsystem_device);
}

int p2p_lspci_add(struct p2p_lspci *lspci, const struct p2p_lspci_function *function)
{
	if (lspci->count == P2P_FUNCTIONS_MAX)
		return -EFBIG;
	if (!p2p_grow((void **)&lspci->functions, lspci->count, &lspci->room,
		      sizeof(*lspci->functions)))
		return -ENOMEM;
	lspci->functions[lspci->count++] = *function;
	current(lspci)->count++;
	return 0;
}

/* The link of the words is above the function or below it: the kind of port tells which. */
static void keep_link(struct p2p_lspci_record *record)
{
	uint8_t type = record->function.info.port_type;

	if (record->function.proof.express_unknown)
		return;
	if (type == 4 || type == 6)
		record->function.device.link_below = record->link;
	else
		record->function.info.link = record->link;
}

static int end_record(struct p2p_lspci *lspci)
{
	struct p2p_lspci_record *record = &lspci->record;
	struct p2p_lspci_proof *proof = &record->function.proof;
	struct p2p_lspci_run *run;
	bool new_run = lspci->command || !lspci->run_count, back;
	int rc = 0;

	if (!lspci->in_record)
		return 0;
	lspci->in_record = false;
	proof->ended |= record->kernel_seen;
	settle_subsystem(lspci);
	keep_link(record);
	decode(record);
	back = goes_back(lspci, record->function.info.bdf);
	if (new_run || back)
		rc = start_listing(lspci, new_run);
	lspci->command = false;
	if (!rc)
		rc = p2p_lspci_add(lspci, &record->function);
	if (rc)
		return rc;
	run = &lspci->runs[lspci->run_count - 1];
	run->scattered |= back && record->has_body && run->bodies;
	run->signs |= proof->signs;
	run->extended |= proof->extended;
	run->bodies += record->has_body;
	run->blanks += record->has_body && proof->ended_blank;
	run->others |= record->function.info.class_code >> 8 != 0x0604;
	return 0;
}

static void begin_record(struct p2p_lspci *lspci, const struct p2p_lspci_address *address)
{
	struct p2p_lspci_record *record = &lspci->record;
	struct p2p_lspci_function *function = &record->function;

	memset(record, 0, offsetof(struct p2p_lspci_record, config));
	record->config_size = 0;
	p2p_node_info_init(&function->info);
	function->info.bdf = address->bdf;
	function->above = address->above;
	function->has_above = address->has_above;
	function->device.physical_function = P2P_NO_NODE;
	function->line = lspci->line;
	record->last = P2P_SIGNS;
	lspci->in_record = true;
}

/* The bus that a path without buses leads to is the bridge's secondary one, if that is known. */
static bool find_bus(const struct p2p_lspci *lspci, struct p2p_lspci_address *address)
{
	for (uint32_t i = lspci->count; i-- > 0;) {
		const struct p2p_node_info *info = &lspci->functions[i].info;

		if (p2p_bdf_compare(info->bdf, address->above))
			continue;
		address->bdf.bus = info->secondary;
		return info->secondary != 0;
	}
	return false;
}

static int read_head(struct p2p_lspci *lspci, struct p2p_span line,
		     struct p2p_lspci_address *address)
{
	int rc = end_record(lspci);

	if (rc)
		return rc;
	if (address->no_bus && !find_bus(lspci, address)) {
		lspci->pathless++;
		return 0;
	}
	begin_record(lspci, address);
	/* Somebody's words: nobody knows whose the lines below them are. */
	lspci->in_record = p2p_lspci_head(lspci, line);
	return 0;
}

static bool is_one_of(struct p2p_span text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (text.length >= strlen(words[i]) &&
		    !strncasecmp(text.text, words[i], strlen(words[i])))
			return true;
	return false;
}

/* Brackets, dots, and all that is not ASCII: an ellipsis, scissors. */
static bool surrounds_words(char letter)
{
	return strchr("[]()<>{}.*-=_~#:; ", letter) || (unsigned char)letter >= 0x80;
}

/* "[...]", "[snip]", "<trimmed>", "… 20 lines omitted …", and what grep puts between contexts. */
static bool tells_trimming(struct p2p_span line)
{
	static const char *const words[] = { "snip", "trim",  "cut",   "trunc", "omit",
					     "skip", "remov", "delet", "etc",   "more lines" };
	static const char ellipsis[] = "\xe2\x80\xa6";
	bool marked = p2p_span_after(line, "...").text || p2p_span_after(line, ellipsis).text ||
		      p2p_span_is(line, "--");

	while (line.length && surrounds_words(line.text[0])) {
		line.text++;
		line.length--;
	}
	while (line.length && surrounds_words(line.text[line.length - 1]))
		line.length--;
	if (!line.length)
		return marked;
	if (is_one_of(line, words, sizeof(words) / sizeof(words[0])))
		return true;
	return marked && line.length < 40;
}

static bool is_trimming(struct p2p_span line)
{
	/* What lspci prints has mostly one of these. */
	if (line.length > 60 || memchr(line.text, ':', line.length) ||
	    memchr(line.text, '+', line.length))
		return false;
	return tells_trimming(line);
}

/* A prompt, a fence of Markdown: what comes is not of this run of lspci. */
static bool is_boundary(struct p2p_span line)
{
	if (!strchr("`~$#[%", line.text[0]) && !memchr(line.text, '#', line.length) &&
	    !memchr(line.text, '$', line.length))
		return false;
	if (p2p_span_starts(line, "```") || p2p_span_starts(line, "~~~") ||
	    p2p_span_starts(line, "$ ") || p2p_span_starts(line, "# "))
		return true;
	return p2p_span_after(line, "$ lspci").text || p2p_span_after(line, "# lspci").text ||
	       p2p_span_after(line, "$ sudo").text || p2p_span_after(line, "% lspci").text;
}

static void end_lines(struct p2p_lspci *lspci)
{
	struct p2p_lspci_record *record = &lspci->record;

	if (!record->closed)
		record->function.proof.ended = true;
	record->closed = true;
}

/* A tree is a listing of its own. */
static int read_tree_line(struct p2p_lspci *lspci, struct p2p_span raw, struct p2p_span line)
{
	int rc = end_record(lspci);

	if (!rc && !lspci->in_tree)
		rc = start_listing(lspci, true);
	lspci->command = true;
	return rc ? rc : p2p_lspci_tree(lspci, raw, line);
}

/* The forms for programs have head and body, too. */
static bool read_fields(struct p2p_lspci *lspci, struct p2p_span line, int *rc)
{
	struct p2p_lspci_address address = { .has_above = false };
	struct p2p_span head;

	if (p2p_lspci_quoted(lspci, line, &address.bdf, &head) ||
	    p2p_lspci_slot(lspci, line, &address.bdf, &head)) {
		*rc = read_head(lspci, head, &address);
		return true;
	}
	*rc = 0;
	return lspci->fields.open ||
	       (lspci->in_record && p2p_lspci_field(&lspci->record, line, lspci->machine));
}

/* Cheap: most lines are not. */
static bool may_be_fields(const struct p2p_lspci *lspci, struct p2p_span line)
{
	return lspci->has_slots || memchr(line.text, '"', line.length < 16 ? line.length : 16);
}

static int read_line(struct p2p_lspci *lspci, struct p2p_span raw, struct p2p_span line)
{
	struct p2p_lspci_record *record = &lspci->record;
	struct p2p_lspci_address address;
	int rc;

	if (!line.length) {
		if (lspci->in_record && !lspci->spaced) {
			record->function.proof.ended_blank |= !record->closed;
			end_lines(lspci);
		}
		return 0;
	}
	if (p2p_lspci_is_tree(lspci, line))
		return read_tree_line(lspci, raw, line);
	lspci->in_tree = false;
	if (may_be_fields(lspci, line) && read_fields(lspci, line, &rc))
		return rc;
	switch (p2p_lspci_address(&line, &address)) {
	case P2P_HEAD_DEVICE:
		if (lspci->in_record)
			record->function.proof.ended |= !record->closed;
		return read_head(lspci, line, &address);
	case P2P_HEAD_PROSE:
		return end_record(lspci);
	case P2P_HEAD_NONE:
		break;
	}
	if (!lspci->in_record) {
		lspci->command |= is_boundary(line);
	} else if (p2p_lspci_hex(lspci, line)) {
		return 0;
	} else if (is_boundary(line)) {
		end_lines(lspci);
		lspci->command = !end_record(lspci);
	} else if (is_trimming(line)) {
		record->function.proof.trimmed = true;
		record->closed = true;
	} else {
		p2p_lspci_line(lspci, line);
	}
	return 0;
}

/* lspci -x, -xxx and -xxxx print 64, 256 or 4096 bytes. */
static bool is_dump_whole(size_t size)
{
	return !size || size == P2P_CONFIG_HEADER || size == P2P_CONFIG_PCI ||
	       size == P2P_CONFIG_PCIE;
}

/* Nothing after the last function shows that its text is whole; a cut inside a line shows. */
static int end_text(struct p2p_lspci *lspci, bool whole_line)
{
	const struct p2p_lspci_record *record = &lspci->record;
	bool open = record->has_body && !record->closed && !record->kernel_seen;
	char bdf[P2P_BDF_TEXT];

	if (lspci->in_record && ((open && !whole_line) || !is_dump_whole(record->config_size)))
		p2p_build_warn(lspci->machine,
			       "%s:%u: the text may be cut off inside %s; what it does not show "
			       "of it is unknown",
			       lspci->input->path, lspci->line,
			       p2p_bdf_text(record->function.info.bdf, bdf));
	return end_record(lspci);
}

static bool has_many_blanks(struct p2p_span text)
{
	uint32_t lines = 0, blanks = 0;
	struct p2p_span line;

	while (p2p_span_line(&text, &line, NULL)) {
		lines++;
		blanks += !line.length || (line.length < 8 && !p2p_span_trim(line).length);
	}
	return blanks * 3 > lines;
}

/* Markdown, and some who copy from the web, put a blank line behind every line. */
static bool is_spaced(struct p2p_span text)
{
	uint32_t blanks = 0, bodies = 0, pairs = 0;
	bool after_body = false;
	struct p2p_span line;

	if (!has_many_blanks(text))
		return false;
	while (p2p_span_line(&text, &line, NULL)) {
		line = p2p_span_trim(line);
		if (line.length) {
			after_body = p2p_lspci_is_body(line);
			bodies += after_body;
		} else {
			blanks++;
			pairs += after_body;
			after_body = false;
		}
	}
	return bodies > 2 && pairs * 10 >= bodies * 8 && blanks > bodies;
}

/* Other lines with that word ("Physical Slot:") do not begin with it. */
static bool has_slots(struct p2p_span text)
{
	return p2p_span_starts(text, "Slot:") || p2p_span_after(text, "\nSlot:").text ||
	       p2p_span_after(text, " Slot:\t").text;
}

static int read_lines(struct p2p_lspci *lspci)
{
	struct p2p_span text = { lspci->input->data, lspci->input->size }, line;
	bool whole = true;
	int rc = 0;

	p2p_lspci_find_prefix(lspci, text);
	lspci->spaced = is_spaced(text);
	lspci->has_slots = has_slots(text);
	while (!rc && p2p_span_line(&text, &line, &whole)) {
		struct p2p_span bare = p2p_lspci_bare(&lspci->prefix, line);

		lspci->line++;
		/* What is left of a line where a text was cut is no blank line. */
		if (bare.length || !line.length || text.length)
			rc = read_line(lspci, line, bare);
	}
	return rc ? rc : end_text(lspci, whole);
}

static int read_lspci(const struct p2p_input *input, struct p2p_machine *machine,
		      struct p2p_error *error)
{
	struct p2p_lspci *lspci = calloc(1, sizeof(*lspci));
	int rc = -ENOMEM;

	if (lspci) {
		lspci->input = input;
		lspci->machine = machine;
		rc = read_lines(lspci);
		if (!rc)
			rc = p2p_lspci_settle(lspci);
		if (!rc)
			rc = p2p_lspci_build(lspci);
		free(lspci->functions);
		free(lspci->listings);
		free(lspci->runs);
		free(lspci);
	}
	if (rc == -ENOENT)
		return p2p_error_set_hint(error, -EINVAL, P2P_HINT_MACHINE,
					  "%s: there is no machine %u in this text", input->path,
					  input->machine);
	if (rc == -EFBIG)
		return p2p_error_set(error, rc,
				     "%s: more than %u PCI functions; no machine has that many",
				     input->path, P2P_FUNCTIONS_MAX);
	if (rc)
		return p2p_error_set(error, rc, "%s: cannot build the fabric: %s", input->path,
				     strerror(-rc));
	return 0;
}

const struct p2p_source p2p_source_lspci = {
	.name = "lspci",
	.detect = detect,
	.read = read_lspci,
};
