// SPDX-License-Identifier: MIT
/*
 * A stand-in for p2pmem.ko and the files around it, in a directory.
 */
#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_module.h"
#include "harness.h"

#define DEVICE "/sys/bus/pci/devices/" FAKE_FUNCTION

static void make_directories(char *path)
{
	for (char *at = path + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		assert_true(!mkdir(path, 0755) || errno == EEXIST);
		*at = '/';
	}
}

static void full_path(const struct fake_module *fake, const char *path, char full[PATH_MAX])
{
	snprintf(full, PATH_MAX, "%s%s", fake->root, path);
	make_directories(full);
}

static void fake_directory(const struct fake_module *fake, const char *path)
{
	char full[PATH_MAX];

	full_path(fake, path, full);
}

void fake_file(const struct fake_module *fake, const char *path, const char *text)
{
	char full[PATH_MAX];
	FILE *file;

	full_path(fake, path, full);
	file = fopen(full, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	fclose(file);
}

void fake_link(const struct fake_module *fake, const char *path, const char *target)
{
	char full[PATH_MAX];

	full_path(fake, path, full);
	assert_int_equal(symlink(target, full), 0);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

void fake_remove(const struct fake_module *fake, const char *path)
{
	char full[PATH_MAX];

	full_path(fake, path, full);
	assert_int_equal(nftw(full, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

const char *fake_text(const struct fake_module *fake, const char *path)
{
	static char text[256];
	char full[PATH_MAX];
	FILE *file;

	full_path(fake, path, full);
	text[0] = '\0';
	file = fopen(full, "r");
	if (!file)
		return text;
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return text;
}

static void attribute(const struct fake_module *fake, uint32_t index, const char *name,
		      uint64_t value)
{
	char path[128], text[32];

	snprintf(path, sizeof(path), "/sys/class/p2pmem/p2pmem%" PRIu32 "/%s", index, name);
	snprintf(text, sizeof(text), "%" PRIu64 "\n", value);
	fake_file(fake, path, text);
}

void fake_memory(const struct fake_module *fake, uint32_t index, const char *function, int bar,
		 uint64_t offset, uint64_t size, bool page_backed)
{
	char path[128], target[64];

	snprintf(path, sizeof(path), "/sys/class/p2pmem/p2pmem%" PRIu32 "/device", index);
	snprintf(target, sizeof(target), "../../../%s", function);
	fake_link(fake, path, target);
	if (bar >= 0)
		attribute(fake, index, "bar", (uint64_t)bar);
	attribute(fake, index, "offset", offset);
	attribute(fake, index, "size", size);
	attribute(fake, index, "page_backed", page_backed);
	attribute(fake, index, "available", size - 4096);
	attribute(fake, index, "limit", size);
	attribute(fake, index, "high_water", 8192);
	attribute(fake, index, "allocations", 1);
}

/* As the driver core does it: a probe binds what the override names. */
static int write_attribute(const struct p2p_system *system, const char *path, const char *text)
{
	struct fake_module *fake = system->context;

	fake->writes++;
	path += strlen(fake->root);
	if (!strcmp(path, DEVICE "/driver_override")) {
		fake_file(fake, path, strcmp(text, "\n") ? text : "(null)\n");
		return 0;
	}
	assert_string_equal(text, FAKE_FUNCTION);
	if (!strcmp(path, "/sys/bus/pci/drivers_probe")) {
		if (!fake->probe_fails &&
		    !strcmp(fake_text(fake, DEVICE "/driver_override"), "p2pmem"))
			fake_link(fake, DEVICE "/driver", "../../../bus/pci/drivers/p2pmem");
		return 0;
	}
	assert_string_equal(path, "/sys/bus/pci/drivers/p2pmem/unbind");
	fake_remove(fake, DEVICE "/driver");
	return 0;
}

static int do_publish(struct fake_module *fake, struct p2pmem_publish *request)
{
	struct fake_refusal *refusal = &fake->publish[fake->publish_calls];

	assert_true(fake->publish_calls < 4);
	fake->asked[fake->publish_calls++] = *request;
	request->why = refusal->why;
	if (refusal->code)
		return refusal->code;
	request->index = fake->next++;
	fake_memory(fake, request->index, FAKE_FUNCTION, (int)request->bar, request->offset,
		    request->size ? request->size : 64 << 20,
		    request->flags & (P2PMEM_PUBLISH_PAGES | P2PMEM_PUBLISH_DRIVER));
	return 0;
}

static int do_unpublish(struct fake_module *fake, struct p2pmem_unpublish *request)
{
	char path[64];

	fake->unpublish_calls++;
	request->why = fake->unpublish.why;
	if (fake->unpublish.code && !(request->flags & P2PMEM_UNPUBLISH_FORCE))
		return fake->unpublish.code;
	snprintf(path, sizeof(path), "/sys/class/p2pmem/p2pmem%" PRIu32 "/size", request->index);
	if (!fake_text(fake, path)[0])
		return -ENOENT;
	snprintf(path, sizeof(path), "/sys/class/p2pmem/p2pmem%" PRIu32, request->index);
	fake_remove(fake, path);
	return 0;
}

static int do_verdict(struct fake_module *fake, struct p2pmem_verdict *verdict)
{
	struct p2pmem_reason *reasons = (struct p2pmem_reason *)(uintptr_t)verdict->reasons;
	uint32_t room = verdict->room;

	fake->verdict_client = verdict->client;
	*verdict = fake->verdict;
	verdict->client = fake->verdict_client;
	for (uint32_t i = 0; i < room && i < verdict->count; i++)
		reasons[i] = fake->reason[i];
	return fake->answer;
}

static int do_allow(struct fake_module *fake, struct p2pmem_allow *wish)
{
	const struct fake_refusal *refusal = &fake->allow[fake->allow_calls];

	assert_true(fake->allow_calls < 4);
	fake->allows[fake->allow_calls++] = *wish;
	wish->why = refusal->why;
	return refusal->code;
}

static int control(const struct p2p_system *system, int fd, unsigned long request, void *argument)
{
	struct fake_module *fake = system->context;
	struct p2pmem_alloc *alloc = argument;

	assert_true(fd >= 0);
	switch (request) {
	case P2PMEM_PUBLISH:
		return do_publish(fake, argument);
	case P2PMEM_ALLOW:
		return do_allow(fake, argument);
	case P2PMEM_UNPUBLISH:
		return do_unpublish(fake, argument);
	case P2PMEM_INFO:
		*(struct p2pmem_info *)argument = fake->info;
		return 0;
	case P2PMEM_ALLOC:
		alloc->offset = 8192;
		alloc->why = fake->alloc.why;
		return fake->alloc.code;
	case P2PMEM_EXPORT:
		((struct p2pmem_export *)argument)->fd = fake->exported;
		return fake->exported < 0 ? fake->exported : 0;
	case P2PMEM_VERDICT:
		return do_verdict(fake, argument);
	default:
		fail();
		return -ENOTTY;
	}
}

void fake_open(struct fake_module *fake)
{
	*fake = (struct fake_module){ .root = "/tmp/fake-module-XXXXXX" };
	assert_non_null(mkdtemp(fake->root));
	fake->system = (struct p2p_system){ fake->root, control, write_attribute, fake };
	fake_file(fake, "/dev/p2pmem", "");
	fake_directory(fake, "/sys/class/p2pmem/");
	fake_file(fake, DEVICE "/driver_override", "(null)\n");
	fake_file(fake, DEVICE "/resource",
		  "0x00000000fe000000 0x00000000fe003fff 0x0000000000040200\n"
		  "0x000000000000c000 0x000000000000c03f 0x0000000000040101\n"
		  "0x0000004000000000 0x0000004003ffffff 0x000000000014220c\n"
		  "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
		  "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
		  "0x0000000000000000 0x0000000000000000 0x0000000000000000\n");
}

void fake_close(struct fake_module *fake)
{
	fake_remove(fake, "");
}
