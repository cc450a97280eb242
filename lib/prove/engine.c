// SPDX-License-Identifier: MIT
/*
 * The lab's DMA engine as client (p2pmem_edu.ko): its storage is host memory. It takes device
 * memory as dma-bufs, so it shows what their exporters tell importers. It moves some 20 KB/s.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../../lab/modules/edu/p2pmem_edu.h"
#include "prove/clients.h"
#include "sysfs.h"

#define STORAGE (256u << 10)
#define UNIT    512u        /* less would tell too little */
#define LARGEST (32u << 10) /* several of its pieces, and of pages */

struct engine {
	struct p2p_prove_client client;
	int fd;
	struct p2p_memory *storage;
};

static struct engine *engine_of(struct p2p_prove_client *client)
{
	return (struct engine *)client;
}

/* Finding them. */

static bool describe(const char *node, struct p2p_prove_found *found)
{
	char link[PATH_MAX], path[PATH_MAX];
	const char *name = strrchr(node, '/') + 1;
	ssize_t length;

	snprintf(link, sizeof(link), "%s/device", node);
	length = readlink(link, path, sizeof(path) - 1);
	if (length < 0 ||
	    snprintf(found->name, sizeof(found->name), "%s", name) >= (int)sizeof(found->name))
		return false;
	path[length] = '\0';
	return p2p_sysfs_function(path, &found->function);
}

static int list_engines(struct p2p_prove_list *list)
{
	glob_t nodes;
	int rc = glob("/sys/class/misc/p2pmem_edu[0-9]*", 0, NULL, &nodes);

	if (rc)
		return rc == GLOB_NOSPACE ? -ENOMEM : 0;
	for (size_t i = 0; !rc && i < nodes.gl_pathc; i++) {
		struct p2p_prove_found found = { .kind = &p2p_prove_engines };

		if (describe(nodes.gl_pathv[i], &found))
			rc = p2p_prove_list_add(list, &found);
	}
	globfree(&nodes);
	return rc;
}

/* Moving. */

static int put(struct p2p_prove_client *client, uint64_t at, const char *from, size_t length)
{
	return p2p_memory_store(engine_of(client)->storage, at, from, length);
}

static int get(struct p2p_prove_client *client, uint64_t at, char *to, size_t length)
{
	return p2p_memory_load(engine_of(client)->storage, at, to, length);
}

static struct p2pmem_edu_end host_end(const struct p2p_memory *memory, uint64_t at)
{
	return (struct p2pmem_edu_end){
		.kind = P2PMEM_EDU_HOST,
		.fd = -1,
		.at = (uintptr_t)memory->base + at,
	};
}

/* `buffer` is -1 where the memory is the host's. */
static struct p2pmem_edu_end memory_end(const struct p2p_memory *memory, int buffer, uint64_t at)
{
	if (buffer < 0)
		return host_end(memory, at);
	return (struct p2pmem_edu_end){ .kind = P2PMEM_EDU_DMABUF, .fd = buffer, .at = at };
}

/* A signal interrupts it, which is no reason to give up. */
static int run(const struct engine *engine, struct p2pmem_edu_copy copy, const atomic_bool *stop)
{
	while (copy.length) {
		if (atomic_load(stop))
			return -EINTR;
		if (ioctl(engine->fd, P2PMEM_EDU_COPY, &copy) && errno != EINTR)
			return -errno;
		copy.source.at += copy.copied;
		copy.destination.at += copy.copied;
		copy.length -= copy.copied;
		copy.copied = 0;
	}
	return 0;
}

static int move_all(struct p2p_prove_client *client, const struct p2p_prove_move *move,
		    bool to_memory)
{
	const struct engine *engine = engine_of(client);
	int buffer = -1, rc = 0;

	if (move->memory->ops->export)
		rc = p2p_memory_export(move->memory, &buffer, NULL);
	for (size_t i = 0; !rc && i < move->count; i++) {
		const struct p2p_prove_request *request = &move->requests[i];
		struct p2pmem_edu_end own = host_end(engine->storage, request->at);
		struct p2pmem_edu_end other = memory_end(move->memory, buffer, request->place);
		const struct p2pmem_edu_copy copy = {
			.source = to_memory ? own : other,
			.destination = to_memory ? other : own,
			.length = request->length,
		};

		rc = run(engine, copy, move->stop);
	}
	if (buffer >= 0)
		close(buffer);
	return rc;
}

static int to_memory(struct p2p_prove_client *client, const struct p2p_prove_move *move)
{
	return move_all(client, move, true);
}

static int from_memory(struct p2p_prove_client *client, const struct p2p_prove_move *move)
{
	return move_all(client, move, false);
}

static void close_engine(struct p2p_prove_client *client)
{
	struct engine *engine = engine_of(client);

	p2p_memory_close(engine->storage);
	if (engine->fd >= 0)
		close(engine->fd);
	free(engine);
}

static const struct p2p_prove_client_ops ops = {
	.put = put,
	.get = get,
	.to_memory = to_memory,
	.from_memory = from_memory,
	.close = close_engine,
};

/* Opening. */

static int open_node(struct engine *engine, const char *name, struct p2p_error *error)
{
	char node[P2P_PROVE_NAME + sizeof("/dev/")];

	snprintf(node, sizeof(node), "/dev/%s", name);
	engine->fd = open(node, O_RDWR | O_CLOEXEC);
	if (engine->fd >= 0)
		return 0;
	return p2p_error_set(error, -errno, "cannot open %s: %s", node, strerror(errno));
}

static int open_engine(const struct p2p_prove_found *found, const struct p2p_prove_scratch *scratch,
		       struct p2p_prove_client **client, struct p2p_error *error)
{
	struct engine *engine = malloc(sizeof(*engine));
	int rc;

	(void)scratch;
	*client = NULL;
	if (!engine)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	*engine = (struct engine){
		.client = {
			.ops = &ops,
			.unit = UNIT,
			.memory_align = 1,
			.largest = LARGEST,
			.depth = 1,
			.storage = STORAGE,
			.writable = true,
			.needs_dmabuf = true,
		},
		.fd = -1,
	};
	rc = open_node(engine, found->name, error);
	if (!rc)
		rc = p2p_host_memory_open(STORAGE, &engine->storage, error);
	if (rc) {
		close_engine(&engine->client);
		return rc;
	}
	*client = &engine->client;
	return 0;
}

const struct p2p_prove_kind p2p_prove_engines = {
	.list = list_engines,
	.open = open_engine,
};
