// SPDX-License-Identifier: MIT
/*
 * The hex dump of lspci -x, -xxx and -xxxx: 16 bytes a line, each line with its offset.
 */
#include "lspci.h"

#define BYTES_A_LINE 16

static bool parse(struct p2p_span line, uint64_t *offset, uint8_t bytes[BYTES_A_LINE],
		  unsigned int *count)
{
	const char *start = line.text;
	uint64_t byte;

	if (!p2p_span_hex(&line, 3, offset) || line.text - start < 2 || !p2p_span_skip(&line, ":"))
		return false;
	*count = 0;
	while (*count < BYTES_A_LINE && p2p_span_skip(&line, " ")) {
		start = line.text;
		if (!p2p_span_hex(&line, 2, &byte) || line.text - start != 2)
			return false;
		bytes[(*count)++] = (uint8_t)byte;
	}
	return *count && !line.length;
}

bool p2p_lspci_hex(struct p2p_lspci *lspci, struct p2p_span line)
{
	struct p2p_lspci_record *record = &lspci->record;
	uint8_t bytes[BYTES_A_LINE];
	unsigned int count;
	uint64_t offset;

	if (!parse(line, &offset, bytes, &count))
		return false;
	record->has_body = true;
	if (record->closed)
		return true;
	/* A gap would put everything behind it at the wrong place. */
	if (offset != record->config_size || offset + count > sizeof(record->config)) {
		p2p_build_warn(lspci->machine,
			       "%s:%u: bytes at %03llx where %03zx should follow; this line is "
			       "left out",
			       lspci->input->path, lspci->line, (unsigned long long)offset,
			       record->config_size);
		record->closed |= offset < record->config_size;
		return true;
	}
	memcpy(record->config + offset, bytes, count);
	record->config_size += count;
	return true;
}
