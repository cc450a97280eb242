// SPDX-License-Identifier: MIT
/*
 * Exit statuses: sysexits.h for what goes wrong, one place that decides which.
 */
#include <errno.h>
#include <stdio.h>
#include <sysexits.h>

#include <jansson.h>

#include "exit.h"
#include "json.h"

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

static bool as_json;

void cli_errors_as_json(bool json)
{
	as_json = json;
}

static void print_error(const char *command, int status, const char *text)
{
	json_t *object = json_pack("{s:s, s:i, s:s, s:{s:i, s:o}}", "command", command, "format",
				   ERROR_FORMAT, "version", P2P_VERSION, "error", "status", status,
				   "text", cli_json_text(text));

	/* One line, for those who read lines. */
	if (object && !json_dumpf(object, stdout, 0))
		printf("\n");
	json_decref(object);
	as_json = false;
}

int cli_fail_with(const char *command, int status, const char *text)
{
	fprintf(stderr, "p2pmem %s: %s\n", command, text);
	if (as_json)
		print_error(command, status, text);
	return status;
}

int cli_fail(const char *command, const struct p2p_error *error)
{
	return cli_fail_with(command, cli_exit_status(error->code), error->text);
}

int cli_fail_memory(const char *command)
{
	struct p2p_error error = { .code = 0 };

	p2p_error_set(&error, -ENOMEM, "out of memory");
	return cli_fail(command, &error);
}

int cli_finish(const char *command)
{
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	fprintf(stderr, "p2pmem %s: cannot write the output: a full disk or a closed pipe\n",
		command);
	return EX_IOERR;
}
