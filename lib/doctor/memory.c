// SPDX-License-Identifier: MIT
/*
 * Who publishes memory, and who has a controller memory buffer and does not.
 */
#include "checks.h"

#include <inttypes.h>
#include <string.h>

#define AREA       "Memory"
#define LINES_SAID 16

/* SUBSECTION_SIZE in include/linux/mmzone.h, asked for by nvme_map_cmb() in
 * drivers/nvme/host/pci.c through memremap_compat_align(); 16 MiB on some powerpc. */
#define PAGES_ALIGN (2ull << 20)

static void say_provider(struct p2p_doctor_context *context, struct p2p_draft *finding,
			 const struct p2p_provider_info *provider)
{
	char name[P2P_TITLE], size[P2P_SIZE_TEXT], left[P2P_SIZE_TEXT];

	p2p_text_line(&finding->evidence, "%s: %s %s",
		      p2p_short_title(context->machine, provider->node, name),
		      p2p_provider_state_name(provider->state),
		      p2p_size_text(size, provider->size));
	if (provider->available != P2P_UNCOUNTED)
		p2p_text_add(&finding->evidence, ", %s free",
			     p2p_size_text(left, provider->available));
	if (provider->module != P2P_BY_DRIVER)
		p2p_text_add(&finding->evidence, ", as p2pmem%" PRId64, provider->module);
	if (provider->reason != P2P_PROVIDER_LENDS)
		p2p_text_add(&finding->evidence, ": %s", provider->text);
}

static void report_published(struct p2p_doctor_context *context)
{
	struct p2p_draft *finding = NULL;
	p2p_node last = P2P_NO_NODE;
	uint32_t lines = 0;

	for (uint32_t i = 0; i < context->provider_count; i++) {
		const struct p2p_provider_info *provider = &context->providers[i];

		if (provider->state > P2P_PROVIDER_PRIVATE)
			continue;
		if (!finding)
			finding = p2p_find(context, "peer-memory", AREA, P2P_SEVERITY_OK);
		/* A device's lines follow each other. */
		if (provider->node != last)
			p2p_about(finding, provider->node);
		last = provider->node;
		if (++lines <= LINES_SAID)
			say_provider(context, finding, provider);
	}
	if (finding)
		p2p_text_add(&finding->text, "%" PRIu32 " %s memory", finding->node_count,
			     finding->node_count == 1 ? "device provides" : "devices provide");
}

static bool all_read(const struct p2p_doctor_context *context)
{
	for (p2p_node node = 0; node < p2p_fabric_count(context->fabric); node++)
		if (context->survey.wanted[node] &&
		    p2p_machine_device(context->machine, node)->memory.known == P2P_UNKNOWN)
			return false;
	return true;
}

static void report_nobody(struct p2p_doctor_context *context)
{
	bool read = all_read(context);
	struct p2p_draft *finding;

	finding = p2p_find(context, "peer-memory", AREA,
			   read ? P2P_SEVERITY_WARNING : P2P_SEVERITY_UNKNOWN);
	p2p_text_add(&finding->text, "%s",
		     read ? "no device publishes memory through the kernel"
			  : "whether devices publish memory could not be read");
	p2p_text_add(&finding->evidence, "%s",
		     read ? "no /sys/bus/pci/devices/*/p2pmem" : "the source does not show p2pmem");
	if (!read) {
		p2p_advise_seeing(context, finding);
		return;
	}
	p2p_advise(finding, P2P_STEP_NONE,
		   "NVMe drives with a controller memory buffer publish it on a kernel with "
		   "CONFIG_PCI_P2PDMA; GPUs share theirs through their own drivers (dma-buf)");
	p2p_advise(finding, P2P_STEP_LIST_PROVIDERS,
		   "the kernel module p2pmem publishes any memory BAR");
}

/* Why nvme_map_cmb() did not publish, as far as it can be read. */
static void say_why(struct p2p_doctor_context *context, struct p2p_draft *finding, p2p_node node)
{
	const struct p2p_cmb *cmb = &p2p_machine_device(context->machine, node)->cmb;
	const struct p2p_range *bar = &p2p_fabric_info(context->fabric, node)->bar[cmb->bar];
	const char *p2pdma = p2p_machine_config(context->machine, "CONFIG_PCI_P2PDMA");
	uint64_t size = cmb->size;

	if (bar->size && cmb->offset < bar->size && size > bar->size - cmb->offset)
		size = bar->size - cmb->offset;
	if (p2pdma && strcmp(p2pdma, "y"))
		p2p_text_add(&finding->evidence, ": the kernel has no CONFIG_PCI_P2PDMA");
	else if (bar->size && cmb->offset >= bar->size)
		p2p_text_add(&finding->evidence, ": it begins beyond the end of BAR %u", cmb->bar);
	else if (size % PAGES_ALIGN)
		p2p_text_add(&finding->evidence, ": its size is not a multiple of 2 MiB");
	else if (bar->cpu_known && bar->cpu.value % PAGES_ALIGN)
		p2p_text_add(&finding->evidence, ": BAR %u does not begin at a multiple of 2 MiB",
			     cmb->bar);
	else
		p2p_text_add(
			&finding->evidence,
			": the cause does not show; dmesg may have \"failed to register the CMB\"");
}

static void report_buffers(struct p2p_doctor_context *context)
{
	char name[P2P_TITLE], size[P2P_SIZE_TEXT];
	struct p2p_draft *finding = NULL;

	for (p2p_node node = 0; node < p2p_fabric_count(context->fabric); node++) {
		const struct p2p_device *device = p2p_machine_device(context->machine, node);

		if (device->cmb.known != P2P_PRESENT || device->memory.known != P2P_ABSENT)
			continue;
		if (!finding)
			finding = p2p_find(context, "cmb", AREA, P2P_SEVERITY_PROBLEM);
		p2p_about(finding, node);
		if (finding->node_count > LINES_SAID)
			continue;
		p2p_text_line(&finding->evidence, "%s: %s in BAR %u",
			      p2p_short_title(context->machine, node, name),
			      p2p_size_text(size, device->cmb.size), device->cmb.bar);
		say_why(context, finding, node);
	}
	if (!finding)
		return;
	p2p_text_add(&finding->text,
		     "%" PRIu32 " %s a controller memory buffer that the kernel does not publish",
		     finding->node_count, finding->node_count == 1 ? "drive has" : "drives have");
	p2p_advise(finding, P2P_STEP_NONE,
		   "the buffer's size and its BAR's address must be multiples of 2 MiB: a larger "
		   "buffer by the drive's own tool or firmware; pci=resource_alignment=21@BDF for "
		   "the address");
	p2p_text_add(&finding->cost, "address space; a reboot");
}

void p2p_doctor_memory(struct p2p_doctor_context *context)
{
	uint32_t before = context->count;

	report_published(context);
	if (context->count == before)
		report_nobody(context);
	report_buffers(context);
}
