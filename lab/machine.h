/* SPDX-License-Identifier: MIT */
/* A machine as its text file describes it: a tree of ports and devices, no word of QEMU's. */
#ifndef LAB_MACHINE_H
#define LAB_MACHINE_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lab_arch;

enum lab_kind {
	LAB_MACHINE,     /* the root of the tree: what sits on the machine's own root bus */
	LAB_HOST_BRIDGE, /* a further host bridge with a root bus of its own */
	LAB_ROOT_PORT,
	LAB_SWITCH, /* an upstream port; its children are the downstream ports */
	LAB_PORT,   /* a switch's downstream port */
	LAB_NVME,
	LAB_MEMORY_BAR, /* a function with a BAR of plain memory and no driver */
	LAB_DMA_ENGINE,
};

enum lab_iommu {
	LAB_IOMMU_NONE,
	LAB_IOMMU_INTEL,
	LAB_IOMMU_AMD,
	LAB_IOMMU_SMMUV3,
};

/* Bytes; length 0 means none. */
struct lab_range {
	uint64_t offset;
	uint64_t length;
};

#define LAB_ID_MAX     20 /* an id is also the NVMe serial number: 20 characters */
#define LAB_NUMA_NONE  UINT64_MAX
#define LAB_NODES_MAX  512
#define LAB_DRIVES_MAX 64
#define LAB_VALUE_MAX  1024 /* half of what Linux takes as its command line on x86 */

struct lab_node {
	enum lab_kind kind;
	char id[LAB_ID_MAX + 1];
	unsigned int line; /* in the machine file, for messages */
	struct lab_node *parent;
	struct lab_node *child; /* the first one */
	struct lab_node *next;  /* the next child of parent */

	int slot; /* on the parent's bus; -1 in a file that does not say */
	int function;
	bool multifunction;
	bool acs;       /* port: with an ACS capability */
	bool no_acs;    /* root-port: without one */
	uint64_t bus;   /* host-bridge: its bus number */
	uint64_t numa;  /* host-bridge: its node, or LAB_NUMA_NONE */
	uint64_t size;  /* nvme, memory-bar: bytes */
	uint64_t cmb;   /* nvme: bytes, 0 for none */
	uint64_t block; /* nvme: bytes of a logical block */
	uint64_t rate;  /* nvme: bytes a second, 0 for as fast as it goes */
	bool readonly;  /* nvme */
	bool random;    /* nvme: filled with random bytes from seed, else zeros */
	uint64_t seed;  /* nvme */
	unsigned int
		nsid; /* nvme: 1, 2, 3 in file order; tells drives apart in the trace; twins: 0 */
	struct lab_node *twin;      /* nvme: another controller of that one's drive; or NULL */
	bool has_twin;              /* nvme */
	struct lab_range fail_read; /* nvme: reading any block of it is an error */
	struct lab_range fail_write;
};

struct lab_machine {
	const struct lab_arch *arch;
	char kernel[LAB_VALUE_MAX]; /* a series such as "7.3"; empty: the lab's default */
	char cpu[LAB_VALUE_MAX];
	char append[LAB_VALUE_MAX]; /* kernel arguments */
	uint64_t cpus;
	uint64_t memory;
	enum lab_iommu iommu;
	bool counts;          /* instructions: the guest's time is made of them, */
	uint64_t count_shift; /* 1 << that many ns for each */
	unsigned int drives, twins;
	unsigned int numa_nodes; /* 0: the file names none */
	unsigned int count;
	struct lab_node nodes[LAB_NODES_MAX]; /* [0] is the LAB_MACHINE node, then file order */
};

/**
 * lab_machine_read() - read a machine file.
 * @name: a path, the name of a file in @directory, or "-" for standard input
 * @directory: where the shipped machines are
 * @arch: to be that machine on another architecture than the file says, with its default CPU; or
 * NULL
 * @error: on failure "FILE:LINE: what is wrong"
 *
 * Return: the machine, to be freed with free(), or NULL.
 */
struct lab_machine *lab_machine_read(const char *name, const char *directory,
				     const struct lab_arch *arch, struct lab_error *error);

/**
 * lab_machine_parse() - read a machine from text.
 * @name: what messages call it
 * @text: the text; need not end in a 0 byte
 * @length: bytes of it
 * @arch: as above
 * @error: as above
 *
 * Return: the machine, to be freed with free(), or NULL.
 */
struct lab_machine *lab_machine_parse(const char *name, const char *text, size_t length,
				      const struct lab_arch *arch, struct lab_error *error);

/** lab_machine_find() - the node with this id, or NULL. */
const struct lab_node *lab_machine_find(const struct lab_machine *machine, const char *id);

/** lab_kind_word() - the machine file's word for a kind. */
const char *lab_kind_word(enum lab_kind kind);

#endif
