// SPDX-License-Identifier: MIT
/*
 * The kernel module p2pmem: whether it is here, and what it could do.
 */
#include "checks.h"

#include <string.h>
#include <unistd.h>

#include "sysfs.h"

#define AREA "Kernel"

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
			? ", to other drivers by dma-buf; with direct I/O not on this kernel"
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
