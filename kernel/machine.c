// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine as the core sees it. It is read anew when functions came or went or when ACS bits
 * changed, which setpci does without telling anybody: so each question that may sleep looks.
 */
#include "machine.h"

#include "memory.h"

#include <linux/utsname.h>
#include <p2pmem/acs.h>

#ifdef CONFIG_X86
#include <asm/processor.h>
#endif

static DEFINE_MUTEX(machine_lock);
static struct p2pmem_machine *current_machine;
static const struct p2p_policy *current_policy;

struct p2p_bdf p2pmem_bdf(const struct pci_dev *pdev)
{
	struct p2p_bdf bdf = {
		.domain = pci_domain_nr(pdev->bus),
		.bus = pdev->bus->number,
		.devfn = pdev->devfn,
	};

	return bdf;
}

struct pci_dev *p2pmem_function_of(struct device *dev)
{
	for (; dev; dev = dev->parent)
		if (dev_is_pci(dev))
			return to_pci_dev(dev);
	return NULL;
}

p2p_node p2pmem_node(const struct p2pmem_machine *machine, const struct pci_dev *pdev)
{
	return p2p_fabric_find(machine->fabric, p2pmem_bdf(pdev));
}

static void p2pmem_machine_get_platform(struct p2p_platform *platform)
{
#ifdef CONFIG_X86
	platform->arch = P2P_ARCH_X86;
	platform->cpu_vendor =
		boot_cpu_data.x86_vendor == X86_VENDOR_AMD ? P2P_CPU_AMD : P2P_CPU_OTHER;
	platform->cpu_family = boot_cpu_data.x86;
#else
	platform->arch = P2P_ARCH_OTHER;
	platform->cpu_vendor = P2P_CPU_OTHER;
	platform->cpu_family = 0;
#endif
}

static enum p2p_kind p2pmem_machine_kind_of(struct pci_dev *pdev)
{
	bool bridge = pdev->hdr_type == PCI_HEADER_TYPE_BRIDGE;

	if (!bridge)
		return P2P_KIND_ENDPOINT;
	if (!pci_is_pcie(pdev))
		return P2P_KIND_PCI_BRIDGE;
	switch (pci_pcie_type(pdev)) {
	case PCI_EXP_TYPE_ROOT_PORT:
		return P2P_KIND_ROOT_PORT;
	case PCI_EXP_TYPE_UPSTREAM:
		return P2P_KIND_UPSTREAM_PORT;
	case PCI_EXP_TYPE_DOWNSTREAM:
		return P2P_KIND_DOWNSTREAM_PORT;
	default:
		return P2P_KIND_PCI_BRIDGE;
	}
}

/* A function that does not answer reads as all ones, which no ACS structure is. */
static void p2pmem_machine_read_acs(struct pci_dev *pdev, struct p2p_acs *acs)
{
	u16 position = pdev->acs_cap;

	acs->known = P2P_ABSENT;
	if (!position)
		return;
	acs->known = P2P_PRESENT;
	if (pci_read_config_word(pdev, position + PCI_ACS_CAP, &acs->capability) ||
	    pci_read_config_word(pdev, position + PCI_ACS_CTRL, &acs->control) ||
	    acs->control == U16_MAX)
		acs->known = P2P_UNKNOWN;
}

static void p2pmem_machine_set_range(struct p2p_range *range, const struct resource *resource,
				     u64 bus)
{
	range->cpu.value = resource->start;
	range->bus.value = bus;
	range->size = resource_size(resource);
	range->cpu_known = true;
	range->bus_known = true;
	range->flags = resource->flags & IORESOURCE_IO ? P2P_RANGE_IO : P2P_RANGE_MEMORY;
}

static void p2pmem_machine_set_bars(struct pci_dev *pdev, struct p2p_node_info *info)
{
	for (unsigned int i = 0; i < PCI_STD_NUM_BARS; i++) {
		const struct resource *bar = &pdev->resource[i];

		if (bar->flags && !(bar->flags & IORESOURCE_UNSET) && resource_size(bar))
			p2pmem_machine_set_range(&info->bar[i], bar, pci_bus_address(pdev, i));
	}
}

static void p2pmem_machine_describe(struct pci_dev *pdev, struct p2p_node_info *info)
{
	p2p_node_info_init(info);
	info->kind = p2pmem_machine_kind_of(pdev);
	info->bdf = p2pmem_bdf(pdev);
	info->vendor = pdev->vendor;
	info->device = pdev->device;
	info->subsystem_vendor = pdev->subsystem_vendor;
	info->subsystem_device = pdev->subsystem_device;
	info->class_code = pdev->class;
	info->pcie = pci_is_pcie(pdev) ? P2P_PRESENT : P2P_ABSENT;
	if (pci_is_pcie(pdev))
		info->port_type = pci_pcie_type(pdev);
	if (pdev->subordinate) {
		info->secondary = pdev->subordinate->busn_res.start;
		info->subordinate = pdev->subordinate->busn_res.end;
	}
	p2pmem_machine_read_acs(pdev, &info->acs);
	p2pmem_machine_set_bars(pdev, info);
}

static int p2pmem_machine_add_host_bridge(struct p2p_fabric_builder *builder, struct pci_bus *root)
{
	struct pci_host_bridge *bridge = pci_find_host_bridge(root);
	struct resource_entry *window;
	struct p2p_node_info info;
	struct p2p_range range;
	p2p_node node;
	int error;

	p2p_node_info_init(&info);
	info.kind = P2P_KIND_HOST_BRIDGE;
	info.bdf.domain = pci_domain_nr(root);
	info.bdf.bus = root->number;
	info.subordinate = root->busn_res.end;
	error = p2p_fabric_add(builder, &info, &node);
	if (error)
		return error;
	resource_list_for_each_entry(window, &bridge->windows) {
		if (resource_type(window->res) != IORESOURCE_MEM || !resource_size(window->res))
			continue;
		memset(&range, 0, sizeof(range));
		p2pmem_machine_set_range(&range, window->res, window->res->start - window->offset);
		error = p2p_fabric_add_window(builder, node, &range);
		if (error)
			return error;
	}
	return 0;
}

static int p2pmem_machine_add_all(struct p2p_fabric_builder *builder)
{
	struct p2p_node_info *info = kzalloc(sizeof(*info), GFP_KERNEL);
	struct pci_dev *pdev = NULL;
	struct pci_bus *root = NULL;
	p2p_node node;
	int error = info ? 0 : -ENOMEM;

	pci_lock_rescan_remove();
	while (!error && (root = pci_find_next_bus(root)))
		error = p2pmem_machine_add_host_bridge(builder, root);
	pci_unlock_rescan_remove();
	while (!error && (pdev = pci_get_device(PCI_ANY_ID, PCI_ANY_ID, pdev))) {
		p2pmem_machine_describe(pdev, info);
		error = p2p_fabric_add(builder, info, &node);
	}
	pci_dev_put(pdev);
	kfree(info);
	return error;
}

static int p2pmem_machine_read_fabric(struct p2p_fabric **fabric)
{
	struct p2p_fabric_builder *builder;
	int error = p2p_fabric_builder_new(&p2pmem_allocator, &builder);

	if (error)
		return error;
	error = p2pmem_machine_add_all(builder);
	if (error) {
		p2p_fabric_builder_free(builder);
		return error;
	}
	return p2p_fabric_finish(builder, fabric);
}

static void p2pmem_machine_free(struct p2pmem_machine *machine)
{
	if (!machine)
		return;
	p2p_router_free(machine->router);
	p2p_fabric_free(machine->fabric);
	kfree(machine);
}

static struct p2pmem_machine *p2pmem_machine_read(void)
{
	struct p2pmem_machine *machine = kzalloc(sizeof(*machine), GFP_KERNEL);
	struct p2p_platform platform;
	int error;

	if (!machine)
		return ERR_PTR(-ENOMEM);
	p2pmem_machine_get_platform(&platform);
	error = p2pmem_machine_read_fabric(&machine->fabric);
	if (!error)
		error = p2p_router_new(machine->fabric, current_policy, &platform,
				       &machine->router);
	if (!error)
		return machine;
	p2pmem_machine_free(machine);
	return ERR_PTR(error);
}

static bool p2pmem_machine_is_same(const struct p2pmem_machine *machine, struct pci_dev *pdev)
{
	p2p_node node = p2pmem_node(machine, pdev);
	const struct p2p_node_info *info;
	struct p2p_acs acs = { 0 };

	if (node == P2P_NO_NODE)
		return false;
	info = p2p_fabric_info(machine->fabric, node);
	if (info->vendor != pdev->vendor || info->device != pdev->device)
		return false;
	for (unsigned int i = 0; i < PCI_STD_NUM_BARS; i++)
		if (info->bar[i].size && info->bar[i].cpu.value != pdev->resource[i].start)
			return false;
	p2pmem_machine_read_acs(pdev, &acs);
	return acs.known == info->acs.known && acs.control == info->acs.control;
}

static u32 p2pmem_machine_count_functions(const struct p2pmem_machine *machine)
{
	u32 functions = 0;

	for (p2p_node node = 0; node < p2p_fabric_count(machine->fabric); node++)
		functions += p2p_fabric_info(machine->fabric, node)->kind != P2P_KIND_HOST_BRIDGE;
	return functions;
}

static bool p2pmem_machine_is_current(const struct p2pmem_machine *machine)
{
	struct pci_dev *pdev = NULL;
	u32 functions = 0;

	while ((pdev = pci_get_device(PCI_ANY_ID, PCI_ANY_ID, pdev))) {
		if (!p2pmem_machine_is_same(machine, pdev)) {
			pci_dev_put(pdev);
			return false;
		}
		functions++;
	}
	return functions == p2pmem_machine_count_functions(machine);
}

const struct p2pmem_machine *p2pmem_machine(void)
{
	/* Pairs with the release in p2pmem_machine_refresh(). */
	return smp_load_acquire(&current_machine);
}

int p2pmem_machine_refresh(void)
{
	struct p2pmem_machine *fresh, *old;

	mutex_lock(&machine_lock);
	if (p2pmem_machine_is_current(current_machine)) {
		mutex_unlock(&machine_lock);
		return 0;
	}
	fresh = p2pmem_machine_read();
	if (!IS_ERR(fresh)) {
		old = current_machine;
		/* Whole before it is seen: p2pmem_machine(). */
		smp_store_release(&current_machine, fresh);
		p2pmem_registry_touch();
		p2pmem_machine_free(old);
	}
	mutex_unlock(&machine_lock);
	return PTR_ERR_OR_ZERO(fresh);
}

int p2pmem_machine_start(const char *policy)
{
	const char *release = policy && *policy ? policy : init_utsname()->release;
	struct p2pmem_machine *machine;
	enum p2p_policy_fit fit;
	int error = p2p_policy_find(release, &current_policy, &fit);

	if (error) {
		pr_err("p2pmem: policy=%s is no kernel release; give one, as 7.3, or hardware\n",
		       release);
		return error;
	}
	if (fit != P2P_FIT_EXACT)
		pr_notice("p2pmem: the rules of Linux %s are used for %s\n", current_policy->name,
			  release);
	machine = p2pmem_machine_read();
	if (IS_ERR(machine))
		return PTR_ERR(machine);
	current_machine = machine;
	return 0;
}

void p2pmem_machine_stop(void)
{
	p2pmem_machine_free(current_machine);
	current_machine = NULL;
}
