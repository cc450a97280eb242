// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the CPU's mappings of a memory are found: through one inode, whichever node or dma-buf they
 * were made by. The inode of a node would not do: it pins no superblock, so that its file system
 * can be unmounted, a container's /dev with its end. DRM has it this way: drm_fs_inode_new().
 */
#include "inode.h"

#include <linux/mount.h>
#include <linux/pseudo_fs.h>

#define P2PMEM_MAGIC 0x7032706d /* "p2pm" */

static struct vfsmount *p2pmem_mount;

static int p2pmem_inode_init_fs_context(struct fs_context *context)
{
	return init_pseudo(context, P2PMEM_MAGIC) ? 0 : -ENOMEM;
}

/* Without an owner: our own mount would keep the module for ever. */
static struct file_system_type p2pmem_file_system = {
	.name = "p2pmem",
	.init_fs_context = p2pmem_inode_init_fs_context,
	.kill_sb = kill_anon_super,
};

int p2pmem_inodes_start(void)
{
	p2pmem_mount = kern_mount(&p2pmem_file_system);
	return PTR_ERR_OR_ZERO(p2pmem_mount);
}

void p2pmem_inodes_stop(void)
{
	kern_unmount(p2pmem_mount);
}

struct inode *p2pmem_inode_new(void)
{
	return alloc_anon_inode(p2pmem_mount->mnt_sb);
}
