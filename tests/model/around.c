// SPDX-License-Identifier: MIT
/*
 * What the engine asks the rest of the library: files that are opened, what lies on what, who
 * provides memory and how well it serves.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "copy/private.h"
#include "copy/rank.h"
#include "memories/provider.h"
#include "world.h"

/* A domain that no machine has, so that nothing real is looked at. */
#define PROVIDER_DOMAIN 0xfffe
#define CLIENT_DOMAIN   0xfffd

int __wrap_p2p_file_open_source(struct p2p_file *file, const char *path, struct p2p_error *error);
int __wrap_p2p_file_open_destination(struct p2p_file *file, const char *path,
				     const struct p2p_file *source, bool force,
				     struct p2p_error *error);
int __wrap_p2p_file_open_buffered(const struct p2p_file *file, bool writable);
void __wrap_p2p_file_close(struct p2p_file *file);
void __wrap_p2p_blockdev_functions(dev_t device, struct p2p_functions *functions);
int __wrap_p2p_copy_check_overlap(const struct p2p_copy *copy, struct p2p_error *error);
bool __wrap_p2p_copy_is_buffered(struct p2p_copy *copy, uint64_t at, size_t length,
				 struct p2p_error *error);
struct p2p_ranks *__wrap_p2p_ranks_open(void);
void __wrap_p2p_ranks_close(struct p2p_ranks *ranks);
struct p2p_copy_route __wrap_p2p_rank(const struct p2p_ranks *ranks, struct p2p_bdf provider,
				      const struct p2p_functions *clients);
int __wrap_p2p_memory_providers(struct p2p_memory_provider **providers, size_t *count,
				struct p2p_error *error);
int __wrap_p2p_memory_open(const struct p2p_memory_provider *from, size_t size, unsigned int flags,
			   struct p2p_memory **memory, struct p2p_error *error);

void __wrap_p2p_blockdev_functions(dev_t device, struct p2p_functions *functions)
{
	const struct disk *disk = device == 1 ? &world.source : &world.destination;

	*functions = (struct p2p_functions){ .count = disk->clients };
	for (unsigned int i = 0; i < disk->clients; i++)
		functions->bdf[i] = (struct p2p_bdf){ CLIENT_DOMAIN, (uint8_t)disk->client[i], 0 };
}

int __wrap_p2p_copy_check_overlap(const struct p2p_copy *copy, struct p2p_error *error)
{
	(void)copy;
	(void)error;
	return 0;
}

/* It looks at the real machine's page cache. */
bool __wrap_p2p_copy_is_buffered(struct p2p_copy *copy, uint64_t at, size_t length,
				 struct p2p_error *error)
{
	(void)copy;
	(void)at;
	(void)length;
	(void)error;
	return false;
}

static int open_file(struct p2p_file *file, const char *path, int fd)
{
	const struct disk *disk = world_disk(fd);

	*file = (struct p2p_file){
		.path = strdup(path),
		.fd = fd,
		.is_block = disk->is_block,
		.direct = true,
		.size = disk->size,
		.align = 512,
	};
	if (fstat(fd, &file->stat))
		return -errno;
	__wrap_p2p_blockdev_functions(file->stat.st_dev, &file->functions);
	return 0;
}

int __wrap_p2p_file_open_source(struct p2p_file *file, const char *path, struct p2p_error *error)
{
	(void)error;
	return open_file(file, path, FD_SOURCE);
}

int __wrap_p2p_file_open_destination(struct p2p_file *file, const char *path,
				     const struct p2p_file *source, bool force,
				     struct p2p_error *error)
{
	int rc = open_file(file, path, FD_DESTINATION);

	(void)source;
	(void)force;
	(void)error;
	file->created = !world.destination.is_block && !world.destination.named;
	return rc;
}

int __wrap_p2p_file_open_buffered(const struct p2p_file *file, bool writable)
{
	(void)writable;
	world.buffered_open++;
	return file->fd == FD_SOURCE ? FD_SOURCE_BUFFERED : FD_DESTINATION_BUFFERED;
}

void __wrap_p2p_file_close(struct p2p_file *file)
{
	free(file->path);
	*file = (struct p2p_file){ .fd = -1 };
}

struct p2p_ranks *__wrap_p2p_ranks_open(void)
{
	return NULL;
}

void __wrap_p2p_ranks_close(struct p2p_ranks *ranks)
{
	(void)ranks;
}

/* The first provider first. */
struct p2p_copy_route __wrap_p2p_rank(const struct p2p_ranks *ranks, struct p2p_bdf provider,
				      const struct p2p_functions *clients)
{
	(void)ranks;
	(void)clients;
	return (struct p2p_copy_route){ P2P_VERDICT_DIRECT, provider.bus, false };
}

int __wrap_p2p_memory_providers(struct p2p_memory_provider **providers, size_t *count,
				struct p2p_error *error)
{
	(void)error;
	*count = world.providers;
	*providers = calloc(PROVIDERS, sizeof(**providers));
	for (unsigned int i = 0; i < world.providers; i++)
		(*providers)[i] = (struct p2p_memory_provider){
			.kind = P2P_MEMORY_DRIVER,
			.on_pci = true,
			.function = { PROVIDER_DOMAIN, (uint8_t)(i + 1), 0 },
			.available = world.provider[i].available,
			.page_backed = true,
		};
	return 0;
}

int __wrap_p2p_memory_open(const struct p2p_memory_provider *from, size_t size, unsigned int flags,
			   struct p2p_memory **memory, struct p2p_error *error)
{
	struct provider *provider = &world.provider[from->function.bus - 1];

	(void)flags;
	world_step();
	if (world.step >= provider->gone_from)
		return p2p_error_set(error, -ENODEV, "the provider is gone");
	if (size > provider->available)
		return p2p_error_set(error, -ENOMEM, "no piece of %zu bytes is free", size);
	provider_open(provider, size, memory);
	return 0;
}
