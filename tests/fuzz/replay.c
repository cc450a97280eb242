// SPDX-License-Identifier: MIT
/*
 * Runs a fuzz target over kept files, with any compiler: the fuzzer's finds as a plain test.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data, *exact;
	size_t size;

	if (!file) {
		perror(path);
		return 1;
	}
	data = malloc(1 << 20);
	size = data ? fread(data, 1, 1 << 20, file) : 0;
	fclose(file);
	/* Exactly as large as the input, so that reading beyond it is seen. */
	exact = realloc(data, size + !size);
	if (!exact) {
		free(data);
		return 1;
	}
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned int count = 0;
	struct dirent *entry;
	char path[4096];
	DIR *directory;

	directory = argc == 2 ? opendir(argv[1]) : NULL;
	if (!directory) {
		fprintf(stderr, "replay: give the directory of seeds\n");
		return 64;
	}
	while ((entry = readdir(directory))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
		if (replay(path))
			return 1;
		count++;
	}
	closedir(directory);
	/* An empty directory would be a test that cannot fail. */
	return !count;
}
