// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that goes has to be let go of. From 7.1 on, an importer that can be told has promised
 * that: the kernel-doc of dma_buf_invalidate_mappings(). Before, being told meant nothing of the
 * kind, and RDMA's pinned importers have a call-back that only warns: so there an importer is known
 * by the name of its call-back, and others are refused.
 */
#include "importer.h"

#include "compat/compat.h"

#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/string.h>

static char *importers[8];
static int p2pmem_importers_given;
module_param_array(importers, charp, &p2pmem_importers_given, 0444);
MODULE_PARM_DESC(importers,
		 "before Linux 7.1: move_notify functions of more importers that unmap when told");

#ifdef COMPAT_IMPORTERS_PROMISE

/* xe unmaps when it maps anew or when its buffer is destroyed: xe_bo_move_dmabuf(). */
static const char *const p2pmem_importers_that_do_not[] = {
	"xe_dma_buf_move_notify",
};

#else

/*
 * In their callback: mlx5 for on-demand paging, RDMA's pinned importers of 6.12 that can be
 * revoked. When its fences have signalled: amdgpu, whose empty placement unbinds the buffer,
 * ttm_bo_pipeline_gutting().
 */
static const char *const p2pmem_importers_that_do[] = {
	"mlx5_ib_dmabuf_invalidate_cb",
	"ib_umem_dmabuf_revoke_locked",
	"amdgpu_dma_buf_move_notify",
};

#endif

static bool p2pmem_importer_is_among(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/* Without CONFIG_KALLSYMS it has none that is known. */
static void p2pmem_importer_name(const void *callback, char name[KSYM_SYMBOL_LEN])
{
	sprint_symbol_no_offset(name, (unsigned long)callback);
	/* "function [module]" */
	*strchrnul(name, ' ') = '\0';
}

bool p2pmem_importer_lets_go(const struct dma_buf_attachment *attachment)
{
	const struct dma_buf_attach_ops *ops = attachment->importer_ops;
	char name[KSYM_SYMBOL_LEN];

	if (!attachment->peer2peer || !ops || !ops->compat_move_notify)
		return false;
	p2pmem_importer_name(ops->compat_move_notify, name);
#ifdef COMPAT_IMPORTERS_PROMISE
	return !p2pmem_importer_is_among(name, p2pmem_importers_that_do_not,
					 ARRAY_SIZE(p2pmem_importers_that_do_not));
#else
	return p2pmem_importer_is_among(name, p2pmem_importers_that_do,
					ARRAY_SIZE(p2pmem_importers_that_do)) ||
	       p2pmem_importer_is_among(name, (const char *const *)importers,
					p2pmem_importers_given);
#endif
}
