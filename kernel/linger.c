// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two kinds of users leave without a word: a direct I/O transfer, which holds a page's reference
 * count, and VFIO type 1, which follows a mapping's page table entries once, programs the IOMMU and
 * forgets (vfio_iommu_type1.c, follow_fault_pfn()). For the second there is only one sign: as long
 * as some function has a domain of VFIO's making, it may be the one.
 */
#include "linger.h"

#include <linux/iommu.h>
#include <linux/workqueue.h>

#define LOOK_EVERY (HZ / 5)

static LIST_HEAD(lingering);
static DEFINE_MUTEX(lingering_lock);

static bool p2pmem_linger_vfio_has_a_domain(void)
{
	struct iommu_domain *domain;
	struct pci_dev *pdev = NULL;

	while ((pdev = pci_get_device(PCI_ANY_ID, PCI_ANY_ID, pdev))) {
		domain = iommu_get_domain_for_dev(&pdev->dev);
		if (domain && domain->type == IOMMU_DOMAIN_UNMANAGED) {
			pci_dev_put(pdev);
			return true;
		}
	}
	return false;
}

static void p2pmem_linger_look(struct work_struct *work)
{
	bool vfio = p2pmem_linger_vfio_has_a_domain();
	struct p2pmem_piece *piece, *next;
	bool again;

	mutex_lock(&lingering_lock);
	list_for_each_entry_safe(piece, next, &lingering, lingering) {
		if (piece->vfio && vfio)
			continue;
		/* Freed or not, what is on a list must not be freed. */
		list_del(&piece->lingering);
		if (p2pmem_piece_try_free(piece))
			module_put(THIS_MODULE);
		else
			list_add(&piece->lingering, &lingering);
	}
	again = !list_empty(&lingering);
	mutex_unlock(&lingering_lock);
	if (again)
		schedule_delayed_work(to_delayed_work(work), LOOK_EVERY);
}

static DECLARE_DELAYED_WORK(looking, p2pmem_linger_look);

void p2pmem_linger(struct p2pmem_piece *piece)
{
	__module_get(THIS_MODULE);
	mutex_lock(&lingering_lock);
	list_add_tail(&piece->lingering, &lingering);
	mutex_unlock(&lingering_lock);
	schedule_delayed_work(&looking, 0);
}

void p2pmem_linger_stop(void)
{
	cancel_delayed_work_sync(&looking);
}

bool p2pmem_held_by_vfio(phys_addr_t start, u64 size)
{
	struct p2pmem_piece *piece;
	bool held = false;

	mutex_lock(&lingering_lock);
	list_for_each_entry(piece, &lingering, lingering)
		held |= piece->vfio && piece->start < start + size &&
			start < piece->start + piece->size;
	mutex_unlock(&lingering_lock);
	return held;
}
