// SPDX-License-Identifier: MIT
/*
 * What the block layer means by its error numbers: strerror() would say "No data available" of a
 * bad sector.
 */
#include <errno.h>
#include <string.h>

#include "copy/io_error.h"

const char *p2p_io_error_text(int code)
{
	switch (-code) {
	case ENODATA:
		return "medium error, the drive cannot access these sectors";
	case EILSEQ:
		return "integrity error, the drive's checksums do not match";
	case EBADE:
		return "reservation conflict, another host holds the drive";
	case EREMOTEIO:
		return "remote I/O error in the drive or its transport";
	case ENOLINK:
		return "the drive cannot be reached any more";
	case EPERM:
		return "not permitted, the drive is read-only or sealed: choose another, or allow "
		       "writing with blockdev --setrw";
	case EFAULT:
		return "the memory is gone";
	default:
		return strerror(-code);
	}
}
