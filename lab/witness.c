// SPDX-License-Identifier: MIT
/* lab-witness: says from QEMU's trace alone where the data of a run went. */
#include "tally.h"
#include "value.h"

#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const char usage[] =
	"usage: lab-witness [OPTION...] DIR\n"
	"Says where the data of a lab run went, from QEMU's trace and memory map in DIR (--out).\n"
	"\n"
	"  --from MARK         where to start (default: begin)\n"
	"  --to MARK           where to stop (default: end)\n"
	"  --source NSID       with --destination: what of a copy's payload was in host RAM\n"
	"  --destination NSID\n"
	"  --untranslated      the machine's IOMMU translates nothing, though QEMU's map has one\n"
	"  --json              the same for programs; see lab/README.md\n"
	"\n"
	"Exit status: 0; 64 to 74 for wrong arguments or files that cannot be read.\n";

static const struct option long_options[] = {
	{ "from", required_argument, NULL, 'f' },   { "to", required_argument, NULL, 't' },
	{ "source", required_argument, NULL, 's' }, { "destination", required_argument, NULL, 'd' },
	{ "untranslated", no_argument, NULL, 'u' }, { "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },         { NULL, 0, NULL, 0 },
};

struct request {
	const char *from;
	const char *to;
	const char *out;
	unsigned int source; /* 0: not asked */
	unsigned int destination;
	enum lab_dma_space space;
	bool json;
	bool help;
};

/* As text. */

static void print_part(uint64_t bytes, const char *owner, const char *what)
{
	if (bytes > 0)
		printf("    %12" PRIu64 "  %s%s\n", bytes, owner, what);
}

static void print_flow(const struct lab_flow *flow, const char *verb)
{
	printf("  %s\n", verb);
	print_part(flow->own, "", "its own controller memory buffer");
	for (unsigned int i = 0; i < flow->peer_count; i++)
		print_part(flow->peers[i].bytes, flow->peers[i].owner, "'s memory");
	print_part(flow->ram, "", "host RAM");
	print_part(flow->other, "", "no memory at all");
	print_part(flow->unknown, "", "unknown: QEMU's memory map does not say");
}

static bool moved(const struct lab_flow *flow)
{
	return flow->own + flow->ram + flow->other + flow->unknown > 0 || flow->peer_count > 0;
}

static void print_payload(const struct lab_payload *payload)
{
	printf("payload bytes that entered host RAM: %s%" PRIu64 "\n",
	       payload->in_doubt > 0 ? "unknown, at least " : "",
	       payload->source_in_ram + payload->destination_in_ram);
	printf("  read from the source to host RAM only: %" PRIu64 "\n", payload->source_in_ram);
	printf("  written to the destination from host RAM: %" PRIu64 "\n",
	       payload->destination_in_ram);
	if (payload->in_doubt > 0)
		printf("  not known where: %" PRIu64 "\n", payload->in_doubt);
	printf("written to the destination from peer memory: %" PRIu64 "\n", payload->through_peer);
	printf("read again into host RAM for proof: %" PRIu64 "\n",
	       payload->source_again + payload->destination_again);
}

static void print_text(const struct request *request, const struct lab_tally *tally)
{
	printf("bytes from mark %s to mark %s\n", request->from, request->to);
	for (unsigned int i = 1; i <= tally->last; i++) {
		const struct lab_drive_tally *drive = &tally->drives[i];

		if (!moved(&drive->read) && !moved(&drive->written))
			continue;
		printf("drive %u (%s)\n", i, drive->id);
		if (moved(&drive->read))
			print_flow(&drive->read, "read into");
		if (moved(&drive->written))
			print_flow(&drive->written, "written from");
	}
	if (request->source > 0) {
		struct lab_payload payload =
			lab_tally_payload(tally, request->source, request->destination);

		print_payload(&payload);
	}
}

/* As JSON. */

static json_t *number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static json_t *flow_object(const struct lab_flow *flow)
{
	json_t *peers = json_object();

	for (unsigned int i = 0; i < flow->peer_count; i++)
		json_object_set_new(peers, flow->peers[i].owner, number(flow->peers[i].bytes));
	return json_pack("{s:o,s:o,s:o,s:o,s:o}", "own_cmb", number(flow->own), "peers", peers,
			 "host_ram", number(flow->ram), "other", number(flow->other), "unknown",
			 number(flow->unknown));
}

static json_t *payload_object(const struct lab_payload *payload)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "host_ram",
			 number(payload->source_in_ram + payload->destination_in_ram),
			 "host_ram_source", number(payload->source_in_ram), "host_ram_destination",
			 number(payload->destination_in_ram), "unknown", number(payload->in_doubt),
			 "peer", number(payload->through_peer), "host_ram_proof",
			 number(payload->source_again + payload->destination_again));
}

static json_t *report(const struct request *request, const struct lab_tally *tally)
{
	json_t *drives = json_array();
	json_t *object;

	for (unsigned int i = 1; i <= tally->last; i++) {
		const struct lab_drive_tally *drive = &tally->drives[i];

		json_array_append_new(drives,
				      json_pack("{s:i,s:s,s:o,s:o}", "nsid", (int)i, "id",
						drive->id, "read", flow_object(&drive->read),
						"written", flow_object(&drive->written)));
	}
	object = json_pack("{s:i,s:s,s:s,s:o}", "version", 1, "from", request->from, "to",
			   request->to, "drives", drives);
	if (request->source > 0) {
		struct lab_payload payload =
			lab_tally_payload(tally, request->source, request->destination);

		json_object_set_new(object, "payload", payload_object(&payload));
	}
	return object;
}

static int print_json(const struct request *request, const struct lab_tally *tally)
{
	json_t *object = report(request, tally);
	int rc = json_dumpf(object, stdout, JSON_INDENT(2));

	putchar('\n');
	json_decref(object);
	return rc;
}

/* Arguments. */

static int complain(const char *what)
{
	fprintf(stderr, "lab-witness: %s; see --help\n", what);
	return EX_USAGE;
}

static bool take_nsid(const char *text, unsigned int *nsid)
{
	uint64_t value;

	if (!lab_value_number(text, &value) || value < 1 || value > LAB_DRIVES_MAX)
		return false;
	*nsid = (unsigned int)value;
	return true;
}

static int take_option(struct request *request, int option)
{
	switch (option) {
	case 'f':
		request->from = optarg;
		return 0;
	case 't':
		request->to = optarg;
		return 0;
	case 'u':
		request->space = LAB_DMA_MACHINE;
		return 0;
	case 'j':
		request->json = true;
		return 0;
	case 'h':
		request->help = true;
		return 0;
	case 's':
		return take_nsid(optarg, &request->source) ? 0 : complain("--source: not an nsid");
	case 'd':
		return take_nsid(optarg, &request->destination)
			       ? 0
			       : complain("--destination: not an nsid");
	default:
		return EX_USAGE; /* getopt has said why */
	}
}

static int take_options(struct request *request, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		int status = take_option(request, option);

		if (status != 0)
			return status;
	}
	if (request->help)
		return 0;
	if (argc - optind != 1)
		return complain("give one directory");
	if ((request->source == 0) != (request->destination == 0))
		return complain("give --source and --destination together");
	request->out = argv[optind];
	return 0;
}

int main(int argc, char **argv)
{
	struct request request = { .from = "begin", .to = "end" };
	struct lab_error error = { "" };
	struct lab_tally *tally;
	int status = take_options(&request, argc, argv);

	if (status != 0)
		return status;
	if (request.help) {
		fputs(usage, stdout);
		return 0;
	}
	tally = lab_tally_read(request.out, request.from, request.to, request.space, &error);
	if (!tally) {
		fprintf(stderr, "lab-witness: %s\n", error.text);
		return EX_NOINPUT;
	}
	if (request.source > tally->last || request.destination > tally->last)
		status = complain("--source, --destination: the machine has no drive of that nsid");
	else if (request.json)
		status = print_json(&request, tally) < 0 ? EX_IOERR : 0;
	else
		print_text(&request, tally);
	lab_tally_free(tally);
	if (fflush(stdout) != 0 && status == 0)
		status = EX_IOERR;
	return status;
}
