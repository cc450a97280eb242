// SPDX-License-Identifier: MIT
/*
 * What is said in JSON by several commands.
 */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "reports/title.h"
#include "table.h"

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

json_t *cli_json_known(enum p2p_known known)
{
	return known == P2P_UNKNOWN ? json_null() : json_boolean(known == P2P_PRESENT);
}

json_t *cli_json_natural(int64_t number)
{
	return number >= 0 ? json_integer(number) : json_null();
}

json_t *cli_json_address(const struct p2p_fabric *fabric, p2p_node node)
{
	char text[P2P_ADDRESS];

	return node == P2P_NO_NODE ? json_null() : json_string(p2p_address(fabric, node, text));
}

json_t *cli_json_names(const struct p2p_machine *machine, p2p_node node)
{
	uint32_t count;
	const struct p2p_name *names = p2p_machine_names(machine, node, &count);
	json_t *array = json_array();

	for (uint32_t i = 0; i < count; i++) {
		if (!json_array_append_new(array, cli_json_text(names[i].text)))
			continue;
		json_decref(array);
		return NULL;
	}
	return array;
}
