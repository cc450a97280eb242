// SPDX-License-Identifier: MIT
/*
 * A tree that is a directory: the running machine's root, or an extracted copy of one.
 */
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct dir_tree {
	int root;
	bool is_sys; /* the directory is what others call sys/ */
	bool no_openat2;
};

/* openat2(2) is Linux 5.6; before it, or where a container forbids it, go down step by step. */
static int open_stepwise(int root, const char *path, int flags)
{
	int directory = root;
	char name[P2P_TREE_PATH];

	for (;;) {
		size_t length = strcspn(path, "/");
		bool last = !path[length];
		int next;

		if (length >= sizeof(name))
			break;
		memcpy(name, path, length);
		name[length] = '\0';
		next = openat(directory, name,
			      last ? flags | O_NOFOLLOW : O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (directory != root)
			close(directory);
		if (next < 0)
			return -errno;
		if (last)
			return next;
		directory = next;
		path += length + 1;
	}
	if (directory != root)
		close(directory);
	return -ENAMETOOLONG;
}

static int open_below(struct dir_tree *dir, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long file;

	if (dir->is_sys) {
		if (strncmp(path, "sys/", 4))
			return -ENOENT;
		path += 4;
	}
	if (!dir->no_openat2) {
		if (flags & O_PATH)
			how.flags |= O_NOFOLLOW;
		file = syscall(SYS_openat2, dir->root, path, &how, sizeof(how));
		if (file >= 0)
			return (int)file;
		if (errno != ENOSYS && errno != EPERM)
			return -errno;
		dir->no_openat2 = true;
	}
	return open_stepwise(dir->root, path, flags | O_CLOEXEC);
}

/* sysfs files say 4096 bytes whatever they hold, so read until the end. */
static int read_all(int file, size_t limit, struct p2p_blob *blob)
{
	size_t room = limit < 4096 ? limit : 4096, size = 0;
	char *data = malloc(room + 1);

	if (!data)
		return -ENOMEM;
	while (size < limit) {
		ssize_t got;

		if (size == room) {
			char *larger;

			room = room > limit / 2 ? limit : room * 2;
			larger = realloc(data, room + 1);
			if (!larger) {
				free(data);
				return -ENOMEM;
			}
			data = larger;
		}
		got = read(file, data + size, room - size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			int rc = -errno;

			free(data);
			return rc;
		}
		if (!got)
			break;
		size += (size_t)got;
	}
	data[size] = '\0';
	blob->data = data;
	blob->size = size;
	return 0;
}

static int dir_read(void *tree, const char *path, size_t limit, struct p2p_blob *blob)
{
	/* O_NONBLOCK: a FIFO in somebody's directory must not hang the reader. */
	int file = open_below(tree, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat about;
	int result;

	if (file < 0)
		return file;
	if (fstat(file, &about))
		result = -errno;
	else if (!S_ISREG(about.st_mode))
		result = -EINVAL;
	else
		result = read_all(file, limit, blob);
	close(file);
	return result;
}

static int dir_link(void *tree, const char *path, char target[P2P_TREE_PATH])
{
	int link = open_below(tree, path, O_PATH | O_NOFOLLOW);
	ssize_t length;

	if (link < 0)
		return link;
	length = readlinkat(link, "", target, P2P_TREE_PATH);
	/* With an empty path, "no link" is ENOENT: readlink(2). */
	if (length < 0)
		length = errno == ENOENT ? -EINVAL : -errno;
	else if (length == P2P_TREE_PATH)
		length = -ENAMETOOLONG;
	else
		target[length] = '\0';
	close(link);
	return length < 0 ? (int)length : 0;
}

static int dir_list(void *tree, const char *path, p2p_tree_each *each, void *context)
{
	int file = open_below(tree, path, O_RDONLY | O_DIRECTORY);
	struct dirent *entry;
	int result = 0;
	DIR *directory;

	if (file < 0)
		return file;
	directory = fdopendir(file);
	if (!directory) {
		result = -errno;
		close(file);
		return result;
	}
	while (!result && (entry = readdir(directory)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			result = each(context, entry->d_name);
	closedir(directory);
	return result;
}

static void dir_close(void *tree)
{
	struct dir_tree *dir = tree;

	close(dir->root);
	free(dir);
}

static const struct p2p_tree_ops dir_ops = { dir_read, dir_link, dir_list, dir_close };

int p2p_tree_open_dir(const char *root, struct p2p_tree *tree, struct p2p_error *error)
{
	struct dir_tree *dir = calloc(1, sizeof(*dir));

	if (!dir)
		return p2p_error_set(error, -ENOMEM, "%s: out of memory", root);
	dir->root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir->root < 0) {
		int rc = -errno;

		free(dir);
		return p2p_error_set(error, rc, "%s: cannot open the directory: %s", root,
				     strerror(-rc));
	}
	dir->is_sys = faccessat(dir->root, "sys", F_OK, 0) &&
		      !faccessat(dir->root, "bus/pci/devices", F_OK, 0);
	tree->ops = &dir_ops;
	tree->tree = dir;
	return 0;
}
