// SPDX-License-Identifier: MIT
/*
 * The option parser, and numbers for people.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sysexits.h>

#include "format.h"
#include "options.h"
#include <p2pmem/text.h>
#include "harness.h"

struct target {
	bool flag;
	const char *text;
	uint64_t size;
	unsigned int count;
	int word;
};

static const char *const words[] = { "red", "green", NULL };

static const struct cli_option options[] = {
	{ "flag", 'f', CLI_FLAG, offsetof(struct target, flag), NULL, "a flag", NULL },
	{ "text", 't', CLI_TEXT, offsetof(struct target, text), "TEXT", "a text", NULL },
	{ "size", 's', CLI_SIZE, offsetof(struct target, size), "BYTES", "a size", NULL },
	{ "count", 0, CLI_COUNT, offsetof(struct target, count), "N", "a count", NULL },
	{ "word", 'w', CLI_WORD, offsetof(struct target, word), "WORD", "a\nword", words },
	{ .name = NULL },
};

static const struct cli_command command = {
	.name = "test",
	.summary = "Test",
	.arguments = "ONE",
	.details = "",
	.options = options,
	.positional = 1,
};

static int parse(struct target *target, const char *const *arguments)
{
	char *argv[16] = { (char *)(uintptr_t) "test" };
	int argc = 1, first = 0, status;

	*target = (struct target){ .size = 7 };
	for (; arguments[argc - 1]; argc++)
		argv[argc] = (char *)(uintptr_t)arguments[argc - 1];
	optind = 0;
	status = cli_parse(&command, target, argc, argv, &first);
	if (status == CLI_GO_ON)
		assert_string_equal(argv[first], "positional");
	return status;
}

#define PARSE(target, ...) parse(target, (const char *const[]){ __VA_ARGS__, NULL })

static void test_every_type(void **state)
{
	struct target t;

	(void)state;
	assert_int_equal(PARSE(&t, "-f", "--text", "x", "--size=2M", "--count", "3", "-w", "green",
			       "positional"),
			 CLI_GO_ON);
	assert_true(t.flag);
	assert_string_equal(t.text, "x");
	assert_int_equal(t.size, 2 << 20);
	assert_int_equal(t.count, 3);
	assert_int_equal(t.word, 1);
	assert_int_equal(PARSE(&t, "positional"), CLI_GO_ON);
	assert_int_equal(t.size, 7);
}

static void test_sizes(void **state)
{
	static const struct {
		const char *text;
		uint64_t size;
	} good[] = { { "0", 0 },
		     { "0100", 100 },
		     { "08", 8 },
		     { "512", 512 },
		     { "0x1000", 4096 },
		     { "4k", 4096 },
		     { "4K", 4096 },
		     { "1G", 1 << 30 },
		     { "1GiB", 1 << 30 },
		     { "2T", UINT64_C(2) << 40 },
		     { "18446744073709551615", UINT64_MAX } };
	static const char *const bad[] = { "",
					   "-1",
					   "x",
					   "0x",
					   "0xg",
					   "1X",
					   "1KB",
					   "K",
					   "1 K",
					   " 1",
					   "1.5M",
					   "99999999999999999999",
					   "18014398509481984K" };
	struct target t;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(PARSE(&t, "-s", good[i].text, "positional"), CLI_GO_ON);
		assert_int_equal(t.size, good[i].size);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(PARSE(&t, "-s", bad[i], "positional"), EX_USAGE);
}

static void test_misuse(void **state)
{
	struct target t;

	(void)state;
	assert_int_equal(PARSE(&t, "--unknown", "positional"), EX_USAGE);
	assert_int_equal(PARSE(&t, "-x", "positional"), EX_USAGE);
	assert_int_equal(PARSE(&t, "positional", "--size"), EX_USAGE);
	assert_int_equal(PARSE(&t, "positional", "another"), EX_USAGE);
	assert_int_equal(PARSE(&t, "-f"), EX_USAGE);
	assert_int_equal(PARSE(&t, "--count", "0", "positional"), EX_USAGE);
	assert_int_equal(PARSE(&t, "--word", "blue", "positional"), EX_USAGE);
	assert_int_equal(PARSE(&t, "--text", "", "positional"), EX_USAGE);
	assert_int_equal(PARSE(&t, "--help"), EX_OK);
}

static void test_numbers_for_people(void **state)
{
	char text[CLI_NUMBER], size[P2P_SIZE_TEXT], bdf[P2P_BDF_TEXT];

	(void)state;
	assert_string_equal(p2p_bdf_text((struct p2p_bdf){ 0, 3, 0x1a }, bdf), "0000:03:03.2");
	assert_string_equal(p2p_bdf_text((struct p2p_bdf){ UINT32_MAX, 255, 255 }, bdf),
			    "ffffffff:ff:1f.7");
	assert_string_equal(p2p_size_text(size, 0), "0 bytes");
	assert_string_equal(p2p_size_text(size, 1023), "1023 bytes");
	assert_string_equal(p2p_size_text(size, 1 << 20), "1 MiB");
	assert_string_equal(p2p_size_text(size, (1 << 20) + (1 << 19)), "1.5 MiB");
	assert_string_equal(p2p_size_text(size, (1 << 20) - 1), "1.0 MiB");
	assert_string_equal(p2p_size_text(size, UINT64_MAX), "16 EiB");
	assert_string_equal(cli_size(text, 0), "0 bytes");
	assert_string_equal(cli_size(text, 1), "1 byte");
	assert_string_equal(cli_size(text, 999), "999 bytes");
	assert_string_equal(cli_size(text, 1000), "1.0 kB");
	assert_string_equal(cli_size(text, 268435456), "268.4 MB");
	assert_string_equal(cli_size(text, 999999999), "1.0 GB");
	assert_string_equal(cli_size(text, UINT64_MAX), "18.4 EB");
	assert_string_equal(cli_rate(text, 2500000), "2.5 MB/s");
	assert_string_equal(cli_rate(text, 2500000000.0), "2.5 GB/s");
	assert_string_equal(cli_rate(text, 0), "0.0 kB/s");
	assert_string_equal(cli_rate(text, -1), "0.0 kB/s");
	assert_string_equal(cli_duration(text, 3723), "1:02:03 h");
	assert_string_equal(cli_duration(text, 61), "1:01 min");
	assert_string_equal(cli_duration(text, 59.97), "1:00 min");
	assert_string_equal(cli_duration(text, 12.34), "12.3 s");
	assert_string_equal(cli_duration(text, 0.25), "0.2 s");
	assert_string_equal(cli_duration(text, -1), "0.0 s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_type),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_misuse),
		cmocka_unit_test(test_numbers_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
