/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What drivers call: find, map and allocate provider memory, and provide memory of their own.
 * All is exported GPL-only.
 *
 * Device memory needs no struct page. A scatterlist entry for memory without one is made with
 * p2pmem_set_sg(), which stores the address in the form of a page pointer that nobody follows.
 */
#ifndef P2PMEM_KERNEL_H
#define P2PMEM_KERNEL_H

#include <linux/device.h>
#include <linux/dma-direction.h>
#include <linux/scatterlist.h>
#include <linux/types.h>

/* pfn_to_page() would look for a section that device memory does not have. */
#if defined(CONFIG_SPARSEMEM) && !defined(CONFIG_SPARSEMEM_VMEMMAP)
#error "p2pmem needs CONFIG_SPARSEMEM_VMEMMAP"
#endif

struct p2pmem;
struct p2pmem_client;

/**
 * enum p2pmem_answer - what an allocation of memory is to a client
 * @P2PMEM_ANSWER_NORMAL: no device memory: carry on
 * @P2PMEM_ANSWER_DIRECT: by this bus address, below a common switch; no IOMMU sees it
 * @P2PMEM_ANSWER_VIA_HOST: by this address, mapped through the host bridge or IOMMU
 * @P2PMEM_ANSWER_UNREACHABLE: fail
 */
enum p2pmem_answer {
	P2PMEM_ANSWER_NORMAL,
	P2PMEM_ANSWER_DIRECT,
	P2PMEM_ANSWER_VIA_HOST,
	P2PMEM_ANSWER_UNREACHABLE,
};

/**
 * struct p2pmem_dma_ops - how clients reach memory that is on no PCI bus
 * @answer: whether the address that @map gives goes past the IOMMU (%P2PMEM_ANSWER_DIRECT) or not
 *	(%P2PMEM_ANSWER_VIA_HOST), or that the client cannot reach the memory. Must not sleep.
 * @map: gives the address that @client uses for @start; 0 or a negative errno. Must not sleep.
 * @unmap: undoes one @map, also after the memory was unregistered. Must not sleep.
 * @removed: nobody can map or allocate any more; memory in use has been revoked. May be NULL.
 */
struct p2pmem_dma_ops {
	enum p2pmem_answer (*answer)(void *context, struct device *client);
	int (*map)(void *context, struct device *client, phys_addr_t start, size_t length,
		   enum dma_data_direction direction, dma_addr_t *dma);
	void (*unmap)(void *context, struct device *client, dma_addr_t dma, size_t length,
		      enum dma_data_direction direction);
	void (*removed)(void *context);
};

/**
 * struct p2pmem_range - memory that a driver provides
 * @start: CPU address, on a page
 * @size: bytes, whole pages
 * @ops: how clients reach it
 * @context: passed to @ops
 * @parent: the device in sysfs that it belongs to, or NULL
 * @cached: the CPU may cache it: a coherent link
 * @pages: with struct pages, so that drivers that know nothing of this get at it, by their DMA
 *	operations: docs/dma-ops.md. Whole 2 MiB. A function reaches it where @map gives the CPU
 *	address; else the CPU copies. @map is undone at once then, and what it gave used for as long
 *	as somebody has a page.
 */
struct p2pmem_range {
	phys_addr_t start;
	size_t size;
	const struct p2pmem_dma_ops *ops;
	void *context;
	struct device *parent;
	bool cached, pages;
};

struct p2pmem *p2pmem_register_provider(const struct p2pmem_range *range);
int p2pmem_unregister_provider(struct p2pmem *memory);

struct p2pmem *p2pmem_find(phys_addr_t address);
struct p2pmem *p2pmem_get(struct p2pmem *memory);
void p2pmem_put(struct p2pmem *memory);
enum p2pmem_answer p2pmem_ask(struct p2pmem *memory, struct device *client);

int p2pmem_alloc(struct p2pmem *memory, size_t size, size_t alignment, phys_addr_t *start);
void p2pmem_free(struct p2pmem *memory, phys_addr_t start);

struct p2pmem_client *p2pmem_client_new(struct device *dev);
void p2pmem_client_free(struct p2pmem_client *client);

/**
 * struct p2pmem_sg - a mapped scatterlist
 * @count: entries of the list that have a DMA address: use sg_dma_address() and sg_dma_len() of so
 *	many
 * @direct_bytes: how much of it is device memory by bus address
 * @via_host_bytes: how much is device memory through the host
 *
 * Everything else is the mapping's own.
 */
struct p2pmem_sg {
	unsigned int count;
	u64 direct_bytes, via_host_bytes;
	/* private: */
	struct scatterlist *list;
	unsigned int entries;
	enum dma_data_direction direction;
	unsigned long attrs;
	struct p2pmem_sg_devices *devices;
};

int p2pmem_map_sg(struct p2pmem_client *client, struct scatterlist *list, unsigned int entries,
		  enum dma_data_direction direction, unsigned long attrs, struct p2pmem_sg *mapped);
void p2pmem_unmap_sg(struct p2pmem_client *client, struct p2pmem_sg *mapped);

/**
 * p2pmem_set_sg - makes a scatterlist entry of device memory with or without struct page
 * @entry: the entry
 * @start: CPU address
 * @length: bytes
 */
static inline void p2pmem_set_sg(struct scatterlist *entry, phys_addr_t start, unsigned int length)
{
	sg_set_page(entry, pfn_to_page(PHYS_PFN(start)), length, offset_in_page(start));
}

#endif
