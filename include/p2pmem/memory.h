/* SPDX-License-Identifier: MIT */
/*
 * Memory of devices, for programs: some of it is allocated from who provides it, for direct I/O
 * and for other devices' DMA.
 *
 *     p2p_memory_providers()  who provides memory
 *     p2p_memory_open()       allocates ──> p2p_memory_base() for I/O, load and store for the CPU
 *     p2p_memory_export()     ──> a dma-buf, for another device's driver
 *     p2p_memory_ask()        whether a device reaches it, and why
 *     p2p_memory_close()
 *
 * A device may vanish at any time, and its memory with it. I/O system calls on the base then answer
 * an error, and so do load and store. A CPU access by way of the base would be a signal: use those.
 *
 * One memory belongs to one thread at a time; any thread may give its base to system calls.
 */
#ifndef P2PMEM_MEMORY_H
#define P2PMEM_MEMORY_H

#include <p2pmem/error.h>
#include <p2pmem/fabric.h>
#include <p2pmem/route.h>

P2P_BEGIN_DECLS

/** Whose memory it is, and so how it is had. */
enum p2p_memory_kind {
	P2P_MEMORY_HOST,   /**< the machine's own */
	P2P_MEMORY_DRIVER, /**< a PCI function's, by its driver: sysfs BDF/p2pmem/allocate */
	P2P_MEMORY_MODULE, /**< a device's, by p2pmem.ko: /dev/p2pmemN */
};

/** Who provides memory. */
struct p2p_memory_provider {
	enum p2p_memory_kind kind;
	uint32_t index;          /**< MODULE: N */
	struct p2p_bdf function; /**< whose memory it is, where `on_pci` */
	bool on_pci;
	bool page_backed; /**< it has struct pages, so that it works with O_DIRECT */
	/**
	 * A function has one pool of pages, which its driver and the module share: only one way to
	 * it counts. This is the other; it serves all the same.
	 */
	bool second;
	uint64_t available; /**< bytes that one user can have now */
	uint64_t reserved[2];
};

/** Room for what p2p_memory_provider_name() writes. */
#define P2P_PROVIDER_NAME 24

/** Room for what p2p_memory_provider_node() writes: a path in sysfs. */
#define P2P_PROVIDER_NODE 80

/**
 * Lists who provides memory, beside the host: what drivers publish in bus order, then what
 * p2pmem.ko publishes by number.
 *
 * Returns 0, also when there is nobody, or -ENOMEM. `*providers` is the caller's to free(), and
 * NULL on failure.
 */
int p2p_memory_providers(struct p2p_memory_provider **providers, size_t *count,
			 struct p2p_error *error);

/**
 * Finds the provider that people mean by `name`: "host", "p2pmem0", "/dev/p2pmem0", or a device as
 * p2p_machine_find() knows it on the running machine, whose first memory in
 * p2p_memory_providers() it is then.
 *
 * Returns 0; -ENODEV: it provides no memory; -ENOENT, -ENOTUNIQ or -EINVAL: it is no device's
 * name, or several devices'; -ENOMEM.
 */
int p2p_memory_provider_find(const char *name, struct p2p_memory_provider *provider,
			     struct p2p_error *error);

/**
 * Writes a provider's name, as p2p_memory_provider_find() takes it: "0000:03:00.0", which means the
 * first memory of that function, "p2pmem0" for what is on no PCI bus, or "host". Returns `text`.
 */
const char *p2p_memory_provider_name(const struct p2p_memory_provider *provider,
				     char text[P2P_PROVIDER_NAME]);

/** Writes which file its memory is allocated by: "/dev/p2pmem0"; "" for the host's. Returns `text`.
 */
const char *p2p_memory_provider_node(const struct p2p_memory_provider *provider,
				     char text[P2P_PROVIDER_NODE]);

struct p2p_memory;

/** Flag of p2p_memory_open(): an error where I/O system calls cannot use the memory. */
#define P2P_MEMORY_FOR_IO 0x1u

/**
 * Allocates `size` bytes, rounded up to whole pages, from `provider`. `flags` is 0 or
 * P2P_MEMORY_FOR_IO. What the memory holds is left from its last user.
 *
 * Returns 0; -ENODEV: the provider is gone; -EACCES; -ENOMEM: it has no range of that size free, or
 * one user may not have that much; -EOPNOTSUPP: it has no struct pages, with P2P_MEMORY_FOR_IO;
 * -EINVAL: no bytes, or unknown flags. `*memory` is the caller's to close.
 */
int p2p_memory_open(const struct p2p_memory_provider *provider, size_t size, unsigned int flags,
		    struct p2p_memory **memory, struct p2p_error *error);

/**
 * Tells where the memory is, for read(2), write(2), io_uring(7) and the like with O_DIRECT; aligned
 * to a page. Returns NULL for memory without struct pages, which they cannot use.
 */
void *p2p_memory_base(const struct p2p_memory *memory);

/** Tells a memory's size. Returns bytes: what was asked for, rounded up to whole pages. */
size_t p2p_memory_size(const struct p2p_memory *memory);

/**
 * Reads bytes [offset, offset + size) of the memory by the CPU, which is slow: some 10 MB/s of a
 * device's.
 *
 * Returns 0; -EFAULT: the device is gone, `to` may be partly written; -EINVAL: past the end.
 */
int p2p_memory_load(struct p2p_memory *memory, size_t offset, void *to, size_t size);

/** Writes bytes [offset, offset + size) of the memory by the CPU. Returns as p2p_memory_load(). */
int p2p_memory_store(struct p2p_memory *memory, size_t offset, const void *from, size_t size);

/**
 * Exports the memory as a dma-buf, for the ioctl of another device's driver that imports one. The
 * allocation lives as long as the dma-buf or `memory`, whichever is longer.
 *
 * Returns 0 and a descriptor with O_CLOEXEC in `*fd`, which is the caller's to close(2);
 * -EOPNOTSUPP: only what p2pmem.ko provides can be exported; what the module says.
 */
int p2p_memory_export(struct p2p_memory *memory, int *fd, struct p2p_error *error);

/** One reason of a verdict. */
struct p2p_memory_reason {
	char code[32]; /**< stable: "acs-redirect" and so on, as p2p_reason_name() has it */
	bool has_node, has_other; /**< which of the next two mean something */
	struct p2p_bdf node, other;
	bool node_is_host_bridge; /**< then only domain and bus of `node` mean something */
	uint32_t bits;            /**< of ACS, or a quirk's number */
	char *text;               /**< the same for people */
};

/** Whether a client reaches a memory, by the module's word. */
struct p2p_memory_verdict {
	enum p2p_verdict verdict;
	int32_t distance; /**< hops as Linux counts them, -1: none or unknown */
	char policy[32];  /**< whose rules: "7.3"; "driver": what is on no PCI bus has none */
	struct p2p_memory_reason *reasons;
	uint32_t reason_count;
	char *text; /**< all of it in one line */
};

/**
 * Asks p2pmem.ko whether the PCI function `client` reaches the memory by DMA. For memory that the
 * module does not provide, and for a machine that is not this one, there is p2p_route_find().
 *
 * Returns 0; -EOPNOTSUPP: it is not the module's memory; -ENODEV: there is no such function, or the
 * memory is gone; -ENOMEM; what the module says. `*verdict` is the caller's to free
 * with p2p_memory_verdict_free(), NULL on failure.
 */
int p2p_memory_ask(const struct p2p_memory *memory, struct p2p_bdf client,
		   struct p2p_memory_verdict **verdict, struct p2p_error *error);

/** Frees a verdict. NULL is allowed. */
void p2p_memory_verdict_free(struct p2p_memory_verdict *verdict);

/** Gives the memory back. NULL is allowed. No system call may use its base any more. */
void p2p_memory_close(struct p2p_memory *memory);

P2P_END_DECLS

#endif
