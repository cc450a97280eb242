// SPDX-License-Identifier: MIT
/* Adds up a trace by drive, direction and place. */
#include "tally.h"

#include "trace.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct adder {
	struct lab_tally *tally;
	struct lab_memmap *before;
	struct lab_memmap *after;
	struct lab_error *error;
};

/* The files of the run. */

static FILE *open_in(const char *out, const char *name, struct lab_error *error)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", out, name);
	file = fopen(path, "re");
	if (!file)
		lab_fail(error, "%s: %s; is that the --out directory of a run?", path,
			 strerror(errno));
	return file;
}

/* A name used twice stands for its last mark, as that is whose map was kept. */
static int find_mark(const char *out, const char *name, uint64_t *offset, struct lab_error *error)
{
	FILE *file = open_in(out, "marks", error);
	bool found = false;
	uint64_t number;
	char word[128];
	char line[256];

	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%127s %" SCNu64, word, &number) == 2 && strcmp(word, name) == 0) {
			*offset = number;
			found = true;
		}
	}
	fclose(file);
	return found ? 0 : lab_fail(error, "%s/marks: no mark '%s'", out, name);
}

/* "NSID ID" lines. */
static int read_drives(struct lab_tally *tally, const char *out, struct lab_error *error)
{
	FILE *file = open_in(out, "drives", error);
	unsigned int nsid;
	char line[128];
	char id[64];

	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%u %63s", &nsid, id) != 2 || nsid < 1 || nsid > LAB_DRIVES_MAX)
			continue;
		memcpy(tally->drives[nsid].id, id, sizeof(id));
		if (nsid > tally->last)
			tally->last = nsid;
	}
	fclose(file);
	return 0;
}

/* Adding. */

static struct lab_place find_place(const struct adder *adder, const struct lab_transfer *transfer)
{
	struct lab_place a = lab_memmap_find(adder->before, transfer->address, transfer->length);
	struct lab_place b = lab_memmap_find(adder->after, transfer->address, transfer->length);

	if (!lab_place_same(a, b))
		a.kind = LAB_PLACE_UNKNOWN;
	return a;
}

static int add_peer(struct lab_flow *flow, const char *owner, uint64_t bytes,
		    struct lab_error *error)
{
	unsigned int i = 0;

	while (i < flow->peer_count && strcmp(flow->peers[i].owner, owner) != 0)
		i++;
	if (i == LAB_OWNERS_MAX)
		return lab_fail(error, "more than %d devices provided memory", LAB_OWNERS_MAX);
	if (i == flow->peer_count) {
		snprintf(flow->peers[i].owner, sizeof(flow->peers[i].owner), "%s", owner);
		flow->peer_count++;
	}
	flow->peers[i].bytes += bytes;
	return 0;
}

static int add_ranges(struct lab_ranges *set, const struct lab_transfer *transfer,
		      struct lab_error *error)
{
	if (lab_ranges_add(set, transfer->offset, transfer->offset + transfer->length))
		return 0;
	return lab_fail(error, "out of memory");
}

static int add_transfer(void *context, const struct lab_transfer *transfer)
{
	struct adder *adder = context;
	struct lab_drive_tally *drive;
	struct lab_place place = { .kind = LAB_PLACE_BAR };
	struct lab_flow *flow;

	if (transfer->nsid < 1 || transfer->nsid > adder->tally->last)
		return 0; /* not a drive of this machine's file */
	drive = &adder->tally->drives[transfer->nsid];
	flow = transfer->write ? &drive->written : &drive->read;
	/* The controller knows its own buffer before any translation. */
	if (transfer->own_cmb)
		place.owner = drive->id;
	else
		place = find_place(adder, transfer);
	switch (place.kind) {
	case LAB_PLACE_BAR:
		if (strcmp(place.owner, drive->id) == 0)
			flow->own += transfer->length;
		else if (add_peer(flow, place.owner, transfer->length, adder->error) < 0)
			return -1;
		return add_ranges(&flow->in_peer, transfer, adder->error);
	case LAB_PLACE_RAM:
		flow->ram += transfer->length;
		return add_ranges(&flow->in_ram, transfer, adder->error);
	case LAB_PLACE_OTHER:
		flow->other += transfer->length;
		break;
	case LAB_PLACE_UNKNOWN:
		flow->unknown += transfer->length;
		break;
	}
	return add_ranges(&flow->in_doubt, transfer, adder->error);
}

static void sort_flow(struct lab_flow *flow)
{
	lab_ranges_sort(&flow->in_peer);
	lab_ranges_sort(&flow->in_ram);
	lab_ranges_sort(&flow->in_doubt);
}

static int add_up(struct adder *adder, const char *out, const char *from, const char *to)
{
	struct lab_tally *tally = adder->tally;
	uint64_t start = 0;
	uint64_t end = 0;
	FILE *trace;
	int rc;

	if (read_drives(tally, out, adder->error) < 0)
		return -1;
	if (find_mark(out, from, &start, adder->error) < 0 ||
	    find_mark(out, to, &end, adder->error) < 0)
		return -1;
	if (start > end)
		return lab_fail(adder->error, "mark '%s' comes after '%s'", from, to);
	trace = open_in(out, "trace", adder->error);
	if (!trace)
		return -1;
	rc = lab_trace_read(trace, start, end, add_transfer, adder, adder->error);
	fclose(trace);
	for (unsigned int i = 1; i <= tally->last; i++) {
		sort_flow(&tally->drives[i].read);
		sort_flow(&tally->drives[i].written);
	}
	return rc;
}

struct lab_tally *lab_tally_read(const char *out, const char *from, const char *to,
				 enum lab_dma_space space, struct lab_error *error)
{
	struct adder adder = { .tally = calloc(1, sizeof(*adder.tally)), .error = error };
	int rc = -1;

	if (!adder.tally) {
		lab_fail(error, "out of memory");
		return NULL;
	}
	adder.before = lab_memmap_read(out, from, space, error);
	adder.after = lab_memmap_read(out, to, space, error);
	if (adder.before && adder.after)
		rc = add_up(&adder, out, from, to);
	if (adder.before)
		lab_memmap_free(adder.before);
	if (adder.after)
		lab_memmap_free(adder.after);
	if (rc == 0)
		return adder.tally;
	lab_tally_free(adder.tally);
	return NULL;
}

struct lab_payload lab_tally_payload(const struct lab_tally *tally, unsigned int source,
				     unsigned int destination)
{
	const struct lab_flow *in = &tally->drives[source].read;
	const struct lab_flow *out = &tally->drives[destination].written;
	const struct lab_flow *back = &tally->drives[destination].read;
	uint64_t both = lab_ranges_common(&in->in_ram, &in->in_peer);

	return (struct lab_payload){
		.source_in_ram = lab_ranges_bytes(&in->in_ram) - both,
		.destination_in_ram = lab_ranges_bytes(&out->in_ram),
		.in_doubt = lab_ranges_bytes(&in->in_doubt) + lab_ranges_bytes(&out->in_doubt),
		.through_peer = lab_ranges_bytes(&out->in_peer),
		.source_again = both,
		.destination_again = lab_ranges_bytes(&back->in_ram),
	};
}

static void free_flow(struct lab_flow *flow)
{
	lab_ranges_free(&flow->in_peer);
	lab_ranges_free(&flow->in_ram);
	lab_ranges_free(&flow->in_doubt);
}

void lab_tally_free(struct lab_tally *tally)
{
	for (unsigned int i = 0; i <= LAB_DRIVES_MAX; i++) {
		free_flow(&tally->drives[i].read);
		free_flow(&tally->drives[i].written);
	}
	free(tally);
}
