// SPDX-License-Identifier: MIT
/*
 * Fuzzes the list of PCI ids and the questions to it: the questions are the input's first line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "machine/sources/pci_ids.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct p2p_pci_ids *ids, struct p2p_span text)
{
	uint16_t vendor, device, subsystem_vendor, subsystem_device;
	char model[64];

	p2p_pci_ids_parse_device(ids, text, &vendor, &device);
	p2p_pci_ids_model(ids, vendor, device, model, sizeof(model));
	p2p_pci_ids_parse_subsystem(ids, text, 0x8086, 0x0001, &subsystem_vendor,
				    &subsystem_device);
	p2p_pci_ids_parse_class(ids, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct p2p_span rest = { (const char *)data, size }, question;
	int file = memfd_create("pci.ids", MFD_CLOEXEC);
	struct p2p_pci_ids *ids;
	char path[64];

	if (file < 0)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	if (p2p_span_line(&rest, &question, NULL) &&
	    write(file, rest.text, rest.length) == (ssize_t)rest.length &&
	    !p2p_pci_ids_open(path, &ids)) {
		ask(ids, question);
		p2p_pci_ids_free(ids);
	}
	close(file);
	return 0;
}
