// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine as the core sees it. It is read anew when functions came or went, of which the bus
 * tells, or when ACS bits changed, which setpci does without telling anybody: so each question that
 * may sleep looks at the ways that it is about; and as long as something is mapped past the host,
 * all are looked at once a second.
 */
#include "machine.h"

#include "memory.h"

#include <linux/pm_runtime.h>
#include <linux/utsname.h>
#include <p2pmem/acs.h>

#ifdef CONFIG_X86
#include <asm/processor.h>
#endif

/* How long a mapping may last whose way was closed, if nobody asks. */
#define P2PMEM_MACHINE_LOOK_EVERY HZ

static void p2pmem_machine_look(struct work_struct *work);
static DECLARE_DELAYED_WORK(p2pmem_machine_looking, p2pmem_machine_look);
static atomic_t p2pmem_machine_users;   /* mappings that the state of the machine matters to */
static atomic_t p2pmem_machine_renewed; /* and they have not been looked at since */

static DEFINE_MUTEX(machine_lock);
static struct p2pmem_machine *current_machine;
static const struct p2p_policy *current_policy;
static const struct p2pmem_machine_follower *p2pmem_machine_follower;
static void (*p2pmem_machine_changed)(void);

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

p2p_node p2pmem_fabric_node(const struct p2pmem_machine *machine, const struct pci_dev *pdev)
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

/* Its registers are there then, and are what the kernel has restored. */
static bool p2pmem_machine_wake(struct pci_dev *pdev)
{
	return pdev->current_state == PCI_D3cold && pm_runtime_resume_and_get(&pdev->dev) >= 0;
}

static void p2pmem_machine_let_sleep(struct pci_dev *pdev)
{
	pm_runtime_put(&pdev->dev);
}

/* A function that does not answer reads as all ones, which no ACS structure is. */
static void p2pmem_machine_read_acs(struct pci_dev *pdev, struct p2p_acs *acs)
{
	u16 position = pdev->acs_cap;
	bool woken;

	acs->known = P2P_ABSENT;
	if (!position)
		return;
	woken = p2pmem_machine_wake(pdev);
	acs->known = P2P_PRESENT;
	if (pci_read_config_word(pdev, position + PCI_ACS_CAP, &acs->capability) ||
	    pci_read_config_word(pdev, position + PCI_ACS_CTRL, &acs->control) ||
	    acs->control == U16_MAX)
		acs->known = P2P_UNKNOWN;
	if (woken)
		p2pmem_machine_let_sleep(pdev);
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

static void p2pmem_machine_describe(struct pci_dev *pdev, const struct pci_bus *below,
				    struct p2p_node_info *info)
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
	if (below) {
		info->secondary = below->busn_res.start;
		info->subordinate = below->busn_res.end;
	}
	p2pmem_machine_read_acs(pdev, &info->acs);
	p2pmem_machine_set_bars(pdev, info);
}

/* A window that is none makes nobody reachable; without it nobody is, either. */
static int p2pmem_machine_add_windows(struct p2p_fabric_builder *builder, p2p_node node,
				      struct pci_host_bridge *bridge)
{
	struct resource_entry *window;
	struct p2p_range range;
	int error = 0;

	resource_list_for_each_entry(window, &bridge->windows) {
		if (resource_type(window->res) != IORESOURCE_MEM || !resource_size(window->res))
			continue;
		memset(&range, 0, sizeof(range));
		p2pmem_machine_set_range(&range, window->res, window->res->start - window->offset);
		error = p2p_fabric_add_window(builder, node, &range);
		if (error == -EINVAL)
			dev_warn_once(&bridge->dev, "p2pmem does without the window %pR\n",
				      window->res);
		else if (error)
			return error;
	}
	return 0;
}

static int p2pmem_machine_add_host_bridge(struct p2p_fabric_builder *builder, struct pci_bus *root)
{
	struct p2p_node_info info;
	p2p_node node;
	int error;

	p2p_node_info_init(&info);
	info.kind = P2P_KIND_HOST_BRIDGE;
	info.bdf.domain = pci_domain_nr(root);
	info.bdf.bus = root->number;
	info.subordinate = root->busn_res.end;
	error = p2p_fabric_add(builder, &info, &node);
	/* Another function's, too. */
	if (error == -EEXIST)
		return 0;
	return error ? error
		     : p2pmem_machine_add_windows(builder, node, pci_find_host_bridge(root));
}

/*
 * The functions of one moment, each with a reference: that keeps its bus, the bridge above, and so
 * on up to the host bridge. What is below a function, pdev->subordinate, nothing keeps but the lock
 * of all PCI hotplug. It must not be taken here: who asks may be a driver's probe() and hold it.
 */
struct p2pmem_functions {
	u32 count, room;
	struct pci_dev **pdev;
};

static int p2pmem_functions_add(struct p2pmem_functions *all, struct pci_dev *pdev)
{
	struct pci_dev **more;

	if (all->count == all->room) {
		all->room = all->room ? 2 * all->room : 64;
		more = krealloc(all->pdev, array_size(all->room, sizeof(*more)), GFP_KERNEL);
		if (!more)
			return -ENOMEM;
		all->pdev = more;
	}
	all->pdev[all->count++] = pci_dev_get(pdev);
	return 0;
}

static void p2pmem_functions_put(struct p2pmem_functions *all)
{
	for (u32 i = 0; i < all->count; i++)
		pci_dev_put(all->pdev[i]);
	kfree(all->pdev);
}

static int p2pmem_functions_get(struct p2pmem_functions *all)
{
	struct pci_dev *pdev = NULL;
	int error = 0;

	while (!error && (pdev = pci_get_device(PCI_ANY_ID, PCI_ANY_ID, pdev)))
		error = p2pmem_functions_add(all, pdev);
	pci_dev_put(pdev);
	return error;
}

/* Of a bridge with nothing below nobody needs to know which buses are there. */
static const struct pci_bus *p2pmem_functions_bus_below(const struct p2pmem_functions *all,
							const struct pci_dev *bridge)
{
	if (bridge->hdr_type != PCI_HEADER_TYPE_BRIDGE)
		return NULL;
	for (u32 i = 0; i < all->count; i++)
		if (all->pdev[i]->bus->self == bridge)
			return all->pdev[i]->bus;
	return NULL;
}

static struct pci_bus *p2pmem_machine_root(const struct pci_dev *pdev)
{
	struct pci_bus *bus = pdev->bus;

	while (!pci_is_root_bus(bus))
		bus = bus->parent;
	return bus;
}

static int p2pmem_machine_add_functions(struct p2p_fabric_builder *builder,
					const struct p2pmem_functions *all,
					struct p2p_node_info *info)
{
	p2p_node node;
	int error = 0;

	for (u32 i = 0; !error && i < all->count; i++)
		error = p2pmem_machine_add_host_bridge(builder, p2pmem_machine_root(all->pdev[i]));
	for (u32 i = 0; !error && i < all->count; i++) {
		p2pmem_machine_describe(all->pdev[i], p2pmem_functions_bus_below(all, all->pdev[i]),
					info);
		error = p2p_fabric_add(builder, info, &node);
	}
	return error;
}

static int p2pmem_machine_add_all(struct p2p_fabric_builder *builder)
{
	struct p2p_node_info *info = kzalloc(sizeof(*info), GFP_KERNEL);
	struct p2pmem_functions all = { 0 };
	int error = info ? p2pmem_functions_get(&all) : -ENOMEM;

	if (!error)
		error = p2pmem_machine_add_functions(builder, &all, info);
	p2pmem_functions_put(&all);
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
	p2p_node node = p2pmem_fabric_node(machine, pdev);
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

/* All of it; who sleeps is left alone: it was read awake, and nobody below it does anything. */
static bool p2pmem_machine_is_current(const struct p2pmem_machine *machine)
{
	struct pci_dev *pdev = NULL;
	u32 functions = 0;

	while ((pdev = pci_get_device(PCI_ANY_ID, PCI_ANY_ID, pdev))) {
		if (pdev->current_state != PCI_D3cold && !p2pmem_machine_is_same(machine, pdev)) {
			pci_dev_put(pdev);
			return false;
		}
		functions++;
	}
	return functions == p2pmem_machine_count_functions(machine) &&
	       p2pmem_machine_follower->is_current();
}

/* The function itself and all that is above it: what a route from or to it depends on. */
static bool p2pmem_machine_is_same_up(const struct p2pmem_machine *machine, struct pci_dev *pdev)
{
	for (; pdev; pdev = pci_upstream_bridge(pdev))
		if (!p2pmem_machine_is_same(machine, pdev))
			return false;
	return true;
}

const struct p2pmem_machine *p2pmem_machine(void)
{
	/* Pairs with the release in p2pmem_machine_renew(). */
	return smp_load_acquire(&current_machine);
}

void p2pmem_machine_lock(void)
{
	mutex_lock(&machine_lock);
}

void p2pmem_machine_unlock(void)
{
	mutex_unlock(&machine_lock);
}

/* What has been mapped by then is looked at later: who asks may hold a reservation lock. */
void p2pmem_machine_let_through_changed(void)
{
	lockdep_assert_held(&machine_lock);
	p2pmem_registry_touch();
	atomic_set(&p2pmem_machine_renewed, 1);
	queue_delayed_work(p2pmem_work, &p2pmem_machine_looking, 0);
}

static int p2pmem_machine_renew(void)
{
	struct p2pmem_machine *fresh, *old = current_machine;

	lockdep_assert_held(&machine_lock);
	fresh = p2pmem_machine_read();
	if (IS_ERR(fresh))
		return PTR_ERR(fresh);
	p2pmem_machine_follower->carry_over(fresh);
	/* Whole before it is seen: p2pmem_machine(). */
	smp_store_release(&current_machine, fresh);
	p2pmem_machine_let_through_changed();
	p2pmem_machine_free(old);
	return 0;
}

static bool p2pmem_machine_knows(struct pci_dev *client, struct pci_dev *provider)
{
	int index = srcu_read_lock(&p2pmem_srcu);
	const struct p2pmem_machine *machine = p2pmem_machine();
	bool same = p2pmem_machine_is_same_up(machine, client) &&
		    p2pmem_machine_is_same_up(machine, provider);

	srcu_read_unlock(&p2pmem_srcu, index);
	return same;
}

int p2pmem_machine_refresh(struct pci_dev *client, struct pci_dev *provider)
{
	int error = 0;

	if (p2pmem_machine_knows(client, provider))
		return 0;
	mutex_lock(&machine_lock);
	/* Others may have done it meanwhile. */
	if (!p2pmem_machine_knows(client, provider))
		error = p2pmem_machine_renew();
	mutex_unlock(&machine_lock);
	return error;
}

/*
 * Under the lock of all PCI hotplug, because then what has begun to come or go has done so: its
 * BARs have their addresses. Nobody waits for this while holding any lock.
 */
static void p2pmem_machine_look(struct work_struct *work)
{
	pci_lock_rescan_remove();
	mutex_lock(&machine_lock);
	if (!p2pmem_machine_is_current(current_machine))
		p2pmem_machine_renew();
	mutex_unlock(&machine_lock);
	pci_unlock_rescan_remove();
	if (atomic_xchg(&p2pmem_machine_renewed, 0))
		p2pmem_machine_changed();
	if (atomic_read(&p2pmem_machine_users))
		queue_delayed_work(p2pmem_work, &p2pmem_machine_looking, P2PMEM_MACHINE_LOOK_EVERY);
}

void p2pmem_machine_use(void)
{
	if (atomic_inc_return(&p2pmem_machine_users) == 1)
		queue_delayed_work(p2pmem_work, &p2pmem_machine_looking, P2PMEM_MACHINE_LOOK_EVERY);
}

void p2pmem_machine_unuse(void)
{
	atomic_dec(&p2pmem_machine_users);
}

/* Functions come and go, and drivers, which may switch ACS or ATS, are bound. */
static int p2pmem_machine_changes(struct notifier_block *block, unsigned long event, void *data)
{
	struct device *dev = data;

	switch (event) {
	case BUS_NOTIFY_DEL_DEVICE:
		p2pmem_machine_follower->function_goes(to_pci_dev(dev));
		break;
	case BUS_NOTIFY_BIND_DRIVER:
		p2pmem_machine_follower->driver_comes(to_pci_dev(dev));
		break;
	case BUS_NOTIFY_ADD_DEVICE:
	case BUS_NOTIFY_REMOVED_DEVICE:
	case BUS_NOTIFY_BOUND_DRIVER:
		mod_delayed_work(p2pmem_work, &p2pmem_machine_looking, 0);
	}
	return NOTIFY_DONE;
}

static struct notifier_block p2pmem_machine_bus = { .notifier_call = p2pmem_machine_changes };

int p2pmem_machine_start(const char *policy, const struct p2pmem_machine_follower *follower,
			 void (*changed)(void))
{
	const char *release = policy && *policy ? policy : init_utsname()->release;
	struct p2pmem_machine *machine;
	enum p2p_policy_fit fit;
	int error = p2p_policy_find(release, &current_policy, &fit);

	if (error) {
		pr_err("p2pmem: policy=%s is not a kernel release; give one, as 7.3, or hardware\n",
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
	p2pmem_machine_follower = follower;
	p2pmem_machine_changed = changed;
	error = bus_register_notifier(&pci_bus_type, &p2pmem_machine_bus);
	if (error)
		p2pmem_machine_free(machine);
	return error;
}

void p2pmem_machine_stop(void)
{
	bus_unregister_notifier(&pci_bus_type, &p2pmem_machine_bus);
	cancel_delayed_work_sync(&p2pmem_machine_looking);
	p2pmem_machine_free(current_machine);
	current_machine = NULL;
}
