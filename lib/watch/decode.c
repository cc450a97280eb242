// SPDX-License-Identifier: MIT
/*
 * The kernel's events, read by libtraceevent, as those of event.h. Their fields: Linux
 * include/trace/events/{block,dma,task}.h, drivers/nvme/host/trace.h, as of 6.1, 6.12 and 7.3.
 */
#include "decode.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* enum dma_data_direction */
enum {
	TO_DEVICE = 1,
	FROM_DEVICE = 2,
};

/* NVMe Base, Common Command Format: Data Transfer, the low bits of an opcode. */
enum {
	OPCODE_DIRECTION = 3,
	OPCODE_WRITES = 1,
	OPCODE_READS = 2,
};

static int read_map(struct p2p_watch_decoder *decoder)
{
	FILE *file = fopen("/proc/iomem", "re");
	int rc;

	if (!file)
		return -errno;
	rc = p2p_watch_memory_map_read(&decoder->map, file);
	fclose(file);
	decoder->map_is_new = true;
	return rc;
}

int p2p_watch_decoder_init(struct p2p_watch_decoder *decoder)
{
	*decoder = (struct p2p_watch_decoder){ .disk_count = 0 };
	return read_map(decoder);
}

void p2p_watch_decoder_free(struct p2p_watch_decoder *decoder)
{
	p2p_watch_memory_map_free(&decoder->map);
}

void p2p_watch_decoder_refresh(struct p2p_watch_decoder *decoder)
{
	decoder->map_is_new = false;
	decoder->disk_count = decoder->controller_count = 0;
}

static const struct p2p_watch_cached *cached(struct p2p_watch_cached *cache, uint32_t *count,
					     uint32_t number, bool controller)
{
	struct p2p_watch_cached *entry;

	for (uint32_t i = 0; i < *count; i++)
		if (cache[i].number == number)
			return &cache[i];
	if (*count == P2P_WATCH_CACHED)
		*count = 0;
	entry = &cache[(*count)++];
	*entry = (struct p2p_watch_cached){ .number = number };
	if (controller)
		p2p_watch_controller(number, &entry->device);
	else
		p2p_watch_disk(number, &entry->device, &entry->whole);
	return entry;
}

/* 0 where there is no such field. */
static uint64_t number(struct tep_event *event, struct tep_record *record, const char *field)
{
	unsigned long long value = 0;

	return tep_get_field_val(NULL, event, field, record, &value, 0) ? 0 : value;
}

/* An array, and its bytes; NULL where there is none. */
static const void *array(struct tep_event *event, struct tep_record *record, const char *field,
			 size_t *length)
{
	const char *raw, *start = record->data;
	int size = 0;

	raw = tep_get_field_raw(NULL, event, field, record, &size, 0);
	if (!raw || size < 0 || raw < start || raw + size > start + record->size)
		return NULL;
	*length = (size_t)size;
	return raw;
}

static void text(struct tep_event *event, struct tep_record *record, const char *field,
		 char to[P2P_WATCH_NAME])
{
	size_t length = 0;
	const char *raw = array(event, record, field, &length);

	if (length >= P2P_WATCH_NAME)
		length = P2P_WATCH_NAME - 1;
	if (raw)
		memcpy(to, raw, length);
	to[raw ? length : 0] = '\0';
}

static enum p2p_watch_direction direction_of(uint64_t dma_direction)
{
	return dma_direction == FROM_DEVICE ? P2P_WATCH_READ
	       : dma_direction == TO_DEVICE ? P2P_WATCH_WRITE
					    : P2P_WATCH_NEITHER;
}

static uint32_t task(struct tep_event *event, struct tep_record *record,
		     struct p2p_watch_event *out)
{
	out->what = P2P_WATCH_TASK;
	out->child = (uint32_t)number(event, record, "pid");
	out->thread = number(event, record, "clone_flags") & CLONE_THREAD;
	return 1;
}

static uint32_t renamed(struct tep_event *event, struct tep_record *record,
			struct p2p_watch_event *out)
{
	out->what = P2P_WATCH_RENAME;
	out->child = (uint32_t)number(event, record, "pid");
	text(event, record, "newcomm", out->text);
	return 1;
}

static uint32_t submitted(struct p2p_watch_decoder *decoder, struct tep_event *event,
			  struct tep_record *record, struct p2p_watch_event *out)
{
	uint32_t disk = (uint32_t)number(event, record, "dev");

	if (!disk)
		return 0;
	out->what = P2P_WATCH_SUBMIT;
	/* Sectors are the disk's already, the number may be a partition's. */
	out->disk = cached(decoder->disks, &decoder->disk_count, disk, false)->whole;
	out->sector = number(event, record, "sector");
	return 1;
}

static uint32_t command(struct p2p_watch_decoder *decoder, struct tep_event *event,
			struct tep_record *record, struct p2p_watch_event *out)
{
	uint64_t opcode = number(event, record, "opcode") & OPCODE_DIRECTION;
	const struct p2p_watch_device *device =
		&cached(decoder->controllers, &decoder->controller_count,
			(uint32_t)number(event, record, "ctrl_id"), true)
			 ->device;

	out->what = P2P_WATCH_COMMAND;
	/* Queue 0 is for administration: no data of any program's. */
	if (number(event, record, "qid"))
		out->direction = opcode == OPCODE_READS    ? P2P_WATCH_READ
				 : opcode == OPCODE_WRITES ? P2P_WATCH_WRITE
							   : P2P_WATCH_NEITHER;
	memcpy(out->device, device->device, sizeof(out->device));
	memcpy(out->label, device->label, sizeof(out->label));
	return 1;
}

/* blk_fill_rwbs(): "F" may stand before; "WZ" writes zeros without data, "D" discards. */
static enum p2p_watch_direction request_direction(const char *flags)
{
	if (flags[0] == 'F' && flags[1])
		flags++;
	if (flags[0] == 'R')
		return P2P_WATCH_READ;
	return flags[0] == 'W' && flags[1] != 'Z' ? P2P_WATCH_WRITE : P2P_WATCH_NEITHER;
}

static uint32_t issued(struct p2p_watch_decoder *decoder, struct tep_event *event,
		       struct tep_record *record, struct p2p_watch_event *out)
{
	const struct p2p_watch_cached *disk;
	char flags[P2P_WATCH_NAME];

	out->what = P2P_WATCH_ISSUE;
	out->disk = (uint32_t)number(event, record, "dev");
	out->sector = number(event, record, "sector");
	out->bytes = number(event, record, "bytes");
	text(event, record, "rwbs", flags);
	out->direction = request_direction(flags);
	text(event, record, "comm", out->text);
	if (!out->disk)
		return 1;
	disk = cached(decoder->disks, &decoder->disk_count, out->disk, false);
	memcpy(out->device, disk->device.device, sizeof(out->device));
	memcpy(out->label, disk->device.label, sizeof(out->label));
	return 1;
}

/* Whose memory it is; NULL: neither RAM nor a device that is known. */
static const struct p2p_watch_range *range_of(struct p2p_watch_decoder *decoder, uint64_t address)
{
	const struct p2p_watch_range *range = p2p_watch_memory_map_find(&decoder->map, address);

	/* It may be new. */
	if (!range && !decoder->map_is_new && !read_map(decoder))
		range = p2p_watch_memory_map_find(&decoder->map, address);
	return range;
}

static uint32_t mapped(struct p2p_watch_decoder *decoder, struct p2p_watch_event *out,
		       uint64_t address, uint64_t bytes)
{
	const struct p2p_watch_range *range = range_of(decoder, address);

	if (!range || !bytes || out->direction == P2P_WATCH_NEITHER)
		return 0;
	out->what = P2P_WATCH_MAP;
	out->bytes = bytes;
	memcpy(out->text, range->function, sizeof(out->text));
	return 1;
}

static uint32_t map_one(struct p2p_watch_decoder *decoder, struct tep_event *event,
			struct tep_record *record, struct p2p_watch_event *out)
{
	text(event, record, "device", out->device);
	out->direction = direction_of(number(event, record, "dir"));
	/* A mapping that failed has this address. */
	if (number(event, record, "dma_addr") == UINT64_MAX)
		return 0;
	return mapped(decoder, out, number(event, record, "phys_addr"),
		      number(event, record, "size"));
}

static uint32_t map_iova(struct p2p_watch_decoder *decoder, struct tep_event *event,
			 struct tep_record *record, struct p2p_watch_event *out)
{
	text(event, record, "dev", out->device);
	out->direction = direction_of(number(event, record, "dir"));
	return mapped(decoder, out, number(event, record, "phys"), number(event, record, "size"));
}

struct list {
	const uint64_t *addresses;
	const uint32_t *lengths;
	size_t address_count, length_count;
};

/* The memory that all addresses are in; false: they differ, or it is not known. */
static bool one_memory(struct p2p_watch_decoder *decoder, const struct list *list,
		       const char **function)
{
	*function = NULL;
	for (size_t i = 0; i < list->address_count; i++) {
		const struct p2p_watch_range *range = range_of(decoder, list->addresses[i]);

		if (!range || (*function && strcmp(*function, range->function) != 0))
			return false;
		*function = range->function;
	}
	return *function;
}

/* Each entry for itself, those of one memory together. Further memories stay unseen. */
static uint32_t map_mixed(struct p2p_watch_decoder *decoder, const struct list *list,
			  struct p2p_watch_event decoded[P2P_WATCH_DECODED])
{
	uint32_t count = 0;

	for (size_t i = 0; i < list->address_count; i++) {
		const struct p2p_watch_range *range = range_of(decoder, list->addresses[i]);
		uint32_t j = 0;

		while (range && j < count && strcmp(decoded[j].text, range->function) != 0)
			j++;
		if (!range || j == P2P_WATCH_DECODED)
			continue;
		if (j == count) {
			if (j)
				decoded[j] = decoded[0];
			decoded[count++].bytes = 0;
			memcpy(decoded[j].text, range->function, sizeof(decoded[j].text));
		}
		decoded[j].bytes += list->lengths[i];
	}
	return count;
}

static uint32_t map_list(struct p2p_watch_decoder *decoder, struct tep_event *event,
			 struct tep_record *record,
			 struct p2p_watch_event decoded[P2P_WATCH_DECODED])
{
	struct p2p_watch_event *out = &decoded[0];
	struct list list = { .addresses = NULL };
	const char *function;
	size_t size;

	out->what = P2P_WATCH_MAP;
	text(event, record, "device", out->device);
	out->direction = direction_of(number(event, record, "dir"));
	list.addresses = array(event, record, "phys_addrs", &size);
	list.address_count = list.addresses ? size / sizeof(*list.addresses) : 0;
	list.lengths = array(event, record, "lengths", &size);
	list.length_count = list.lengths ? size / sizeof(*list.lengths) : 0;
	if (out->direction == P2P_WATCH_NEITHER)
		return 0;
	if (one_memory(decoder, &list, &function)) {
		for (size_t i = 0; i < list.length_count; i++)
			out->bytes += list.lengths[i];
		memcpy(out->text, function, sizeof(out->text));
		/* The kernel shows 128 entries. All of a request is of one kind of memory. */
		out->rest = number(event, record, "truncated");
		return out->bytes ? 1 : 0;
	}
	/* An IOMMU has joined entries: which of them is how long nobody says. */
	return list.address_count == list.length_count ? map_mixed(decoder, &list, decoded) : 0;
}

static uint32_t chosen(struct tep_event *event, struct tep_record *record,
		       struct p2p_watch_event *out)
{
	out->what = P2P_WATCH_PEER;
	text(event, record, "dev", out->device);
	text(event, record, "provider", out->text);
	return 1;
}

/* In an interrupt the current thread is anybody, perhaps one that maps something itself. */
static uint32_t thread_of(struct tep_event *event, struct tep_record *record)
{
	if (tep_data_flags(event->tep, record) & (TRACE_FLAG_HARDIRQ | TRACE_FLAG_SOFTIRQ))
		return P2P_WATCH_INTERRUPT + (uint32_t)record->cpu;
	return (uint32_t)tep_data_pid(event->tep, record);
}

uint32_t p2p_watch_decode(struct p2p_watch_decoder *decoder, struct tep_event *event,
			  struct tep_record *record,
			  struct p2p_watch_event decoded[P2P_WATCH_DECODED])
{
	struct p2p_watch_event *out = &decoded[0];
	const char *name = event->name;

	*out = (struct p2p_watch_event){ .time = record->ts, .tid = thread_of(event, record) };
	if (!strcmp(name, "dma_map_phys") || !strcmp(name, "dma_map_page") ||
	    !strcmp(name, "dma_map_resource"))
		return map_one(decoder, event, record, out);
	if (!strcmp(name, "dma_map_sg"))
		return map_list(decoder, event, record, decoded);
	if (!strcmp(name, "block_rq_issue"))
		return issued(decoder, event, record, out);
	if (!strcmp(name, "block_getrq"))
		return submitted(decoder, event, record, out);
	if (!strcmp(name, "nvme_setup_cmd"))
		return command(decoder, event, record, out);
	if (!strcmp(name, "bus"))
		return chosen(event, record, out);
	if (!strcmp(name, "iova"))
		return map_iova(decoder, event, record, out);
	if (!strcmp(name, "task_newtask"))
		return task(event, record, out);
	if (!strcmp(name, "task_rename"))
		return renamed(event, record, out);
	return 0;
}
