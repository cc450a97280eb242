// SPDX-License-Identifier: MIT
/* Goes through what QEMU's query-pci answers. */
#include "pci.h"

#include <stdio.h>
#include <string.h>

/* A bridge holds its bus's devices; jansson has limited how deep a text may nest. */
static int each_on_bus(const json_t *bus, lab_pci_fn call, void *context)
{
	json_t *device;
	size_t index;

	json_array_foreach(json_object_get(bus, "devices"), index, device)
	{
		const json_t *bridge = json_object_get(device, "pci_bridge");
		int rc = call(context, device);

		if (rc == 0 && bridge)
			rc = each_on_bus(bridge, call, context); /* NOLINT(misc-no-recursion) */
		if (rc != 0)
			return rc;
	}
	return 0;
}

int lab_pci_each(const json_t *buses, lab_pci_fn call, void *context)
{
	json_t *bus;
	size_t index;

	json_array_foreach(buses, index, bus)
	{
		int rc = each_on_bus(bus, call, context);

		if (rc != 0)
			return rc;
	}
	return 0;
}

struct search {
	const char *id;
	json_t *found;
};

static int compare(void *context, json_t *device)
{
	struct search *search = context;
	const char *id = json_string_value(json_object_get(device, "qdev_id"));

	if (!id || strcmp(id, search->id) != 0)
		return 0;
	search->found = device;
	return 1;
}

const json_t *lab_pci_find(const json_t *buses, const char *id)
{
	struct search search = { .id = id };

	lab_pci_each(buses, compare, &search);
	return search.found;
}

void lab_pci_set_domain(json_t *buses, const char *id, unsigned int domain)
{
	struct search search = { .id = id };

	lab_pci_each(buses, compare, &search);
	if (search.found)
		json_object_set_new(search.found, "domain", json_integer((json_int_t)domain));
}

static unsigned int number_of(const json_t *device, const char *key)
{
	return (unsigned int)json_integer_value(json_object_get(device, key));
}

void lab_pci_address(const json_t *device, char *address, size_t size)
{
	snprintf(address, size, "%04x:%02x:%02x.%x", number_of(device, "domain") & 0xffff,
		 number_of(device, "bus") & 0xff, number_of(device, "slot") & 0x1f,
		 number_of(device, "function") & 7);
}
