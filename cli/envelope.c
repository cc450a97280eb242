// SPDX-License-Identifier: MIT
/*
 * What all JSON of the command begins with, and strings in it.
 */
#include <stdlib.h>
#include <string.h>

#include "envelope.h"
#include "table.h"

json_t *cli_json_envelope(const struct cli_command *command, int format, json_t *fields)
{
	json_t *object = json_pack("{s:s, s:i, s:s}", "command", command->name, "format", format,
				   "version", P2P_VERSION);

	if (fields && object && !json_object_update(object, fields)) {
		json_decref(fields);
		return object;
	}
	json_decref(fields);
	json_decref(object);
	return NULL;
}

json_t *cli_json_text(const char *text)
{
	json_t *string;
	char *copy, *rest, *line;

	if (!text)
		return json_null();
	copy = strdup(text);
	if (!copy)
		return NULL;
	for (rest = copy; (line = strsep(&rest, "\n"));) {
		cli_make_printable(line, true);
		if (rest)
			rest[-1] = '\n';
	}
	string = json_string(copy);
	free(copy);
	return string;
}
