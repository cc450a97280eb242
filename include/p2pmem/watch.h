/* SPDX-License-Identifier: MIT */
/*
 * Watching which way bytes go: between drives and host memory, or between drives and other devices'
 * memory. Asked of any program, on a stock kernel, from its trace events.
 *
 *     open ──> poll, 20 times a second ──> snapshot ──> close
 *
 * A drive's requests are the kernel's block:block_rq_issue and nvme:nvme_setup_cmd events. What the
 * drive's driver maps for them in host memory are dma:dma_map_* events, and a probe on
 * dma_iova_link() behind an IOMMU. Memory of devices that is reached by bus address is not mapped;
 * a probe on __pci_p2pdma_update_state() tells that the kernel chose it, and whose it is. Bytes of
 * requests for which there is neither are `unseen`: nothing is concluded from silence.
 *
 * A handle belongs to one thread at a time. The kernel's trace instance of a watch has its
 * process's id in its name; p2p_watch_clean() removes what a killed process left.
 */
#ifndef P2PMEM_WATCH_H
#define P2PMEM_WATCH_H

#include <p2pmem/error.h>

P2P_BEGIN_DECLS

struct p2p_watch;

/** What to watch: starts from p2p_watch_options_init(). */
struct p2p_watch_options {
	size_t size; /**< of this struct, as the program that fills it in was compiled */
	/** Devices as people name them: "nvme0", "/dev/nvme0n1", "0000:03:00.0". None: all. */
	const char *const *devices;
	size_t device_count;
	/** Processes, and what they start from now on. None: all. */
	const int32_t *processes;
	size_t process_count;
	uint64_t buffer; /**< bytes of the kernel's buffer for each CPU; 0: 4 MiB, less on many */
};

/** Fills in the defaults: all devices, all processes. `size` is sizeof(*options). */
void p2p_watch_options_init(struct p2p_watch_options *options, size_t size);

/**
 * Begins to watch, in a trace instance of its own. Needs root.
 *
 * Returns 0, or a negative errno with the sentence in `error`:
 * -EOPNOTSUPP  tracefs is not mounted, or the kernel has no block events
 * -EACCES      not root
 * -EPERM       the kernel is locked down
 * -ENODEV      there is no such device
 * -ESRCH       there is no such process
 * -EINVAL      options that were not initialized
 * -EIO, -ENOMEM  as the sentence says
 */
int p2p_watch_open(const struct p2p_watch_options *options, struct p2p_watch **watch,
		   struct p2p_error *error);

/**
 * Takes in what was traced up to now, without waiting. To be called 20 times a second: the kernel
 * drops what nobody takes in, which is counted as lost.
 *
 * Returns 0, -EIO or -ENOMEM; the watch stays valid.
 */
int p2p_watch_poll(struct p2p_watch *watch, struct p2p_error *error);

/** Bytes that a device moved in one direction: host + peers + unseen = total. */
struct p2p_watch_bytes {
	uint64_t total;
	uint64_t host;   /**< to or from host memory */
	uint64_t peers;  /**< to or from devices' memory */
	uint64_t unseen; /**< moved, and no event says which memory it was */
};

/** Bytes that a device moved to or from the memory of one other. */
struct p2p_watch_peer {
	const char *provider;   /**< its PCI address; "several": of a request with more than one */
	uint64_t read, written; /**< by the device that is watched, as in the row */
};

/** What one device moved for one process. Retried requests count again. */
struct p2p_watch_row {
	const char *device;  /**< its PCI address, or another name in sysfs */
	const char *name;    /**< of its controller or drive, as in "nvme0"; "" unknown */
	int32_t process;     /**< that made the requests; the kernel's own threads, too */
	const char *command; /**< the process's name */
	uint64_t requests;
	struct p2p_watch_bytes read;    /**< from the drive into memory */
	struct p2p_watch_bytes written; /**< from memory onto the drive */
	const struct p2p_watch_peer *peers;
	size_t peer_count;
};

enum p2p_watch_note_code {
	P2P_WATCH_NO_DMA_EVENTS, /**< the kernel does not trace mappings: all is unseen */
	P2P_WATCH_NO_PEER_PROBE, /**< bus addresses cannot be told from what is not traced */
	P2P_WATCH_NO_IOVA_PROBE, /**< mappings behind an IOMMU are not all traced */
	P2P_WATCH_LOST,          /**< events were lost: figures are too low */
};

/** Something that limits what the figures mean. */
struct p2p_watch_note {
	enum p2p_watch_note_code code;
	const char *text; /**< a sentence without a full stop */
};

/** Gives a note's stable word. Returns "no-dma-events", "no-peer-probe" and so on. */
const char *p2p_watch_note_name(enum p2p_watch_note_code code);

/** The figures since the watch was opened. */
struct p2p_watch_snapshot {
	const struct p2p_watch_row
		*rows; /**< by device and process, in the order of their first use */
	size_t row_count;
	const struct p2p_watch_note *notes;
	size_t note_count;
	uint64_t events; /**< taken in */
	uint64_t lost;   /**< of the kernel's events, because its buffer was full */
};

/**
 * Gives the figures of what was taken in. Returns 0 or -ENOMEM. `*snapshot` is the caller's to free
 * with p2p_watch_snapshot_free(), NULL on failure, and needs the watch no more.
 */
int p2p_watch_snapshot(const struct p2p_watch *watch, struct p2p_watch_snapshot **snapshot,
		       struct p2p_error *error);

/** Frees figures. NULL is allowed. */
void p2p_watch_snapshot_free(struct p2p_watch_snapshot *snapshot);

/** Ends the watch and removes its trace instance and its probes. NULL is allowed. */
void p2p_watch_close(struct p2p_watch *watch);

/**
 * Removes trace instances and probes that watches left: those of the process `owner`, which must be
 * ending, or, if that is 0, of all processes that are gone, as p2p_watch_open() does. Waits up to
 * ten seconds for the kernel to let go of them.
 *
 * Returns 0, also when there are none; -EOPNOTSUPP, -EACCES, or -EBUSY: one is still in use.
 */
int p2p_watch_clean(int32_t owner, struct p2p_error *error);

P2P_END_DECLS

#endif
