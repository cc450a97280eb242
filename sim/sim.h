/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A bus that behaves like hardware: requests are routed hop by hop from registers alone, as the
 * PCI Express Base Specification ("PCIe" in comments, section numbers of revision 6) routes memory
 * requests, and move real bytes.
 *
 *     sim_machine_new()   an empty machine
 *     sim_add()           its bridges and devices, parents first
 *     sim_assign()        what firmware does: bus numbers, BARs, bridge windows
 *     sim_registers()     what software sees and changes, at any time
 *     sim_write()         one client's DMA; the result says where the bytes went, and how
 *     sim_machine_free()
 *
 * It judges the core, so it knows none of the core's rules and shares no code with it. A machine
 * belongs to one thread at a time; any number of machines may exist. Nothing does I/O.
 */
#ifndef SIM_H
#define SIM_H

#include <p2pmem/address.h>

/** Index of a node, dense from 0 in the order of sim_add(). */
typedef uint32_t sim_node;
#define SIM_NO_NODE UINT32_MAX

#define SIM_NODES_MAX   1024 /**< in one machine */
#define SIM_BARS        6
#define SIM_WINDOWS_MAX 8  /**< of a host bridge, each way */
#define SIM_NAME        24 /**< bytes, with the 0 at the end */
#define SIM_PAGE        4096u

enum sim_kind {
	SIM_RAM,           /**< host memory, on the CPU's own bus */
	SIM_COHERENT,      /**< a device on the CPU's bus (CAPI, CXL): provides memory, does DMA */
	SIM_HOST_BRIDGE,   /**< between the CPU's bus and a root bus */
	SIM_ROOT_PORT,     /**< below a host bridge */
	SIM_UPSTREAM_PORT, /**< of a switch, below a root or downstream port */
	SIM_DOWNSTREAM_PORT, /**< of a switch, below an upstream port */
	SIM_FUNCTION,        /**< a device's function, below a port or a host bridge */
};

/* PCIe 7.7.11.2/3: bits of the ACS Capability and Control registers. */
#define SIM_ACS_SV 0x01u /**< Source Validation */
#define SIM_ACS_TB 0x02u /**< Translation Blocking */
#define SIM_ACS_RR 0x04u /**< P2P Request Redirect */
#define SIM_ACS_CR 0x08u /**< P2P Completion Redirect */
#define SIM_ACS_UF 0x10u /**< Upstream Forwarding */
#define SIM_ACS_EC 0x20u /**< P2P Egress Control */
#define SIM_ACS_DT 0x40u /**< Direct Translated P2P */

/*
 * What a host bridge forwards between devices. PCIe 1.3.1: a root complex may, and need not, route
 * peer-to-peer requests; so each is a fact of the machine.
 */
#define SIM_PEERS_DIRECT 0x1u /**< between its root ports by bus address, before any IOMMU */
#define SIM_PEERS_SAME   0x2u /**< out of its own windows, what came in through it */
#define SIM_PEERS_CROSS  0x4u /**< to and from other host bridges that also do */

enum sim_iommu {
	SIM_IOMMU_OFF,       /**< there is none: inbound windows */
	SIM_IOMMU_PASS,      /**< untranslated requests use inbound windows, ATS ones are passed */
	SIM_IOMMU_TRANSLATE, /**< each device by its own table */
};

/** The address that a client is programmed with, or a page table entry for it. */
struct sim_map {
	sim_node client;
	p2p_dma_addr dma;
	p2p_cpu_addr cpu;
	uint64_t size; /**< bytes; all three are multiples of SIM_PAGE */
	bool read, write;
};

/** Between the CPU's bus and a PCI domain. */
struct sim_window {
	p2p_cpu_addr cpu;
	p2p_bus_addr bus;
	uint64_t size; /**< bytes */
};

/** Base and limit registers of a bridge, both inclusive; closed when base > limit: PCIe 7.5.1.3 */
struct sim_limits {
	uint64_t base, limit;
};

/** What a machine is made of: fixed once added. Start from `{ 0 }`. */
struct sim_info {
	enum sim_kind kind;
	char name[SIM_NAME];
	sim_node parent;             /**< SIM_NO_NODE for RAM, coherent devices and host bridges */
	uint8_t slot, function;      /**< device and function number; 0.0 below a port, as usual */
	uint64_t bar_size[SIM_BARS]; /**< 0, or a power of two from SIM_PAGE */
	/** Bit n: BAR n has 32 address bits and goes through non-prefetchable windows. */
	uint8_t bar_32bit;
	bool isolated; /**< functions: no way inside the device to its other functions */
	uint16_t acs_capability;
	bool acs;             /**< has the ACS capability structure */
	p2p_cpu_addr memory;  /**< RAM, coherent: where */
	uint64_t memory_size; /**< RAM, coherent */
	bool no_mmio;         /**< coherent: cannot reach the windows of host bridges */
	uint32_t domain;      /**< host bridges */
	uint8_t root_bus;     /**< host bridges */
	struct sim_window window[SIM_WINDOWS_MAX];  /**< host bridges: CPU to PCI */
	struct sim_window inbound[SIM_WINDOWS_MAX]; /**< PCI to CPU; none at all: all, unchanged */
};

/** What software sees in a node and may change at any time, to any value, as on hardware. */
struct sim_registers {
	bool present;       /**< false once the node, or one above, was removed */
	bool memory_enable; /**< Command register, PCIe 7.5.1.1.3 */
	bool bus_master;    /**< also of ports: whether they forward requests upstream */
	bool ats; /**< functions: the ATS Enable bit, without which no translated request passes */
	uint32_t domain;
	uint8_t bus;                    /**< where the node itself is */
	uint8_t secondary, subordinate; /**< bridges; of a host bridge its root bus and the last */
	uint64_t bar[SIM_BARS];         /**< bus addresses */
	struct sim_limits memory;       /**< below 4 GiB */
	struct sim_limits prefetch;     /**< 64 bits */
	uint16_t acs_control;           /**< bits that the capability lacks read and act as 0 */
	uint64_t acs_egress;            /**< Egress Control Vector: bit n is port (or function) n */
	uint32_t peers;                 /**< host bridges: SIM_PEERS_* */
	enum sim_iommu iommu;           /**< host bridges */
};

enum sim_outcome {
	SIM_LANDED,      /**< in the memory of `where`, at `offset`, whosever that is */
	SIM_NOT_SENT,    /**< the client is gone or may not send: its bus master bit is clear */
	SIM_UNSUPPORTED, /**< Unsupported Request: nobody takes it on a PCI bus */
	SIM_BLOCKED,     /**< ACS violation; `bits` says which service */
	SIM_FAULT,       /**< the IOMMU has no, or no such, translation */
	SIM_ABORT,       /**< the host: nothing is at that CPU address, or it does not forward */
	SIM_LOST,        /**< a read whose data did not find back: completion timeout */
};

/** "landed", "not-sent", "unsupported", "acs", "iommu", "abort", "lost". */
const char *sim_outcome_name(enum sim_outcome outcome);

enum sim_action {
	SIM_SENDS,      /**< the client puts it on its link; `address` from here on is a bus one */
	SIM_UP,         /**< forwards it up */
	SIM_REDIRECTS,  /**< sends it up because of ACS `bits` */
	SIM_TURNS,      /**< passes it to a neighbour below the same bridge */
	SIM_TAKES,      /**< host bridge: takes it in; `address` from here on is a CPU one */
	SIM_TRANSLATES, /**< host bridge: the same, through the IOMMU */
	SIM_PUTS,       /**< host bridge: puts it on its root bus; `address` is a bus one again */
	SIM_DOWN,       /**< forwards it down */
	SIM_ENDS,       /**< it lands here, or (a completion) is back */
	SIM_DIES,
};

/** "sends", "up", "redirects", "turns", "takes", "translates", "puts", "down", "ends", "dies". */
const char *sim_action_name(enum sim_action action);

struct sim_hop {
	sim_node node;
	enum sim_action action;
	uint16_t bits;    /**< ACS bits that made it so */
	bool completion;  /**< the data of a read on its way back */
	uint64_t address; /**< as it leaves the node; 0 for completions, which go by requester ID */
};

#define SIM_HOPS_MAX 64

/** What became of the first bytes of a request that all shared one fate. */
struct sim_result {
	enum sim_outcome outcome;
	sim_node where;     /**< where they landed or died */
	unsigned int bar;   /**< landed: in which BAR of `where`, 0 for memory on the CPU's bus */
	uint64_t offset;    /**< landed: in that BAR or memory */
	uint16_t bits;      /**< the ACS services that blocked */
	const char *why;    /**< one clause for people, never NULL; static */
	uint64_t bytes;     /**< so many shared this fate; more may follow that did not */
	uint32_t hop_count; /**< the true count: only SIM_HOPS_MAX are kept */
	struct sim_hop hop[SIM_HOPS_MAX];
};

struct sim_machine;

/** An empty machine, or NULL: out of memory. */
struct sim_machine *sim_machine_new(void);

/** NULL is allowed. */
void sim_machine_free(struct sim_machine *machine);

/**
 * Adds a node; `info` is copied. A parent comes before its children. Registers start as after
 * sim_assign() would leave them, but for numbers and addresses: present, enabled, no ACS control.
 *
 * @return 0, -ENOMEM, -ENOSPC (SIM_NODES_MAX), -EEXIST: a slot, an address of the CPU's bus or one
 *         in a window of the same host bridge is taken, or -EINVAL: a parent of the wrong kind, a
 *         BAR or memory of an impossible size, an address range that wraps.
 */
int sim_add(struct sim_machine *machine, const struct sim_info *info, sim_node *node);

/**
 * What firmware does: numbers the buses depth first and places every BAR and bridge window into
 * the host bridges' windows, 32-bit ones low, the others in the largest. What does not fit is
 * left disabled, as firmware does.
 *
 * @return 0, or -ENOSPC: something did not fit; `*culprit` names the first.
 */
int sim_assign(struct sim_machine *machine, sim_node *culprit);

uint32_t sim_count(const struct sim_machine *machine);
/** NULL: there is no such node. Valid until the next sim_add(). */
const struct sim_info *sim_info(const struct sim_machine *machine, sim_node node);
/** The same, for the registers. */
struct sim_registers *sim_registers(struct sim_machine *machine, sim_node node);
sim_node sim_find(const struct sim_machine *machine, const char *name);
/** The host bridge above (or the node itself), SIM_NO_NODE for what is on no PCI bus. */
sim_node sim_host_bridge(const struct sim_machine *machine, sim_node node);
/** Whether `node` is a bridge with buses below it: a port, not a host bridge. */
bool sim_is_port(enum sim_kind kind);

/** Takes a node and all below it out (or back in) with its link, as a person pulling a card. */
void sim_set_present(struct sim_machine *machine, sim_node node, bool present);

/** Adds an entry to the client's I/O page table. Returns 0, -ENOMEM, -ENOSPC or -EINVAL. */
int sim_map(struct sim_machine *machine, const struct sim_map *map);
/** Removes every entry of the client that overlaps. */
void sim_unmap(struct sim_machine *machine, sim_node client, p2p_dma_addr dma, uint64_t size);

/**
 * The CPU address of memory, as registers and windows are now. `bar` 0 for RAM and coherent ones.
 * Returns 0, or -ENXIO: no window of the host bridge shows it, or no such memory.
 */
int sim_cpu_address(struct sim_machine *machine, sim_node node, unsigned int bar, uint64_t offset,
		    p2p_cpu_addr *cpu);

/**
 * What `client` has to be programmed with, without an IOMMU, to reach that CPU address by way of
 * its host bridge: an inbound window backwards. Returns 0, or -ENXIO: no window covers it.
 */
int sim_inbound_address(struct sim_machine *machine, sim_node client, p2p_cpu_addr cpu,
			p2p_dma_addr *dma);

#define SIM_TRANSLATED 0x1u /**< Address Type 10b: the client has the address from ATS */
#define SIM_RELAXED    0x2u /**< Relaxed Ordering, which completions then carry too */

/**
 * One DMA of a client: a function, a port with DMA of its own, or a coherent device. It is cut
 * into requests that do not cross 4 KiB (PCIe 2.2.7); those that share a fate with the first make
 * one result. `result->bytes` says how many bytes that was: call again for the rest.
 *
 * Reads that fail give all ones, as hosts do. Returns 0 (whatever the fate), -EINVAL (not a client,
 * no bytes, an end past 64 bits), or -ENOMEM or -ENOSPC: no host memory to hold more bytes.
 */
int sim_write(struct sim_machine *machine, sim_node client, p2p_dma_addr dma, const void *bytes,
	      uint64_t size, unsigned int flags, struct sim_result *result);
int sim_read(struct sim_machine *machine, sim_node client, p2p_dma_addr dma, void *bytes,
	     uint64_t size, unsigned int flags, struct sim_result *result);

/** As sim_write(), of one byte that is not written: where would it go? */
int sim_route(struct sim_machine *machine, sim_node client, p2p_dma_addr dma, bool write,
	      unsigned int flags, struct sim_result *result);

/**
 * What is in a memory, seen by its owner: no bus, no rules. Memory never written holds zeros.
 * Return 0, -EINVAL (no such memory, or past its end), -ENOMEM or -ENOSPC.
 */
int sim_peek(const struct sim_machine *machine, sim_node node, unsigned int bar, uint64_t offset,
	     void *bytes, uint64_t size);
int sim_poke(struct sim_machine *machine, sim_node node, unsigned int bar, uint64_t offset,
	     const void *bytes, uint64_t size);

#endif
