/* SPDX-License-Identifier: MIT */
/*
 * A machine as people look at it: what its devices are and what they are called, which of them
 * matter, its forest folded to what is worth showing, and devices that answer alike.
 *
 * A machine is only read, so all functions may be called by any number of threads at once. What
 * they allocate belongs to the caller.
 */
#ifndef P2PMEM_TOPOLOGY_H
#define P2PMEM_TOPOLOGY_H

#include <p2pmem/error.h>
#include <p2pmem/machine.h>
#include <p2pmem/route.h>

P2P_BEGIN_DECLS

/** What a node is to people who move data. The words of p2p_device_kind_name() are stable. */
enum p2p_device_kind {
	P2P_DEVICE_HOST,    /**< host bridge */
	P2P_DEVICE_BUS,     /**< stands for what is above a bus and is not shown */
	P2P_DEVICE_SWITCH,  /**< a switch's upstream port */
	P2P_DEVICE_PORT,    /**< root port or a switch's downstream port */
	P2P_DEVICE_BRIDGE,  /**< PCI bridge, or one of unknown type */
	P2P_DEVICE_OFF_BUS, /**< on no PCI bus */
	P2P_DEVICE_NVME,
	P2P_DEVICE_STORAGE,
	P2P_DEVICE_NETWORK,
	P2P_DEVICE_INFINIBAND,
	P2P_DEVICE_GPU,
	P2P_DEVICE_DISPLAY, /**< a management controller's or emulated screen */
	P2P_DEVICE_ACCEL,
	P2P_DEVICE_NVSWITCH,
	P2P_DEVICE_DMA,
	P2P_DEVICE_MEMORY,
	P2P_DEVICE_VIDEO,
	P2P_DEVICE_AUDIO,
	P2P_DEVICE_CHIPSET,
	P2P_DEVICE_SERIAL,
	P2P_DEVICE_COMM,
	P2P_DEVICE_SYSTEM,
	P2P_DEVICE_INPUT,
	P2P_DEVICE_USB,
	P2P_DEVICE_SMBUS,
	P2P_DEVICE_MANAGEMENT,
	P2P_DEVICE_SERIAL_BUS,
	P2P_DEVICE_CRYPTO,
	P2P_DEVICE_OTHER,
};

/** Gives a kind's stable word. Returns "host", "switch", "nvme", "serial-bus" and so on. */
const char *p2p_device_kind_name(enum p2p_device_kind kind);

/**
 * Tells what a node is: from the class code (PCI Code and ID Assignment Specification 1.16,
 * section 1), a few drivers and, for displays, the vendor. Returns P2P_DEVICE_OTHER where these
 * tell nothing.
 */
enum p2p_device_kind p2p_device_kind(const struct p2p_machine *machine, p2p_node node);

/**
 * Tells whether people overlook a function: chipset, management and legacy functions that have no
 * name, publish no memory and have no BAR that could be published. Returns false for bridges.
 */
bool p2p_device_is_minor(const struct p2p_machine *machine, p2p_node node);

/**
 * Tells whether peer-to-peer is for that device: NVMe drives, GPUs, accelerators, Ethernet and
 * InfiniBand cards, and what publishes memory. Virtual functions share their physical function's
 * way, so they do not count. Returns false for bridges.
 */
bool p2p_device_takes_part(const struct p2p_machine *machine, p2p_node node);

/** Gives the largest prefetchable memory BAR of a function. Returns -1: none, or not known. */
int p2p_device_memory_bar(const struct p2p_node_info *info);

/** Bytes of a BAR from which on Linux can publish it: struct pages come in blocks of 2 MiB. */
#define P2P_PUBLISHABLE_SIZE (2ull << 20)

/** Room for a node's address and its NUL. */
#define P2P_ADDRESS 24
/** Room for a title and its NUL. */
#define P2P_TITLE 160

/**
 * Writes a node's address: "0000:03:00.0"; of a host bridge "pci0000:15", as sysfs calls it; of
 * what stands for an unknown parent "bus 0000:15"; of a device on no bus "off-bus-7", its index.
 * Returns `text`.
 */
const char *p2p_address(const struct p2p_fabric *fabric, p2p_node node, char text[P2P_ADDRESS]);

/** Gives a node's kind in words. Returns "root port", "endpoint", "host bridge" and so on. */
const char *p2p_kind_name(enum p2p_kind kind);

/**
 * Writes what a node is called in a sentence, "0000:03:00.0 (nvme0)": the address, and in brackets
 * what tells people most: the kind of a bridge, else the name that the system gave, and the model
 * where there is no telling name. What is not printable ASCII becomes "?". Returns `text`, cut
 * when longer.
 */
const char *p2p_title(const struct p2p_machine *machine, p2p_node node, char text[P2P_TITLE]);

/**
 * Writes the same for sentences that name several: of a bridge the address alone, and never a
 * model. Returns `text`, cut when longer.
 */
const char *p2p_short_title(const struct p2p_machine *machine, p2p_node node, char text[P2P_TITLE]);

/** What devices are selected for. */
enum p2p_role {
	P2P_ROLE_CLIENT,
	P2P_ROLE_PROVIDER,
};

/** Nodes in the order of p2p_fabric_order(), each once. */
struct p2p_selection {
	p2p_node *nodes;
	uint32_t count;
};

/**
 * Selects functions. `words` is a list with commas of classes (those of p2p_class_words()), "all"
 * and devices as p2p_machine_find() knows them. NULL: those that are likely in that role. Clients:
 * the functions below a port, and integrated ones that are GPU, NVMe, network or accelerator; no
 * bridges, no virtual functions. Providers: those of them with a memory BAR of P2P_PUBLISHABLE_SIZE
 * or more, or with published memory; all, when the source tells no BAR at all.
 *
 * Returns 0, -ENOMEM, or what p2p_machine_find() returns, with its sentence. An empty class is not
 * an error: `count` is 0. `*selection` is to be freed by p2p_selection_free(), and NULL on failure.
 */
int p2p_select(const struct p2p_machine *machine, const char *words, enum p2p_role role,
	       struct p2p_selection **selection, struct p2p_error *error);

/** Frees a selection. NULL is allowed. */
void p2p_selection_free(struct p2p_selection *selection);

/**
 * Gives the classes that p2p_select() knows. Returns "gpu", "accelerator", "nvme", "storage",
 * "net" and "bridge", ending with NULL; constants.
 */
const char *const *p2p_class_words(void);

/** Counts a machine's functions of a class. Returns 0 for what is not a class, too. */
uint32_t p2p_class_count(const struct p2p_machine *machine, const char *word);

#define P2P_NO_ROW UINT32_MAX

/** A row of a folded tree: the chain of nodes `first`, …, `last`, each the parent of the next. */
struct p2p_folded_row {
	p2p_node first, last;
	p2p_node last_alike; /**< of the functions like `last`, itself when it is alone */
	uint32_t functions;  /**< how many they are, itself counted */
	uint32_t parent;     /**< the row above, or P2P_NO_ROW */
	uint32_t depth;      /**< 0: host bridges and off-bus devices */
	bool final;          /**< the last row below its parent */
	uint32_t minor;      /**< functions below the chain that are not shown */
	uint32_t empty;      /**< ports that lead nowhere, not shown */
};

/**
 * A machine's forest folded to what people want to see of it:
 *
 *     - a port that leads to one thing is one row with it, so are chains of such ports;
 *     - functions of one device that are alike are one row;
 *     - ports that lead nowhere, chipset functions, and the minor functions beside a device of
 *       interest are only counted;
 *     - host bridges that have nothing else are only listed.
 */
struct p2p_folded_tree {
	struct p2p_folded_row *rows; /**< parents before children, in order of address */
	uint32_t count;
	p2p_node *bare; /**< host bridges with nothing to show */
	uint32_t bare_count;
	uint32_t bare_functions; /**< functions below those */
};

/**
 * Folds a machine's forest; with `all`, every node has a row of its own.
 *
 * Returns 0 or -ENOMEM. `*tree` is to be freed by p2p_folded_tree_free(), and NULL on failure.
 */
int p2p_fold(const struct p2p_machine *machine, bool all, struct p2p_folded_tree **tree);

/** Frees a folded tree. NULL is allowed. */
void p2p_folded_tree_free(struct p2p_folded_tree *tree);

/** More is no table that a person reads, and the search takes the third power. */
#define P2P_EQUIVALENCE_NODES  4096u
#define P2P_EQUIVALENCE_GROUPS 200u

/**
 * Equivalence groups: two functions are in one when each other function has the same verdicts with
 * both, as client and as provider, by both routers, and they have the same with each other both
 * ways. So one verdict stands for every pair of two groups, and one for every pair within a group.
 */
struct p2p_equivalence {
	uint32_t *member; /**< positions among the nodes, group by group, each in order */
	uint32_t *start;  /**< where each group starts in `member`; one more is the end */
	uint32_t count;
};

/**
 * Finds the groups of `count` nodes, in the order of their first members.
 *
 * Returns 0, -ENOMEM, or -E2BIG: more than P2P_EQUIVALENCE_NODES nodes, or than
 * P2P_EQUIVALENCE_GROUPS groups. `*equivalence` is to be freed by p2p_equivalence_free(), and NULL
 * on failure.
 */
int p2p_equivalence_find(const struct p2p_router *router, const struct p2p_router *hardware,
			 const p2p_node *nodes, uint32_t count,
			 struct p2p_equivalence **equivalence);

/** Frees equivalence groups. NULL is allowed. */
void p2p_equivalence_free(struct p2p_equivalence *equivalence);

P2P_END_DECLS

#endif
