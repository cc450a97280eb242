// SPDX-License-Identifier: MIT
/*
 * Addresses as text and back, and what somebody may have meant.
 */
#include <errno.h>

#include <p2pmem/text.h>

#include "harness.h"

static void addresses_there_and_back(void **state)
{
	static const char *const texts[] = { "0000:03:00.0", "ffff:ff:1f.7", "10000:e1:00.0",
					     "ffffffff:00:02.3" };
	char text[P2P_BDF_TEXT];
	struct p2p_bdf bdf;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(p2p_bdf_parse(texts[i], &bdf), 0);
		assert_string_equal(p2p_bdf_text(bdf, text), texts[i]);
	}
	assert_int_equal(p2p_bdf_parse("03:1f.7", &bdf), 0);
	assert_string_equal(p2p_bdf_text(bdf, text), "0000:03:1f.7");
}

static void what_is_not_an_address(void **state)
{
	static const char *const texts[] = {
		"",           "3:0",          "03:00",         "03:00.",        "03:00.8",
		"03:20.0",    "3:00.0",       "03:0.0",        "000:03:00.0",   "0000:3:00.0",
		"03:00.0 ",   " 03:00.0",     "03:00.00",      "0000:03:00.0x", "000000000:03:00.0",
		"0000:03:00", "0000-03-00.0", "0000:03:00.-1", "0x00:03:00.0",  "0000::00.0",
	};
	struct p2p_bdf bdf = { 1, 2, 3 };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (p2p_bdf_parse(texts[i], &bdf) != -EINVAL)
			fail_msg("\"%s\" is taken for an address", texts[i]);
	assert_int_equal(bdf.domain, 1);
	assert_int_equal(bdf.bus, 2);
	assert_int_equal(bdf.devfn, 3);
}

static void near_words(void **state)
{
	(void)state;
	assert_true(p2p_near("acs-redirec", "acs-redirect"));
	assert_true(p2p_near("acs-redirekt", "acs-redirect"));
	assert_true(p2p_near("acs--redirect", "acs-redirect"));
	assert_true(p2p_near("ACS", "acs-redirect"));
	assert_false(p2p_near("", "acs-redirect"));
	assert_false(p2p_near("acs-rdeirect", "acs-redirect"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_there_and_back),
		cmocka_unit_test(what_is_not_an_address),
		cmocka_unit_test(near_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
