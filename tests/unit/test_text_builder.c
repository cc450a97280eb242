// SPDX-License-Identifier: MIT
/*
 * A text that is put together piece by piece.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "text_builder.h"

static void is_empty_at_first(void **state)
{
	struct p2p_text_builder builder = { .length = 0 };
	char *text = p2p_text_take(&builder);

	(void)state;
	assert_string_equal(text, "");
	free(text);
}

static void grows(void **state)
{
	struct p2p_text_builder builder = { .length = 0 };
	char *text;

	(void)state;
	for (int i = 0; i < 1000; i++)
		p2p_text_add(&builder, "%s%04d", i ? ", " : "", i);
	p2p_text_add(&builder, "%s", "");
	text = p2p_text_take(&builder);
	assert_int_equal(strlen(text), 1000 * 4 + 999 * 2);
	assert_string_equal(text + strlen(text) - 4, "0999");
	free(text);
	/* And starts again. */
	p2p_text_add(&builder, "again");
	text = p2p_text_take(&builder);
	assert_string_equal(text, "again");
	free(text);
}

static void remembers_a_failure(void **state)
{
	struct p2p_text_builder builder = { .length = 0 };
	const wchar_t no_text[] = { 0x110000, 0 };

	(void)state;
	p2p_text_add(&builder, "a");
	/* No character that printf() can write: it refuses, as realloc() would. */
	p2p_text_add(&builder, "%ls", no_text);
	p2p_text_add(&builder, "b");
	assert_null(p2p_text_take(&builder));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_empty_at_first),
		cmocka_unit_test(grows),
		cmocka_unit_test(remembers_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
