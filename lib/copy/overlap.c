// SPDX-License-Identifier: MIT
/*
 * Refuses a copy that would destroy what it reads.
 */
#include <errno.h>
#include <unistd.h>

#include "blockdev/ground.h"
#include "copy/private.h"

static int add_ground(struct p2p_ground *ground, const struct p2p_file *file, uint64_t start,
		      uint64_t length)
{
	if (file->is_block)
		return p2p_ground_add_device(ground, file->stat.st_rdev, start, start + length);
	/* A file whole: its size changes, so even parts that do not meet may hurt each other. */
	return p2p_ground_add_file(ground, file->fd, &file->stat, 0, UINT64_MAX);
}

/*
 * Who cannot be told apart by what they lie on may be so by other means: a file that was made for
 * this copy is nobody's ground, and no mounted file system lies on a device that the kernel has
 * let us claim.
 */
static bool is_apart(const struct p2p_copy *copy, const struct p2p_ground *to)
{
	if (copy->destination.created)
		return true;
	return copy->destination.is_block && !copy->options.force && !copy->source.is_block &&
	       !to->unknown[0];
}

static int judge(const struct p2p_copy *copy, const struct p2p_ground *from,
		 const struct p2p_ground *to, struct p2p_error *error)
{
	const char *source = copy->source.path, *destination = copy->destination.path;
	char where[P2P_GROUND_TEXT];

	switch (p2p_ground_overlap(from, to, where)) {
	case P2P_OVERLAP_NONE:
		return 0;
	case P2P_OVERLAP_BYTES:
		return p2p_error_set(error, -EINVAL,
				     "%s and %s are the same or overlap, in %s: the copy would "
				     "overwrite what it reads; choose another destination or range",
				     source, destination, where);
	case P2P_OVERLAP_B_HOLDS_A:
		return p2p_error_set(error, -EINVAL,
				     "%s lies on %s (%s): the copy would overwrite what it reads; "
				     "choose another destination",
				     source, destination, where);
	case P2P_OVERLAP_UNKNOWN:
		if (is_apart(copy, to))
			return 0;
		return p2p_error_set(
			error, -EINVAL, "it cannot be told whether %s and %s overlap (%s): %s%s",
			source, destination, where, geteuid() ? "run as root, or " : "",
			copy->destination.is_block ? "choose another destination"
						   : "copy to a file that does not exist yet");
	case P2P_OVERLAP_A_HOLDS_B:
		/* What is overwritten is the destination's own file, as asked. */
		if (copy->options.force)
			return 0;
		return p2p_error_set_hint(
			error, -EINVAL, P2P_HINT_FORCE,
			"%s lies on %s (%s), which would change while it is read: "
			"choose another destination, or go on all the same",
			destination, source, where);
	}
	return 0;
}

int p2p_copy_check_overlap(const struct p2p_copy *copy, struct p2p_error *error)
{
	const struct p2p_copy_report *report = &copy->report;
	struct p2p_ground from = { .count = 0 }, to = { .count = 0 };
	int rc = add_ground(&from, &copy->source, report->offset, report->length);

	if (!rc)
		rc = add_ground(&to, &copy->destination, report->destination_offset,
				report->length);
	rc = rc ? p2p_error_set(error, rc, "out of memory") : judge(copy, &from, &to, error);
	p2p_ground_free(&from);
	p2p_ground_free(&to);
	return rc;
}
