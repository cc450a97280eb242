// SPDX-License-Identifier: MIT
/*
 * A copy's progress on one line, and its command as text to paste.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "progress.h"
#include "resume.h"

static const struct p2p_copy_report half = {
	.length = 2000000000,
	.done = 1000000000,
	.path = P2P_COPY_PATH_PEER,
	.provider = "0000:03:00.0",
};

static void test_a_line_fits(void **state)
{
	struct cli_progress progress;
	char line[CLI_PROGRESS_LINE], longest[CLI_PROGRESS_LINE];
	size_t before = 0;

	(void)state;
	cli_progress_start(&progress, 10);
	cli_progress_note(&progress, 20, half.done);
	assert_string_equal(cli_progress_line(&progress, &half, 0, longest),
			    " 50 %  1.0 GB of 2.0 GB  100.0 MB/s  average 100.0 MB/s  10.0 s left  "
			    "peer memory of 0000:03:00.0");
	assert_string_equal(cli_progress_line(&progress, &half, 39, line),
			    " 50 %  1.0 GB of 2.0 GB  100.0 MB/s");
	for (unsigned int columns = 1; columns < 200; columns++) {
		size_t length = strlen(cli_progress_line(&progress, &half, columns, line));

		assert_true(length <= columns);
		assert_true(length >= before);
		before = length;
	}
	assert_string_equal(line, longest);
}

/* The worst of everything. */
static void test_the_largest_numbers_fit(void **state)
{
	const struct p2p_copy_report report = {
		.length = UINT64_MAX,
		.done = UINT64_MAX / 3,
		.path = P2P_COPY_PATH_PEER,
		.provider = "ffffffff:ff:1f.7",
	};
	struct cli_progress progress;
	char line[CLI_PROGRESS_LINE];

	(void)state;
	cli_progress_start(&progress, 0);
	cli_progress_note(&progress, 1e9, report.done);
	cli_progress_line(&progress, &report, 0, line);
	assert_non_null(strstr(line, "ffffffff:ff:1f.7"));
}

static void test_the_rate_is_the_latest(void **state)
{
	struct cli_progress progress;
	uint64_t done = 0;

	(void)state;
	cli_progress_start(&progress, 0);
	assert_int_equal((int)cli_progress_rate(&progress), 0);
	for (int tenth = 1; tenth < 1000; tenth++)
		cli_progress_note(&progress, tenth / 10.0, done += 100);
	for (int tenth = 1000; tenth < 1100; tenth++)
		cli_progress_note(&progress, tenth / 10.0, done += 10);
	assert_in_range((int)cli_progress_rate(&progress), 95, 105);
	assert_in_range((int)cli_progress_average(&progress), 900, 930);
	/* Work that goes again. */
	cli_progress_note(&progress, 110.5, 0);
	assert_int_equal((int)cli_progress_rate(&progress), 0);
	assert_int_equal((int)cli_progress_average(&progress), 0);
}

struct target {
	bool flag;
	const char *text;
	uint64_t size;
	unsigned int count;
	int word;
};

static const char *const words[] = { "red", "green", NULL };

static const struct cli_option options[] = {
	{ "flag", 'f', CLI_FLAG, offsetof(struct target, flag), NULL, "", NULL },
	{ "text", 't', CLI_TEXT, offsetof(struct target, text), "TEXT", "", NULL },
	{ "size", 's', CLI_SIZE, offsetof(struct target, size), "BYTES", "", NULL },
	{ "count", 0, CLI_COUNT, offsetof(struct target, count), "N", "", NULL },
	{ "word", 'w', CLI_WORD, offsetof(struct target, word), "WORD", "", words },
	{ .name = NULL },
};

static void test_every_option_comes_along(void **state)
{
	static const struct cli_command command = { .name = "test", .options = options };
	static const char *const none[] = { NULL }, *const size[] = { "size", NULL };
	const struct target defaults = { .size = 7 }, given = { true, "a b", 8, 3, 1 };
	char *text;
	size_t length;
	FILE *file = open_memstream(&text, &length);

	(void)state;
	cli_print_options(file, &command, &defaults, &defaults, none);
	fputc(';', file);
	cli_print_options(file, &command, &given, &defaults, none);
	fputc(';', file);
	cli_print_options(file, &command, &given, &defaults, size);
	fclose(file);
	assert_string_equal(text, "; --flag --text 'a b' --size 8 --count 3 --word green;"
				  " --flag --text 'a b' --count 3 --word green");
	free(text);
}

static void test_words_for_a_shell(void **state)
{
	static const char *const pairs[][2] = {
		{ "/dev/nvme0n1", " /dev/nvme0n1" },
		{ "", " ''" },
		{ "a b", " 'a b'" },
		{ "it's", " 'it'\\''s'" },
		{ "$HOME", " '$HOME'" },
		{ "\303\244", " '\303\244'" },
		{ "a\nb", " $'a\\012b'" },
		{ "\xff'\\", " $'\\377\\'\\\\'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		char *text;
		size_t length;
		FILE *file = open_memstream(&text, &length);

		cli_print_word(file, pairs[i][0]);
		fclose(file);
		assert_string_equal(text, pairs[i][1]);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_fits),
		cmocka_unit_test(test_the_largest_numbers_fit),
		cmocka_unit_test(test_the_rate_is_the_latest),
		cmocka_unit_test(test_every_option_comes_along),
		cmocka_unit_test(test_words_for_a_shell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
