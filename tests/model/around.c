// SPDX-License-Identifier: MIT
/*
 * What the engine asks the rest of the library: ends that are opened, what lies on what, who lends
 * memory and how well it serves.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "copy/private.h"
#include "copy/rank.h"
#include "memories/lent.h"
#include "world.h"

/* A domain that no machine has, so that nothing real is looked at. */
#define LENDER_BDF "fffe:%02x:00.0"
#define CLIENT_BDF "fffd:%02x:00.0"

int __wrap_p2p_end_open_source(struct p2p_end *end, const char *path, struct p2p_error *error);
int __wrap_p2p_end_open_destination(struct p2p_end *end, const char *path,
				    const struct p2p_end *source, bool force,
				    struct p2p_error *error);
int __wrap_p2p_end_open_buffered(const struct p2p_end *end, bool writable);
void __wrap_p2p_end_close(struct p2p_end *end);
void __wrap_p2p_blockdev_functions(dev_t device, struct p2p_functions *functions);
int __wrap_p2p_copy_check_overlap(const struct p2p_copy *copy, struct p2p_error *error);
bool __wrap_p2p_copy_is_buffered(struct p2p_copy *copy, uint64_t at, size_t length,
				 struct p2p_error *error);
struct p2p_ranks *__wrap_p2p_ranks_open(void);
void __wrap_p2p_ranks_close(struct p2p_ranks *ranks);
struct p2p_copy_route __wrap_p2p_rank(const struct p2p_ranks *ranks, const char *lender,
				      const struct p2p_functions *clients);
int __wrap_p2p_lent_list(struct p2p_lent **list, size_t *count);
int __wrap_p2p_lent_open(const struct p2p_lent *lent, size_t size, struct p2p_memory **memory,
			 struct p2p_error *error);

void __wrap_p2p_blockdev_functions(dev_t device, struct p2p_functions *functions)
{
	const struct disk *disk = device == 1 ? &world.source : &world.destination;

	*functions = (struct p2p_functions){ .count = disk->clients };
	for (unsigned int i = 0; i < disk->clients; i++)
		snprintf(functions->bdf[i], sizeof(functions->bdf[i]), CLIENT_BDF,
			 disk->client[i] & 0xff);
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

static int open_end(struct p2p_end *end, const char *path, int fd)
{
	const struct disk *disk = world_disk(fd);

	*end = (struct p2p_end){
		.path = strdup(path),
		.fd = fd,
		.is_block = disk->is_block,
		.direct = true,
		.size = disk->size,
		.align = 512,
	};
	if (fstat(fd, &end->stat))
		return -errno;
	__wrap_p2p_blockdev_functions(end->stat.st_dev, &end->functions);
	return 0;
}

int __wrap_p2p_end_open_source(struct p2p_end *end, const char *path, struct p2p_error *error)
{
	(void)error;
	return open_end(end, path, FD_SOURCE);
}

int __wrap_p2p_end_open_destination(struct p2p_end *end, const char *path,
				    const struct p2p_end *source, bool force,
				    struct p2p_error *error)
{
	int rc = open_end(end, path, FD_DESTINATION);

	(void)source;
	(void)force;
	(void)error;
	end->created = !world.destination.is_block && !world.destination.named;
	return rc;
}

int __wrap_p2p_end_open_buffered(const struct p2p_end *end, bool writable)
{
	(void)writable;
	world.buffered_open++;
	return end->fd == FD_SOURCE ? FD_SOURCE_BUFFERED : FD_DESTINATION_BUFFERED;
}

void __wrap_p2p_end_close(struct p2p_end *end)
{
	free(end->path);
	*end = (struct p2p_end){ .fd = -1 };
}

struct p2p_ranks *__wrap_p2p_ranks_open(void)
{
	return NULL;
}

void __wrap_p2p_ranks_close(struct p2p_ranks *ranks)
{
	(void)ranks;
}

/* The first lender first. */
struct p2p_copy_route __wrap_p2p_rank(const struct p2p_ranks *ranks, const char *lender,
				      const struct p2p_functions *clients)
{
	(void)ranks;
	(void)clients;
	return (struct p2p_copy_route){ P2P_VERDICT_DIRECT, lender[6] - '0' };
}

int __wrap_p2p_lent_list(struct p2p_lent **list, size_t *count)
{
	*count = world.lenders;
	*list = calloc(LENDERS, sizeof(**list));
	for (unsigned int i = 0; i < world.lenders; i++) {
		struct p2p_lent *lent = &(*list)[i];

		lent->module = P2P_BY_DRIVER;
		lent->available = world.lender[i].available;
		lent->page_backed = true;
		snprintf(lent->owner, sizeof(lent->owner), LENDER_BDF, (i + 1) & 0xff);
	}
	return 0;
}

int __wrap_p2p_lent_open(const struct p2p_lent *lent, size_t size, struct p2p_memory **memory,
			 struct p2p_error *error)
{
	struct lender *lender = &world.lender[lent->owner[6] - '1'];

	world_step();
	if (world.step >= lender->gone_from)
		return p2p_error_set(error, -ENODEV, "the lender is gone");
	if (size > lender->available)
		return p2p_error_set(error, -ENOMEM, "no piece of %zu bytes is free", size);
	lender_open(lender, size, memory);
	return 0;
}
