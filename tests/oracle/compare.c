// SPDX-License-Identifier: MIT
/*
 * oracle-compare KERNEL MATRIX: the kernel's verdict on every ordered pair (the lines of
 * p2p_oracle.ko) against those of `p2pmem matrix --all --json`. Each disagreement is one line with
 * both answers; the last line counts. Exit status 0: both judged the same pairs, all alike.
 */
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define ANSWER_MAX 24

struct pair {
	uint64_t key; /* client, then provider: 32 bits each, in the order of addresses */
	int distance;
	char verdict[ANSWER_MAX];
};

struct pairs {
	struct pair *list;
	size_t count;
	size_t room;
};

static bool read_address(const char *text, uint32_t *address)
{
	unsigned int domain, bus, slot, function;
	char rest;

	if (sscanf(text, "%4x:%2x:%2x.%1x%c", &domain, &bus, &slot, &function, &rest) != 4)
		return false;
	*address = domain << 16 | bus << 8 | slot << 3 | function;
	return true;
}

static void write_pair(const struct pair *pair, char *text, size_t size)
{
	unsigned int client = (unsigned int)(pair->key >> 32);
	unsigned int provider = (unsigned int)pair->key;

	snprintf(text, size, "%04x:%02x:%02x.%x to %04x:%02x:%02x.%x", client >> 16,
		 client >> 8 & 0xff, client >> 3 & 0x1f, client & 7, provider >> 16,
		 provider >> 8 & 0xff, provider >> 3 & 0x1f, provider & 7);
}

static bool add_pair(struct pairs *pairs, const char *client, const char *provider, int distance,
		     const char *verdict)
{
	uint32_t from, to;
	struct pair *pair;

	if (!read_address(client, &from) || !read_address(provider, &to) ||
	    strlen(verdict) >= ANSWER_MAX)
		return false;
	if (pairs->count == pairs->room) {
		size_t room = pairs->room ? pairs->room * 2 : 1024;
		struct pair *list = reallocarray(pairs->list, room, sizeof(*list));

		if (!list)
			return false;
		pairs->list = list;
		pairs->room = room;
	}
	pair = &pairs->list[pairs->count++];
	pair->key = (uint64_t)from << 32 | to;
	pair->distance = distance;
	snprintf(pair->verdict, sizeof(pair->verdict), "%s", verdict);
	return true;
}

/* The kernel's list ends with "end": a read that failed half way has none. */
static bool read_kernel(FILE *file, struct pairs *pairs)
{
	char client[16], provider[16], verdict[ANSWER_MAX];
	char line[128];
	int distance;

	while (fgets(line, sizeof(line), file)) {
		if (strcmp(line, "end\n") == 0)
			return true;
		if (sscanf(line, "%15s %15s %d %23s", client, provider, &distance, verdict) != 4 ||
		    !add_pair(pairs, client, provider, distance, verdict))
			return false;
	}
	return false;
}

static bool read_matrix(FILE *file, struct pairs *pairs)
{
	json_t *root = json_loadf(file, 0, NULL);
	const json_t *list = json_object_get(root, "pairs");
	const char *client, *provider, *verdict;
	bool good = json_is_array(list);
	size_t index;
	json_t *pair;
	int distance;

	json_array_foreach(list, index, pair)
	{
		good = good &&
		       json_unpack(pair, "{s:s,s:s,s:s,s:i}", "client", &client, "provider",
				   &provider, "verdict", &verdict, "distance", &distance) == 0 &&
		       add_pair(pairs, client, provider, distance, verdict);
	}
	json_decref(root);
	return good;
}

static int by_key(const void *one, const void *other)
{
	const struct pair *a = one;
	const struct pair *b = other;

	return a->key < b->key ? -1 : a->key > b->key;
}

static int load(const char *name, bool (*read)(FILE *file, struct pairs *pairs),
		struct pairs *pairs)
{
	FILE *file = fopen(name, "r");
	bool good;

	if (!file) {
		fprintf(stderr, "oracle-compare: %s: %s\n", name, strerror(errno));
		return EX_NOINPUT;
	}
	good = read(file, pairs);
	fclose(file);
	if (!good || pairs->count == 0) {
		fprintf(stderr, "oracle-compare: %s: not whole: it must be a list of pairs\n",
			name);
		return EX_DATAERR;
	}
	qsort(pairs->list, pairs->count, sizeof(*pairs->list), by_key);
	return 0;
}

/* Where only one of the two judged the pair, the other answer is NULL. */
static bool agree(const struct pair *kernel, const struct pair *ours)
{
	char name[64];

	if (kernel && ours && kernel->distance == ours->distance &&
	    strcmp(kernel->verdict, ours->verdict) == 0)
		return true;
	write_pair(kernel ? kernel : ours, name, sizeof(name));
	printf("%s: the kernel says ", name);
	if (kernel)
		printf("%s %d", kernel->verdict, kernel->distance);
	else
		printf("nothing");
	if (ours)
		printf(", p2pmem %s %d\n", ours->verdict, ours->distance);
	else
		printf(", p2pmem nothing\n");
	return false;
}

static size_t compare(const struct pairs *kernel, const struct pairs *ours)
{
	size_t disagreements = 0;
	size_t i = 0, j = 0;

	while (i < kernel->count || j < ours->count) {
		const struct pair *one = i < kernel->count ? &kernel->list[i] : NULL;
		const struct pair *other = j < ours->count ? &ours->list[j] : NULL;

		if (one && other && one->key < other->key)
			other = NULL;
		else if (one && other && one->key > other->key)
			one = NULL;
		if (!agree(one, other))
			disagreements++;
		i += one != NULL;
		j += other != NULL;
	}
	return disagreements;
}

static size_t count(const struct pairs *pairs, const char *verdict)
{
	size_t found = 0;

	for (size_t i = 0; i < pairs->count; i++)
		found += strcmp(pairs->list[i].verdict, verdict) == 0;
	return found;
}

static bool report(const struct pairs *kernel, const struct pairs *ours)
{
	size_t disagreements = compare(kernel, ours);

	printf("%zu pairs: %zu direct, %zu via-host, %zu unreachable; %zu disagreements\n",
	       kernel->count, count(kernel, "direct"), count(kernel, "via-host"),
	       count(kernel, "unreachable"), disagreements);
	return disagreements == 0;
}

int main(int argc, char **argv)
{
	struct pairs kernel = { 0 };
	struct pairs ours = { 0 };
	int status;

	if (argc != 3) {
		fprintf(stderr, "usage: oracle-compare KERNEL MATRIX\n");
		return EX_USAGE;
	}
	status = load(argv[1], read_kernel, &kernel);
	if (status == 0)
		status = load(argv[2], read_matrix, &ours);
	if (status == 0)
		status = report(&kernel, &ours) ? 0 : 1;
	free(kernel.list);
	free(ours.list);
	return status;
}
