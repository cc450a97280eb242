// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pairs come to the list of those that are let through, and go. It is changed under the machine's
 * lock, which also keeps the router that it goes with.
 */
#include "allow.h"

#include "allow_facts.h"
#include "allow_list.h"
#include "p2pdma.h"

#include <linux/iommu.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>

static u32 p2pmem_allow_domain_of(struct pci_dev *client)
{
	const struct iommu_domain *domain = iommu_get_domain_for_dev(&client->dev);

	return domain ? domain->type : 0;
}

static bool p2pmem_allow_is_there(struct pci_dev *pdev)
{
	struct pci_dev *found = pci_get_domain_bus_and_slot(pci_domain_nr(pdev->bus),
							    pdev->bus->number, pdev->devfn);

	pci_dev_put(found);
	return found == pdev;
}

static bool p2pmem_allow_has_its_functions(const struct allowance *allowance)
{
	return p2pmem_allow_is_there(allowance->client) &&
	       p2pmem_allow_is_there(allowance->provider) &&
	       p2pmem_allow_domain_of(allowance->client) == allowance->domain;
}

/* The list. */

static bool p2pmem_allow_is(const struct pci_dev *pdev, const struct p2pmem_function *function)
{
	const struct p2p_bdf bdf = p2pmem_bdf(pdev);

	return bdf.domain == function->domain && bdf.bus == function->bus &&
	       bdf.devfn == function->devfn;
}

static struct allowance *p2pmem_allow_find(const struct p2pmem_allow *wish)
{
	struct allowance *allowance;

	list_for_each_entry(allowance, &p2pmem_allowances, entry)
		if (p2pmem_allow_is(allowance->client, &wish->client) &&
		    p2pmem_allow_is(allowance->provider, &wish->provider))
			return allowance;
	return NULL;
}

static void p2pmem_allow_free(struct allowance *allowance)
{
	if (allowance->trial)
		p2pmem_p2pdma_watch_end();
	p2pmem_p2pdma_tell_end();
	pci_dev_put(allowance->client);
	pci_dev_put(allowance->provider);
	kfree(allowance->facts);
	kfree(allowance);
}

static void p2pmem_allow_enlist(struct allowance *allowance)
{
	list_add_tail_rcu(&allowance->entry, &p2pmem_allowances);
	atomic_inc(&p2pmem_allow_trials);
	/* Ways that change are noticed. */
	p2pmem_machine_use();
}

/* Who still counts for it is waited for by whoever frees it. */
static void p2pmem_allow_delist(struct allowance *allowance)
{
	list_del_rcu(&allowance->entry);
	if (allowance->trial)
		atomic_dec(&p2pmem_allow_trials);
	p2pmem_machine_unuse();
}

/* It does not go through any more when this returns; what is mapped ends as it does. */
static void p2pmem_allow_drop(struct allowance *allowance)
{
	const struct p2pmem_machine *machine = p2pmem_machine();

	p2pmem_allow_delist(allowance);
	p2p_router_disallow(machine->router, p2pmem_fabric_node(machine, allowance->client),
			    p2pmem_fabric_node(machine, allowance->provider));
	/* Waits for those who count, too. */
	p2pmem_machine_let_through_changed();
	p2pmem_allow_free(allowance);
}

static void p2pmem_allow_say_void(const struct allowance *allowance, const char *what,
				  struct p2p_bdf where)
{
	pci_warn(allowance->client,
		 "no longer allowed to reach %s, for what changed: %s %04x:%02x:%02x.%x\n",
		 pci_name(allowance->provider), what, where.domain, where.bus,
		 PCI_SLOT(where.devfn), PCI_FUNC(where.devfn));
}

/* What is asked for. */

static bool p2pmem_allow_is_sound(const struct p2pmem_allow *wish)
{
	return !wish->client.reserved && !wish->provider.reserved && !wish->reserved[0] &&
	       !wish->reserved[1] && hweight32(wish->flags) == 1 &&
	       !(wish->flags & ~(P2PMEM_ALLOW_TRIAL | P2PMEM_ALLOW_KEEP | P2PMEM_ALLOW_WITHDRAW));
}

static void p2pmem_allow_tell(const struct allowance *allowance, struct p2pmem_allow *wish)
{
	wish->to_provider = atomic64_read(&allowance->to_provider);
	wish->from_provider = atomic64_read(&allowance->from_provider);
}

static struct pci_dev *p2pmem_allow_get(const struct p2pmem_function *function)
{
	return pci_get_domain_bus_and_slot(function->domain, function->bus, function->devfn);
}

static struct allowance *p2pmem_allow_new(const struct file *file, const struct p2pmem_allow *wish)
{
	struct allowance *allowance = kzalloc(sizeof(*allowance), GFP_KERNEL);

	if (!allowance)
		return ERR_PTR(-ENOMEM);
	if (p2pmem_p2pdma_tell_begin())
		goto not_told;
	if (p2pmem_p2pdma_watch_begin())
		goto not_watched;
	allowance->trial = file;
	allowance->client = p2pmem_allow_get(&wish->client);
	allowance->provider = p2pmem_allow_get(&wish->provider);
	if (allowance->client && allowance->provider) {
		allowance->domain = p2pmem_allow_domain_of(allowance->client);
		return allowance;
	}
	p2pmem_allow_free(allowance);
	return ERR_PTR(-ENODEV);

not_watched:
	p2pmem_p2pdma_tell_end();
not_told:
	kfree(allowance);
	return ERR_PTR(-EOPNOTSUPP);
}

static u32 p2pmem_allow_why_not_new(int error)
{
	switch (error) {
	case -ENODEV:
		return P2PMEM_WHY_NO_FUNCTION;
	case -EOPNOTSUPP:
		return P2PMEM_WHY_NO_PROBE;
	default:
		return P2PMEM_WHY_NONE;
	}
}

static int p2pmem_allow_let_through(struct allowance *allowance, u32 *why)
{
	const struct p2pmem_machine *machine = p2pmem_machine();
	int error;

	allowance->facts = p2pmem_allow_read_facts(machine, allowance->client, allowance->provider);
	if (!allowance->facts)
		return -ENOMEM;
	error = p2p_router_allow(machine->router, p2pmem_fabric_node(machine, allowance->client),
				 p2pmem_fabric_node(machine, allowance->provider));
	switch (error) {
	case -EALREADY:
		*why = P2PMEM_WHY_REACHES;
		break;
	case -EOPNOTSUPP:
		*why = P2PMEM_WHY_NO_LIST;
		break;
	case -EINVAL:
		*why = P2PMEM_WHY_NO_FUNCTION;
		return -ENODEV;
	case -ENOSPC:
		*why = P2PMEM_WHY_LIMIT;
		return -EDQUOT;
	}
	return error;
}

static int p2pmem_allow_try_locked(const struct file *file, struct p2pmem_allow *wish,
				   struct allowance *fresh)
{
	const struct allowance *known = p2pmem_allow_find(wish);
	int error;

	if (known) {
		wish->why = known->trial ? P2PMEM_WHY_IN_USE : P2PMEM_WHY_ALLOWED;
		return known->trial ? -EBUSY : -EEXIST;
	}
	/* Gone since: nobody would tell any more. */
	if (!p2pmem_allow_has_its_functions(fresh)) {
		wish->why = P2PMEM_WHY_NO_FUNCTION;
		return -ENODEV;
	}
	error = p2pmem_allow_let_through(fresh, &wish->why);
	if (error)
		return error;
	p2pmem_allow_enlist(fresh);
	p2pmem_machine_let_through_changed();
	return 0;
}

static int p2pmem_allow_try(const struct file *file, struct p2pmem_allow *wish)
{
	struct allowance *fresh = p2pmem_allow_new(file, wish);
	int error;

	if (IS_ERR(fresh)) {
		error = PTR_ERR(fresh);
		wish->why = p2pmem_allow_why_not_new(error);
		return error;
	}
	if (fresh->client->untrusted || fresh->provider->untrusted) {
		wish->why = P2PMEM_WHY_UNTRUSTED;
		error = -EOPNOTSUPP;
	} else {
		error = p2pmem_machine_refresh(fresh->client, fresh->provider);
	}
	if (!error) {
		p2pmem_machine_lock();
		error = p2pmem_allow_try_locked(file, wish, fresh);
		p2pmem_machine_unlock();
	}
	if (error)
		p2pmem_allow_free(fresh);
	return error;
}

static int p2pmem_allow_keep(const struct file *file, struct p2pmem_allow *wish)
{
	struct allowance *allowance = p2pmem_allow_find(wish);

	if (!allowance || allowance->trial != file) {
		wish->why = P2PMEM_WHY_NO_TRIAL;
		return -ENOENT;
	}
	p2pmem_allow_tell(allowance, wish);
	if (!wish->to_provider || !wish->from_provider) {
		wish->why = P2PMEM_WHY_UNPROVEN;
		return -ENODATA;
	}
	WRITE_ONCE(allowance->trial, NULL);
	atomic_dec(&p2pmem_allow_trials);
	p2pmem_p2pdma_watch_end();
	pci_notice(allowance->client,
		   "allowed to reach %s, which the rules refuse: root has proof\n",
		   pci_name(allowance->provider));
	return 0;
}

static int p2pmem_allow_withdraw(const struct file *file, struct p2pmem_allow *wish)
{
	struct allowance *allowance = p2pmem_allow_find(wish);

	if (!allowance) {
		wish->why = P2PMEM_WHY_NO_TRIAL;
		return -ENOENT;
	}
	if (allowance->trial && allowance->trial != file) {
		wish->why = P2PMEM_WHY_IN_USE;
		return -EBUSY;
	}
	p2pmem_allow_tell(allowance, wish);
	p2pmem_allow_drop(allowance);
	return 0;
}

int p2pmem_allow(const struct file *file, struct p2pmem_allow *wish)
{
	int error;

	wish->why = P2PMEM_WHY_NONE;
	wish->to_provider = 0;
	wish->from_provider = 0;
	if (!p2pmem_allow_is_sound(wish))
		return -EINVAL;
	if (wish->flags & P2PMEM_ALLOW_TRIAL)
		return p2pmem_allow_try(file, wish);
	p2pmem_machine_lock();
	error = wish->flags & P2PMEM_ALLOW_KEEP ? p2pmem_allow_keep(file, wish)
						: p2pmem_allow_withdraw(file, wish);
	p2pmem_machine_unlock();
	return error;
}

void p2pmem_allow_end_trials(const struct file *file)
{
	struct allowance *allowance, *next;

	p2pmem_machine_lock();
	list_for_each_entry_safe(allowance, next, &p2pmem_allowances, entry)
		if (allowance->trial == file)
			p2pmem_allow_drop(allowance);
	p2pmem_machine_unlock();
}

void p2pmem_allow_stop(void)
{
	struct allowance *allowance, *next;

	p2pmem_machine_lock();
	list_for_each_entry_safe(allowance, next, &p2pmem_allowances, entry)
		p2pmem_allow_drop(allowance);
	p2pmem_machine_unlock();
	p2pmem_p2pdma_stop();
}

/* Changes. */

/* Whether each pair's functions are those that it was allowed for. */
static bool p2pmem_allow_is_current(void)
{
	struct allowance *allowance;

	list_for_each_entry(allowance, &p2pmem_allowances, entry)
		if (!p2pmem_allow_has_its_functions(allowance))
			return false;
	return true;
}

/* What it rests on is so, as far as could be found out, or it has been said what is not. */
static bool p2pmem_allow_stands(const struct p2pmem_machine *machine,
				const struct allowance *allowance)
{
	struct p2p_bdf client = p2pmem_bdf(allowance->client);
	struct p2pmem_allow_facts *is =
		p2pmem_allow_read_facts(machine, allowance->client, allowance->provider);
	const struct p2pmem_allow_fact *changed;

	if (!is || !p2pmem_allow_has_its_functions(allowance)) {
		kfree(is);
		p2pmem_allow_say_void(allowance, "a function or the IOMMU domain of", client);
		return false;
	}
	changed = p2pmem_allow_find_change(allowance->facts, is);
	if (changed) {
		struct p2p_bdf where = { changed->domain, changed->bus, changed->devfn };

		p2pmem_allow_say_void(allowance, "ids, addresses or ACS of", where);
	}
	kfree(is);
	return !changed;
}

static bool p2pmem_allow_carries_over(struct p2pmem_machine *fresh,
				      const struct allowance *allowance)
{
	struct p2p_bdf client = p2pmem_bdf(allowance->client);

	if (!p2pmem_allow_stands(fresh, allowance))
		return false;
	if (!p2p_router_allow(fresh->router, p2pmem_fabric_node(fresh, allowance->client),
			      p2pmem_fabric_node(fresh, allowance->provider)))
		return true;
	p2pmem_allow_say_void(allowance, "what the rules say of", client);
	return false;
}

/* Lets through in a new state what was let through before, but for what rests on what changed. */
static void p2pmem_allow_carry_over(struct p2pmem_machine *fresh)
{
	struct allowance *allowance, *next;

	list_for_each_entry_safe(allowance, next, &p2pmem_allowances, entry) {
		if (p2pmem_allow_carries_over(fresh, allowance))
			continue;
		p2pmem_allow_delist(allowance);
		synchronize_srcu(&p2pmem_srcu);
		p2pmem_allow_free(allowance);
	}
}

/* Before another function can get its address, and the trust in this one. */
static void p2pmem_allow_forget(const struct pci_dev *pdev)
{
	struct allowance *allowance, *next;
	struct p2p_bdf gone = p2pmem_bdf(pdev);

	p2pmem_machine_lock();
	list_for_each_entry_safe(allowance, next, &p2pmem_allowances, entry) {
		if (allowance->client != pdev && allowance->provider != pdev)
			continue;
		p2pmem_allow_say_void(allowance, "there is no", gone);
		p2pmem_allow_drop(allowance);
	}
	p2pmem_machine_unlock();
}

/* Its domain was chosen for this driver just now. */
static void p2pmem_allow_driver_comes(struct pci_dev *pdev)
{
	struct allowance *allowance, *next;
	struct p2p_bdf client = p2pmem_bdf(pdev);

	p2pmem_machine_lock();
	list_for_each_entry_safe(allowance, next, &p2pmem_allowances, entry) {
		if (allowance->client != pdev || p2pmem_allow_domain_of(pdev) == allowance->domain)
			continue;
		p2pmem_allow_say_void(allowance, "the IOMMU domain of", client);
		p2pmem_allow_drop(allowance);
	}
	p2pmem_machine_unlock();
}

const struct p2pmem_machine_follower p2pmem_allow_follower = {
	.is_current = p2pmem_allow_is_current,
	.carry_over = p2pmem_allow_carry_over,
	.function_goes = p2pmem_allow_forget,
	.driver_comes = p2pmem_allow_driver_comes,
};

/* /sys/module/p2pmem/parameters/allowed, for everybody: "CLIENT PROVIDER" or "... trial". */
static int p2pmem_allow_show(char *text, const struct kernel_param *param)
{
	struct allowance *allowance;
	int used = 0;

	p2pmem_machine_lock();
	list_for_each_entry(allowance, &p2pmem_allowances, entry)
		used += scnprintf(text + used, PAGE_SIZE - used, "%s %s%s\n",
				  pci_name(allowance->client), pci_name(allowance->provider),
				  allowance->trial ? " trial" : "");
	p2pmem_machine_unlock();
	return used;
}

static const struct kernel_param_ops p2pmem_allow_param = { .get = p2pmem_allow_show };
module_param_cb(allowed, &p2pmem_allow_param, NULL, 0444);
MODULE_PARM_DESC(allowed, "pairs that root lets through although the rules refuse them");
