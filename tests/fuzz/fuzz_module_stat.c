// SPDX-License-Identifier: MIT
/*
 * Fuzzes the reader of the module's statistics, on a system whose debugfs file has these bytes.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "module/stat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char root[] = "/tmp/p2pmem-fuzz-XXXXXX";

static void in_root(char path[PATH_MAX], const char *name)
{
	snprintf(path, PATH_MAX, "%s/%s", root, name);
}

static const char *const directories[] = {
	"sys",        "sys/class",        "sys/class/p2pmem",
	"sys/kernel", "sys/kernel/debug", "sys/kernel/debug/p2pmem",
};

#define DIRECTORIES (sizeof(directories) / sizeof(directories[0]))
#define COUNTS      "sys/kernel/debug/p2pmem/stat"

static void remove_root(void)
{
	char path[PATH_MAX];

	in_root(path, COUNTS);
	unlink(path);
	for (size_t i = DIRECTORIES; i-- > 0;) {
		in_root(path, directories[i]);
		rmdir(path);
	}
	rmdir(root);
}

/* Once for all inputs, and not left behind. */
static void make_root(void)
{
	static bool made;
	char path[PATH_MAX];

	if (made)
		return;
	made = true;
	if (!mkdtemp(root))
		abort();
	atexit(remove_root);
	for (size_t i = 0; i < DIRECTORIES; i++) {
		in_root(path, directories[i]);
		if (mkdir(path, 0700))
			abort();
	}
}

static void write_counts(const uint8_t *data, size_t size)
{
	char path[PATH_MAX];
	int file;

	in_root(path, COUNTS);
	file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file < 0 || write(file, data, size) != (ssize_t)size)
		abort();
	close(file);
}

static void use(const struct p2p_module_stat *stat)
{
	if (!stat->counted || stat->memory_count)
		abort();
	for (size_t i = 0; i < stat->pair_count; i++)
		if (!*stat->pairs[i].client ||
		    !memchr(stat->pairs[i].client, '\0', sizeof(stat->pairs[i].client)))
			abort();
	for (size_t i = 0; i < stat->refusal_count; i++)
		if (!*stat->refusals[i].why ||
		    !memchr(stat->refusals[i].why, '\0', sizeof(stat->refusals[i].why)))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct p2p_system system = { .root = root };
	struct p2p_error error = { .text = "" };
	struct p2p_module_stat *stat;

	make_root();
	write_counts(data, size);
	if (!p2p_module_stat_on(&system, &stat, &error))
		use(stat);
	else if (stat || !error.text[0] || strchr(error.text, '\n'))
		abort();
	p2p_module_stat_free(stat);
	return 0;
}
