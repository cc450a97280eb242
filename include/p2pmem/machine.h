/* SPDX-License-Identifier: MIT */
/*
 * A machine as some source describes it: its finished fabric, the names people use for its
 * devices, and the facts beside the fabric that decide whether peer-to-peer works.
 *
 * Read once by p2p_machine_open(), then read-only: any number of threads may use one machine
 * without locking. Every pointer handed out here belongs to the machine and lives as long.
 * What the source did not say is unknown: P2P_UNKNOWN, NULL or a negative number, never a guess.
 */
#ifndef P2PMEM_MACHINE_H
#define P2PMEM_MACHINE_H

#include <p2pmem/error.h>
#include <p2pmem/fabric.h>
#include <p2pmem/policy.h>

P2P_BEGIN_DECLS

struct p2p_machine;
struct p2p_router;

/** What kind of name a name is; in this order they are listed. */
enum p2p_name_kind {
	P2P_NAME_NVME,       /**< a controller: nvme0 */
	P2P_NAME_BLOCK,      /**< nvme0n1, sda */
	P2P_NAME_NET,        /**< eth2 */
	P2P_NAME_INFINIBAND, /**< mlx5_0 */
	P2P_NAME_DRM,        /**< card0, renderD128 */
	P2P_NAME_OTHER,      /**< what else a source calls a device: accel0, dax0.0, nvml0 */
};

struct p2p_name {
	p2p_node node;
	enum p2p_name_kind kind;
	const char *text;
};

/** Memory that a function's driver provides through the kernel: sysfs BDF/p2pmem. */
struct p2p_peer_memory {
	enum p2p_known known;
	uint64_t size;      /**< bytes */
	uint64_t available; /**< bytes, when the source was read */
	bool published;     /**< the kernel may choose it for others */
};

/** An NVMe drive's controller memory buffer: NVMe Base 2.0, 3.1.3.11 and 3.1.3.12. */
struct p2p_cmb {
	enum p2p_known known;
	uint8_t bar;     /**< below P2P_BARS */
	uint64_t offset; /**< bytes into that BAR */
	uint64_t size;   /**< bytes, as the drive says: it may reach beyond the BAR */
};

/** What is known of one node beside its place in the fabric. */
struct p2p_device {
	const char *model;             /**< vendor and device in words, NULL: unknown */
	const char *driver;            /**< NULL unless driver_known is PRESENT */
	enum p2p_known driver_known;   /**< ABSENT: no driver is bound */
	const char *label;             /**< firmware's name of the device, or NULL */
	const char *slot;              /**< physical slot, or NULL */
	p2p_node physical_function;    /**< of a virtual function, else P2P_NO_NODE */
	struct p2p_link link_below;    /**< root and downstream ports: the link they lead to */
	struct p2p_peer_memory memory; /**< published by the kernel's p2pdma */
	struct p2p_cmb cmb;
	uint64_t bar_max[P2P_BARS]; /**< bytes a resizable BAR can have, 0: fixed or unknown */
	enum p2p_known revision_known;
	uint8_t revision;     /**< of the function, when that is PRESENT */
	const char *firmware; /**< version of an NVMe drive's, or NULL */
};

struct p2p_machine_facts {
	const char *arch;           /**< as uname -m says it, or NULL */
	const char *cpu_vendor;     /**< GenuineIntel, AuthenticAMD, …, or NULL */
	const char *cpu_name;       /**< model in words, or NULL */
	int32_t cpu_family;         /**< x86 display family, -1: unknown */
	int32_t cpu_model;          /**< x86 display model, -1: unknown */
	const char *kernel_release; /**< as uname -r says it, or NULL */
	/** Words of the kernel command line that bear on peer-to-peer (pci=, iommu=, …), or NULL.
	 */
	const char *command_line;
	enum p2p_known hypervisor; /**< PRESENT: this is a guest */
	/**
	 * A function of the root complex whose ids show whose CPU it is, where the source does not
	 * name the CPU; and one that only hypervisors make. P2P_NO_NODE: none.
	 */
	p2p_node cpu_shown_by, guest_shown_by;
	enum p2p_known iommu; /**< ABSENT: no device is in an IOMMU group */
	enum p2p_known root;  /**< whether the source was read as root */
	const char *bios;     /**< version of the firmware, as DMI has it, or NULL */
};

/**
 * Reads a machine.
 *
 * `path` is NULL for the running machine, "-" for standard input, else a file, pipe or directory
 * whose format is detected: a capture, a sysfs tree or tarball of one, `lspci` text or hex, hwloc
 * or NCCL XML; text and XML also packed or in an archive. What could be saved of damaged input
 * comes with a warning instead of an error.
 *
 * Returns 0; -ENOENT, -EACCES, -EIO, -EINVAL (the file), -EBADMSG (malformed, or no known format),
 * -EFBIG (larger than any machine's) or -ENOMEM. `*machine` is for p2p_machine_free(), and NULL on
 * failure.
 */
int p2p_machine_open(const char *path, struct p2p_machine **machine, struct p2p_error *error);

/**
 * Reads one of the machines in a text that has the functions of several (host and guest, before
 * and after): `number` says which, from 1 in the order of the text. The other formats have one.
 *
 * Returns what p2p_machine_open() returns; -EINVAL also: there is no such machine.
 */
int p2p_machine_open_nth(const char *path, unsigned int number, struct p2p_machine **machine,
			 struct p2p_error *error);

/** Frees a machine and all it handed out. NULL is allowed. */
void p2p_machine_free(struct p2p_machine *machine);

/**
 * Tells which format a machine was read from. Returns "live", "capture", "sysfs", "lspci", "udev",
 * "hwloc-xml" or "nccl-xml".
 */
const char *p2p_machine_source(const struct p2p_machine *machine);

/** Returns whether it is the machine that this runs on: its source is "live". */
bool p2p_machine_is_live(const struct p2p_machine *machine);

/** Gives a machine's fabric. Returns never NULL. */
const struct p2p_fabric *p2p_machine_fabric(const struct p2p_machine *machine);

/** Tells what is known beside the fabric: CPU, kernel, IOMMU. Returns never NULL. */
const struct p2p_machine_facts *p2p_machine_facts(const struct p2p_machine *machine);

/** Sums up a machine's facts for policies. Returns what p2p_router_new() takes. */
struct p2p_platform p2p_machine_platform(const struct p2p_machine *machine);

/**
 * Makes a router for the machine: whose rules decide is said here alone. `kernel` is what
 * p2p_policy_find() takes: a release as `uname -r` gives it, or "hardware". NULL: the machine's own
 * kernel; where its source does not say which that is, the newest Linux that is known, since
 * that is met sooner than an older one, and `*fit` is P2P_FIT_ASSUMED. `fit` may be NULL.
 *
 * Returns 0, -EINVAL (not a release, the machine's own included) or -ENOMEM, and NULL in `*router`
 * then. The router is for p2p_router_free(), before the machine.
 */
int p2p_machine_router(const struct p2p_machine *machine, const char *kernel,
		       struct p2p_router **router, enum p2p_policy_fit *fit,
		       struct p2p_error *error);

/** Tells facts of a node of the machine's fabric. Returns NULL: there is no such node. */
const struct p2p_device *p2p_machine_device(const struct p2p_machine *machine, p2p_node node);

/**
 * Lists a node's names, by kind, then text. Returns the first of `*count`; of no such node there
 * are none.
 */
const struct p2p_name *p2p_machine_names(const struct p2p_machine *machine, p2p_node node,
					 uint32_t *count);

/**
 * Finds the function that people mean by `text`: an address ("0000:03:00.0", "03:00.0", "3:0"),
 * a name ("nvme0", "mlx5_0", "eth0"), a partition ("nvme0n1p2"), what firmware calls it ("SLOT 28",
 * where that is one device), or a path that ends in one of these ("/dev/nvme0n1",
 * "/sys/bus/pci/devices/0000:03:00.0").
 *
 * Returns 0, -ENOENT (the error names near matches), -ENOTUNIQ (the error lists them) or -EINVAL.
 * `*node` is P2P_NO_NODE on failure.
 */
int p2p_machine_find(const struct p2p_machine *machine, const char *text, p2p_node *node,
		     struct p2p_error *error);

/**
 * Looks up a kernel build option ("CONFIG_PCI_P2PDMA"). Returns "y", "m", "n" or other text. NULL:
 * unknown; only options that bear on peer-to-peer are kept.
 */
const char *p2p_machine_config(const struct p2p_machine *machine, const char *option);

/**
 * Tells the domain type of an IOMMU group. Returns "DMA", "DMA-FQ", "identity" and so on, or NULL:
 * unknown.
 */
const char *p2p_machine_group_type(const struct p2p_machine *machine, int32_t group);

/**
 * Tells whether devices in an IOMMU domain of that type have their addresses translated: "DMA" and
 * "DMA-FQ", by iommu_group_show_type() in drivers/iommu/iommu.c. Returns false for other types.
 */
bool p2p_group_translates(const char *type);

/** Counts the warnings: what was damaged or missing in the source. Returns how many there are. */
uint32_t p2p_machine_warnings(const struct p2p_machine *machine);

/**
 * Gives a warning; `index` is below p2p_machine_warnings(). Returns a line with file and line or
 * offset.
 */
const char *p2p_machine_warning(const struct p2p_machine *machine, uint32_t index);

/**
 * Writes a capture: one .tar.gz that replays on any machine as what is read here and now, without
 * serial numbers and MAC addresses. Its format: p2pmem-capture-format(5).
 *
 * `source` is NULL for the running machine, else a sysfs tree, tarball or capture. A file that is
 * at `path` already is replaced once the new one is whole.
 *
 * Returns 0, what p2p_machine_open() returns, or -EINVAL (a source that is not a sysfs tree).
 */
int p2p_capture_write(const char *path, const char *source, struct p2p_error *error);

P2P_END_DECLS

#endif
