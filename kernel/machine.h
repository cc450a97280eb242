/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * This machine's PCI devices as the core's fabric, and the rules of the kernel that runs.
 */
#ifndef P2PMEM_MACHINE_H
#define P2PMEM_MACHINE_H

#include <linux/pci.h>
#include <p2pmem/uapi.h>
#include <p2pmem/route.h>

/* A state of the machine; never changes. */
struct p2pmem_machine {
	struct p2p_fabric *fabric;
	struct p2p_router *router;
};

/* What goes with a state of the machine; all may sleep. */
struct p2pmem_machine_follower {
	/* With the machine's lock: whether it still does; and a new state is to be used. */
	bool (*is_current)(void);
	void (*carry_over)(struct p2pmem_machine *fresh);
	/* Without: a function goes; a driver is to be bound to it. */
	void (*function_goes)(const struct pci_dev *pdev);
	void (*driver_comes)(struct pci_dev *pdev);
};

/*
 * `policy`: a kernel release or "hardware", NULL or empty: this kernel's. `changed` is called, with
 * no lock held, when the machine has been found to be another. It may sleep.
 */
int p2pmem_machine_start(const char *policy, const struct p2pmem_machine_follower *follower,
			 void (*changed)(void));
void p2pmem_machine_stop(void);

/*
 * Looks whether the ways from two functions up to their hosts, and ACS bits on them, are what they
 * were; if not, what was decided before is decided again. Either may be NULL. Sleeps, but waits for
 * no lock of the PCI core that a probe() or remove() is under. 0, or what kept it from knowing.
 */
int p2pmem_machine_refresh(struct pci_dev *client, struct pci_dev *provider);

/*
 * While somebody uses what depends on the machine, it is looked at again and again. Any context.
 */
void p2pmem_machine_use(void);
void p2pmem_machine_unuse(void);

/*
 * Meanwhile the state of the machine is not replaced. For allow.c, which alone changes what a state
 * lets through, and says so to who has asked before.
 */
void p2pmem_machine_lock(void);
void p2pmem_machine_unlock(void);
void p2pmem_machine_let_through_changed(void);

/* Inside a read-side section of p2pmem_srcu, and valid until it ends; or with the above. */
const struct p2pmem_machine *p2pmem_machine(void);

struct p2p_bdf p2pmem_bdf(const struct pci_dev *pdev);

static inline struct p2pmem_function p2pmem_function(struct p2p_bdf bdf)
{
	struct p2pmem_function function = {
		.domain = bdf.domain,
		.bus = bdf.bus,
		.devfn = bdf.devfn,
	};

	return function;
}

/* The function that a device's requests come from, as p2pdma.c's find_parent_pci_dev(); or NULL. */
struct pci_dev *p2pmem_function_of(struct device *dev);

/* P2P_NO_NODE: none. */
p2p_node p2pmem_fabric_node(const struct p2pmem_machine *machine, const struct pci_dev *pdev);

#endif
