// SPDX-License-Identifier: MIT
/*
 * The kernel module p2pmem: whether it is here, and what it could do.
 */
#include "checks.h"

#include <string.h>
#include <unistd.h>

#include "sysfs.h"

#define AREA "Kernel"

static void say_loaded(const struct p2p_ward *ward, struct p2p_doctor *doctor)
{
	struct p2p_finding *finding = p2p_find(doctor, "module", AREA, P2P_SEVERITY_OK);
	char version[64];

	p2p_say(doctor, &finding->what, "the kernel module p2pmem can lend any memory BAR");
	if (p2p_sysfs_text(version, sizeof(version), "%s/version", ward->module))
		p2p_say(doctor, &finding->evidence, "%s is there", ward->module);
	else
		p2p_say(doctor, &finding->evidence, "%s/version: %s%s", ward->module, version,
			strcmp(version, P2P_VERSION) ? ", this command is " P2P_VERSION : "");
}

/* Nothing to complain of: few machines need it. */
static void say_missing(const struct p2p_ward *ward, struct p2p_doctor *doctor)
{
	const char *p2pdma = p2p_machine_config(ward->machine, "CONFIG_PCI_P2PDMA");
	struct p2p_finding *finding = p2p_find(doctor, "module", AREA, P2P_SEVERITY_NOTE);

	p2p_say(doctor, &finding->what,
		"the kernel module p2pmem is not loaded: it lends memory BARs that no driver "
		"publishes%s",
		p2pdma && strcmp(p2pdma, "y")
			? ", to other drivers by dma-buf; with direct I/O not on this kernel"
			: "");
	p2p_say(doctor, &finding->evidence, "no %s", ward->module);
	p2p_say(doctor, &finding->remedy, "modprobe p2pmem, then p2pmem publish DEVICE --bar N");
}

void p2p_doctor_module(const struct p2p_ward *ward, struct p2p_doctor *doctor)
{
	/* A capture does not tell. */
	if (!ward->module)
		return;
	if (access(ward->module, F_OK))
		say_missing(ward, doctor);
	else
		say_loaded(ward, doctor);
}
