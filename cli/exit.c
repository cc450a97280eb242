// SPDX-License-Identifier: MIT
/*
 * Exit statuses: sysexits.h for what goes wrong, one place that decides which.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "envelope.h"
#include "exit.h"

#define ERROR_FORMAT 1

int cli_exit_status(int code)
{
	switch (code) {
	case 0:
		return EX_OK;
	case -EINVAL:
	case -EFBIG:
	case -ERANGE:
	case -ENOTUNIQ:
		return EX_USAGE;
	case -EBADMSG:
	case -EILSEQ:
		return EX_DATAERR;
	case -ENOENT:
	case -ESRCH:
	case -ENOTDIR:
	case -EISDIR:
	case -ENAMETOOLONG:
	case -ELOOP:
		return EX_NOINPUT;
	case -EACCES:
	case -EPERM:
	case -EROFS:
		return EX_NOPERM;
	case -ENODEV:
	case -ENXIO:
	case -EBUSY:
	case -EEXIST:
	case -ENOSYS:
	case -EOPNOTSUPP:
		return EX_UNAVAILABLE;
	case -ENOMEM:
		return EX_OSERR;
	default:
		return EX_IOERR;
	}
}

static const char *words_of(enum p2p_hint hint)
{
	static const char *const words[] = {
		[P2P_HINT_NONE] = "",
		[P2P_HINT_LENGTH] = " with --length",
		[P2P_HINT_FORCE] = " with --force",
		[P2P_HINT_REQUIRE_P2P] = "; --require-p2p forbids host memory",
		[P2P_HINT_PROVIDER] = "; --provider chooses one",
		[P2P_HINT_IN_FLIGHT] = ", with --block or --depth",
		[P2P_HINT_BLOCK] = ", with --block or --provider",
		[P2P_HINT_PROVIDERS] = "; p2pmem providers lists who does",
		[P2P_HINT_DOCTOR] =
			"; p2pmem publish makes one, and p2pmem doctor tells what is missing",
		[P2P_HINT_PUBLISHED] = "; p2pmem stat lists what is",
		[P2P_HINT_USERS] = " with --force; p2pmem stat counts allocations",
		[P2P_HINT_UNPUBLISH] = " with p2pmem unpublish",
		[P2P_HINT_PUBLISH_BAR] = " with --bar",
		[P2P_HINT_PUBLISH_PART] = "; --offset and --size choose a part",
		[P2P_HINT_PUBLISH_SIZE] = " with --size",
		[P2P_HINT_PUBLISH_ALL] = ", which leaving --size out means",
		[P2P_HINT_PUBLISH_PAGES] = ", with --pages",
		[P2P_HINT_PUBLISH_ANY] = ", leaving --pages out",
		[P2P_HINT_DRIVER_MEMORY] = ", with --driver-memory",
		[P2P_HINT_BESIDE_DRIVER] = ", with --beside-driver",
		[P2P_HINT_DEVICES] = "; p2pmem topo --all lists all",
		[P2P_HINT_MACHINE] = "; leave --machine out for the first",
		[P2P_HINT_CAPTURE] = "; p2pmem capture makes one",
		[P2P_HINT_SCRATCH] = ", with --scratch",
	};

	/* A newer library may know more. */
	return hint < sizeof(words) / sizeof(words[0]) ? words[hint] : "";
}

void cli_word_hint(char text[P2P_ERROR_TEXT], enum p2p_hint *hint)
{
	size_t used = strlen(text);

	snprintf(text + used, P2P_ERROR_TEXT - used, "%s", words_of(*hint));
	*hint = P2P_HINT_NONE;
}

static const struct cli_command *running;
static bool as_json;

void cli_begin(const struct cli_command *command)
{
	running = command;
}

const struct cli_command *cli_running(void)
{
	return running;
}

void cli_errors_as_json(bool json)
{
	as_json = json;
}

static void print_error(int status, const char *text)
{
	json_t *object = cli_json_envelope(running, ERROR_FORMAT,
					   json_pack("{s:{s:i, s:o}}", "error", "status", status,
						     "text", cli_json_text(text)));

	/* One line, for those who read lines. */
	if (object && !json_dumpf(object, stdout, 0))
		printf("\n");
	json_decref(object);
	as_json = false;
}

int cli_fail_with(int status, const char *text)
{
	fprintf(stderr, "p2pmem %s: %s\n", running->name, text);
	if (as_json)
		print_error(status, text);
	return status;
}

int cli_fail(const struct p2p_error *error)
{
	struct p2p_error worded = *error;

	cli_word_hint(worded.text, &worded.hint);
	return cli_fail_with(cli_exit_status(worded.code), worded.text);
}

int cli_fail_memory(void)
{
	struct p2p_error error = { .code = 0 };

	p2p_error_set(&error, -ENOMEM, "out of memory");
	return cli_fail(&error);
}

int cli_finish(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	fprintf(stderr, "p2pmem %s: cannot write the output: a full disk or a closed pipe\n",
		running->name);
	return EX_IOERR;
}
