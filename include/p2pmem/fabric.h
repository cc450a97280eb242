/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The fabric: everything that carries a DMA on one machine, as a forest.
 *
 *     host bridge ─┬─ root port ── upstream port ─┬─ downstream port ── endpoint
 *                  │                              └─ downstream port ── endpoint
 *                  └─ integrated endpoint
 *     off-bus device (CAPI, CXL or platform: on no PCI bus)
 *
 * Built once from nodes added in any order, then read-only: any number of threads may read a
 * finished fabric without locking. A node is an index, so the fabric holds no pointers into
 * itself and a verdict needs no allocation.
 *
 * What a source could not read is *unknown*, which is never the same as absent.
 */
#ifndef P2PMEM_FABRIC_H
#define P2PMEM_FABRIC_H

#include <p2pmem/address.h>

P2P_BEGIN_DECLS

/** Index of a node in its fabric, dense from 0. */
typedef uint32_t p2p_node;
#define P2P_NO_NODE UINT32_MAX

enum p2p_kind {
	P2P_KIND_HOST_BRIDGE,     /**< root complex side of a root bus; has windows, no BDF */
	P2P_KIND_ROOT_PORT,       /**< PCIe 7.5.3.2 device/port type 4 */
	P2P_KIND_UPSTREAM_PORT,   /**< type 5 */
	P2P_KIND_DOWNSTREAM_PORT, /**< type 6 */
	P2P_KIND_PCI_BRIDGE,      /**< PCI-to-PCI, PCIe-to-PCI and back: types 7, 8, or no PCIe */
	P2P_KIND_BRIDGE,          /**< a bridge whose port type could not be read */
	P2P_KIND_ENDPOINT, /**< any function that is not a bridge (types 0, 1, 9, 10, none) */
	P2P_KIND_OFF_BUS,  /**< a device on no PCI bus */
};

/** Tells bridges of every kind, also where the kind could not be read. Returns false for the rest.
 */
static inline bool p2p_kind_is_bridge(enum p2p_kind kind)
{
	return kind >= P2P_KIND_ROOT_PORT && kind <= P2P_KIND_BRIDGE;
}

enum p2p_known {
	P2P_UNKNOWN = 0, /**< could not be read: never guessed */
	P2P_ABSENT,      /**< read, and not there */
	P2P_PRESENT,
};

/** Domain, bus, device and function; `domain` above 0xffff exists (VMD, Hyper-V). */
struct p2p_bdf {
	uint32_t domain;
	uint8_t bus;
	uint8_t devfn; /**< device << 3 | function */
};

/* PCIe 7.7.11.2/3: the ACS Capability and Control registers share these bits. */
#define P2P_ACS_SV 0x0001u /**< Source Validation */
#define P2P_ACS_TB 0x0002u /**< Translation Blocking */
#define P2P_ACS_RR 0x0004u /**< P2P Request Redirect */
#define P2P_ACS_CR 0x0008u /**< P2P Completion Redirect */
#define P2P_ACS_UF 0x0010u /**< Upstream Forwarding */
#define P2P_ACS_EC 0x0020u /**< P2P Egress Control */
#define P2P_ACS_DT 0x0040u /**< Direct Translated P2P */

struct p2p_acs {
	enum p2p_known known; /**< of the capability structure */
	uint16_t capability;  /**< valid when PRESENT */
	uint16_t control;     /**< valid when PRESENT: the live bits */
};

struct p2p_link {
	uint32_t speed;     /**< MT/s per lane (2500, 5000, 8000, …), 0: unknown or no link */
	uint32_t max_speed; /**< what the device can do, 0: unknown */
	uint8_t width;      /**< lanes, 0: unknown or no link */
	uint8_t max_width;
};

/* Flags of a range, as far as the source tells them. */
#define P2P_RANGE_MEMORY   0x1u
#define P2P_RANGE_IO       0x2u
#define P2P_RANGE_PREFETCH 0x4u
#define P2P_RANGE_64BIT    0x8u

/** A BAR, a bridge window or a host bridge window; size 0: not there or not assigned. */
struct p2p_range {
	p2p_cpu_addr cpu;
	p2p_bus_addr bus;
	uint64_t size; /**< bytes */
	bool cpu_known;
	bool bus_known;
	uint8_t flags; /**< P2P_RANGE_* */
};

#define P2P_BARS           6
#define P2P_BRIDGE_WINDOWS 3 /**< I/O, memory, prefetchable memory */

#define P2P_ID_UNKNOWN    0xffffu /**< vendor or device: 0xffff is nobody's */
#define P2P_NUMA_UNKNOWN  (-1)
#define P2P_GROUP_UNKNOWN (-1)

/**
 * What a source says about one node. Start from p2p_node_info_init() (everything unknown), fill
 * in what was read. The fabric keeps a copy.
 */
struct p2p_node_info {
	enum p2p_kind kind;
	p2p_node parent;    /**< explicit parent, or P2P_NO_NODE: found by bus number */
	struct p2p_bdf bdf; /**< not for host bridges (domain and bus of the root bus are) */
	uint16_t vendor, device;
	uint16_t subsystem_vendor, subsystem_device;
	uint32_t class_code; /**< 24 bits, base class highest; 0xffffffff: unknown */
	enum p2p_known pcie; /**< a PCI Express capability */
	uint8_t port_type;   /**< device/port type field when pcie is PRESENT */
	/** Bus numbers of a bridge, 0,0: unknown; of a host bridge only the last, if known. */
	uint8_t secondary, subordinate;
	struct p2p_acs acs;
	struct p2p_link link; /**< of the link above the node */
	struct p2p_range bar[P2P_BARS];
	struct p2p_range window[P2P_BRIDGE_WINDOWS]; /**< bridges */
	int32_t numa_node;
	int32_t iommu_group;
	/** Host bridges: the source does not list every function below (hwloc and NCCL files). */
	bool partial;
	/**
	 * Host bridges, set by the fabric: something is on a bus of which the source does not show
	 * what is above it. It stands for that, and may be a port as well as a host bridge.
	 */
	bool unplaced;
	/**
	 * Functions: ports that the source does not show may lie between it and its parent. Set by
	 * the source, or by the fabric where bus numbers say so.
	 */
	bool gap;
};

struct p2p_fabric;
struct p2p_fabric_builder;

/**
 * Starts a fabric. What the allocator has as its context must outlive the fabric. Returns 0 or
 * -ENOMEM.
 */
int p2p_fabric_builder_new(const struct p2p_allocator *allocator,
			   struct p2p_fabric_builder **builder);

/** No machine is near this; it bounds what a hostile file can make the fabric cost. */
#define P2P_FABRIC_NODES_MAX (1u << 20)

/**
 * Adds a node, in any order. `info->parent` may be an index returned earlier. Indices stay valid
 * in the finished fabric. Returns 0, -ENOMEM, -EEXIST (that domain, bus, device and function is
 * there already, or a host bridge for that domain and root bus), -EINVAL (a parent that does not
 * exist, an unknown kind) or -ENOSPC (P2P_FABRIC_NODES_MAX reached).
 */
int p2p_fabric_add(struct p2p_fabric_builder *builder, const struct p2p_node_info *info,
		   p2p_node *node);

/**
 * Replaces what is known of a node added earlier; its place (parent, bdf, kind) may change too.
 * Returns 0, -EEXIST or -EINVAL, as p2p_fabric_add() does; then nothing has changed.
 */
int p2p_fabric_update(struct p2p_fabric_builder *builder, p2p_node node,
		      const struct p2p_node_info *info);

/**
 * Adds a window to a host bridge. Returns 0, -ENOMEM, -ENOSPC or -EINVAL (not a host bridge, or a
 * bad range: empty, past the end of 64 bits, no address known).
 */
int p2p_fabric_add_window(struct p2p_fabric_builder *builder, p2p_node host_bridge,
			  const struct p2p_range *window);

/**
 * Finishes a fabric. Places every node (explicit parent, else the bridge whose secondary bus it is
 * on, else the narrowest bridge whose bus range holds it, as virtual functions need, else a host
 * bridge for its root bus, added when missing) and freezes the fabric. In a partial fabric such a
 * host bridge is `unplaced` unless something on the bus can only be on a root bus, and a function
 * whose bus is not its parent's secondary has a `gap`. Consumes the builder, also on failure.
 *
 * Returns 0, -ENOMEM, or -EINVAL: loops and impossible parents, since only host bridges and bridges
 * have children, and host bridges and off-bus devices have no parent. `*fabric` is for
 * p2p_fabric_free(), and NULL on failure.
 */
int p2p_fabric_finish(struct p2p_fabric_builder *builder, struct p2p_fabric **fabric);

/**
 * Finishes a fabric as p2p_fabric_finish() does, and says which node a failure lies in: `*culprit`
 * is that, or P2P_NO_NODE. Returns what p2p_fabric_finish() returns.
 */
int p2p_fabric_finish_at(struct p2p_fabric_builder *builder, struct p2p_fabric **fabric,
			 p2p_node *culprit);

/**
 * Says that the source may not list every function: all host bridges become `partial`, and what
 * is above a bus is not concluded from nothing being shown there.
 */
void p2p_fabric_set_partial(struct p2p_fabric_builder *builder);

/** Finds a node that was added, by its address. Returns P2P_NO_NODE where there is none. */
p2p_node p2p_fabric_added(const struct p2p_fabric_builder *builder, struct p2p_bdf bdf);

/**
 * Finds a host bridge that was added, by its domain and root bus. Returns P2P_NO_NODE where there
 * is none.
 */
p2p_node p2p_fabric_added_root(const struct p2p_fabric_builder *builder, struct p2p_bdf root);

/** Gives up a fabric that was not finished. NULL is allowed. */
void p2p_fabric_builder_free(struct p2p_fabric_builder *builder);

/** Frees a finished fabric; no router of it may be left. NULL is allowed. */
void p2p_fabric_free(struct p2p_fabric *fabric);

/** Counts a fabric's nodes. Returns how many there are: 0 to that less 1 are valid. */
uint32_t p2p_fabric_count(const struct p2p_fabric *fabric);

/** Tells what is known of a node, which must exist. Returns never NULL. */
const struct p2p_node_info *p2p_fabric_info(const struct p2p_fabric *fabric, p2p_node node);

/** Gives the node above. Returns P2P_NO_NODE for host bridges and off-bus devices. */
p2p_node p2p_fabric_parent(const struct p2p_fabric *fabric, p2p_node node);

/**
 * Gives the first of a node's children in order of address. P2P_NO_NODE itself has the host bridges
 * and off-bus devices. Returns P2P_NO_NODE where there are none.
 */
p2p_node p2p_fabric_first_child(const struct p2p_fabric *fabric, p2p_node node);

/** Gives the next child of the same parent. Returns P2P_NO_NODE after the last. */
p2p_node p2p_fabric_next_sibling(const struct p2p_fabric *fabric, p2p_node node);

/** Gives the host bridge that a node is below or is. Returns P2P_NO_NODE for off-bus devices. */
p2p_node p2p_fabric_host_bridge(const struct p2p_fabric *fabric, p2p_node node);

/**
 * Gives all nodes in the order in which people read a fabric: parents before their children, by
 * address. Returns p2p_fabric_count() of them, which belong to the fabric.
 */
const p2p_node *p2p_fabric_order(const struct p2p_fabric *fabric);

/**
 * Steps through that order; P2P_NO_NODE begins. Returns the node after `node`, or P2P_NO_NODE
 * after the last.
 */
p2p_node p2p_fabric_next(const struct p2p_fabric *fabric, p2p_node node);

/** Finds the function at an address. Returns P2P_NO_NODE where there is none. */
p2p_node p2p_fabric_find(const struct p2p_fabric *fabric, struct p2p_bdf bdf);

/** Lists the windows of a host bridge. Returns the first of `*count`, which may be 0. */
const struct p2p_range *p2p_fabric_windows(const struct p2p_fabric *fabric, p2p_node host_bridge,
					   uint32_t *count);

/** Starts a description of a node: nothing is known of it yet. */
void p2p_node_info_init(struct p2p_node_info *info);

P2P_END_DECLS

#endif
