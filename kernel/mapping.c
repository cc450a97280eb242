// SPDX-License-Identifier: GPL-2.0-only
/*
 * The CPU's mappings of an allocation. Page table entries are made by faults, each of which looks
 * whether the memory is still there; a removal takes them all away at once, and later faults are
 * SIGBUS.
 *
 * Mappings are VM_MIXEDMAP: of VM_PFNMAP, VFIO type 1 would read the page table entries and give
 * them to an IOMMU for as long as it likes: vfio_iommu_type1.c, follow_fault_pfn().
 */
#include "mapping.h"

#include "allocation.h"
#include "compat/compat.h"
#include "pages.h"

#include <linux/mm.h>

static void p2pmem_mapping_open_vma(struct vm_area_struct *vma)
{
	p2pmem_allocation_get(vma->vm_private_data);
}

static void p2pmem_mapping_close_vma(struct vm_area_struct *vma)
{
	p2pmem_allocation_put(vma->vm_private_data);
}

static vm_fault_t p2pmem_mapping_insert(struct vm_area_struct *vma,
					const struct p2pmem_allocation *allocation,
					unsigned long address, phys_addr_t start)
{
	if (allocation->memory->pages)
		return p2pmem_pages_insert(allocation->memory, vma, address, start);
	return compat_insert_mixed(vma, address, PHYS_PFN(start));
}

static vm_fault_t p2pmem_mapping_fault(struct vm_fault *fault)
{
	struct vm_area_struct *vma = fault->vma;
	struct p2pmem_allocation *allocation = vma->vm_private_data;
	u64 offset = (u64)fault->pgoff << PAGE_SHIFT;
	u64 skipped = offset - p2pmem_offset(allocation);
	vm_fault_t result = VM_FAULT_SIGBUS;
	int index = srcu_read_lock(&p2pmem_srcu);

	if (!READ_ONCE(allocation->memory->gone) && skipped < allocation->size)
		result = p2pmem_mapping_insert(vma, allocation, fault->address & PAGE_MASK,
					       allocation->start + skipped);
	srcu_read_unlock(&p2pmem_srcu, index);
	return result;
}

static const struct vm_operations_struct vm_operations = {
	.open = p2pmem_mapping_open_vma,
	.close = p2pmem_mapping_close_vma,
	.fault = p2pmem_mapping_fault,
};

/*
 * Writable mappings of who has this are not for long-term pins, which would hold up every removal:
 * writable_file_mapping_allowed(), from Linux 6.5 on. There is nothing to do in it.
 */
static vm_fault_t p2pmem_mapping_make_writable(struct vm_fault *fault)
{
	return 0;
}

static const struct vm_operations_struct vm_operations_of_own_pages = {
	.open = p2pmem_mapping_open_vma,
	.close = p2pmem_mapping_close_vma,
	.fault = p2pmem_mapping_fault,
	.pfn_mkwrite = p2pmem_mapping_make_writable,
};

static pgprot_t p2pmem_mapping_protection(const struct p2pmem_allocation *allocation,
					  pgprot_t normal)
{
	/* What a device has is not encrypted for it: vfio_pci_core_mmap(). */
	normal = pgprot_decrypted(normal);
	if (allocation->memory->range.cached)
		return normal;
	return p2pmem_allocation_combines(allocation) ? pgprot_writecombine(normal)
						      : pgprot_noncached(normal);
}

int p2pmem_map_cpu(struct p2pmem_allocation *allocation, struct vm_area_struct *vma)
{
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	u64 skipped = offset - p2pmem_offset(allocation);
	u64 size = vma->vm_end - vma->vm_start;

	/*
	 * A private mapping would copy what is written to it. One of a file that is open for
	 * reading only has lost VM_SHARED: do_mmap().
	 */
	if (!(vma->vm_flags & VM_MAYSHARE) || skipped >= allocation->size ||
	    size > allocation->size - skipped)
		return -EINVAL;
	compat_set_vm_flags(vma, VM_IO | VM_DONTEXPAND | VM_DONTDUMP | VM_MIXEDMAP);
	/* Direct I/O does not take pages of a mapping that is VM_IO: check_vma_flags(). */
	if (allocation->memory->pages)
		compat_clear_vm_flags(vma, VM_IO);
	vma->vm_page_prot = p2pmem_mapping_protection(allocation, vma->vm_page_prot);
	vma->vm_ops = allocation->memory->pagemap ? &vm_operations_of_own_pages : &vm_operations;
	vma->vm_private_data = p2pmem_allocation_get(allocation);
	return 0;
}
