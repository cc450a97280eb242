// SPDX-License-Identifier: GPL-2.0-only
/*
 * Begins and ends everything, in this order and in its reverse.
 */
#include "allow.h"
#include "chardev.h"
#include "client.h"
#include "compat/compat.h"
#include "control.h"
#include "deferred_free.h"
#include "export.h"
#include "inode.h"
#include "lifecycle.h"
#include "machine.h"
#include "publish.h"
#include "stat.h"
#include "wrap.h"

#include <linux/module.h>

static char *policy;
module_param(policy, charp, 0444);
MODULE_PARM_DESC(policy,
		 "whose rules decide: of a kernel (7.3), or hardware; default: this kernel's");

static int __init p2pmem_start(void)
{
	int error = p2pmem_registry_start();

	if (error)
		return error;
	error = p2pmem_inodes_start();
	if (error)
		goto no_inodes;
	error = p2pmem_memories_start();
	if (error)
		goto no_memories;
	error = p2pmem_machine_start(policy, &p2pmem_allow_follower, p2pmem_recheck_all);
	if (error)
		goto no_machine;
	error = p2pmem_chardevs_start();
	if (error)
		goto no_chardevs;
	error = p2pmem_publishing_start();
	if (error)
		goto no_publishing;
	error = p2pmem_control_start();
	if (error)
		goto no_control;
	p2pmem_stat_start(p2pmem_wrapping_show);
	return 0;

no_control:
	p2pmem_publishing_stop();
no_publishing:
	p2pmem_chardevs_stop();
no_chardevs:
	p2pmem_machine_stop();
no_machine:
	p2pmem_memories_stop();
no_memories:
	p2pmem_inodes_stop();
no_inodes:
	p2pmem_registry_stop();
	return error;
}
module_init(p2pmem_start);

/* Open files, dma-bufs and deferred allocations keep the module: here nobody has anything any more.
 */
static void __exit p2pmem_stop(void)
{
	p2pmem_control_stop();
	p2pmem_publishing_stop();
	p2pmem_stat_stop();
	p2pmem_deferred_frees_stop();
	p2pmem_allow_stop();
	p2pmem_machine_stop();
	p2pmem_left_stop();
	/* What is still to be freed is, and needs what follows. */
	p2pmem_memories_stop();
	p2pmem_chardevs_stop();
	p2pmem_inodes_stop();
	p2pmem_registry_stop();
}
module_exit(p2pmem_stop);

MODULE_DESCRIPTION("Peer-to-peer DMA: publishes memory of PCI devices for other devices");
MODULE_AUTHOR("The p2pmem project");
MODULE_LICENSE("GPL");
MODULE_VERSION(P2PMEM_VERSION);
COMPAT_IMPORT_NS(DMA_BUF);
