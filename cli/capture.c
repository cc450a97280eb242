// SPDX-License-Identifier: MIT
/*
 * p2pmem capture: a thin front of p2p_capture_write().
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "exit.h"
#include "json.h"
#include <p2pmem/text.h>
#include "terminal.h"
#include "view.h"

struct arguments {
	const char *source;
	bool force, json;
};

static const struct cli_option options[] = {
	{ "source", 's', CLI_TEXT, offsetof(struct arguments, source), "PATH",
	  "a sysfs tree, tarball or capture\ninstead of this machine", NULL },
	{ "force", 'f', CLI_FLAG, offsetof(struct arguments, force), NULL, "replace FILE", NULL },
	{ "json", 'j', CLI_FLAG, offsetof(struct arguments, json), NULL, "one JSON object", NULL },
	{ .name = NULL },
};

struct written {
	const char *path;
	uint64_t bytes;
	uint32_t functions;
	enum p2p_known root;
};

/* Refuses what a capture would destroy, or could not stand in for. */
static int check(const struct arguments *arguments, const char *path, struct p2p_error *error)
{
	struct stat status;

	if (!strcmp(path, "-"))
		return p2p_error_set(error, -EINVAL,
				     "a capture is one file, not a stream; name it, as in "
				     "machine.tar.gz");
	if (lstat(path, &status))
		return 0; /* what else is wrong with the path, writing tells */
	if (S_ISDIR(status.st_mode))
		return p2p_error_set(error, -EISDIR, "%s: is a directory; name a file in it", path);
	if (!S_ISREG(status.st_mode))
		return p2p_error_set(error, -EINVAL, "%s: is not a regular file; name another",
				     path);
	if (!arguments->force)
		return p2p_error_set(error, -EINVAL,
				     "%s: exists; name another file, or replace it with --force",
				     path);
	return 0;
}

/* Reads the file back: what it says of itself is what was written. */
static int look_back(const char *path, struct written *written, struct p2p_error *error)
{
	const struct p2p_fabric *fabric;
	struct p2p_machine *machine;
	struct stat status;
	int rc = p2p_machine_open(path, &machine, error);

	if (rc)
		return rc;
	fabric = p2p_machine_fabric(machine);
	*written = (struct written){
		.path = path,
		.root = p2p_machine_facts(machine)->root,
	};
	for (p2p_node node = 0; node < p2p_fabric_count(fabric); node++)
		written->functions += p2p_fabric_info(fabric, node)->kind != P2P_KIND_HOST_BRIDGE;
	if (!stat(path, &status))
		written->bytes = (uint64_t)status.st_size;
	p2p_machine_free(machine);
	return 0;
}

static void say(const struct arguments *arguments, const struct written *written)
{
	static const char *const readers[] = { "whether read as root is unknown",
					       "read without root", "read as root" };
	struct cli_terminal terminal = cli_terminal_look(stdout);
	char size[P2P_SIZE_TEXT];

	cli_say(&terminal, 0, "%s: %" PRIu32 " function%s, %s, %s", written->path,
		written->functions, written->functions == 1 ? "" : "s", readers[written->root],
		p2p_size_text(size, written->bytes));
	if (written->root == P2P_PRESENT)
		return;
	if (arguments->source)
		cli_wrap(&terminal, 0, "",
			 "If the source was not read as root, ACS, what links can do and register "
			 "contents are missing; only a capture on that machine as root has them.");
	else
		cli_wrap(&terminal, 0, "",
			 "Without root, ACS and register contents cannot be read: they are "
			 "missing, and verdicts that depend on them stay unknown. The same command "
			 "as root reads them all.");
}

static int say_json(const struct written *written)
{
	return cli_json_print(
		json_pack("{s:o, s:i, s:I, s:o}", "file", cli_json_text(written->path), "functions",
			  (int)written->functions, "bytes", (json_int_t)written->bytes, "root",
			  cli_json_known(written->root)));
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct arguments arguments = { .source = NULL };
	struct p2p_error error = { .code = 0 };
	struct written written;
	int first, rc;

	rc = cli_parse(command, &arguments, argc, argv, &first);
	if (rc != CLI_GO_ON)
		return rc;
	rc = check(&arguments, argv[first], &error);
	if (!rc)
		rc = p2p_capture_write(argv[first], arguments.source, &error);
	if (!rc)
		rc = look_back(argv[first], &written, &error);
	if (rc)
		return cli_fail(&error);
	if (arguments.json)
		return say_json(&written);
	say(&arguments, &written);
	return cli_finish();
}

const struct cli_command cli_capture_command = {
	.name = "capture",
	.summary = "Write what this machine is to a file that every command can read",
	.arguments = "FILE",
	.details = "Best taken as root. Serial numbers and MAC addresses are left out.\n",
	.options = options,
	.positional = 1,
	.json_format = 1,
	.run = run,
};
