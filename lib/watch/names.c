// SPDX-License-Identifier: MIT
/*
 * Names by number.
 */
#include "names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

uint32_t p2p_watch_name(struct p2p_watch_names *names, const char *text)
{
	struct p2p_watch_name *name;

	for (uint32_t i = 0; i < names->count; i++)
		if (!strcmp(names->list[i].text, text))
			return i;
	if (!p2p_grow((void **)&names->list, names->count, &names->room, sizeof(*names->list)))
		return P2P_WATCH_NONE;
	name = &names->list[names->count];
	*name = (struct p2p_watch_name){ .text = "" };
	snprintf(name->text, sizeof(name->text), "%s", text);
	return names->count++;
}

void p2p_watch_name_label(struct p2p_watch_names *names, uint32_t number, const char *label)
{
	struct p2p_watch_name *name = &names->list[number];

	if (!name->label[0])
		snprintf(name->label, sizeof(name->label), "%s", label);
}

void p2p_watch_names_free(struct p2p_watch_names *names)
{
	free(names->list);
	*names = (struct p2p_watch_names){ .list = NULL };
}
