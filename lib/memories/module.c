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
#include "memories/whole.h"
#include "module/why.h"

struct module_memory {
	struct p2p_memory memory;
	int node;
	uint64_t start; /* of the allocation, in the node's offsets */
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

	return gone(p2p_read_whole(module->node, to, size, (off_t)(module->start + offset)));
}

static int module_store(struct p2p_memory *memory, size_t offset, const void *from, size_t size)
{
	const struct module_memory *module = module_of(memory);

	return gone(p2p_write_whole(module->node, from, size, (off_t)(module->start + offset)));
}

/* The allocation goes with the open file. */
static void module_close(struct p2p_memory *memory)
{
	munmap(memory->base, memory->size);
	close(module_of(memory)->node);
	free(memory);
}

static const struct p2p_memory_ops module_ops = {
	.load = module_load,
	.store = module_store,
	.close = module_close,
};

static int open_node(const struct p2p_system *system, uint32_t index, struct p2p_error *error)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/dev/p2pmem%" PRIu32, system->root, index);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	switch (errno) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return p2p_error_set(error, -ENODEV,
				     "there is no %s: p2pmem stat lists what is published", path);
	case EACCES:
	case EPERM:
		return p2p_error_set(error, -EACCES,
				     "no permission to use %s: run as root, or have root give you "
				     "access to it",
				     path);
	default:
		return p2p_error_set(error, -errno, "cannot open %s: %s", path, strerror(errno));
	}
}

static int check_pages(const struct p2p_system *system, int node, uint32_t index,
		       struct p2p_error *error)
{
	struct p2pmem_info info = { .abi = 0 };
	int rc = system->control(system, node, P2PMEM_INFO, &info);

	if (rc)
		return p2p_error_set(error, rc, "/dev/p2pmem%" PRIu32 ": cannot ask what it is: %s",
				     index, strerror(-rc));
	if (info.flags & P2PMEM_INFO_PAGES)
		return 0;
	return p2p_error_set(
		error, -EOPNOTSUPP,
		"/dev/p2pmem%" PRIu32 " has no struct pages, which O_DIRECT needs: %s; %s", index,
		p2p_why_no_pages(info.no_pages), p2p_why_pages_remedy(info.no_pages));
}

/* What is not there now is -ENOMEM: the caller may ask for less. */
static int say_no_room(uint32_t index, size_t size, int code, unsigned int why,
		       struct p2p_error *error)
{
	if (why == P2PMEM_WHY_LIMIT)
		return p2p_error_set(error, -ENOMEM,
				     "%zu bytes of /dev/p2pmem%" PRIu32
				     " are more than one user may have: use a smaller block or "
				     "depth, or raise /sys/class/p2pmem/p2pmem%" PRIu32 "/limit",
				     size, index, index);
	if (why == P2PMEM_WHY_FULL)
		return p2p_error_set(error, -ENOMEM,
				     "/dev/p2pmem%" PRIu32
				     " has no free piece of %zu bytes: use a smaller block or "
				     "depth, or end whoever holds it",
				     index, size);
	return p2p_error_set(error, code, "cannot allocate %zu bytes of /dev/p2pmem%" PRIu32 ": %s",
			     size, index, strerror(-code));
}

static int allocate(const struct p2p_system *system, uint32_t index, struct module_memory *module,
		    size_t size, struct p2p_error *error)
{
	struct p2pmem_alloc request = { .size = size };
	int rc = system->control(system, module->node, P2PMEM_ALLOC, &request);
	char *base;

	if (rc)
		return say_no_room(index, size, rc, request.why, error);
	base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, module->node,
		    (off_t)request.offset);
	if (base == MAP_FAILED)
		return p2p_error_set(error, -errno,
				     "cannot map %zu bytes of /dev/p2pmem%" PRIu32 ": %s", size,
				     index, strerror(errno));
	module->start = request.offset;
	module->memory = (struct p2p_memory){ .ops = &module_ops, .base = base, .size = size };
	return 0;
}

int p2p_module_memory_open_on(const struct p2p_system *system, uint32_t index, size_t size,
			      struct p2p_memory **memory, struct p2p_error *error)
{
	struct module_memory *module = calloc(1, sizeof(*module));
	int rc;

	if (!module)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	module->node = open_node(system, index, error);
	if (module->node < 0) {
		rc = module->node;
		free(module);
		return rc;
	}
	rc = check_pages(system, module->node, index, error);
	if (!rc)
		rc = allocate(system, index, module, size, error);
	if (rc) {
		close(module->node);
		free(module);
		return rc;
	}
	*memory = &module->memory;
	return 0;
}
