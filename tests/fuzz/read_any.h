/* SPDX-License-Identifier: MIT */
/*
 * Reads bytes as one source and uses everything the machine tells.
 */
#ifndef P2P_TESTS_FUZZ_READ_ANY_H
#define P2P_TESTS_FUZZ_READ_ANY_H

#include <stdlib.h>
#include <string.h>

#include "machine/sources/pci_ids.h"
#include "machine/sources/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The real list costs more to index than an input to parse; a few lines of it do here. */
int __real_p2p_pci_ids_open(const char *path, struct p2p_pci_ids **ids);
int __wrap_p2p_pci_ids_open(const char *path, struct p2p_pci_ids **ids);

int __wrap_p2p_pci_ids_open(const char *path, struct p2p_pci_ids **ids)
{
	return __real_p2p_pci_ids_open(path ? path : SMALL_IDS, ids);
}

static inline void use_machine(const struct p2p_machine *machine)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	struct p2p_error error;
	p2p_node found;

	for (p2p_node node = 0; node < p2p_fabric_count(fabric); node++) {
		const struct p2p_device *device = p2p_machine_device(machine, node);
		uint32_t count;
		const struct p2p_name *names = p2p_machine_names(machine, node, &count);

		if (!device || (device->driver && !strlen(device->driver)))
			abort();
		if (p2p_fabric_host_bridge(fabric, node) == P2P_NO_NODE)
			abort();
		if (count)
			p2p_machine_find(machine, names[0].text, &found, &error);
	}
	p2p_machine_find(machine, "0000:00:01.0", &found, &error);
	p2p_machine_find(machine, "nvme0n1p1", &found, &error);
	for (uint32_t i = 0; i < p2p_machine_warnings(machine); i++)
		if (strchr(p2p_machine_warning(machine, i), '\n'))
			abort();
}

/* As the command reads them: unpacked, tidied, by whichever source takes them. */
static inline int read_whole(const uint8_t *data, size_t size)
{
	struct p2p_input input = { "input", (const char *)data, size, 0 };
	struct p2p_error error = { .text = "" };
	struct p2p_machine *machine;

	if (!p2p_machine_read(&input, &machine, &error))
		use_machine(machine);
	else if (!error.text[0] || strchr(error.text, '\n'))
		abort();
	p2p_machine_free(machine);
	return 0;
}

/* Whatever the bytes are, that source reads them; a failure leaves a sentence. */
static inline int read_as(const struct p2p_source *source, const uint8_t *data, size_t size)
{
	struct p2p_input input = { "input", (const char *)data, size, 0 };
	struct p2p_error error = { .text = "" };
	struct p2p_machine *machine;
	int status;

	source->detect(&input);
	if (p2p_build_new(source->name, &machine))
		return 0;
	status = source->read(&input, machine, &error);
	if (!status)
		status = p2p_build_finish(machine, &error);
	if (!status)
		use_machine(machine);
	else if (!error.text[0] || strchr(error.text, '\n'))
		abort();
	p2p_machine_free(machine);
	return 0;
}

#endif
