// SPDX-License-Identifier: MIT
/*
 * The kernel module p2pmem: whether it is here, and what it could do.
 */
#include "checks.h"

#include <string.h>
#include <unistd.h>

#include <p2pmem/module.h>
#include <p2pmem/text.h>

#include "sysfs.h"

#define AREA "Kernel"

/* What it has changed for others, where that can be read. */
static void add_wrapped(struct p2p_draft *finding)
{
	struct p2p_module_stat *stat;
	char bdf[P2P_BDF_TEXT];

	if (p2p_module_stat(&stat, NULL))
		return;
	for (size_t i = 0; i < stat->wrapped_count; i++)
		p2p_text_add(&finding->evidence, "%s%s",
			     i ? ", " : "; it has wrapped the DMA operations of ",
			     p2p_bdf_text(stat->wrapped[i].function, bdf));
	p2p_module_stat_free(stat);
}

static void say_loaded(struct p2p_doctor_context *context)
{
	struct p2p_draft *finding = p2p_find(context, "module", AREA, P2P_SEVERITY_OK);
	char version[64];

	p2p_text_add(&finding->text, "the kernel module p2pmem can publish any memory BAR");
	if (p2p_sysfs_text(version, sizeof(version), "%s/version", context->module))
		p2p_text_add(&finding->evidence, "%s is there", context->module);
	else
		p2p_text_add(&finding->evidence, "%s/version: %s%s", context->module, version,
			     strcmp(version, P2P_VERSION) ? ", this library is " P2P_VERSION : "");
	add_wrapped(finding);
}

/* Nothing to complain of: few machines need it. */
static void say_missing(struct p2p_doctor_context *context)
{
	const char *p2pdma = p2p_machine_config(context->machine, "CONFIG_PCI_P2PDMA");
	struct p2p_draft *finding = p2p_find(context, "module", AREA, P2P_SEVERITY_NOTE);

	p2p_text_add(
		&finding->text,
		"the kernel module p2pmem is not loaded: it publishes memory BARs that no driver "
		"publishes%s",
		p2pdma && strcmp(p2pdma, "y")
			? ", to other drivers by dma-buf; for direct I/O on this kernel only by "
			  "wrapping DMA operations"
			: "");
	p2p_text_add(&finding->evidence, "no %s", context->module);
	p2p_advise(finding, P2P_STEP_PUBLISH_ANY, "modprobe p2pmem, then publish");
}

void p2p_doctor_module(struct p2p_doctor_context *context)
{
	/* A capture does not tell. */
	if (!context->module)
		return;
	if (access(context->module, F_OK))
		say_missing(context);
	else
		say_loaded(context);
}
