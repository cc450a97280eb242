// SPDX-License-Identifier: MIT
/*
 * The clients that a machine has, of all kinds.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "prove/clients.h"
#include "span.h"

static const struct p2p_prove_kind *const kinds[] = {
	&p2p_prove_drives,
	&p2p_prove_engines,
};

int p2p_prove_list_add(struct p2p_prove_list *list, const struct p2p_prove_found *found)
{
	void *all = list->all;
	bool fits = p2p_grow(&all, list->count, &list->room, sizeof(*found));

	list->all = all;
	if (!fits)
		return -ENOMEM;
	list->all[list->count++] = *found;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct p2p_prove_found *x = a, *y = b;
	int difference = p2p_bdf_compare(x->function, y->function);

	return difference ? difference : strcmp(x->name, y->name);
}

/* Leaves only `found`. */
static void keep_one(struct p2p_prove_list *list, uint32_t found)
{
	list->all[0] = list->all[found];
	list->count = 1;
}

/* One way leads from a function to a provider, whichever of its drives goes it. */
static void keep_first_of_each(struct p2p_prove_list *list)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < list->count; i++)
		if (!kept || p2p_bdf_compare(list->all[kept - 1].function, list->all[i].function))
			list->all[kept++] = list->all[i];
	list->count = kept;
}

static int choose(struct p2p_prove_list *list, const char *name, const struct p2p_machine *machine,
		  struct p2p_error *error)
{
	const char *base = strncmp(name, "/dev/", 5) ? name : name + 5;
	p2p_node node;
	int rc;

	for (uint32_t i = 0; i < list->count; i++)
		if (!strcmp(list->all[i].name, base)) {
			keep_one(list, i);
			return 0;
		}
	rc = p2p_machine_find(machine, name, &node, error);
	if (rc)
		return rc;
	for (uint32_t i = 0; i < list->count; i++)
		if (p2p_fabric_find(p2p_machine_fabric(machine), list->all[i].function) == node) {
			keep_one(list, i);
			return 0;
		}
	return p2p_error_set(error, -ENODEV,
			     "%.80s moves no drive's bytes, so nothing can be moved by it: name a "
			     "drive, or the function that moves its bytes alone",
			     name);
}

int p2p_prove_clients(const char *name, const struct p2p_machine *machine,
		      struct p2p_prove_list *list, struct p2p_error *error)
{
	int rc = 0;

	*list = (struct p2p_prove_list){ .count = 0 };
	for (size_t i = 0; !rc && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		rc = kinds[i]->list(list);
	if (rc)
		return p2p_error_set(error, rc, "out of memory");
	if (!list->count)
		return p2p_error_set(
			error, -ENODEV,
			"no PCI device of this machine moves a drive's bytes, so there "
			"is nothing to prove with");
	qsort(list->all, list->count, sizeof(*list->all), compare);
	if (name)
		return choose(list, name, machine, error);
	keep_first_of_each(list);
	return 0;
}
