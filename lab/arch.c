// SPDX-License-Identifier: MIT
/* The table of architectures: machine types, serial lines, names (QEMU's docs/system). */
#include "arch.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

/*
 * The script has a line of its own, apart from the kernel's console: so its output is exactly what
 * it printed, and an oops is still seen whole.
 *
 * amd64: ISA serial ports on interrupts that nothing else on q35 uses, as the third would share
 * the first one's. arm64: the board has one UART, the others are PCI functions.
 */
/* Both of riscv64's, in all but the machine. */
#define RISCV64_VIRT                                                                               \
	.name = "riscv64", .host = "riscv64", .qemu = "qemu-system-riscv64",                       \
	.package = "qemu-system-misc", .cpu = "rv64", .root_bus = "pcie.0",                        \
	.serial = { NULL, "pci-serial,bus=pcie.0,addr=1e.0,multifunction=on",                      \
		    "pci-serial,bus=pcie.0,addr=1e.1" },                                           \
	.tty = { "ttyS0", "ttyS1", "ttyS2" }, .append = "", .first_slot = 1, .end_slot = 0x1e

static const struct lab_arch archs[] = {
	{
		.name = "amd64",
		.host = "x86_64",
		.qemu = "qemu-system-x86_64",
		.package = "qemu-system-x86",
		.machine = "q35",
		.cpu = "max",
		.root_bus = "pcie.0",
		.serial = { "isa-serial,index=0", "isa-serial,index=1",
			    "isa-serial,index=2,irq=5" },
		.tty = { "ttyS0", "ttyS1", "ttyS2" },
		/* Emulated on a busy host, the timer can miss the test that it works: then a panic.
		 */
		.append = "no_timer_check",
		.first_slot = 1,
		.end_slot = 0x1f, /* the chipset's own functions */
		.iommus = 1 << LAB_IOMMU_INTEL | 1 << LAB_IOMMU_AMD,
	},
	{
		.name = "arm64",
		.host = "aarch64",
		.qemu = "qemu-system-aarch64",
		.package = "qemu-system-arm",
		.machine = "virt,gic-version=3",
		.cpu = "cortex-a72",
		.root_bus = "pcie.0",
		.serial = { NULL, "pci-serial,bus=pcie.0,addr=1e.0,multifunction=on",
			    "pci-serial,bus=pcie.0,addr=1e.1" },
		.tty = { "ttyAMA0", "ttyS0", "ttyS1" },
		.append = "",
		.first_slot = 1,
		.end_slot = 0x1e,
		.iommus = 1 << LAB_IOMMU_SMMUV3,
	},
	{
		/* docs/system/arm/imx8mp-evk.rst: the one board whose DMA goes by bus addresses
		 * that are not the CPU's. Hotplug stays off, as its interrupts come while a
		 * register is written.
		 */
		.name = "arm64",
		.board = "imx8mp",
		.host = "aarch64",
		.qemu = "qemu-system-aarch64",
		.package = "qemu-system-arm",
		.newer_qemu = true,
		.machine = "imx8mp-evk",
		.cpu = "cortex-a53",
		.device_tree = "imx8mp.dts",
		.modules = "reset-imx7 phy-fsl-imx8m-pcie",
		.script = "imx8mp.sh",
		.root_bus = "pcie",
		.root_port = "dw-pcie",
		.serial = { NULL, NULL, NULL },
		.tty = { "ttymxc0", "ttymxc1", "ttymxc2" },
		.append = "pcie_ports=compat iomem=relaxed",
		.end_slot = 1,
		.host_bridge = LAB_BRIDGE_NONE,
	},
	{
		.name = "ppc64le",
		.host = "ppc64le",
		.qemu = "qemu-system-ppc64",
		.package = "qemu-system-ppc",
		.machine = "pseries",
		.cpu = "power9",
		.root_bus = "pci.0",
		.serial = { "spapr-vty,reg=0x30000000", "spapr-vty,reg=0x30001000",
			    "spapr-vty,reg=0x30002000" },
		.tty = { "hvc0", "hvc1", "hvc2" },
		.append = "",
		.first_slot = 1,
		.end_slot = 0x20,
		.host_bridge = LAB_BRIDGE_SPAPR,
	},
	{
		/* Host bridges 1 to 4; 0 is free, the serial lines are below 5. */
		.name = "ppc64le",
		.board = "powernv",
		.host = "ppc64le",
		.qemu = "qemu-system-ppc64",
		.package = "qemu-system-ppc",
		.machine = "powernv9",
		.cpu = "power9",
		.modules = "virtio_pci virtio_console",
		.script = "powernv.sh",
		.root_bus = "",
		.root_port = "pcie.",
		.defaults = true,
		.serial_bus = "virtio-serial-pci,bus=pcie.5",
		.serial = { NULL, "virtconsole", "virtconsole" },
		.tty = { "hvc0", "hvc1", "hvc2" },
		.append = "",
		.end_slot = 5,
		.host_bridge = LAB_BRIDGE_PHB,
	},
	{
		RISCV64_VIRT,
		.machine = "virt",
	},
	{
		/*
		 * With the RISC-V IOMMU, which QEMU 7.2 lacks, and with interrupts as messages,
		 * which are that IOMMU's.
		 */
		RISCV64_VIRT,
		.board = "iommu",
		.newer_qemu = true,
		.machine = "virt,aia=aplic-imsic,iommu-sys=on",
	},
};

const struct lab_arch *lab_arch_find(const char *name)
{
	for (size_t i = 0; i < sizeof(archs) / sizeof(archs[0]); i++) {
		char full[32];

		snprintf(full, sizeof(full), "%s%s%s", archs[i].name, archs[i].board ? "-" : "",
			 archs[i].board ? archs[i].board : "");
		if (strcmp(full, name) == 0)
			return &archs[i];
	}
	return NULL;
}

bool lab_arch_is_host(const struct lab_arch *arch)
{
	struct utsname name;

	return uname(&name) == 0 && strcmp(name.machine, arch->host) == 0;
}
