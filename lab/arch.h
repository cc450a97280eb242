/* SPDX-License-Identifier: MIT */
/* Everything that differs between the architectures the lab boots. */
#ifndef LAB_ARCH_H
#define LAB_ARCH_H

#include "machine.h"

/* The three serial lines of a guest, in the order of lab_arch.serial. */
enum lab_line {
	LAB_CONSOLE,  /* the kernel's log */
	LAB_TERMINAL, /* the script's output */
	LAB_CONTROL,  /* the guest's lab command */
	LAB_LINES,
};

/* What a further host bridge is, and so what may sit below it. */
enum lab_bridge {
	LAB_BRIDGE_PXB,   /* QEMU's pxb-pcie: a root bus beside the board's; takes ports only */
	LAB_BRIDGE_SPAPR, /* a domain of its own; conventional PCI, as the board's: no ports at all
			   */
	LAB_BRIDGE_PHB,   /* one of the board's, which number bus= says; takes the board's port */
	LAB_BRIDGE_NONE,  /* the board has one, and no more */
};

struct lab_arch {
	const char *name;  /* as Debian and the machine files say */
	const char *board; /* NULL, or machine files say NAME-BOARD */
	const char *host;  /* what uname calls it */
	const char *qemu;
	const char *package; /* that has it */
	const char *machine; /* QEMU's -machine, without an accelerator */
	const char *cpu;
	const char *device_tree; /* in boards/; NULL: QEMU's own */
	const char *modules;     /* without which the kernel sees no PCI bus or no serial line */
	const char *script; /* in boards/; the guest runs it before drivers of devices are loaded */
	const char *root_port; /* the board's: the bus below it, its host bridge's number added; or
				  NULL */
	const char *root_bus;
	const char *serial_bus;        /* QEMU's device that those need, or NULL */
	const char *serial[LAB_LINES]; /* QEMU's device for each line; NULL: the board's */
	const char *tty[LAB_LINES];    /* the guest's name of it */
	const char *append;            /* what its kernels need to be told */
	int first_slot;                /* the first on the root bus that is free for devices */
	int end_slot;                  /* and the first that no longer is */
	enum lab_bridge host_bridge;
	unsigned int iommus; /* those it can have beside none: a bit for each enum lab_iommu */
	bool newer_qemu;     /* than any that the lab runs on: lab/emulator gets it */
	bool defaults;       /* QEMU's default devices have the board's host bridges among them */
};

/** lab_arch_find() - the architecture of this name, or the board of one (NAME-BOARD), or NULL. */
const struct lab_arch *lab_arch_find(const char *name);

/** lab_arch_is_host() - whether programs for it run on this machine as they are. */
bool lab_arch_is_host(const struct lab_arch *arch);

#endif
