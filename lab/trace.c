// SPDX-License-Identifier: MIT
/*
 * QEMU's NVMe model handles one command at a time up to the point where all its addresses are
 * mapped (hw/nvme/ctrl.c: nvme_io_cmd, nvme_read, nvme_map_data), so in the trace the addresses
 * follow the command they belong to.
 */
#include "trace.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

struct reader {
	lab_transfer_fn call;
	void *context;
	bool payload; /* the command at hand is a read or a write */
	bool pending; /* next was mapped; its own_cmb is known with the line after it */
	struct lab_transfer next;
	uint64_t left; /* bytes of the command not yet mapped */
};

static int finish(struct reader *reader)
{
	if (!reader->pending)
		return 0;
	reader->pending = false;
	if (reader->call(reader->context, &reader->next) < 0)
		return -1;
	reader->next.offset += reader->next.length;
	return 0;
}

static void begin_payload(struct reader *reader, bool write, uint32_t nsid, uint64_t blocks,
			  uint64_t bytes, uint64_t lba)
{
	/* A write of zeroes is traced as a write too, but moves no data: no address follows. */
	if (blocks == 0 || bytes % blocks != 0 || lba > UINT64_MAX / (bytes / blocks) - blocks)
		return;
	reader->payload = true;
	reader->left = bytes;
	reader->next.write = write;
	reader->next.nsid = nsid;
	reader->next.offset = lba * (bytes / blocks);
}

static void map_address(struct reader *reader, uint64_t address, uint64_t length)
{
	if (!reader->payload || length == 0 || length > reader->left)
		return;
	reader->left -= length;
	reader->next.address = address;
	reader->next.length = length;
	reader->next.own_cmb = false;
	reader->pending = true;
}

static int take_event(struct reader *reader, const char *event)
{
	uint64_t address;
	uint64_t length;
	uint64_t blocks;
	uint64_t lba;
	uint32_t nsid;

	/* Follows the pci_nvme_map_addr of the same piece. */
	if (sscanf(event, "pci_nvme_map_addr_cmb addr 0x%" SCNx64 " len %" SCNu64, &address,
		   &length) == 2) {
		if (reader->pending && reader->next.address == address &&
		    reader->next.length == length)
			reader->next.own_cmb = true;
		return 0;
	}
	if (finish(reader) < 0)
		return -1;
	if (sscanf(event, "pci_nvme_map_addr addr 0x%" SCNx64 " len %" SCNu64, &address, &length) ==
	    2)
		map_address(reader, address, length);
	else if (strncmp(event, "pci_nvme_io_cmd ", 16) == 0 ||
		 strncmp(event, "pci_nvme_admin_cmd ", 19) == 0)
		reader->payload = false;
	else if (sscanf(event,
			"pci_nvme_read cid %*u nsid %" SCNu32 " nlb %" SCNu64 " count %" SCNu64
			" lba 0x%" SCNx64,
			&nsid, &blocks, &length, &lba) == 4)
		begin_payload(reader, false, nsid, blocks, length, lba);
	else if (sscanf(event,
			"pci_nvme_write cid %*u opname %*s nsid %" SCNu32 " nlb %" SCNu64
			" count %" SCNu64 " lba 0x%" SCNx64,
			&nsid, &blocks, &length, &lba) == 4)
		begin_payload(reader, true, nsid, blocks, length, lba);
	return 0;
}

int lab_trace_read(FILE *file, uint64_t from, uint64_t to, lab_transfer_fn call, void *context,
		   struct lab_error *error)
{
	struct reader reader = { .call = call, .context = context };
	uint64_t at = from;
	char line[512]; /* the longest event known has less than 150 characters */

	if (from > INT64_MAX || fseeko(file, (off_t)from, SEEK_SET) < 0)
		return lab_fail(error, "cannot seek in the trace: %s", strerror(errno));
	while (at < to && fgets(line, sizeof(line), file)) {
		const char *event = strstr(line, "pci_nvme_"); /* after a time stamp, perhaps */

		at += strlen(line);
		if (event && take_event(&reader, event) < 0)
			return -1;
	}
	if (ferror(file))
		return lab_fail(error, "cannot read the trace: %s", strerror(errno));
	return finish(&reader);
}
