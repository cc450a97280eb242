// SPDX-License-Identifier: MIT
/*
 * prove-wrong HOW [BYTES], prove-wrong vfio FUNCTION: the prover with a memory of its own, whose
 * dma-buf is p2pmem_wrong.ko's or VFIO's, and the lab's DMA engine as client. Prints for each
 * direction what it found:
 *
 *     DIRECTION STATE DAMAGE BY: TEXT
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <unistd.h>

#include "../../../lab/modules/wrong/p2pmem_wrong.h"
#include "prove/clients.h"
#include "prove/trial.h"
#include "vfio.h"

#define SIZE (256u << 10)

struct wrong {
	struct p2p_memory memory;
	int buffer;
	char *bytes; /* for the CPU, which finds each where it should be */
};

static struct wrong *wrong_of(struct p2p_memory *memory)
{
	return (struct wrong *)memory;
}

static int load(struct p2p_memory *memory, size_t offset, void *to, size_t size)
{
	memcpy(to, wrong_of(memory)->bytes + offset, size);
	return 0;
}

static int store(struct p2p_memory *memory, size_t offset, const void *from, size_t size)
{
	memcpy(wrong_of(memory)->bytes + offset, from, size);
	return 0;
}

static int export(struct p2p_memory *memory, int *fd, struct p2p_error *error)
{
	*fd = fcntl(wrong_of(memory)->buffer, F_DUPFD_CLOEXEC, 0);
	return *fd < 0 ? p2p_error_set(error, -errno, "dup: %s", strerror(errno)) : 0;
}

static void close_memory(struct p2p_memory *memory)
{
	munmap(wrong_of(memory)->bytes, SIZE);
	close(wrong_of(memory)->buffer);
}

static const struct p2p_memory_ops ops = {
	.load = load,
	.store = store,
	.export = export,
	.close = close_memory,
};

static int open_wrong(uint32_t how, uint64_t by, char **bytes)
{
	struct p2pmem_wrong_export request = { .size = SIZE, .how = how, .by = by };
	int node = open("/dev/p2pmem_wrong", O_RDWR | O_CLOEXEC);

	if (node < 0 || ioctl(node, P2PMEM_WRONG_EXPORT, &request)) {
		perror("/dev/p2pmem_wrong");
		return -1;
	}
	close(node);
	*bytes = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, request.fd, 0);
	if (*bytes != MAP_FAILED)
		return request.fd;
	perror("mmap");
	return -1;
}

static int open_client(struct p2p_prove_client **client)
{
	struct p2p_prove_list list = { .count = 0 };
	struct p2p_error error = { .code = 0 };
	int rc = p2p_prove_engines.list(&list);

	if (!rc && !list.count)
		rc = p2p_error_set(&error, -ENODEV, "there is no engine");
	if (!rc)
		rc = list.all[0].kind->open(&list.all[0], NULL, client, &error);
	if (rc)
		fprintf(stderr, "client: %s\n", error.text);
	free(list.all);
	return rc;
}

static void print(const struct p2p_prove_trial *trial)
{
	const struct p2p_proof_result *result = trial->result;

	printf("%s %s %s %" PRId64 ": %s\n", p2p_proof_direction_name(result->direction),
	       p2p_proof_state_name(result->state), p2p_damage_name(result->damage), trial->by,
	       result->text);
}

static void prove(struct p2p_prove_client *client, struct p2p_memory *memory)
{
	static const atomic_bool stop;
	struct p2p_error error;
	struct p2p_prove_pair pair;
	enum p2p_prove_gap gap = p2p_prove_pair_with(&pair, client, memory, &stop, &error);

	if (gap != P2P_PROVE_TRIED)
		printf("gap %s: %s\n", p2p_prove_gap_name(gap), error.text);
	for (int i = 0; gap == P2P_PROVE_TRIED && i < P2P_PROOF_DIRECTIONS; i++) {
		struct p2p_prove_try tried = { .text = NULL };

		p2p_proof_result_init(&tried.result, sizeof(tried.result));
		tried.trial.result = &tried.result;
		tried.result.direction = (enum p2p_proof_direction)i;
		p2p_prove_try_run(&tried, &pair, 0);
		print(&tried.trial);
		free(tried.text);
	}
	p2p_prove_pair_close(&pair);
}

static int how_of(const char *word)
{
	static const char *const words[] = {
		[P2PMEM_WRONG_RIGHT] = "right",     [P2PMEM_WRONG_SHIFTED] = "shifted",
		[P2PMEM_WRONG_STALE] = "stale",     [P2PMEM_WRONG_RAW] = "raw",
		[P2PMEM_WRONG_SWAPPED] = "swapped", [P2PMEM_WRONG_MIRRORED] = "mirrored",
		[P2PMEM_WRONG_SMALL] = "small",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i], word))
			return (int)i;
	return -1;
}

static int usage(void)
{
	fprintf(stderr,
		"usage: prove-wrong right|shifted|stale|raw|swapped|mirrored|small [BYTES]\n"
		"       prove-wrong vfio FUNCTION\n");
	return EX_USAGE;
}

int main(int argc, char **argv)
{
	struct wrong wrong = { .memory = { .ops = &ops, .size = SIZE } };
	struct p2p_prove_client *client;
	int how;

	if (argc < 2 || argc > 3)
		return usage();
	how = how_of(argv[1]);
	if (how >= 0)
		wrong.buffer = open_wrong((uint32_t)how, argc == 3 ? strtoull(argv[2], NULL, 0) : 0,
					  &wrong.bytes);
	else if (argc == 3 && !strcmp(argv[1], "vfio"))
		wrong.buffer = vfio_export(argv[2], SIZE, &wrong.bytes);
	else
		return usage();
	if (wrong.buffer < 0 || open_client(&client))
		return EX_UNAVAILABLE;
	prove(client, &wrong.memory);
	client->ops->close(client);
	return 0;
}
