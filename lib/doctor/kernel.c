// SPDX-License-Identifier: MIT
/*
 * The kernel: whether peer-to-peer is built in, and what user space can do with it.
 */
#include "checks.h"
#include <p2pmem/kernels.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AREA "Kernel"

static bool is_published(const struct p2p_doctor_context *context)
{
	for (p2p_node node = 0; node < p2p_fabric_count(context->fabric); node++)
		if (p2p_machine_device(context->machine, node)->memory.known == P2P_PRESENT)
			return true;
	return false;
}

static bool is(const char *value, const char *text)
{
	return value && !strcmp(value, text);
}

/* Debian's own configurations of these versions: 6.1 and 6.12 without, 7.3 with. */
static void say_other_kernel(struct p2p_draft *finding)
{
	p2p_advise(finding, P2P_STEP_NONE,
		   "boot a kernel built with CONFIG_PCI_P2PDMA=y (it needs CONFIG_ZONE_DEVICE=y); "
		   "Debian's 6.1 and 6.12 are built without, 7.3 (trixie-backports) with");
	p2p_text_add(&finding->cost, "a reboot into another kernel");
}

/* What others of that series are built with; this one was not read, so it decides nothing. */
static void say_usual(struct p2p_doctor_context *context, struct p2p_draft *finding)
{
	struct p2p_kernel kernel;

	if (!context->release || p2p_kernel_find(context->release, &kernel) ||
	    kernel.p2pdma == P2P_UNKNOWN)
		return;
	p2p_text_line(&finding->evidence, "kernels like %s (%s) are built %s it: %s",
		      context->release, kernel.row ? kernel.row->who : "upstream",
		      kernel.p2pdma == P2P_PRESENT ? "with" : "without", kernel.p2pdma_from);
}

static bool check_config(struct p2p_doctor_context *context)
{
	const char *p2pdma = p2p_machine_config(context->machine, "CONFIG_PCI_P2PDMA");
	const char *zone = p2p_machine_config(context->machine, "CONFIG_ZONE_DEVICE");
	bool published = is_published(context);
	bool built = published || is(p2pdma, "y");
	struct p2p_draft *finding;

	finding = p2p_find(context, "kernel-config", AREA,
			   built    ? P2P_SEVERITY_OK
			   : p2pdma ? P2P_SEVERITY_PROBLEM
				    : P2P_SEVERITY_UNKNOWN);
	p2p_text_add(&finding->text, "%s",
		     built ? "the kernel is built with peer-to-peer support"
		     : p2pdma
			     ? "the kernel is built without peer-to-peer support: no memory is "
			       "published, and no transfer between devices is checked"
			     : "whether the kernel is built with peer-to-peer support could not be "
			       "read");
	if (p2pdma)
		p2p_text_add(&finding->evidence, "CONFIG_PCI_P2PDMA=%s", p2pdma);
	if (zone)
		p2p_text_add(&finding->evidence, "%sCONFIG_ZONE_DEVICE=%s",
			     finding->evidence.length ? ", " : "", zone);
	if (!p2pdma && published)
		p2p_text_line(&finding->evidence, "a device has sysfs p2pmem");
	if (!finding->evidence.length)
		p2p_text_add(&finding->evidence, "the source has no kernel configuration");
	if (!p2pdma && !published)
		say_usual(context, finding);
	if (!built && p2pdma)
		say_other_kernel(finding);
	else if (!built)
		p2p_advise_reading(context, finding);
	return built || !p2pdma;
}

/* By the table of kernels: what is not upstream's own may have taken it over earlier. */
static void check_user_space(struct p2p_doctor_context *context, bool built)
{
	const char *dmabuf = p2p_machine_config(context->machine, "CONFIG_VFIO_PCI_DMABUF");
	struct p2p_draft *finding;
	struct p2p_kernel kernel = { .allocate = P2P_UNKNOWN };
	bool known, allocates;

	if (!built)
		return;
	if (context->release)
		p2p_kernel_of(context->machine, context->release, &kernel);
	known = kernel.allocate != P2P_UNKNOWN;
	allocates = kernel.allocate == P2P_PRESENT;
	finding = p2p_find(context, "kernel-version", AREA,
			   allocates ? P2P_SEVERITY_OK
			   : known   ? P2P_SEVERITY_PROBLEM
				     : P2P_SEVERITY_UNKNOWN);
	p2p_text_add(&finding->text, "%s",
		     allocates ? "programs can allocate published memory and use it with direct I/O"
		     : known   ? "programs cannot allocate published memory: that takes Linux 6.2"
		     : context->release
			     ? "whether programs can allocate published memory is not known: "
			       "Linux can from 6.2 on, and distributions may have taken it over"
			     : "the source does not say its kernel, so what programs can do is "
			       "not known");
	p2p_text_add(&finding->evidence, "kernel release %s",
		     context->release ? context->release : "not in the source");
	if (is(dmabuf, "y"))
		p2p_text_line(&finding->evidence,
			      "CONFIG_VFIO_PCI_DMABUF=y: BARs of VFIO devices are available as "
			      "dma-bufs, too");
	if (known && !allocates) {
		p2p_advise(finding, P2P_STEP_NONE, "boot Linux 6.2 or later");
		p2p_text_add(&finding->cost, "a reboot into another kernel");
	}
	if (!known && context->release)
		p2p_advise(finding, P2P_STEP_NONE, "ls /sys/bus/pci/devices/*/p2pmem/allocate");
	else if (!known)
		p2p_advise(finding, P2P_STEP_NAME_KERNEL, "say it");
}

void p2p_doctor_kernel(struct p2p_doctor_context *context)
{
	bool built = check_config(context);

	check_user_space(context, built);
}
