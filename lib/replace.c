// SPDX-License-Identifier: MIT
/*
 * Replacing a file by a whole new one, or not at all.
 */
#include "replace.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define NAME_TRIES 100

/* mkstemp() gives other permissions, and asking for the umask means changing it, for all threads.
 */
int p2p_replace_begin(const char *path, char name[PATH_MAX])
{
	unsigned int random;

	for (int i = 0; i < NAME_TRIES; i++) {
		int file;

		if (getrandom(&random, sizeof(random), 0) != sizeof(random))
			return -EIO;
		if (snprintf(name, PATH_MAX, "%s.%08x", path, random) >= PATH_MAX)
			return -ENAMETOOLONG;
		file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (file >= 0)
			return file;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

/* The new name, too. Not every file system can; then it is there sooner or later. */
static void sync_directory(char name[PATH_MAX])
{
	int directory = open(dirname(name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (directory < 0)
		return;
	fsync(directory);
	close(directory);
}

int p2p_replace_commit(int file, const char *name, const char *path)
{
	char beside[PATH_MAX];

	if (fsync(file) || rename(name, path))
		return -errno;
	snprintf(beside, sizeof(beside), "%s", path);
	sync_directory(beside);
	return 0;
}
