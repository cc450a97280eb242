// SPDX-License-Identifier: MIT
/*
 * The kernel: whether peer-to-peer is built in, and what user space can do with it.
 */
#include "checks.h"
#include "explain/kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AREA "Kernel"

static bool is_published(const struct p2p_ward *ward)
{
	for (p2p_node node = 0; node < p2p_fabric_count(ward->fabric); node++)
		if (p2p_machine_device(ward->machine, node)->memory.known == P2P_PRESENT)
			return true;
	return false;
}

static bool is(const char *value, const char *text)
{
	return value && !strcmp(value, text);
}

/* Debian's own configurations of these versions: 6.1 and 6.12 without, 7.3 with. */
static void say_other_kernel(struct p2p_doctor *doctor, struct p2p_finding *finding)
{
	p2p_say(doctor, &finding->remedy,
		"boot a kernel built with CONFIG_PCI_P2PDMA=y (it needs CONFIG_ZONE_DEVICE=y); "
		"Debian's 6.1 and 6.12 are built without, 7.3 (trixie-backports) with");
	p2p_say(doctor, &finding->cost, "a reboot into another kernel");
}

/* What others of that series are built with; this one was not read, so it decides nothing. */
static void say_usual(const struct p2p_ward *ward, struct p2p_doctor *doctor,
		      struct p2p_finding *finding)
{
	struct p2p_kernel kernel;

	if (!ward->release || p2p_kernel_find(ward->release, &kernel) ||
	    kernel.p2pdma == P2P_UNKNOWN)
		return;
	p2p_say_line(doctor, &finding->evidence, "kernels like %s (%s) are built %s it: %s",
		     ward->release, kernel.row ? kernel.row->who : "upstream",
		     kernel.p2pdma == P2P_PRESENT ? "with" : "without", kernel.p2pdma_from);
}

static bool check_config(const struct p2p_ward *ward, struct p2p_doctor *doctor)
{
	const char *p2pdma = p2p_machine_config(ward->machine, "CONFIG_PCI_P2PDMA");
	const char *zone = p2p_machine_config(ward->machine, "CONFIG_ZONE_DEVICE");
	bool published = is_published(ward);
	bool built = published || is(p2pdma, "y");
	struct p2p_finding *finding;

	finding = p2p_find(doctor, "kernel-config", AREA,
			   built    ? P2P_SEVERITY_OK
			   : p2pdma ? P2P_SEVERITY_PROBLEM
				    : P2P_SEVERITY_UNKNOWN);
	p2p_say(doctor, &finding->what, "%s",
		built    ? "the kernel is built with peer-to-peer support"
		: p2pdma ? "the kernel is built without peer-to-peer support: no memory is "
			   "published, and no transfer between devices is checked"
			 : "whether the kernel is built with peer-to-peer support could not be "
			   "read");
	if (p2pdma)
		p2p_say(doctor, &finding->evidence, "CONFIG_PCI_P2PDMA=%s", p2pdma);
	if (zone)
		p2p_say(doctor, &finding->evidence, "%sCONFIG_ZONE_DEVICE=%s",
			finding->evidence ? ", " : "", zone);
	if (!p2pdma && published)
		p2p_say_line(doctor, &finding->evidence, "a device has sysfs p2pmem");
	if (!finding->evidence)
		p2p_say(doctor, &finding->evidence, "the source has no kernel configuration");
	if (!p2pdma && !published)
		say_usual(ward, doctor, finding);
	if (!built && p2pdma)
		say_other_kernel(doctor, finding);
	else if (!built)
		p2p_say_how_to_read(doctor, ward, finding);
	return built || !p2pdma;
}

/* By the table of kernels: what is not upstream's own may have taken it over earlier. */
static void check_user_space(const struct p2p_ward *ward, struct p2p_doctor *doctor, bool built)
{
	const char *dmabuf = p2p_machine_config(ward->machine, "CONFIG_VFIO_PCI_DMABUF");
	struct p2p_finding *finding;
	struct p2p_kernel kernel = { .allocate = P2P_UNKNOWN };
	bool known, allocates;

	if (!built)
		return;
	if (ward->release)
		p2p_kernel_find(ward->release, &kernel);
	known = kernel.allocate != P2P_UNKNOWN;
	allocates = kernel.allocate == P2P_PRESENT;
	finding = p2p_find(doctor, "kernel-version", AREA,
			   allocates ? P2P_SEVERITY_OK
			   : known   ? P2P_SEVERITY_PROBLEM
				     : P2P_SEVERITY_UNKNOWN);
	p2p_say(doctor, &finding->what, "%s",
		allocates ? "programs can allocate published memory and use it with direct I/O"
		: known   ? "programs cannot allocate published memory: that takes Linux 6.2"
		: ward->release ? "whether programs can allocate published memory is not known: "
				  "Linux can from 6.2 on, and distributions may have taken it over"
				: "the source does not say its kernel, so what programs can do is "
				  "not known");
	p2p_say(doctor, &finding->evidence, "kernel release %s",
		ward->release ? ward->release : "not in the source");
	if (is(dmabuf, "y"))
		p2p_say_line(doctor, &finding->evidence,
			     "CONFIG_VFIO_PCI_DMABUF=y: BARs of VFIO devices can be lent as "
			     "dma-bufs, too");
	if (known && !allocates) {
		p2p_say(doctor, &finding->remedy, "boot Linux 6.2 or later");
		p2p_say(doctor, &finding->cost, "a reboot into another kernel");
	}
	if (!known && ward->release)
		p2p_say(doctor, &finding->remedy, "ls /sys/bus/pci/devices/*/p2pmem/allocate");
	else if (!known)
		p2p_say(doctor, &finding->remedy, "say it: --kernel VERSION");
}

void p2p_doctor_kernel(const struct p2p_ward *ward, struct p2p_doctor *doctor)
{
	bool built = check_config(ward, doctor);

	check_user_space(ward, doctor, built);
}
