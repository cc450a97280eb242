// SPDX-License-Identifier: MIT
/*
 * Symbolic links of a tree, resolved as text.
 */
#include "tree.h"

#include <string.h>

/* Drops the last component; false when there is none left. */
static bool up(char *path, size_t *length)
{
	if (!*length)
		return false;
	while (*length && path[*length - 1] != '/')
		(*length)--;
	if (*length)
		(*length)--;
	path[*length] = '\0';
	return true;
}

static bool down(char *path, size_t *length, const char *name, size_t name_length)
{
	if (*length + name_length + 2 > P2P_TREE_PATH)
		return false;
	if (*length)
		path[(*length)++] = '/';
	memcpy(path + *length, name, name_length);
	*length += name_length;
	path[*length] = '\0';
	return true;
}

bool p2p_tree_resolve(const char *path, const char *target, char result[P2P_TREE_PATH])
{
	size_t length = strlen(path);

	if (length >= P2P_TREE_PATH)
		return false;
	memcpy(result, path, length + 1);
	if (target[0] == '/')
		length = 0;
	else
		up(result, &length);
	while (*target) {
		size_t name = strcspn(target, "/");
		bool fine = true;

		if (name == 2 && !memcmp(target, "..", 2))
			fine = up(result, &length);
		else if (name && !(name == 1 && target[0] == '.'))
			fine = down(result, &length, target, name);
		if (!fine)
			return false;
		target += name;
		target += *target == '/';
	}
	return true;
}
