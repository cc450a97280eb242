// SPDX-License-Identifier: MIT
/*
 * What stands between a terminal and a reader, taken away.
 */
#include "sources_support.h"
#include "machine/sources/tidy.h"

static void expect_bytes(const char *data, size_t size, const char *wanted)
{
	/* In a block of its size, so that a byte too far is seen. */
	char *copy = malloc(size ? size : 1);
	struct p2p_input input = { .path = "text", .data = copy, .size = size };
	struct p2p_blob blob;

	memcpy(copy, data, size);
	assert_int_equal(p2p_tidy(&input, &blob), 0);
	if (!wanted) {
		assert_null(blob.data);
	} else {
		assert_non_null(blob.data);
		assert_string_equal(blob.data, wanted);
		assert_int_equal(blob.size, strlen(wanted));
	}
	free(blob.data);
	free(copy);
}

static void expect_tidy(const char *text, const char *wanted)
{
	expect_bytes(text, strlen(text), wanted);
}

static void nothing_to_do(void **state)
{
	(void)state;
	expect_tidy("", NULL);
	expect_tidy("00:01.0 PCI bridge: Intel <TAbort- [size=4K] & \\-1f.3\n", NULL);
}

static void terminals(void **state)
{
	(void)state;
	expect_tidy("\x1b[01;31m\x1b[KACSCtl\x1b[m\x1b[K:\tSrcValid+", "ACSCtl:\tSrcValid+");
	expect_tidy("\x1b]0;root@gpu7: ~\aroot# lspci\n", "root# lspci\n");
	expect_tidy("a\rb\r\nc", "a\nb\nc");
	expect_tidy("a\x1b", "a");
	expect_tidy("a\x1b[31", "a");
}

static void typesetting(void **state)
{
	(void)state;
	expect_tidy("\xc2\xa0\xc2\xa0"
		    "Bus:\xe2\x80\xafprimary",
		    "  Bus: primary");
	expect_tidy("\xef\xbb\xbf"
		    "00:01.0\xe2\x80\x8b",
		    "00:01.0");
	expect_tidy("SrcValid\xe2\x80\x93 TransBlk\xe2\x88\x92", "SrcValid- TransBlk-");
	/* Other characters stay. */
	expect_tidy("\xc3\xbc\xc2\xa0", "\xc3\xbc ");
	expect_tidy("\xc2", "\xc2");
}

static void markup(void **state)
{
	(void)state;
	expect_tidy("Host bridge \\[0600\\]: \\>TAbort- \\<MAbort-",
		    "Host bridge [0600]: >TAbort- <MAbort-");
	expect_tidy("&gt;TAbort- &lt;MAbort- &amp;amp; &#91;40&#x5d;&nbsp;x",
		    ">TAbort- <MAbort- &amp; [40] x");
	expect_tidy("<pre>00:01.0 a<br/>\tBus: <access denied> <4us</pre>",
		    "00:01.0 a\n\tBus: <access denied> <4us");
	/* The tree's own backslashes. */
	expect_tidy("\\[x\\]\n \\-01.0-[04]", "[x]\n \\-01.0-[04]");
}

static void mail_source(void **state)
{
	(void)state;
	expect_tidy("primary=3D00, secon=\ndary=3D01=20\n", "primary=00, secondary=01 \n");
	expect_tidy("primary=3D00 [size=4K]=", "primary=00 [size=4K]=");
}

static void wide(void **state)
{
	(void)state;
	expect_bytes("\xff\xfe"
		     "0\0:\0",
		     6, "0:");
	expect_bytes("\xfe\xff\0"
		     "0\0:",
		     6, "0:");
	expect_bytes("0\0"
		     "0\0:\0\n\0",
		     8, "00:\n");
	expect_bytes("\xff\xfe\xa0\0a\0\x01", 7, " a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_to_do), cmocka_unit_test(terminals),
		cmocka_unit_test(typesetting),   cmocka_unit_test(markup),
		cmocka_unit_test(mail_source),   cmocka_unit_test(wide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
