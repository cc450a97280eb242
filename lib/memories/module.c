// SPDX-License-Identifier: MIT
/*
 * Memory that p2pmem.ko publishes: an allocation of /dev/p2pmemN. What is page-backed can be mapped
 * for O_DIRECT; the CPU reaches it through pread() and pwrite() on the node, which answer an error
 * and not a signal once the device is gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <p2pmem/uapi.h>

#include "memories/module.h"
#include "memories/full_io.h"
#include "module/no_pages.h"

struct module_memory {
	struct p2p_memory memory;
	const struct p2p_system *system;
	uint32_t index;
	int node;
	uint64_t start;   /* of the allocation, in the node's offsets */
	uint64_t bounced; /* bytes by then: all users' */
};

static struct module_memory *module_of(struct p2p_memory *memory)
{
	return (struct module_memory *)memory;
}

/* The one error that a memory has for a provider that is gone. */
static int gone(int rc)
{
	return rc == -ENODEV ? -EFAULT : rc;
}

static int module_load(struct p2p_memory *memory, size_t offset, void *to, size_t size)
{
	const struct module_memory *module = module_of(memory);

	return gone(p2p_read_full(module->node, to, size, (off_t)(module->start + offset)));
}

static int module_store(struct p2p_memory *memory, size_t offset, const void *from, size_t size)
{
	const struct module_memory *module = module_of(memory);

	return gone(p2p_write_full(module->node, from, size, (off_t)(module->start + offset)));
}

/* The allocation goes with the open file. */
static void module_close(struct p2p_memory *memory)
{
	if (memory->base)
		munmap(memory->base, memory->size);
	close(module_of(memory)->node);
	free(memory);
}

static int module_export(struct p2p_memory *memory, int *fd, struct p2p_error *error)
{
	const struct module_memory *module = module_of(memory);
	struct p2pmem_export request = { .offset = module->start, .flags = O_CLOEXEC | O_RDWR };
	int rc = module->system->control(module->system, module->node, P2PMEM_EXPORT, &request);

	if (!rc) {
		*fd = request.fd;
		return 0;
	}
	return p2p_error_set(error, rc, "/dev/p2pmem%" PRIu32 " makes no dma-buf of its memory: %s",
			     module->index, rc == -ENODEV ? "its device is gone" : strerror(-rc));
}

static int module_ask(const struct p2p_memory *memory, struct p2p_bdf client,
		      struct p2p_memory_verdict **verdict, struct p2p_error *error)
{
	const struct module_memory *module = (const struct module_memory *)memory;

	return p2p_module_verdict_on(module->system, module->node, module->index, client, verdict,
				     error);
}

/* All users' bytes are one number: somebody else's count as ours, which is at worst too careful. */
static bool module_bounces(const struct p2p_memory *memory)
{
	const struct module_memory *module = (const struct module_memory *)memory;
	struct p2pmem_info info = { .abi = 0 };

	return !module->system->control(module->system, module->node, P2PMEM_INFO, &info) &&
	       info.bounced != module->bounced;
}

static const struct p2p_memory_ops module_ops = {
	.load = module_load,
	.store = module_store,
	.export = module_export,
	.ask = module_ask,
	.bounces = module_bounces,
	.close = module_close,
};

static int open_node(const struct p2p_system *system, uint32_t index, struct p2p_error *error)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/dev/p2pmem%" PRIu32, system->root, index);
	fd = p2p_node_open(path);
	if (fd >= 0)
		return fd;
	switch (fd) {
	case -ENODEV:
		return p2p_error_set_hint(error, fd, P2P_HINT_PUBLISHED,
					  "there is no %s: no memory is published by that name",
					  path);
	case -EACCES:
		return p2p_error_set(error, fd,
				     "no permission to use %s: run as root, or have root give you "
				     "access to it",
				     path);
	default:
		return p2p_error_set(error, fd, "cannot open %s: %s", path, strerror(-fd));
	}
}

/* Without pages there is nothing that I/O could use. */
static int look_for_pages(struct module_memory *module, unsigned int flags, bool *has_pages,
			  struct p2p_error *error)
{
	struct p2pmem_info info = { .abi = 0 };
	int rc = module->system->control(module->system, module->node, P2PMEM_INFO, &info);

	if (rc)
		return p2p_error_set(error, rc, "/dev/p2pmem%" PRIu32 ": cannot ask what it is: %s",
				     module->index, strerror(-rc));
	*has_pages = info.flags & P2PMEM_INFO_PAGES;
	module->bounced = info.bounced;
	if (*has_pages || !(flags & P2P_MEMORY_FOR_IO))
		return 0;
	return p2p_error_set_hint(error, -EOPNOTSUPP, p2p_no_pages_hint(info.no_pages),
				  "/dev/p2pmem%" PRIu32
				  " has no struct pages, which O_DIRECT needs: %s; %s",
				  module->index, p2p_no_pages_text(info.no_pages),
				  p2p_no_pages_remedy(info.no_pages));
}

/* What is not there now is -ENOMEM: the caller may ask for less. */
static int say_no_room(uint32_t index, size_t size, int code, unsigned int why,
		       struct p2p_error *error)
{
	if (why == P2PMEM_WHY_LIMIT)
		return p2p_error_set_hint(error, -ENOMEM, P2P_HINT_IN_FLIGHT,
					  "%zu bytes of /dev/p2pmem%" PRIu32
					  " are more than one user may have: raise "
					  "/sys/class/p2pmem/p2pmem%" PRIu32
					  "/limit, or ask for less",
					  size, index, index);
	if (why == P2PMEM_WHY_FULL)
		return p2p_error_set_hint(
			error, -ENOMEM, P2P_HINT_IN_FLIGHT,
			"/dev/p2pmem%" PRIu32
			" has no range of %zu bytes free: end who holds it, or ask for less",
			index, size);
	return p2p_error_set(error, code, "cannot allocate %zu bytes of /dev/p2pmem%" PRIu32 ": %s",
			     size, index, strerror(-code));
}

static int map(struct module_memory *module, struct p2p_error *error)
{
	size_t size = module->memory.size;
	char *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, module->node,
			  (off_t)module->start);

	if (base == MAP_FAILED)
		return p2p_error_set(error, -errno,
				     "cannot map %zu bytes of /dev/p2pmem%" PRIu32 ": %s", size,
				     module->index, strerror(errno));
	module->memory.base = base;
	return 0;
}

static int allocate(struct module_memory *module, unsigned int flags, struct p2p_error *error)
{
	struct p2pmem_alloc request = { .size = module->memory.size };
	bool has_pages = false;
	int rc = look_for_pages(module, flags, &has_pages, error);

	if (rc)
		return rc;
	rc = module->system->control(module->system, module->node, P2PMEM_ALLOC, &request);
	if (rc)
		return say_no_room(module->index, module->memory.size, rc, request.why, error);
	module->start = request.offset;
	return has_pages ? map(module, error) : 0;
}

int p2p_module_memory_open_on(const struct p2p_system *system, uint32_t index, size_t size,
			      unsigned int flags, struct p2p_memory **memory,
			      struct p2p_error *error)
{
	struct module_memory *module = malloc(sizeof(*module));
	int rc;

	if (!module)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	*module = (struct module_memory){
		.memory = { .ops = &module_ops, .size = size },
		.system = system,
		.index = index,
		.node = open_node(system, index, error),
	};
	if (module->node < 0) {
		rc = module->node;
		free(module);
		return rc;
	}
	rc = allocate(module, flags, error);
	if (rc)
		module_close(&module->memory);
	else
		*memory = &module->memory;
	return rc;
}
