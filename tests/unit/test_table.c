// SPDX-License-Identifier: MIT
/*
 * Text in columns: layout, cuts, and texts that somebody sent.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "format.h"
#include "harness.h"
#include "table.h"

static const char *const titles[] = { "A", "LONGER", "EMPTY", "LAST" };

static char *printed(struct cli_table *table, struct cli_terminal terminal)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(cli_table_print(table, &terminal, out), 0);
	fclose(out);
	cli_table_free(table);
	return text;
}

static struct cli_table *two_rows(const char *last)
{
	struct cli_table *table = cli_table_new(titles, 4);

	cli_table_row(table);
	cli_table_cell(table, 0, CLI_PLAIN, "%s", "first");
	cli_table_cell(table, 1, CLI_WARN, "%d", 7);
	cli_table_cell(table, 3, CLI_PLAIN, "%s", last);
	cli_table_row(table);
	cli_table_cell(table, 0, CLI_PLAIN, "\u251c\u2500 x");
	return table;
}

static void expect(struct cli_terminal terminal, const char *last, const char *text)
{
	char *got = printed(two_rows(last), terminal);

	assert_string_equal(got, text);
	free(got);
}

/* A character counts one column whatever its bytes; a column without cells is left out. */
static void layout(void **state)
{
	(void)state;
	expect((struct cli_terminal){ .utf8 = true }, "words",
	       "A      LONGER  LAST\nfirst  7       words\n\u251c\u2500 x\n");
	expect((struct cli_terminal){ .utf8 = false }, "words",
	       "A      LONGER  LAST\nfirst  7       words\n?? x\n");
}

/* 15 columns stand before the last; on a terminal of 30 it has 15. Below 27 rows are cut. */
static void cuts(void **state)
{
	const char *last = "0123456789abcdefghij";

	(void)state;
	expect((struct cli_terminal){ .utf8 = true, .width = 35 }, last,
	       "A      LONGER  LAST\nfirst  7       0123456789abcdefghij\n\u251c\u2500 x\n");
	expect((struct cli_terminal){ .utf8 = true, .width = 30 }, last,
	       "A      LONGER  LAST\nfirst  7       0123456789abcd\u2026\n\u251c\u2500 x\n");
	expect((struct cli_terminal){ .utf8 = false, .width = 20 }, last,
	       "A      LONGER  LAST\nfirst  7       0123>\n?? x\n");
	expect((struct cli_terminal){ .utf8 = true, .width = 0 }, last,
	       "A      LONGER  LAST\nfirst  7       0123456789abcdefghij\n\u251c\u2500 x\n");
}

static const char *const shaped_titles[] = { "DEVICE", "NUMA", "GROUP", "MODEL" };

static void expect_shaped(unsigned int width, const char *text)
{
	struct cli_terminal terminal = { .width = width };
	struct cli_table *table = cli_table_new(shaped_titles, 4);
	char *got;

	cli_table_shape(table, 1, 1, 0);
	cli_table_shape(table, 2, 2, 0);
	cli_table_shape(table, 3, 0, 4);
	cli_table_row(table);
	cli_table_cell(table, 0, CLI_PLAIN, "03:00.0");
	cli_table_cell(table, 1, CLI_PLAIN, "0");
	cli_table_cell(table, 2, CLI_PLAIN, "17");
	cli_table_cell(table, 3, CLI_PLAIN, "Maker Model [Name]");
	cli_table_brief(table, 3, "Name 80GB");
	got = printed(table, terminal);
	assert_string_equal(got, text);
	free(got);
}

/* Full: 7 + 2 + 4 + 2 + 5 + 2 + 18 = 40. Brief: 9 less. Then MODEL is cut, then NUMA goes, GROUP.
 */
static void narrower_and_narrower(void **state)
{
	(void)state;
	expect_shaped(0, "DEVICE   NUMA  GROUP  MODEL\n03:00.0  0     17     Maker Model [Name]\n");
	expect_shaped(40,
		      "DEVICE   NUMA  GROUP  MODEL\n03:00.0  0     17     Maker Model [Name]\n");
	expect_shaped(39, "DEVICE   NUMA  GROUP  MODEL\n03:00.0  0     17     Name 80GB\n");
	expect_shaped(28, "DEVICE   NUMA  GROUP  MODEL\n03:00.0  0     17     Name >\n");
	expect_shaped(24, "DEVICE   GROUP  MODEL\n03:00.0  17     Name 80>\nNo room for: NUMA\n");
	expect_shaped(18, "DEVICE   MODEL\n03:00.0  Name 80GB\nNo room for: NUMA,\n  GROUP\n");
	expect_shaped(10, "DEVICE   >\n03:00.0  >\nNo room for: NUMA,\n  GROUP\n");
}

/* What cli_wrap() prints on stdout; the text is the caller's to free. */
static char *wrapped(unsigned int width, int indent, const char *head, const char *text)
{
	struct cli_terminal terminal = { .width = width };
	int saved = dup(STDOUT_FILENO);
	FILE *file = tmpfile();
	char *got = calloc(1, 4096);

	assert_non_null(file);
	assert_non_null(got);
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	cli_wrap(&terminal, indent, head, text);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	rewind(file);
	assert_true(fread(got, 1, 4095, file) > 0);
	fclose(file);
	return got;
}

static void expect_wrapped(unsigned int width, int indent, const char *head, const char *text,
			   const char *lines)
{
	char *got = wrapped(width, indent, head, text);

	assert_string_equal(got, lines);
	free(got);
}

static void wrapping(void **state)
{
	(void)state;
	expect_wrapped(30, 2, "- ", "one two three four five six seven",
		       "- one two three four five six\n  seven\n");
	expect_wrapped(30, 0, "", "its own\nlines stay", "its own\nlines stay\n");
	/* A word as long as two lines is broken, and no line is longer than the terminal. */
	expect_wrapped(24, 4, "", "a 0123456789012345678901234 b",
		       "    a\n    01234567890123456789\n    01234 b\n");
	/* Characters count, not bytes. */
	expect_wrapped(24, 0, "",
		       "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9 "
		       "0123456789012 x",
		       "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9 "
		       "0123456789012\nx\n");
	/* Where the column of text would be too narrow it stands under its head. */
	expect_wrapped(40, 28, "  --option VALUE            ", "what it is for",
		       "  --option VALUE what it is for\n");
	expect_wrapped(20, 28, "  --option VALUE            ", "what it is for",
		       "  --option VALUE\n    what it is for\n");
}

static void colors(void **state)
{
	(void)state;
	assert_int_equal(setenv("NO_COLOR", "1", 1), 0);
	cli_color_choose(CLI_COLOR_ALWAYS);
	assert_true(cli_terminal_look(stdout).colour);
	cli_color_choose(CLI_COLOR_NEVER);
	assert_false(cli_terminal_look(stdout).colour);
	cli_color_choose(CLI_COLOR_AUTO);
	assert_false(cli_terminal_look(stdout).colour);
	assert_int_equal(unsetenv("NO_COLOR"), 0);
}

/* Of what is not a terminal the width is COLUMNS, when that is a number. */
static void columns(void **state)
{
	static const struct {
		const char *text;
		unsigned int width;
	} cases[] = { { "40", 40 },  { "200", 200 }, { "3", 20 }, { "", 0 },     { "0", 0 },
		      { "wide", 0 }, { "80x", 0 },   { "-1", 0 }, { "99999", 0 } };
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	assert_int_equal(unsetenv("COLUMNS"), 0);
	assert_int_equal(cli_terminal_look(file).width, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(setenv("COLUMNS", cases[i].text, 1), 0);
		assert_int_equal(cli_terminal_look(file).width, cases[i].width);
	}
	assert_int_equal(unsetenv("COLUMNS"), 0);
	fclose(file);
}

/* A terminal's own width wins; one that does not tell has COLUMNS. */
static void terminals(void **state)
{
	struct winsize size = { .ws_col = 63 };
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
	FILE *file;

	(void)state;
	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	/* Nobody's controlling terminal: closing that is a signal. */
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(slave >= 0);
	file = fdopen(slave, "r+");
	assert_non_null(file);
	assert_int_equal(setenv("COLUMNS", "50", 1), 0);
	assert_int_equal(cli_terminal_look(file).width, 50);
	assert_int_equal(ioctl(master, TIOCSWINSZ, &size), 0);
	assert_int_equal(cli_terminal_look(file).width, 63);
	assert_int_equal(unsetenv("COLUMNS"), 0);
	size.ws_col = 0;
	assert_int_equal(ioctl(master, TIOCSWINSZ, &size), 0);
	assert_int_equal(cli_terminal_look(file).width, 80);
	fclose(file);
	close(master);
}

static void colour(void **state)
{
	(void)state;
	expect((struct cli_terminal){ .utf8 = true, .colour = true }, "w",
	       "\033[2mA\033[0m      \033[2mLONGER\033[0m  \033[2mLAST\033[0m\n"
	       "first  \033[33m7\033[0m       w\n\u251c\u2500 x\n");
}

/* Controls of one byte and of two, cut, overlong and surrogate characters, past the last one. */
static void hostile(void **state)
{
	static const struct {
		const char *text, *utf8, *ascii;
	} cases[] = {
		{ "plain", "plain", "plain" },
		{ "\033[2Jx\r\n\x7f", "?[2Jx???", "?[2Jx???" },
		{ "\xc2\x9b"
		  "1m",
		  "??1m", "??1m" },
		{ "\x9b", "?", "?" },
		{ "\xc3\xa9", "\xc3\xa9", "??" },
		{ "\xc3", "?", "?" },
		{ "\xe2\x82", "??", "??" },
		{ "\xc0\xaf", "??", "??" },
		{ "\xed\xa0\x80", "???", "???" },
		{ "\xf4\x90\x80\x80", "????", "????" },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "????" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = strdup(cases[i].text);

		cli_make_printable(text, true);
		assert_string_equal(text, cases[i].utf8);
		free(text);
		text = strdup(cases[i].text);
		cli_make_printable(text, false);
		assert_string_equal(text, cases[i].ascii);
		free(text);
	}
}

static void links(void **state)
{
	static const struct {
		struct p2p_link link, port;
		const char *text;
		bool downgraded;
	} cases[] = {
		{ { 16000, 16000, 16, 16 }, { 0, 0, 0, 0 }, "16 GT/s x16", false },
		{ { 16000, 16000, 8, 16 }, { 0, 0, 0, 0 }, "16 GT/s x8 of x16", true },
		{ { 2500, 16000, 16, 16 }, { 0, 0, 0, 0 }, "2.5 of 16 GT/s x16", true },
		/* A slot of eight lanes holds nobody back who never could have more. */
		{ { 16000, 16000, 8, 16 }, { 16000, 16000, 8, 8 }, "16 GT/s x8", false },
		{ { 16000, 32000, 8, 16 }, { 16000, 16000, 8, 16 }, "16 GT/s x8 of x16", true },
		{ { 0, 32000, 0, 16 }, { 0, 0, 0, 0 }, "up to 32 GT/s x16", false },
		{ { 8000, 0, 4, 0 }, { 0, 0, 0, 0 }, "8 GT/s x4", false },
		{ { 0, 0, 0, 0 }, { 0, 32000, 0, 16 }, "", false },
		{ { UINT32_MAX, UINT32_MAX, 255, 255 },
		  { 0, 0, 0, 0 },
		  "4294967.2 GT/s x255",
		  false },
	};
	char text[CLI_LINK];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_string_equal(cli_link(text, &cases[i].link, &cases[i].port), cases[i].text);
		assert_int_equal(cli_link_downgraded(&cases[i].link, &cases[i].port),
				 cases[i].downgraded);
	}
	assert_string_equal(cli_link(text, &cases[1].link, NULL), "16 GT/s x8 of x16");
}

static void acs_bits(void **state)
{
	char text[CLI_LINK];

	(void)state;
	/* PCIe 7.7.11.3: bit 2 is request redirect, bit 3 completion redirect. */
	assert_string_equal(cli_acs_bits(text, 0x0c), "RR CR");
	assert_string_equal(cli_acs_bits(text, 0x7f), "SV TB RR CR UF EC DT");
	assert_string_equal(cli_acs_bits(text, 0xff80), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout),
		cmocka_unit_test(cuts),
		cmocka_unit_test(colour),
		cmocka_unit_test(hostile),
		cmocka_unit_test(links),
		cmocka_unit_test(acs_bits),
		cmocka_unit_test(narrower_and_narrower),
		cmocka_unit_test(wrapping),
		cmocka_unit_test(colors),
		cmocka_unit_test(columns),
		cmocka_unit_test(terminals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
