// SPDX-License-Identifier: MIT
/* Words about a whole memory: publish, unpublish, info, verdict, alloc. */
#include "words.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static uint64_t number_or(int argc, char **argv, const char *name, uint64_t otherwise)
{
	const char *value = option(argc, argv, name);

	return value ? number(value) : otherwise;
}

int word_publish(int argc, char **argv)
{
	int control = open("/dev/p2pmem", O_RDWR | O_CLOEXEC);
	struct p2pmem_publish publish = { 0 };

	if (control < 0)
		return refused("open", 0);
	if (argc < 1)
		return STATUS_USAGE;
	publish.function = function_of(argv[0]);
	publish.bar = (uint32_t)number_or(argc, argv, "bar", 0);
	publish.offset = number_or(argc, argv, "offset", 0);
	publish.size = number_or(argc, argv, "size", 0);
	if (option(argc, argv, "pages"))
		publish.flags |= P2PMEM_PUBLISH_PAGES;
	if (option(argc, argv, "driver"))
		publish.flags |= P2PMEM_PUBLISH_DRIVER;
	if (option(argc, argv, "beside"))
		publish.flags |= P2PMEM_PUBLISH_BESIDE;
	if (option(argc, argv, "wrap"))
		publish.flags |= P2PMEM_PUBLISH_WRAP;
	if (ioctl(control, P2PMEM_PUBLISH, &publish) < 0)
		return refused("publish", publish.why);
	printf("%u\n", publish.index);
	return 0;
}

int word_unpublish(int argc, char **argv)
{
	int control = open("/dev/p2pmem", O_RDWR | O_CLOEXEC);
	struct p2pmem_unpublish unpublish = { 0 };

	if (control < 0)
		return refused("open", 0);
	if (argc < 1)
		return STATUS_USAGE;
	unpublish.index = (uint32_t)number(argv[0]);
	if (option(argc, argv, "force"))
		unpublish.flags |= P2PMEM_UNPUBLISH_FORCE;
	if (ioctl(control, P2PMEM_UNPUBLISH, &unpublish) < 0)
		return refused("unpublish", unpublish.why);
	return 0;
}

int word_info(int argc, char **argv)
{
	int memory = argc == 1 ? open_memory(argv[0]) : -1;
	struct p2pmem_info info = { 0 };

	if (memory < 0)
		return refused("open", 0);
	if (ioctl(memory, P2PMEM_INFO, &info) < 0)
		return refused("info", 0);
	printf("abi=%u flags=%u bar=%u bar_offset=%llu size=%llu available=%llu limit=%llu "
	       "used=%llu\n",
	       info.abi, info.flags, info.bar, info.bar_offset, info.size, info.available,
	       info.limit, info.used);
	return 0;
}

static const char *const verdicts[] = { "unknown", "direct", "via-host", "unreachable" };

/* One line as p2p_oracle.ko writes them: CLIENT PROVIDER DISTANCE VERDICT, then the reasons. */
static int print_verdict(int memory, const char *client, const char *provider)
{
	struct p2pmem_reason reasons[16];
	struct p2pmem_verdict verdict = { .reasons = (uintptr_t)reasons, .room = 16 };

	verdict.client = function_of(client);
	if (ioctl(memory, P2PMEM_VERDICT, &verdict) < 0)
		return refused("verdict", 0);
	printf("%s %s %d %s", client, provider, verdict.distance,
	       verdict.verdict < 4 ? verdicts[verdict.verdict] : "?");
	for (uint32_t i = 0; i < verdict.count && i < verdict.room; i++)
		printf(" %.*s", P2PMEM_NAME, reasons[i].name);
	printf("\n");
	return 0;
}

static int print_all_verdicts(int memory, const char *provider)
{
	DIR *directory = opendir("/sys/bus/pci/devices");
	const struct dirent *entry;
	int status = 0;

	while (directory && status == 0 && (entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] != '.')
			status = print_verdict(memory, entry->d_name, provider);
	}
	if (directory)
		closedir(directory);
	return status;
}

int word_verdict(int argc, char **argv)
{
	int memory = argc == 2 ? open_memory(argv[0]) : -1;
	struct p2pmem_info info = { 0 };
	char provider[32];

	if (memory < 0)
		return refused("open", 0);
	if (ioctl(memory, P2PMEM_INFO, &info) < 0)
		return refused("info", 0);
	snprintf(provider, sizeof(provider), "%04x:%02x:%02x.%x", info.function.domain,
		 info.function.bus, info.function.devfn >> 3, info.function.devfn & 7);
	if (strcmp(argv[1], "all") == 0)
		return print_all_verdicts(memory, provider);
	return print_verdict(memory, argv[1], provider);
}

int word_alloc(int argc, char **argv)
{
	int memory = argc >= 2 ? open_memory(argv[0]) : -1;
	uint64_t times = number_or(argc, argv, "again", 1);
	struct p2pmem_alloc alloc;

	if (memory < 0)
		return refused("open", 0);
	for (uint64_t i = 0; i < times; i++) {
		memset(&alloc, 0, sizeof(alloc));
		alloc.size = number(argv[1]);
		alloc.alignment = number_or(argc, argv, "alignment", 0);
		alloc.flags = (uint32_t)number_or(argc, argv, "flags", 0);
		if (ioctl(memory, P2PMEM_ALLOC, &alloc) < 0) {
			printf("%llu allocated; ", (unsigned long long)i);
			return refused("alloc", alloc.why);
		}
	}
	printf("%llu allocated\n", (unsigned long long)times);
	return 0;
}
