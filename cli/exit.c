// SPDX-License-Identifier: MIT
/*
 * Exit statuses: sysexits.h for what goes wrong, one place that decides which.
 */
#include <errno.h>
#include <stdio.h>
#include <sysexits.h>

#include "exit.h"

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

int cli_fail(const char *command, const struct p2p_error *error)
{
	fprintf(stderr, "p2pmem %s: %s\n", command, error->text);
	return cli_exit_status(error->code);
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
