// SPDX-License-Identifier: MIT
/* cc dmabuf.c $(pkg-config --cflags --libs p2pmem) -o dmabuf && ./dmabuf p2pmem0 nvme0 */
#include <stdio.h>
#include <unistd.h>

#include <p2pmem/machine.h>
#include <p2pmem/memory.h>

/* Makes a dma-buf of the memory, and asks whether the client reaches it. */
static int export_for(struct p2p_memory *memory, struct p2p_bdf client, struct p2p_error *error)
{
	struct p2p_memory_verdict *verdict;
	int fd = -1, rc = p2p_memory_export(memory, &fd, error);

	if (!rc && !(rc = p2p_memory_ask(memory, client, &verdict, error))) {
		printf("dma-buf of %zu bytes, %s\n", p2p_memory_size(memory), verdict->text);
		p2p_memory_verdict_free(verdict);
	}
	close(fd);
	return rc;
}

int main(int argc, char **argv)
{
	struct p2p_error error = { .text = "usage: dmabuf PROVIDER CLIENT" };
	struct p2p_memory_provider from;
	struct p2p_machine *machine = NULL;
	struct p2p_memory *memory = NULL;
	p2p_node to;
	int failed =
		argc != 3 || p2p_machine_open(NULL, &machine, &error) ||
		p2p_machine_find(machine, argv[2], &to, &error) ||
		p2p_memory_provider_find(argv[1], &from, &error) ||
		p2p_memory_open(&from, 64 << 10, 0, &memory, &error) ||
		export_for(memory, p2p_fabric_info(p2p_machine_fabric(machine), to)->bdf, &error);

	p2p_memory_close(memory);
	p2p_machine_free(machine);
	return failed ? fprintf(stderr, "%s\n", error.text), 1 : 0;
}
