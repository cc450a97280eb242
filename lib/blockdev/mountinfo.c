// SPDX-License-Identifier: MIT
/*
 * /proc/self/mountinfo. A line is
 *
 *     36 35 98:0 /root /where rw,noatime shared:1 ... - ext4 /dev/root rw,errors=continue
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "blockdev/mountinfo.h"

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

char *p2p_mount_unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && is_octal(from[1]) && is_octal(from[2]) &&
		    is_octal(from[3])) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
	return text;
}

bool p2p_mount_parse(char *line, struct p2p_mount *mount)
{
	unsigned int major_number, minor_number;
	char *fields[6], *rest = line;

	line[strcspn(line, "\n")] = '\0';
	for (int i = 0; i < 6; i++)
		if (!(fields[i] = strsep(&rest, " ")))
			return false;
	/* Optional fields, up to a lone "-". */
	while (rest && strncmp(rest, "- ", 2) != 0)
		strsep(&rest, " ");
	if (!rest || sscanf(fields[2], "%u:%u", &major_number, &minor_number) != 2)
		return false;
	strsep(&rest, " ");

	mount->id = strtoull(fields[0], NULL, 10);
	mount->device = makedev(major_number, minor_number);
	mount->where = p2p_mount_unescape(fields[4]);
	mount->type = strsep(&rest, " ");
	strsep(&rest, " "); /* what was mounted */
	mount->options = rest;
	return rest != NULL;
}

bool p2p_mount_each(bool (*visit)(struct p2p_mount *, void *), void *context)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	if (!mounts)
		return false;
	while (!found && getline(&line, &room, mounts) > 0) {
		struct p2p_mount mount;

		found = p2p_mount_parse(line, &mount) && visit(&mount, context);
	}
	free(line);
	fclose(mounts);
	return found;
}
