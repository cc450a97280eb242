// SPDX-License-Identifier: MIT
/*
 * p2pmem publish: a thin front of p2p_publish().
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include <p2pmem/module.h>

#include "commands.h"
#include "exit.h"
#include "json.h"
#include <p2pmem/text.h>
#include "terminal.h"
#include "view.h"

#define NEXT 14 /* where what to do next begins */

struct arguments {
	struct p2p_publish_options options;
	int bar;
	bool pages, no_pages, json;
};

static const char *const bars[] = { "0", "1", "2", "3", "4", "5", NULL };

#define OPTION(field) offsetof(struct arguments, field)

static const struct cli_option options[] = {
	{ "bar", 'b', CLI_WORD, OPTION(bar), "N", "the BAR, 0 to 5", bars },
	{ "offset", 'o', CLI_SIZE, OPTION(options.offset), "BYTES",
	  "from here in the BAR (default: 0)", NULL },
	{ "size", 's', CLI_SIZE, OPTION(options.length), "BYTES",
	  "this many bytes (default: all up to the end)", NULL },
	{ "pages", 'p', CLI_FLAG, OPTION(pages), NULL,
	  "with struct pages, for O_DIRECT: an error\nwhere that is impossible (default: if "
	  "possible)",
	  NULL },
	{ "no-pages", 0, CLI_FLAG, OPTION(no_pages), NULL, "without struct pages", NULL },
	{ "driver-memory", 'd', CLI_FLAG, OPTION(options.driver_memory), NULL,
	  "not a BAR: memory that the device's driver\npublishes, as an NVMe CMB", NULL },
	{ "beside-driver", 0, CLI_FLAG, OPTION(options.beside_driver), NULL,
	  "also if another driver is bound: what it\nuses without a claim is overwritten", NULL },
	{ "json", 'j', CLI_FLAG, OPTION(json), NULL, "one JSON object", NULL },
	{ .name = NULL },
};

static int check(struct arguments *arguments, struct p2p_error *error)
{
	if (arguments->pages && arguments->no_pages)
		return p2p_error_set(
			error, -EINVAL,
			"--pages and --no-pages are mutually exclusive: leave one out");
	if (arguments->bar >= 0 && arguments->options.driver_memory)
		return p2p_error_set(
			error, -EINVAL,
			"--bar and --driver-memory are mutually exclusive: leave one out");
	if (arguments->bar < 0 && !arguments->options.driver_memory)
		return p2p_error_set(error, -EINVAL,
				     "nothing says which memory: give --bar N (lspci -v shows what "
				     "a device has), or --driver-memory");
	arguments->options.bar = arguments->bar < 0 ? 0 : (uint32_t)arguments->bar;
	if (arguments->pages)
		arguments->options.pages = P2P_PUBLISH_PAGES;
	if (arguments->no_pages)
		arguments->options.pages = P2P_PUBLISH_NO_PAGES;
	return 0;
}

static void say(const struct p2p_publication *publication)
{
	const struct p2p_module_memory *memory = &publication->memory;
	struct cli_terminal terminal = cli_terminal_look(stdout);
	char bdf[P2P_BDF_TEXT], size[P2P_SIZE_TEXT], place[64] = "", next[64];

	if (memory->bar >= 0)
		snprintf(place, sizeof(place), ", BAR %" PRId32 " from %#" PRIx64, memory->bar,
			 memory->offset);
	cli_say(&terminal, 0, "/dev/p2pmem%" PRIu32 ": %s of %s%s, %s struct pages", memory->index,
		p2p_size_text(size, memory->size), p2p_bdf_text(memory->function, bdf), place,
		memory->page_backed ? "with" : "without");
	if (publication->bound)
		cli_say(&terminal, 0, "p2pmem is now the driver of %s, which had none", bdf);
	if (publication->no_pages)
		cli_say(&terminal, 0, "note: %s", publication->text);
	snprintf(next, sizeof(next), "p2pmem copy --provider p2pmem%" PRIu32 " SOURCE DESTINATION",
		 memory->index);
	cli_wrap(&terminal, NEXT, "use it:       ",
		 memory->page_backed ? next
				     : "as a dma-buf, by programs and drivers: p2pmem/uapi.h");
	snprintf(next, sizeof(next), "p2pmem unpublish p2pmem%" PRIu32, memory->index);
	cli_wrap(&terminal, NEXT, "take it back: ", next);
}

static int say_json(const struct p2p_publication *publication)
{
	const struct p2p_module_memory *memory = &publication->memory;
	char node[32];

	snprintf(node, sizeof(node), "/dev/p2pmem%" PRIu32, memory->index);
	return cli_json_print(json_pack(
		"{s:s, s:o, s:o, s:I, s:I, s:b, s:s?, s:o, s:b}", "node", node, "address",
		cli_json_function(memory), "bar", cli_json_natural(memory->bar), "offset",
		(json_int_t)memory->offset, "size", (json_int_t)memory->size, "page_backed",
		memory->page_backed, "no_pages", publication->no_pages, "text",
		publication->text[0] ? cli_json_text(publication->text) : json_null(), "bound",
		publication->bound));
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct arguments arguments = { .bar = -1 };
	struct p2p_publication publication;
	struct p2p_error error = { .code = 0 };
	int first, rc;

	p2p_publish_options_init(&arguments.options, sizeof(arguments.options));
	p2p_publication_init(&publication, sizeof(publication));
	rc = cli_parse(command, &arguments, argc, argv, &first);
	if (rc != CLI_GO_ON)
		return rc;
	rc = check(&arguments, &error);
	if (!rc)
		rc = cli_find_function(argv[first], &arguments.options.function, &error);
	if (!rc)
		rc = p2p_publish(&arguments.options, &publication, &error);
	if (rc)
		return cli_fail(&error);
	cli_word_hint(publication.text, &publication.hint);
	if (arguments.json)
		return say_json(&publication);
	say(&publication);
	return cli_finish();
}

const struct cli_command cli_publish_command = {
	.name = "publish",
	.summary = "Publish a device's memory for others, as /dev/p2pmemN",
	.arguments = "DEVICE",
	.details = "Needs root and the kernel module p2pmem. A device without a driver gets p2pmem "
		   "as its driver. Sizes take K, M, G and T.\n",
	.options = options,
	.positional = 1,
	.json_format = 1,
	.run = run,
};
