// SPDX-License-Identifier: MIT
/*
 * JSON out of texts that may be anything.
 */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "table.h"

json_t *cli_json_text(const char *text)
{
	json_t *string;
	char *copy;

	if (!text)
		return json_null();
	copy = strdup(text);
	if (!copy)
		return NULL;
	cli_make_printable(copy, true);
	string = json_string(copy);
	free(copy);
	return string;
}
