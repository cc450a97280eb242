// SPDX-License-Identifier: MIT
/*
 * Taking published memory back, and with a function's last range p2pmem from it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include <p2pmem/text.h>

#include "module/binding.h"
#include "module/memories.h"
#include "module/publish.h"
#include "module/refusal.h"
#include "sized.h"

static int take_back(const struct p2p_system *system, int control, uint32_t index, bool force,
		     struct p2p_error *error)
{
	struct p2pmem_unpublish request = {
		.index = index,
		.flags = force ? P2PMEM_UNPUBLISH_FORCE : 0,
	};
	int rc = system->control(system, control, P2PMEM_UNPUBLISH, &request);

	return rc ? p2p_unpublish_refused(index, rc, request.why, error) : 0;
}

int p2p_unpublish_on(const struct p2p_system *system, uint32_t index, bool force,
		     struct p2p_unpublication *done, struct p2p_error *error)
{
	int control = p2p_control_open(system, error), rc;
	struct p2p_module_memory memory;

	p2p_unpublication_init(done, sizeof(*done));
	if (control < 0)
		return control;
	/* Before it is gone: whose it was. */
	if (p2p_module_memory_read(system, index, &memory))
		rc = p2p_unpublish_refused(index, -ENOENT, P2PMEM_WHY_NONE, error);
	else if (!memory.on_pci)
		rc = p2p_error_set(
			error, -EOPNOTSUPP,
			"/dev/p2pmem%" PRIu32
			" is on no PCI bus, another driver provides it: unload that driver",
			index);
	else
		rc = take_back(system, control, index, force, error);
	close(control);
	if (rc)
		return rc;
	done->count = 1;
	return p2p_binding_end(system, memory.function, &done->unbound, error);
}

int p2p_unpublish_function_on(const struct p2p_system *system, struct p2p_bdf function, bool force,
			      struct p2p_unpublication *done, struct p2p_error *error)
{
	struct p2p_module_memory *memories = NULL;
	int control = p2p_control_open(system, error), rc;
	char bdf[P2P_BDF_TEXT];
	size_t count;

	p2p_unpublication_init(done, sizeof(*done));
	if (control < 0)
		return control;
	rc = p2p_module_memories_on(system, &memories, &count, error);
	for (size_t i = 0; !rc && i < count; i++) {
		if (!p2p_module_memory_is_of(&memories[i], function))
			continue;
		rc = take_back(system, control, memories[i].index, force, error);
		done->count += !rc;
	}
	free(memories);
	close(control);
	/* Also what an interrupted publish left: p2pmem bound, nothing published. */
	if (!rc)
		rc = p2p_binding_end(system, function, &done->unbound, error);
	if (rc || done->count || done->unbound)
		return rc;
	return p2p_error_set_hint(error, -ENOENT, P2P_HINT_PUBLISHED, "nothing of %s is published",
				  p2p_bdf_text(function, bdf));
}

void p2p_unpublication_init(struct p2p_unpublication *done, size_t size)
{
	static const struct p2p_unpublication nothing = { .count = 0 };

	p2p_sized_init(done, size, &nothing, sizeof(nothing));
}

static int say_not_initialized(struct p2p_error *error)
{
	return p2p_error_set(error, -EINVAL,
			     "this unpublication was not initialized: start from "
			     "p2p_unpublication_init()");
}

int p2p_unpublish(uint32_t index, bool force, struct p2p_unpublication *done,
		  struct p2p_error *error)
{
	struct p2p_unpublication known = { .size = sizeof(known) };
	int rc;

	if (!p2p_sized_copy(done, &known))
		return say_not_initialized(error);
	rc = p2p_unpublish_on(&p2p_this_system, index, force, &known, error);
	p2p_sized_copy(done, &known);
	return rc;
}

int p2p_unpublish_function(struct p2p_bdf function, bool force, struct p2p_unpublication *done,
			   struct p2p_error *error)
{
	struct p2p_unpublication known = { .size = sizeof(known) };
	int rc;

	if (!p2p_sized_copy(done, &known))
		return say_not_initialized(error);
	rc = p2p_unpublish_function_on(&p2p_this_system, function, force, &known, error);
	p2p_sized_copy(done, &known);
	return rc;
}
