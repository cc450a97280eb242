// SPDX-License-Identifier: MIT
/*
 * Publishing, unpublishing and statistics against a stand-in for p2pmem.ko.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_module.h"
#include "harness.h"
#include "module/allow.h"
#include "module/memories.h"
#include "module/publish.h"
#include "module/stat.h"
#include "module/no_pages.h"
#include "span.h"

#define DEVICE   "/sys/bus/pci/devices/" FAKE_FUNCTION
#define DRIVER   DEVICE "/driver"
#define OVERRIDE DEVICE "/driver_override"
#define COUNTS   "/sys/kernel/debug/p2pmem/stat"

static const struct p2p_bdf function = { 0, 1, 0 };

static struct fake_module fake;
static struct p2p_error error;

static int setup(void **state)
{
	(void)state;
	fake_open(&fake);
	error = (struct p2p_error){ .code = 0 };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_close(&fake);
	return 0;
}

static bool exists(const char *path)
{
	char full[512];
	struct stat status;

	snprintf(full, sizeof(full), "%s%s", fake.root, path);
	return !lstat(full, &status);
}

static void bind_driver(const char *name)
{
	char target[128];

	snprintf(target, sizeof(target), "../../../bus/pci/drivers/%s", name);
	fake_link(&fake, DRIVER, target);
}

static int publish(const struct p2p_publish_options *options, struct p2p_publication *publication)
{
	int rc = p2p_publish_on(&fake.system, options, publication, &error);

	assert_int_equal(rc, error.code);
	return rc;
}

static void expect_text(const char *words)
{
	bool there = strstr(error.text, words);

	if (!there)
		print_error("\"%s\" is not in: %s\n", words, error.text);
	assert_true(there);
	assert_null(strchr(error.text, '\n'));
}

static struct p2p_publish_options bar_2(void)
{
	return (struct p2p_publish_options){ .function = function, .bar = 2 };
}

static void binds_where_nothing_is_bound(void **state)
{
	struct p2p_publish_options options = bar_2();
	struct p2p_publication publication;

	(void)state;
	options.offset = 1 << 20;
	options.length = 2 << 20;
	assert_int_equal(publish(&options, &publication), 0);
	assert_true(publication.bound);
	assert_true(exists(DRIVER));
	assert_string_equal(fake_text(&fake, OVERRIDE), "p2pmem");
	assert_int_equal(fake.publish_calls, 1);
	assert_int_equal(fake.asked[0].flags, P2PMEM_PUBLISH_PAGES);
	assert_int_equal(fake.asked[0].function.bus, 1);
	assert_int_equal(fake.asked[0].bar, 2);
	assert_int_equal(fake.asked[0].offset, 1 << 20);
	assert_int_equal(fake.asked[0].size, 2 << 20);
	assert_true(publication.memory.page_backed);
	assert_int_equal(publication.memory.size, 2 << 20);
	assert_null(publication.no_pages);
}

/* Before anybody is asked. */
static void structs_of_callers(void **state)
{
	struct p2p_publish_options options = { .size = 0 };
	struct p2p_publication publication = { .size = 0 };
	struct p2p_unpublication done = { .size = 0 };
	struct {
		struct p2p_publication known;
		uint64_t unknown;
	} newer;

	(void)state;
	assert_int_equal(p2p_publish(&options, &publication, &error), -EINVAL);
	expect_text("p2p_publish_options_init()");
	error.code = 0;
	p2p_publish_options_init(&options, sizeof(options));
	assert_int_equal(options.size, sizeof(options));
	assert_int_equal(p2p_publish(&options, &publication, &error), -EINVAL);
	expect_text("p2p_publication_init()");
	assert_int_equal(p2p_unpublish(7, false, &done, &error), -EINVAL);
	assert_int_equal(p2p_unpublish_function(function, false, &done, &error), -EINVAL);
	expect_text("p2p_unpublication_init()");

	/* A publication that is refused leaves what a newer program knows as it was set. */
	memset(&newer, 0xff, sizeof(newer));
	p2p_publication_init(&newer.known, sizeof(newer));
	options.bar = 6;
	error.code = 0;
	assert_int_equal(p2p_publish(&options, &newer.known, &error), -EINVAL);
	expect_text("no BAR 6");
	assert_int_equal(newer.known.size, sizeof(newer));
	assert_int_equal(newer.unknown, 0);
}

static void leaves_another_driver_alone(void **state)
{
	struct p2p_publish_options options = bar_2();
	struct p2p_publication publication;

	(void)state;
	bind_driver("uio_pci_generic");
	assert_int_equal(publish(&options, &publication), 0);
	assert_false(publication.bound);
	assert_int_equal(fake.writes, 0);
}

static void undoes_the_binding_on_failure(void **state)
{
	struct p2p_publish_options options = bar_2();
	struct p2p_publication publication;

	(void)state;
	fake.publish[0] = (struct fake_refusal){ -EBUSY, P2PMEM_WHY_MSIX };
	assert_int_equal(publish(&options, &publication), -EBUSY);
	expect_text("MSI-X");
	assert_false(publication.bound);
	assert_false(exists(DRIVER));
	assert_string_equal(fake_text(&fake, OVERRIDE), "(null)\n");
}

/* Somebody else published something meanwhile: the driver stays. */
static void keeps_a_binding_that_serves(void **state)
{
	struct p2p_publish_options options = bar_2();
	struct p2p_publication publication;

	(void)state;
	fake_memory(&fake, 4, FAKE_FUNCTION, 2, 0, 4096, false);
	fake.publish[0] = (struct fake_refusal){ -EEXIST, P2PMEM_WHY_PUBLISHED };
	assert_int_equal(publish(&options, &publication), -EBUSY);
	assert_true(exists(DRIVER));
	assert_string_equal(fake_text(&fake, OVERRIDE), "p2pmem");
}

static void a_probe_that_fails(void **state)
{
	struct p2p_publish_options options = bar_2();
	struct p2p_publication publication;

	(void)state;
	fake.probe_fails = true;
	assert_int_equal(publish(&options, &publication), -EIO);
	expect_text("could not be bound");
	assert_int_equal(fake.publish_calls, 0);
	assert_string_equal(fake_text(&fake, OVERRIDE), "(null)\n");
}

static void respects_another_override(void **state)
{
	struct p2p_publish_options options = bar_2();
	struct p2p_publication publication;

	(void)state;
	fake_file(&fake, OVERRIDE, "vfio-pci\n");
	assert_int_equal(publish(&options, &publication), -EBUSY);
	expect_text("vfio-pci");
	assert_int_equal(fake.writes, 0);
	assert_string_equal(fake_text(&fake, OVERRIDE), "vfio-pci\n");
}

static void pages_when_possible(void **state)
{
	static const unsigned int whys[] = { P2PMEM_WHY_NO_P2PDMA, P2PMEM_WHY_ALIGNMENT,
					     P2PMEM_WHY_NO_PAGES };
	struct p2p_publish_options options = bar_2();
	struct p2p_publication publication;

	(void)state;
	for (size_t i = 0; i < sizeof(whys) / sizeof(whys[0]); i++) {
		fake.publish_calls = 0;
		fake.publish[0] = (struct fake_refusal){ -EOPNOTSUPP, whys[i] };
		options.pages = P2P_PUBLISH_PAGES_IF_POSSIBLE;
		assert_int_equal(publish(&options, &publication), 0);
		assert_int_equal(fake.asked[1].flags, 0);
		assert_false(publication.memory.page_backed);
		assert_string_equal(publication.no_pages, p2pmem_why_name(whys[i]));
		assert_non_null(strstr(publication.text, p2p_no_pages_text(whys[i])));

		fake.publish_calls = 0;
		options.pages = P2P_PUBLISH_PAGES;
		assert_int_equal(publish(&options, &publication), -EOPNOTSUPP);
		assert_int_equal(error.hint, P2P_HINT_PUBLISH_ANY);
		assert_int_equal(fake.publish_calls, 1);
		assert_int_equal(fake.asked[0].flags, P2PMEM_PUBLISH_PAGES | P2PMEM_PUBLISH_WRAP);
		error.code = 0;
	}
	/* A module that does not know how to wrap, as it is of before ABI 3. */
	fake.publish_calls = 0;
	fake.publish[0] = (struct fake_refusal){ -EINVAL, P2PMEM_WHY_NONE };
	options.pages = P2P_PUBLISH_PAGES;
	assert_int_equal(publish(&options, &publication), 0);
	assert_int_equal(fake.asked[1].flags, P2PMEM_PUBLISH_PAGES);
	assert_true(publication.memory.page_backed);
	/* Another refusal is none of pages: nothing is tried again. */
	fake.publish_calls = 0;
	fake.publish[0] = (struct fake_refusal){ -EBUSY, P2PMEM_WHY_HELD };
	options.pages = P2P_PUBLISH_PAGES_IF_POSSIBLE;
	assert_int_equal(publish(&options, &publication), -EBUSY);
	assert_int_equal(fake.publish_calls, 1);
	expect_text("earlier use");
}

static void no_pages_as_asked(void **state)
{
	struct p2p_publish_options options = bar_2();
	struct p2p_publication publication;

	(void)state;
	options.pages = P2P_PUBLISH_NO_PAGES;
	assert_int_equal(publish(&options, &publication), 0);
	assert_int_equal(fake.asked[0].flags, 0);
	assert_null(publication.no_pages);
	assert_string_equal(publication.text, "");
}

static void memory_of_a_driver(void **state)
{
	struct p2p_publish_options options = { .function = function, .driver_memory = true };
	struct p2p_publication publication;

	(void)state;
	assert_int_equal(publish(&options, &publication), -ENXIO);
	expect_text("no driver");
	assert_int_equal(fake.writes, 0);

	error.code = 0;
	bind_driver("nvme");
	assert_int_equal(publish(&options, &publication), -ENODEV);
	expect_text("(nvme) publishes no memory");
	assert_int_equal(fake.publish_calls, 0);

	/* All that is free is asked for by its size. */
	error.code = 0;
	fake_file(&fake, DEVICE "/p2pmem/available", "4096\n");
	assert_int_equal(publish(&options, &publication), 0);
	assert_int_equal(fake.asked[0].flags, P2PMEM_PUBLISH_DRIVER);
	assert_int_equal(fake.asked[0].size, 4096);

	fake.publish_calls = 0;
	fake.publish[0] = (struct fake_refusal){ -ENOENT, P2PMEM_WHY_DRIVER_MEMORY };
	error.code = 0;
	assert_int_equal(publish(&options, &publication), -ENODEV);
	expect_text("4096 bytes");

	options.pages = P2P_PUBLISH_NO_PAGES;
	assert_int_equal(publish(&options, &publication), -EINVAL);
	options = (struct p2p_publish_options){ .function = function,
						.bar = 2,
						.driver_memory = true };
	assert_int_equal(publish(&options, &publication), -EINVAL);
	options = (struct p2p_publish_options){ .function = function,
						.driver_memory = true,
						.beside_driver = true };
	assert_int_equal(publish(&options, &publication), -EINVAL);
	assert_int_equal(error.hint, P2P_HINT_BESIDE_DRIVER);
}

/* Only who asks for it provides beside another driver, with pages and without. */
static void beside_a_driver(void **state)
{
	struct p2p_publish_options options = bar_2();
	struct p2p_publication publication;

	(void)state;
	bind_driver("mydriver");
	fake.publish[0] = (struct fake_refusal){ -EBUSY, P2PMEM_WHY_DRIVER_BOUND };
	assert_int_equal(publish(&options, &publication), -EBUSY);
	assert_int_equal(fake.asked[0].flags & P2PMEM_PUBLISH_BESIDE, 0);

	fake.publish_calls = 0;
	error.code = 0;
	options.beside_driver = true;
	fake.publish[0] = (struct fake_refusal){ -EOPNOTSUPP, P2PMEM_WHY_ALIGNMENT };
	assert_int_equal(publish(&options, &publication), 0);
	assert_int_equal(fake.asked[0].flags, P2PMEM_PUBLISH_BESIDE | P2PMEM_PUBLISH_PAGES);
	assert_int_equal(fake.asked[1].flags, P2PMEM_PUBLISH_BESIDE);
}

/* Each reason has a sentence with what matters in it. */
static void refusals(void **state)
{
	static const struct {
		int code;
		unsigned int why;
		int returned;
		const char *words;
	} cases[] = {
		{ -ENODEV, P2PMEM_WHY_NO_FUNCTION, -ENODEV, "no PCI function 0000:01:00.0" },
		{ -ENXIO, P2PMEM_WHY_NO_DRIVER, -ENXIO, "lost its driver" },
		{ -ENXIO, P2PMEM_WHY_NO_BAR, -ENXIO, "BAR 0 (16 KiB), BAR 2 (64 MiB)" },
		{ -EINVAL, P2PMEM_WHY_NOT_MEMORY, -EINVAL, "I/O ports" },
		{ -EIO, P2PMEM_WHY_DISABLED, -EIO, "driver mydriver has switched it off" },
		{ -EINVAL, P2PMEM_WHY_RANGE, -EINVAL, "67108864" },
		{ -EBUSY, P2PMEM_WHY_MSIX, -EBUSY, "lspci -vv" },
		{ -EBUSY, P2PMEM_WHY_CLAIMED, -EBUSY, "claimed by uio and mydriver, " },
		{ -EEXIST, P2PMEM_WHY_PUBLISHED, -EBUSY, "as /dev/p2pmem7: " },
		{ -EBUSY, P2PMEM_WHY_HELD, -EBUSY, "earlier use" },
		{ -EBUSY, P2PMEM_WHY_DRIVER_BOUND, -EBUSY, "publish beside it" },
		{ -EBUSY, P2PMEM_WHY_DRIVER_USES, -EBUSY, "driver mydriver, which uses its BARs" },
		{ -EPERM, P2PMEM_WHY_LOCKDOWN, -EPERM, "locked down" },
		{ -EOPNOTSUPP, P2PMEM_WHY_NOT_MAPPABLE, -EOPNOTSUPP, "cannot be mapped" },
		{ -EOPNOTSUPP, P2PMEM_WHY_WRAP_KERNEL, -EOPNOTSUPP, "not tried on a kernel" },
		{ -EOPNOTSUPP, P2PMEM_WHY_WRAP_VFIO, -EOPNOTSUPP,
		  "0000:00:00.0 has an IOMMU domain" },
		{ -EOPNOTSUPP, P2PMEM_WHY_WRAP_UNTRUSTED, -EOPNOTSUPP, "an external port" },
		{ -EOPNOTSUPP, P2PMEM_WHY_WRAP_VIRTIO, -EOPNOTSUPP, "virtio device 0000:00:00.0" },
		{ -EOPNOTSUPP, P2PMEM_WHY_WRAP_OPS, -EOPNOTSUPP, "operations of its own" },
		{ -EOPNOTSUPP, P2PMEM_WHY_WRAP_MASTER, -EOPNOTSUPP, "on no PCI bus" },
		{ -EOPNOTSUPP, P2PMEM_WHY_WRAP_BOUND, -EOPNOTSUPP,
		  "(echo 0000:00:00.0 >/sys/bus/pci/drivers/DRIVER/unbind), publish again" },
		{ -ENOMEM, P2PMEM_WHY_WRAP_MEMORY, -ENOMEM, "2 MiB of host memory in one piece" },
		{ -EFAULT, P2PMEM_WHY_NONE, -EFAULT, "Bad address" },
	};
	struct p2p_publish_options options = bar_2();
	struct p2p_publication publication;

	(void)state;
	bind_driver("mydriver");
	options.pages = P2P_PUBLISH_NO_PAGES;
	fake_memory(&fake, 6, FAKE_FUNCTION, 0, 32 << 20, 1 << 20, false);
	fake_memory(&fake, 7, FAKE_FUNCTION, 2, 32 << 20, 1 << 20, false);
	fake_memory(&fake, 8, "0000:02:00.0", 2, 32 << 20, 1 << 20, false);
	/* Outer windows, a twin name, another function, and what ends before the range. */
	fake_file(&fake, "/proc/iomem",
		  "4000000000-407fffffff : PCI Bus 0000:00\n"
		  "  4000000000-4003ffffff : 0000:01:00.0\n"
		  "    4000000000-4000000fff : early\n"
		  "    4002000000-4002000fff : uio\n"
		  "    4002001000-4002001fff : mydriver\n"
		  "    4002002000-4002002fff : mydriver\n"
		  "  4004000000-4007ffffff : 0000:02:00.0\n"
		  "    4004000000-4004000fff : late\n");
	options.offset = 32 << 20;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake.publish_calls = 0;
		fake.publish[0] = (struct fake_refusal){ cases[i].code, cases[i].why };
		error.code = 0;
		assert_int_equal(publish(&options, &publication), cases[i].returned);
		expect_text(cases[i].words);
	}
	/* The claim's owner cannot be read: its driver is the likely one. */
	fake_remove(&fake, "/proc/iomem");
	fake.publish_calls = 0;
	fake.publish[0] = (struct fake_refusal){ -EBUSY, P2PMEM_WHY_CLAIMED };
	assert_int_equal(publish(&options, &publication), -EBUSY);
	expect_text("claimed by mydriver, ");
	expect_text("take mydriver away, and with it what uses the device (mounted drives");
	/* What its driver publishes itself is not to be had by taking the driver away. */
	fake_file(&fake, DEVICE "/p2pmem/size", "67108864\n");
	fake.publish_calls = 0;
	assert_int_equal(publish(&options, &publication), -EBUSY);
	expect_text("publish that instead");
	assert_int_equal(error.hint, P2P_HINT_DRIVER_MEMORY);
	assert_null(strstr(error.text, "unbind"));
	fake_remove(&fake, DEVICE "/p2pmem/size");
	/* p2pmem itself, bound for this, is nothing to take away. */
	fake_remove(&fake, DRIVER);
	fake.publish_calls = 0;
	assert_int_equal(publish(&options, &publication), -EBUSY);
	expect_text("claimed by another driver, ");
	assert_null(strstr(error.text, "unbind"));
	fake.publish_calls = 0;
	fake.publish[0] = (struct fake_refusal){ -EIO, P2PMEM_WHY_DISABLED };
	assert_int_equal(publish(&options, &publication), -EIO);
	expect_text("though it was switched on");
	/* Off the pages. */
	fake.publish_calls = 0;
	fake.publish[0] = (struct fake_refusal){ -EINVAL, P2PMEM_WHY_RANGE };
	options.length = 100;
	assert_int_equal(publish(&options, &publication), -EINVAL);
	expect_text("page size");
}

static void not_loaded(void **state)
{
	struct p2p_publish_options options = bar_2();
	struct p2p_publication publication;
	struct p2p_unpublication done;
	struct p2p_module_memory *memories;
	struct p2p_module_stat *stat;
	size_t count;

	(void)state;
	fake_remove(&fake, "/dev/p2pmem");
	fake_remove(&fake, "/sys/class/p2pmem");
	assert_int_equal(publish(&options, &publication), -ENODEV);
	expect_text("modprobe p2pmem");
	assert_int_equal(fake.writes, 0);
	assert_int_equal(p2p_unpublish_on(&fake.system, 0, false, &done, &error), -ENODEV);
	assert_int_equal(p2p_module_memories_on(&fake.system, &memories, &count, &error), -ENODEV);
	assert_int_equal(p2p_module_stat_on(&fake.system, &stat, &error), -ENODEV);
	assert_null(stat);
}

/* What root alone may do says so, and the rest is shown. */
static void not_root(void **state)
{
	struct p2p_publish_options options = bar_2();
	struct p2p_publication publication;
	struct p2p_module_stat *stat = NULL;
	char path[64];
	int published, counted;

	(void)state;
	if (geteuid())
		skip();
	fake_file(&fake, COUNTS, "normal bytes=1\n");
	assert_int_equal(chmod(fake.root, 0755), 0);
	snprintf(path, sizeof(path), "%s/dev/p2pmem", fake.root);
	assert_int_equal(chmod(path, 0600), 0);
	snprintf(path, sizeof(path), "%s/sys/kernel/debug", fake.root);
	assert_int_equal(chmod(path, 0700), 0);
	assert_int_equal(seteuid(65534), 0);
	published = p2p_publish_on(&fake.system, &options, &publication, &error);
	counted = p2p_module_stat_on(&fake.system, &stat, NULL);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(published, -EACCES);
	expect_text("run as root");
	assert_int_equal(fake.writes, 0);
	assert_int_equal(counted, 0);
	assert_false(stat->counted);
	assert_non_null(strstr(stat->missing, "run as root"));
	p2p_module_stat_free(stat);
}

static void bad_arguments(void **state)
{
	struct p2p_publish_options options = bar_2();
	struct p2p_publication publication;

	(void)state;
	options.bar = 6;
	assert_int_equal(publish(&options, &publication), -EINVAL);
	options.bar = 2;
	options.function.bus = 9;
	assert_int_equal(publish(&options, &publication), -ENODEV);
	expect_text("0000:09:00.0");
	assert_int_equal(fake.publish_calls, 0);
}

static void unpublish_the_last_unbinds(void **state)
{
	struct p2p_publish_options options = bar_2();
	struct p2p_publication publication;
	struct p2p_unpublication done;

	(void)state;
	assert_int_equal(publish(&options, &publication), 0);
	assert_int_equal(publish(&options, &publication), 0);
	assert_false(publication.bound);
	assert_int_equal(p2p_unpublish_on(&fake.system, 0, false, &done, &error), 0);
	assert_int_equal(done.count, 1);
	assert_false(done.unbound);
	assert_true(exists(DRIVER));
	assert_int_equal(p2p_unpublish_on(&fake.system, 1, false, &done, &error), 0);
	assert_true(done.unbound);
	assert_false(exists(DRIVER));
	assert_string_equal(fake_text(&fake, OVERRIDE), "(null)\n");
	assert_int_equal(p2p_unpublish_on(&fake.system, 1, false, &done, &error), -ENOENT);
	expect_text("no /dev/p2pmem1");
}

static void unpublish_a_function(void **state)
{
	struct p2p_publish_options options = bar_2();
	struct p2p_publication publication;
	struct p2p_unpublication done;

	(void)state;
	fake_memory(&fake, 5, "0000:02:00.0", 2, 0, 4096, false);
	assert_int_equal(publish(&options, &publication), 0);
	assert_int_equal(publish(&options, &publication), 0);
	assert_int_equal(p2p_unpublish_function_on(&fake.system, function, false, &done, &error),
			 0);
	assert_int_equal(done.count, 2);
	assert_true(done.unbound);
	assert_true(exists("/sys/class/p2pmem/p2pmem5"));
	assert_int_equal(p2p_unpublish_function_on(&fake.system, function, false, &done, &error),
			 -ENOENT);
	expect_text("nothing of 0000:01:00.0 is published");
	/* What an interrupted publish left. */
	bind_driver("p2pmem");
	assert_int_equal(p2p_unpublish_function_on(&fake.system, function, false, &done, &error),
			 0);
	assert_int_equal(done.count, 0);
	assert_true(done.unbound);
	/* Another driver is not p2pmem's to unbind. */
	bind_driver("nvme");
	fake_memory(&fake, 6, FAKE_FUNCTION, 2, 0, 4096, false);
	assert_int_equal(p2p_unpublish_function_on(&fake.system, function, false, &done, &error),
			 0);
	assert_false(done.unbound);
	assert_true(exists(DRIVER));
}

static void unpublish_off_the_bus(void **state)
{
	struct p2p_unpublication done;

	(void)state;
	fake_memory(&fake, 0, "link", -1, 0, 4096, false);
	assert_int_equal(p2p_unpublish_on(&fake.system, 0, true, &done, &error), -EOPNOTSUPP);
	expect_text("on no PCI bus");
	assert_int_equal(fake.unpublish_calls, 0);
}

static void unpublish_in_use(void **state)
{
	struct p2p_publish_options options = bar_2();
	struct p2p_publication publication;
	struct p2p_unpublication done;

	(void)state;
	assert_int_equal(publish(&options, &publication), 0);
	fake.unpublish = (struct fake_refusal){ -EBUSY, P2PMEM_WHY_IN_USE };
	assert_int_equal(p2p_unpublish_on(&fake.system, 0, false, &done, &error), -EBUSY);
	assert_int_equal(error.hint, P2P_HINT_USERS);
	assert_int_equal(done.count, 0);
	assert_true(exists(DRIVER));
	assert_int_equal(p2p_unpublish_on(&fake.system, 0, true, &done, &error), 0);
	assert_true(done.unbound);
}

static void names_of_memories(void **state)
{
	static const char *const bad[] = { "",         "p2pmem",      "p2pmem-1",
					   "p2pmem0x", "p2pmem1 ",    "/dev/p2pmem",
					   "nvme0",    "dev/p2pmem0", "p2pmem99999999999" };
	uint32_t index;

	(void)state;
	assert_int_equal(p2p_module_index("p2pmem0", &index), 0);
	assert_int_equal(index, 0);
	assert_int_equal(p2p_module_index("/dev/p2pmem42", &index), 0);
	assert_int_equal(index, 42);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(p2p_module_index(bad[i], &index), -EINVAL);
}

static void memories_by_number(void **state)
{
	struct p2p_module_memory *memories;
	size_t count;

	(void)state;
	fake_memory(&fake, 10, "0001:02:03.4", 5, 8192, 4096, false);
	fake_memory(&fake, 9, "platform:link", -1, 0, 1 << 20, false);
	fake_memory(&fake, 2, FAKE_FUNCTION, 2, 0, 2 << 20, true);
	fake_file(&fake, "/sys/class/p2pmem/other/size", "1\n");
	fake_remove(&fake, "/sys/class/p2pmem/p2pmem9/high_water");
	assert_int_equal(p2p_module_memories_on(&fake.system, &memories, &count, &error), 0);
	assert_int_equal(count, 3);
	assert_int_equal(memories[0].index, 2);
	assert_true(memories[0].page_backed);
	assert_int_equal(memories[0].available, (2 << 20) - 4096);
	assert_int_equal(memories[1].index, 9);
	assert_false(memories[1].on_pci);
	assert_int_equal(memories[1].bar, -1);
	assert_int_equal(memories[1].high_water, P2P_UNCOUNTED);
	assert_int_equal(memories[2].function.domain, 1);
	assert_int_equal(memories[2].function.devfn, 3 << 3 | 4);
	assert_int_equal(memories[2].bar, 5);
	assert_int_equal(memories[2].offset, 8192);
	free(memories);
}

static void statistics(void **state)
{
	struct p2p_module_stat *stat;

	(void)state;
	fake_memory(&fake, 0, FAKE_FUNCTION, 2, 0, 2 << 20, true);
	assert_int_equal(p2p_module_stat_on(&fake.system, &stat, &error), 0);
	assert_false(stat->counted);
	assert_non_null(strstr(stat->missing, "mount -t debugfs"));
	assert_int_equal(stat->memory_count, 1);
	p2p_module_stat_free(stat);

	fake_file(&fake, COUNTS,
		  "memory 0 function=0000:01:00.0 bar=2 size=2097152\n"
		  "pair 0 client=0000:02:00.0 direct_bytes=8192 direct_segments=2 "
		  "via_host_bytes=1 via_host_segments=3 bounced_bytes=512 bounced_segments=9 "
		  "unreachable=4 later=word\n"
		  "wrapped function=0000:02:00.0 normal_bytes=10 direct_bytes=11 via_host_bytes=12 "
		  "bounced_bytes=13 later=14\n"
		  "wrapped function=0000:03:00.0\n"
		  "pair 12 client=lan0\n"
		  "later and more\n"
		  "\n"
		  "refused no-driver=1 claimed=18446744073709551615\n"
		  "normal bytes=5 segments=6 later=7\n");
	assert_int_equal(p2p_module_stat_on(&fake.system, &stat, &error), 0);
	assert_true(stat->counted);
	assert_int_equal(stat->pair_count, 2);
	assert_string_equal(stat->pairs[0].client, "0000:02:00.0");
	assert_int_equal(stat->pairs[0].direct_bytes, 8192);
	assert_int_equal(stat->pairs[0].direct_segments, 2);
	assert_int_equal(stat->pairs[0].via_host_bytes, 1);
	assert_int_equal(stat->pairs[0].via_host_segments, 3);
	assert_int_equal(stat->pairs[0].unreachable, 4);
	assert_int_equal(stat->pairs[0].bounced_bytes, 512);
	assert_int_equal(stat->pairs[0].bounced_segments, 9);
	assert_int_equal(stat->wrapped_count, 2);
	assert_int_equal(stat->wrapped[0].function.bus, 2);
	assert_int_equal(stat->wrapped[0].normal_bytes, 10);
	assert_int_equal(stat->wrapped[0].direct_bytes, 11);
	assert_int_equal(stat->wrapped[0].via_host_bytes, 12);
	assert_int_equal(stat->wrapped[0].bounced_bytes, 13);
	assert_int_equal(stat->wrapped[1].function.bus, 3);
	assert_int_equal(stat->pairs[1].index, 12);
	assert_int_equal(stat->refusal_count, 2);
	assert_string_equal(stat->refusals[1].why, "claimed");
	assert_true(stat->refusals[1].count == UINT64_MAX);
	assert_int_equal(stat->normal_bytes, 5);
	assert_int_equal(stat->normal_segments, 6);
	p2p_module_stat_free(stat);
	p2p_module_stat_free(NULL);
}

static void statistics_that_are_none(void **state)
{
	static const char *const bad[] = {
		"pair\n",
		"pair x client=a\n",
		"pair 4294967296 client=a\n",
		"pair 0 direct_bytes=1\n",
		"wrapped normal_bytes=1\n",
		"wrapped function=nowhere\n",
		"wrapped function=0000:02:00.0 normal_bytes=x\n",
		"pair 0 client=\n",
		"pair 0 client=a direct_bytes=\n",
		"pair 0 client=a direct_bytes=-1\n",
		"pair 0 client=a word\n",
		"pair 0 client=a",
		"pair 0 client=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
		"refused a\n",
		"refused =1\n",
		"refused a=b\n",
		"normal bytes=99999999999999999999\n",
		"normal bytes\n",
	};
	struct p2p_module_stat *stat;
	char *long_line;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[256];

		snprintf(text, sizeof(text), "memory 0\n%s", bad[i]);
		fake_file(&fake, COUNTS, text);
		assert_int_equal(p2p_module_stat_on(&fake.system, &stat, &error), -EBADMSG);
		assert_null(stat);
		expect_text("line 2");
	}
	long_line = calloc(1, 10000);
	assert_non_null(long_line);
	memset(long_line, 'x', 9998);
	long_line[9998] = '\n';
	fake_file(&fake, COUNTS, long_line);
	free(long_line);
	assert_int_equal(p2p_module_stat_on(&fake.system, &stat, &error), -EBADMSG);
}

#define ALLOWED "/sys/module/p2pmem/parameters/allowed"

static const struct p2p_bdf client = { 0, 2, 8 };

static void nobody_is_let_through(void **state)
{
	struct p2p_allowed *pairs = (struct p2p_allowed *)1;
	size_t count = 7;

	(void)state;
	assert_int_equal(p2p_allowed_pairs_on(&fake.system, &pairs, &count, &error), 0);
	assert_null(pairs);
	assert_int_equal(count, 0);
	fake_file(&fake, ALLOWED, "");
	assert_int_equal(p2p_allowed_pairs_on(&fake.system, &pairs, &count, &error), 0);
	assert_int_equal(count, 0);
}

/* Lines of a newer module are skipped, and so is what is no pair. */
static void who_is_let_through(void **state)
{
	struct p2p_allowed *pairs;
	size_t count;

	(void)state;
	fake_file(&fake, ALLOWED,
		  "0000:02:01.0 0000:01:00.0\n"
		  "0000:02:01.0\n"
		  "0000:02:01.0 0000:01:00.0 until tomorrow\n"
		  "\n"
		  "10000:03:00.7 0000:01:00.0 trial\n"
		  "0000:02:01.00000:01:00.0\n"
		  "0000:02:01.0 0000:04:00.0");
	assert_int_equal(p2p_allowed_pairs_on(&fake.system, &pairs, &count, &error), 0);
	assert_int_equal(count, 3);
	assert_true(!p2p_bdf_compare(pairs[0].client, client));
	assert_true(!p2p_bdf_compare(pairs[0].provider, function));
	assert_false(pairs[0].trial);
	assert_int_equal(pairs[1].client.domain, 0x10000);
	assert_true(pairs[1].trial);
	assert_int_equal(pairs[2].provider.bus, 4);
	free(pairs);
}

static void flags_were(unsigned int call, uint32_t flags)
{
	const struct p2pmem_allow *asked = &fake.allows[call];

	assert_int_equal(asked->flags, flags);
	assert_int_equal(asked->client.bus, 2);
	assert_int_equal(asked->client.devfn, 8);
	assert_int_equal(asked->provider.bus, 1);
	assert_int_equal(asked->reserved[0] | asked->reserved[1] | asked->client.reserved, 0);
}

static void a_trial_is_kept(void **state)
{
	struct p2p_allow *trial;

	(void)state;
	assert_int_equal(p2p_allow_try_on(&fake.system, client, function, &trial, &error), 0);
	flags_were(0, P2PMEM_ALLOW_TRIAL);
	assert_int_equal(p2p_allow_keep(trial, &error), 0);
	flags_were(1, P2PMEM_ALLOW_KEEP);
	p2p_allow_end(trial);
	p2p_allow_end(NULL);
	assert_int_equal(p2p_allow_withdraw_on(&fake.system, client, function, &error), 0);
	flags_were(2, P2PMEM_ALLOW_WITHDRAW);
	assert_int_equal(fake.allow_calls, 3);
}

/* What was kept makes way for a proof of now, also where somebody has withdrawn it just before. */
static void a_pair_is_tried_anew(void **state)
{
	struct p2p_allow *trial;

	(void)state;
	fake.allow[0] = (struct fake_refusal){ -EEXIST, P2PMEM_WHY_ALLOWED };
	fake.allow[1] = (struct fake_refusal){ -ENOENT, P2PMEM_WHY_NO_TRIAL };
	assert_int_equal(p2p_allow_try_on(&fake.system, client, function, &trial, &error), 0);
	flags_were(0, P2PMEM_ALLOW_TRIAL);
	flags_were(1, P2PMEM_ALLOW_WITHDRAW);
	flags_were(2, P2PMEM_ALLOW_TRIAL);
	p2p_allow_end(trial);
}

static void why_a_pair_is_not_let_through(void **state)
{
	static const struct {
		int code;
		unsigned int why;
		int result;
		const char *text;
	} refusals[] = {
		{ -EALREADY, P2PMEM_WHY_REACHES, -EALREADY, "nothing to allow" },
		{ -EOPNOTSUPP, P2PMEM_WHY_NO_LIST, -EOPNOTSUPP, "not only a list" },
		{ -EOPNOTSUPP, P2PMEM_WHY_UNTRUSTED, -EOPNOTSUPP, "external" },
		{ -EBUSY, P2PMEM_WHY_IN_USE, -EBUSY, "somebody else" },
		{ -EDQUOT, P2PMEM_WHY_LIMIT, -EDQUOT, "withdraw others" },
		{ -ENODEV, P2PMEM_WHY_NO_FUNCTION, -ENODEV, "no PCI function" },
		{ -ENOTTY, P2PMEM_WHY_NONE, -EOPNOTSUPP, "older than this program" },
		{ -ENOMEM, P2PMEM_WHY_NONE, -ENOMEM, "memory" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct p2p_allow *trial = (struct p2p_allow *)1;

		fake.allow_calls = 0;
		fake.allow[0] = (struct fake_refusal){ refusals[i].code, refusals[i].why };
		assert_int_equal(p2p_allow_try_on(&fake.system, client, function, &trial, &error),
				 refusals[i].result);
		assert_null(trial);
		assert_non_null(strstr(error.text, "0000:02:01.0 -> 0000:01:00.0: "));
		assert_non_null(strstr(error.text, refusals[i].text));
	}
}

static void an_unproven_trial_is_not_kept(void **state)
{
	struct p2p_allow *trial;

	(void)state;
	fake.allow[1] = (struct fake_refusal){ -ENODATA, P2PMEM_WHY_UNPROVEN };
	assert_int_equal(p2p_allow_try_on(&fake.system, client, function, &trial, &error), 0);
	assert_int_equal(p2p_allow_keep(trial, &error), -ENODATA);
	assert_non_null(strstr(error.text, "nothing was mapped"));
	p2p_allow_end(trial);
	fake_remove(&fake, "/dev/p2pmem");
	assert_int_equal(p2p_allow_withdraw_on(&fake.system, client, function, &error), -ENODEV);
	assert_int_equal(p2p_allow_try_on(&fake.system, client, function, &trial, &error), -ENODEV);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(binds_where_nothing_is_bound),
		TEST(structs_of_callers),
		TEST(leaves_another_driver_alone),
		TEST(undoes_the_binding_on_failure),
		TEST(keeps_a_binding_that_serves),
		TEST(a_probe_that_fails),
		TEST(respects_another_override),
		TEST(pages_when_possible),
		TEST(no_pages_as_asked),
		TEST(beside_a_driver),
		TEST(memory_of_a_driver),
		TEST(refusals),
		TEST(not_loaded),
		TEST(not_root),
		TEST(bad_arguments),
		TEST(unpublish_the_last_unbinds),
		TEST(unpublish_a_function),
		TEST(unpublish_in_use),
		TEST(unpublish_off_the_bus),
		TEST(names_of_memories),
		TEST(memories_by_number),
		TEST(statistics),
		TEST(statistics_that_are_none),
		TEST(nobody_is_let_through),
		TEST(who_is_let_through),
		TEST(a_trial_is_kept),
		TEST(a_pair_is_tried_anew),
		TEST(why_a_pair_is_not_let_through),
		TEST(an_unproven_trial_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
