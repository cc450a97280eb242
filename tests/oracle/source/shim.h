/* SPDX-License-Identifier: MIT */
/*
 * What the extracted part of Linux's drivers/pci/p2pdma.c needs of the kernel, over plain
 * structures.
 */
#ifndef P2P_TESTS_ORACLE_SHIM_H
#define P2P_TESTS_ORACLE_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

typedef uint16_t u16;

#define CONFIG_X86     1
#define X86_VENDOR_AMD 2
struct cpuinfo_x86 {
	int x86_vendor, x86;
};
extern struct cpuinfo_x86 oracle_cpu;
#define cpu_data(number) oracle_cpu

struct pci_dev;
struct pci_host_bridge;

struct pci_bus {
	struct {
		struct pci_dev *first;
	} devices;
	struct pci_host_bridge *host;
	unsigned int number;
};

struct pci_host_bridge {
	struct pci_bus *bus;
};

struct pci_p2pdma {
	int map_types;
};

struct pci_dev {
	unsigned short vendor, device;
	unsigned int devfn;
	int acs_cap, type;
	u16 acs;
	struct pci_bus *bus;
	struct pci_dev *up;
	struct pci_p2pdma *p2pdma;
};

enum pci_p2pdma_map_type {
	PCI_P2PDMA_MAP_UNKNOWN,
	PCI_P2PDMA_MAP_NOT_SUPPORTED,
	PCI_P2PDMA_MAP_BUS_ADDR,
	PCI_P2PDMA_MAP_THRU_HOST_BRIDGE,
};

#define PCI_ACS_CTRL              6
#define PCI_ACS_RR                0x04
#define PCI_ACS_CR                0x08
#define PCI_ACS_EC                0x20
#define PCI_EXP_TYPE_ROOT_PORT    4
#define PCI_DEVFN(slot, function) ((slot) << 3 | (function))
#define PCI_ANY_ID                (~0)
#define PCI_VENDOR_ID_AMD         0x1022
#define PCI_VENDOR_ID_INTEL       0x8086
#define PCI_VENDOR_ID_GOOGLE      0x1ae0
#define PCI_VENDOR_ID_NVIDIA      0x10de

/* include/linux/pci_ids.h of 7.2. */
#define PCI_DEVICE_ID_INTEL_DSA_SPR0  0x0b25
#define PCI_DEVICE_ID_INTEL_IAX_SPR0  0x0cfe
#define PCI_DEVICE_ID_INTEL_DSA_GNRD  0x11fb
#define PCI_DEVICE_ID_INTEL_DSA_DMR   0x1212
#define PCI_DEVICE_ID_INTEL_IAA_DMR   0x1216
#define PCI_DEVICE_ID_INTEL_QAT_4XXX  0x4940
#define PCI_DEVICE_ID_INTEL_QAT_401XX 0x4942
#define PCI_DEVICE_ID_INTEL_QAT_402XX 0x4944
#define PCI_DEVICE_ID_INTEL_QAT_420XX 0x4946
#define PCI_DEVICE_ID_INTEL_QAT_6XXX  0x4948

#define list_first_entry_or_null(list, type, member) ((list)->first)
#define pci_find_host_bridge(of)                     ((of)->host)
#define pci_upstream_bridge(of)                      ((of)->up)
#define pci_pcie_type(of)                            ((of)->type)
#define pci_read_config_word(of, where, value)       (*(value) = (of)->acs, (void)(where))
#define pci_domain_nr(of)                            0
#define pci_dev_id(of)                               ((of)->bus->number << 8 | (of)->devfn)
#define pci_name(of)                                 ""
#define pci_warn(of, ...)                            ((void)(of))

struct seq_buf {
	char *buffer;
	size_t len;
};
#define seq_buf_init(of, memory, size)  ((of)->buffer = (memory), (of)->len = (size))
#define seq_buf_printf(of, ...)         ((void)(of))
#define PAGE_SIZE                       4096
#define GFP_KERNEL                      0
#define GFP_ATOMIC                      0
#define kmalloc(size, how)              malloc(size)
#define kfree(memory)                   free(memory)
#define rcu_read_lock()                 ((void)0)
#define rcu_read_unlock()               ((void)0)
#define rcu_dereference(pointer)        (pointer)
#define xa_mk_value(value)              ((void *)(uintptr_t)(value))
#define xa_store(where, at, value, how) ((void)(where), (void)(at), (void)(value))

#endif
