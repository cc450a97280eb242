// SPDX-License-Identifier: MIT
/*
 * Who provides memory, and what people call them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <p2pmem/text.h>

#include "span.h"
#include "memories/provider.h"

static struct p2p_memory_provider by_driver(const struct p2p_driver_pool *pool)
{
	return (struct p2p_memory_provider){
		.kind = P2P_MEMORY_DRIVER,
		.function = pool->function,
		.on_pci = true,
		.page_backed = true,
		.available = pool->available,
	};
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static struct p2p_memory_provider by_module(const struct p2p_module_memory *memory)
{
	return (struct p2p_memory_provider){
		.kind = P2P_MEMORY_MODULE,
		.index = memory->index,
		.function = memory->function,
		.on_pci = memory->on_pci,
		.page_backed = memory->page_backed,
		/* P2P_UNCOUNTED is the greatest number. */
		.available = lesser(memory->size, lesser(memory->available, memory->limit)),
	};
}

static bool is_of(const struct p2p_memory_provider *provider, struct p2p_bdf function)
{
	return provider->on_pci && !p2p_bdf_compare(provider->function, function);
}

/* The driver's way is preferred, unless the module has taken all: then nothing is free there. */
static void choose_way(struct p2p_memory_provider *pools, size_t pool_count,
		       struct p2p_memory_provider *module)
{
	for (size_t i = 0; module->page_backed && i < pool_count; i++) {
		if (!is_of(module, pools[i].function))
			continue;
		if (pools[i].available)
			module->second = true;
		else
			pools[i].second = true;
	}
}

int p2p_providers_merge(const struct p2p_driver_pool *pools, size_t pool_count,
			const struct p2p_module_memory *memories, size_t memory_count,
			struct p2p_memory_provider **providers, size_t *count)
{
	*count = 0;
	*providers = calloc(pool_count + memory_count + 1, sizeof(**providers));
	if (!*providers)
		return -ENOMEM;
	for (size_t i = 0; i < pool_count; i++)
		(*providers)[(*count)++] = by_driver(&pools[i]);
	for (size_t i = 0; i < memory_count; i++) {
		struct p2p_memory_provider *module = &(*providers)[(*count)++];

		*module = by_module(&memories[i]);
		choose_way(*providers, pool_count, module);
	}
	return 0;
}

int p2p_memory_providers(struct p2p_memory_provider **providers, size_t *count,
			 struct p2p_error *error)
{
	struct p2p_module_memory *memories = NULL;
	struct p2p_driver_pool *pools;
	size_t pool_count, memory_count;
	int rc = p2p_driver_pools(&pools, &pool_count);

	*providers = NULL;
	*count = 0;
	if (rc)
		return p2p_error_set(error, rc, "out of memory");
	/* That there is no module is not an error: it provides nothing. */
	rc = p2p_module_memories(&memories, &memory_count, NULL);
	if (rc != -ENOMEM)
		rc = p2p_providers_merge(pools, pool_count, memories, memory_count, providers,
					 count);
	free(memories);
	free(pools);
	return rc ? p2p_error_set(error, rc, "out of memory") : 0;
}

/* Names. */

static int read_address(struct p2p_bdf *function, const char *text, struct p2p_error *error)
{
	if (!p2p_bdf_parse(text, function))
		return 0;
	return p2p_error_set(error, -ENOENT,
			     "%.80s: the running machine cannot be read: name a PCI address, as in "
			     "0000:03:00.0",
			     text);
}

int p2p_provider_name_read(struct p2p_provider_name *name, const char *text,
			   const struct p2p_machine *machine, struct p2p_error *error)
{
	p2p_node node;
	int rc;

	*name = (struct p2p_provider_name){ .index = 0 };
	name->is_module = !p2p_module_index(text, &name->index);
	if (name->is_module)
		return 0;
	if (!machine)
		return read_address(&name->function, text, error);
	rc = p2p_machine_find(machine, text, &node, error);
	if (!rc)
		name->function = p2p_fabric_info(p2p_machine_fabric(machine), node)->bdf;
	return rc;
}

bool p2p_provider_is(const struct p2p_memory_provider *provider,
		     const struct p2p_provider_name *name)
{
	if (name->is_module)
		return provider->kind == P2P_MEMORY_MODULE && provider->index == name->index;
	return !provider->second && is_of(provider, name->function);
}

int p2p_provider_missing(const char *name, struct p2p_error *error)
{
	return p2p_error_set_hint(error, -ENODEV, P2P_HINT_PROVIDERS,
				  "%.80s publishes no peer memory: choose one that does", name);
}

static int find(const struct p2p_provider_name *name, const char *text,
		struct p2p_memory_provider *found, struct p2p_error *error)
{
	struct p2p_memory_provider *providers;
	size_t count, i = 0;
	int rc = p2p_memory_providers(&providers, &count, error);

	if (rc)
		return rc;
	while (i < count && !p2p_provider_is(&providers[i], name))
		i++;
	if (i < count)
		*found = providers[i];
	else
		rc = p2p_provider_missing(text, error);
	free(providers);
	return rc;
}

int p2p_memory_provider_find(const char *name, struct p2p_memory_provider *provider,
			     struct p2p_error *error)
{
	struct p2p_machine *machine = NULL;
	struct p2p_provider_name wanted;
	uint32_t index;
	int rc;

	*provider = (struct p2p_memory_provider){
		.kind = P2P_MEMORY_HOST,
		.page_backed = true,
		.available = UINT64_MAX,
	};
	if (!strcmp(name, "host"))
		return 0;
	if (p2p_module_index(name, &index))
		p2p_machine_open(NULL, &machine, NULL);
	rc = p2p_provider_name_read(&wanted, name, machine, error);
	p2p_machine_free(machine);
	return rc ? rc : find(&wanted, name, provider, error);
}

const char *p2p_memory_provider_name(const struct p2p_memory_provider *provider,
				     char text[P2P_PROVIDER_NAME])
{
	if (provider->on_pci)
		return p2p_bdf_text(provider->function, text);
	if (provider->kind == P2P_MEMORY_HOST)
		snprintf(text, P2P_PROVIDER_NAME, "host");
	else
		snprintf(text, P2P_PROVIDER_NAME, "p2pmem%" PRIu32, provider->index);
	return text;
}

const char *p2p_memory_provider_node(const struct p2p_memory_provider *provider,
				     char text[P2P_PROVIDER_NODE])
{
	char bdf[P2P_BDF_TEXT];

	switch (provider->kind) {
	case P2P_MEMORY_DRIVER:
		snprintf(text, P2P_PROVIDER_NODE, P2P_DRIVER_NODE,
			 p2p_bdf_text(provider->function, bdf));
		return text;
	case P2P_MEMORY_MODULE:
		snprintf(text, P2P_PROVIDER_NODE, "/dev/p2pmem%" PRIu32, provider->index);
		return text;
	case P2P_MEMORY_HOST:
		break;
	}
	text[0] = '\0';
	return text;
}
