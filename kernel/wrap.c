// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which functions are wrapped, and when. Those without a driver need not be: they are given
 * nothing.
 *
 * A driver that is bound later finds its function wrapped, as the bus tells before its probe(). A
 * function is unwrapped when its driver is gone, since the next one's set-up may choose other ops.
 */
#include "wrap.h"

#ifdef COMPAT_WRAPS

#include "machine.h"
#include "memory.h"
#include "wrap_check.h"

#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

static DEFINE_MUTEX(p2pmem_wrap_toggle); /* on or off: one at a time; no device lock is held */
static atomic_t p2pmem_wrap_users;

static DEFINE_MUTEX(p2pmem_wrap_lock); /* of what follows */
static bool p2pmem_wrap_on;
static LIST_HEAD(p2pmem_wraps);
static LIST_HEAD(p2pmem_unwrapped); /* an op may still be inside of one */

static void (*p2pmem_wrap_revoke)(void);

static void p2pmem_wrap_free(struct p2pmem_wrap *wrap)
{
	free_percpu(wrap->normal_bytes);
	p2pmem_client_free(wrap->client);
	kfree(wrap);
}

static struct p2pmem_wrap *p2pmem_wrap_new(struct pci_dev *pdev)
{
	struct p2pmem_wrap *wrap = kzalloc(sizeof(*wrap), GFP_KERNEL);

	if (!wrap)
		return NULL;
	wrap->client = p2pmem_client_new_of_pages(&pdev->dev);
	if (IS_ERR(wrap->client)) {
		kfree(wrap);
		return NULL;
	}
	wrap->normal_bytes = alloc_percpu(u64);
	if (!wrap->normal_bytes) {
		p2pmem_wrap_free(wrap);
		return NULL;
	}
	wrap->twin = *pdev;
	wrap->filter = p2p_registry_filter(p2pmem_registry);
	if (wrap->client->translated)
		p2pmem_iommu_ops_fill((struct dma_map_ops *)&wrap->ops, &wrap->twin.dev);
	else
		memcpy((void *)&wrap->ops, &p2pmem_ops, sizeof(wrap->ops));
	p2pmem_bounces_init(&wrap->bounces);
	return wrap;
}

static struct p2pmem_wrap *p2pmem_wrap_find(const struct pci_dev *pdev)
{
	struct p2pmem_wrap *wrap;

	lockdep_assert_held(&p2pmem_wrap_lock);
	list_for_each_entry(wrap, &p2pmem_wraps, entry)
		if (wrap->client->function == pdev)
			return wrap;
	return NULL;
}

/*
 * With its device lock. P2PMEM_WHY_NONE, or why it cannot be. Below an IOMMU that is known by a
 * flag, that outranks the ops: p2pmem_wrap_take_flag().
 */
static u32 p2pmem_wrap_put_on(struct pci_dev *pdev)
{
	struct p2pmem_wrap *wrap;
	u32 why;

	lockdep_assert_held(&p2pmem_wrap_lock);
	if (p2pmem_wrap_find(pdev))
		return P2PMEM_WHY_NONE;
	why = p2pmem_wrap_check(pdev);
	if (why)
		return why;
	if (compat_translates_by_flag(&pdev->dev) && p2pmem_wrap_is_needless(pdev))
		return P2PMEM_WHY_NONE;
	wrap = p2pmem_wrap_new(pdev);
	if (!wrap)
		return P2PMEM_WHY_WRAP_KERNEL;
	list_add_tail(&wrap->entry, &p2pmem_wraps);
	/* What is bounced is to be synced; before the first of it can be mapped. */
	compat_set_skip_sync(&pdev->dev, NULL);
	/* All of it is there before anybody finds it: p2pmem_ops_wrap(). */
	smp_wmb();
	WRITE_ONCE(pdev->dev.dma_ops, &wrap->ops);
	return P2PMEM_WHY_NONE;
}

/*
 * The second half. Who has loaded the ops from before, which are none, and not the flag yet would
 * go past the IOMMU: if there may be somebody, p2pmem_ops_wait() comes between.
 */
static u32 p2pmem_wrap_take_flag(struct pci_dev *pdev)
{
	const struct p2pmem_wrap *wrap = p2pmem_wrap_find(pdev);

	if (wrap && compat_translates_by_flag(&wrap->twin.dev))
		compat_set_translates_by_flag(&pdev->dev, false);
	return P2PMEM_WHY_NONE;
}

static void p2pmem_wrap_set_stays(struct p2pmem_wrap *wrap, bool stays)
{
	if (wrap->stays == stays)
		return;
	wrap->stays = stays;
	if (stays)
		__module_get(THIS_MODULE);
	else
		module_put(THIS_MODULE);
}

/* Ahead of p2pmem_wrap_take_off(), with p2pmem_ops_wait() between if it has a driver. */
static u32 p2pmem_wrap_give_flag(struct pci_dev *pdev)
{
	struct p2pmem_wrap *wrap = p2pmem_wrap_find(pdev);

	if (!wrap || !compat_translates_by_flag(&wrap->twin.dev))
		return P2PMEM_WHY_NONE;
	p2pmem_wrap_set_stays(wrap, pdev->dev.driver && p2pmem_wrap_has_buffers(pdev));
	if (!wrap->stays)
		compat_set_translates_by_flag(&pdev->dev, true);
	return P2PMEM_WHY_NONE;
}

/* With its device lock. An op that runs is waited for later. */
static u32 p2pmem_wrap_take_off(struct pci_dev *pdev)
{
	struct p2pmem_wrap *wrap = p2pmem_wrap_find(pdev);
	struct device *dev = &pdev->dev;

	device_lock_assert(dev);
	if (!wrap || wrap->stays)
		return P2PMEM_WHY_NONE;
	WRITE_ONCE(dev->dma_ops, wrap->twin.dev.dma_ops);
	/* Without an IOMMU somebody may begin to use the kernel's own bounce buffers just now. */
	if (wrap->client->translated)
		compat_set_skip_sync(dev, &wrap->twin.dev);
	list_move_tail(&wrap->entry, &p2pmem_unwrapped);
	return P2PMEM_WHY_NONE;
}

/* Frees those that nobody is inside of any more. */
static void p2pmem_wrap_bury(void)
{
	struct p2pmem_wrap *wrap, *next;
	LIST_HEAD(dead);

	mutex_lock(&p2pmem_wrap_lock);
	list_splice_init(&p2pmem_unwrapped, &dead);
	mutex_unlock(&p2pmem_wrap_lock);
	if (list_empty(&dead))
		return;
	p2pmem_ops_wait();
	list_for_each_entry_safe(wrap, next, &dead, entry)
		p2pmem_wrap_free(wrap);
}

/* What is done with a function, with its device lock; P2PMEM_WHY_NONE, or why it cannot be. */
typedef u32 wrap_step(struct pci_dev *pdev);

static u32 p2pmem_wrap_do(struct pci_dev *pdev, wrap_step *step)
{
	u32 why;

	device_lock(&pdev->dev);
	mutex_lock(&p2pmem_wrap_lock);
	why = step(pdev);
	mutex_unlock(&p2pmem_wrap_lock);
	device_unlock(&pdev->dev);
	return why;
}

/* With each function, up to the first that it cannot be done with: `*culprit`. */
static u32 p2pmem_wrap_do_all(wrap_step *step, struct p2pmem_function *culprit)
{
	struct pci_dev *pdev = NULL;
	u32 why = P2PMEM_WHY_NONE;

	while (!why && (pdev = pci_get_device(PCI_ANY_ID, PCI_ANY_ID, pdev))) {
		why = p2pmem_wrap_do(pdev, step);
		if (why && culprit)
			*culprit = p2pmem_function(p2pmem_bdf(pdev));
	}
	pci_dev_put(pdev);
	return why;
}

static bool p2pmem_wrap_any_by_flag(void)
{
	struct p2pmem_wrap *wrap;
	bool any = false;

	mutex_lock(&p2pmem_wrap_lock);
	list_for_each_entry(wrap, &p2pmem_wraps, entry)
		any |= compat_translates_by_flag(&wrap->twin.dev);
	mutex_unlock(&p2pmem_wrap_lock);
	return any;
}

static void p2pmem_wrap_set_on(bool on)
{
	mutex_lock(&p2pmem_wrap_lock);
	p2pmem_wrap_on = on;
	mutex_unlock(&p2pmem_wrap_lock);
}

static void p2pmem_wrap_switch_off(void)
{
	lockdep_assert_held(&p2pmem_wrap_toggle);
	if (!p2pmem_wrap_on)
		return;
	p2pmem_wrap_set_on(false);
	if (p2pmem_wrap_any_by_flag()) {
		p2pmem_wrap_do_all(p2pmem_wrap_give_flag, NULL);
		/* Who found no flag has the ops, before these go. */
		p2pmem_ops_wait();
	}
	p2pmem_wrap_do_all(p2pmem_wrap_take_off, NULL);
	p2pmem_wrap_bury();
	p2pmem_bounce_stop();
	p2pmem_machine_unuse();
}

static u32 p2pmem_wrap_bound(struct pci_dev *pdev)
{
	if (!pdev->dev.driver)
		return P2PMEM_WHY_NONE;
	if (!p2pmem_wrap_find(pdev) && compat_translates_by_flag(&pdev->dev) &&
	    !p2pmem_wrap_is_needless(pdev) && p2pmem_wrap_has_buffers(pdev))
		return P2PMEM_WHY_WRAP_BOUND;
	return p2pmem_wrap_put_on(pdev);
}

static u32 p2pmem_wrap_bound_all(struct p2pmem_function *culprit)
{
	u32 why = p2pmem_wrap_do_all(p2pmem_wrap_bound, culprit);

	if (why || !p2pmem_wrap_any_by_flag())
		return why;
	p2pmem_ops_wait();
	return p2pmem_wrap_do_all(p2pmem_wrap_take_flag, culprit);
}

static int p2pmem_wrap_switch_on(u32 *why, struct p2pmem_function *culprit)
{
	lockdep_assert_held(&p2pmem_wrap_toggle);
	*why = p2pmem_wrap_check_machine();
	if (*why)
		return -EOPNOTSUPP;
	if (p2pmem_bounce_start()) {
		*why = P2PMEM_WHY_WRAP_MEMORY;
		return -ENOMEM;
	}
	/* Ways that close are noticed: the ops, which may not sleep, decide by what is known. */
	p2pmem_machine_use();
	/* First, so that whoever is bound meanwhile is wrapped by one of the two. */
	p2pmem_wrap_set_on(true);
	*why = p2pmem_wrap_bound_all(culprit);
	if (!*why)
		return 0;
	p2pmem_wrap_switch_off();
	return -EOPNOTSUPP;
}

int p2pmem_wrapping_begin(u32 *why, struct p2pmem_function *culprit)
{
	int error = 0;

	mutex_lock(&p2pmem_wrap_toggle);
	if (!p2pmem_wrap_on)
		error = p2pmem_wrap_switch_on(why, culprit);
	if (!error)
		atomic_inc(&p2pmem_wrap_users);
	mutex_unlock(&p2pmem_wrap_toggle);
	return error;
}

void p2pmem_wrapping_again(void)
{
	atomic_inc(&p2pmem_wrap_users);
}

static void p2pmem_wrap_end_later(struct work_struct *work)
{
	mutex_lock(&p2pmem_wrap_toggle);
	/* Somebody else may have begun since. */
	if (!atomic_read(&p2pmem_wrap_users))
		p2pmem_wrap_switch_off();
	mutex_unlock(&p2pmem_wrap_toggle);
}

static DECLARE_WORK(p2pmem_wrap_ending, p2pmem_wrap_end_later);

void p2pmem_wrapping_end(void)
{
	if (atomic_dec_and_test(&p2pmem_wrap_users))
		queue_work(p2pmem_work, &p2pmem_wrap_ending);
}

static void p2pmem_wrap_bury_later(struct work_struct *work)
{
	p2pmem_wrap_bury();
}

static DECLARE_WORK(p2pmem_wrap_burying, p2pmem_wrap_bury_later);

static void p2pmem_wrap_revoke_later(struct work_struct *work)
{
	p2pmem_wrap_revoke();
}

static DECLARE_WORK(p2pmem_wrap_revoking, p2pmem_wrap_revoke_later);

static void p2pmem_wrap_must_revoke(struct pci_dev *pdev, u32 why)
{
	pci_crit(pdev,
		 "would take memory of other devices for host memory (%s): p2pmem takes it back\n",
		 p2pmem_why_name(why));
	queue_work(p2pmem_work, &p2pmem_wrap_revoking);
}

static void p2pmem_wrap_driver_comes(struct pci_dev *pdev)
{
	u32 why = P2PMEM_WHY_NONE;

	mutex_lock(&p2pmem_wrap_lock);
	if (p2pmem_wrap_on)
		why = p2pmem_wrap_put_on(pdev);
	/* Nobody uses it yet. */
	if (p2pmem_wrap_on && !why)
		p2pmem_wrap_take_flag(pdev);
	mutex_unlock(&p2pmem_wrap_lock);
	if (why)
		p2pmem_wrap_must_revoke(pdev, why);
}

/* Only now is there a virtio device. */
static void p2pmem_wrap_driver_is_bound(struct pci_dev *pdev)
{
	u32 why = P2PMEM_WHY_NONE;

	mutex_lock(&p2pmem_wrap_lock);
	if (p2pmem_wrap_on)
		why = p2pmem_wrap_check_children(pdev);
	mutex_unlock(&p2pmem_wrap_lock);
	if (why)
		p2pmem_wrap_must_revoke(pdev, why);
}

static void p2pmem_wrap_driver_is_gone(struct pci_dev *pdev)
{
	mutex_lock(&p2pmem_wrap_lock);
	p2pmem_wrap_give_flag(pdev);
	p2pmem_wrap_take_off(pdev);
	mutex_unlock(&p2pmem_wrap_lock);
	queue_work(p2pmem_work, &p2pmem_wrap_burying);
}

/* With the device lock held. */
static int p2pmem_wrap_bus_changes(struct notifier_block *block, unsigned long event, void *data)
{
	switch (event) {
	case BUS_NOTIFY_BIND_DRIVER:
		p2pmem_wrap_driver_comes(to_pci_dev(data));
		break;
	case BUS_NOTIFY_BOUND_DRIVER:
		p2pmem_wrap_driver_is_bound(to_pci_dev(data));
		break;
	case BUS_NOTIFY_DRIVER_NOT_BOUND:
	case BUS_NOTIFY_UNBOUND_DRIVER:
		p2pmem_wrap_driver_is_gone(to_pci_dev(data));
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block p2pmem_wrap_bus = { .notifier_call = p2pmem_wrap_bus_changes };

int p2pmem_wrapping_start(void (*revoke)(void))
{
	p2pmem_wrap_revoke = revoke;
	return bus_register_notifier(&pci_bus_type, &p2pmem_wrap_bus);
}

/* Nothing is published any more. */
void p2pmem_wrapping_stop(void)
{
	cancel_work_sync(&p2pmem_wrap_revoking);
	mutex_lock(&p2pmem_wrap_toggle);
	p2pmem_wrap_switch_off();
	mutex_unlock(&p2pmem_wrap_toggle);
	bus_unregister_notifier(&pci_bus_type, &p2pmem_wrap_bus);
	cancel_work_sync(&p2pmem_wrap_ending);
	cancel_work_sync(&p2pmem_wrap_burying);
	p2pmem_wrap_bury();
}

static u64 p2pmem_wrap_sum(const u64 __percpu *counts)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) sum += READ_ONCE(*per_cpu_ptr(counts, cpu));
	return sum;
}

void p2pmem_wrapping_show(struct seq_file *file)
{
	struct p2pmem_wrap *wrap;

	mutex_lock(&p2pmem_wrap_lock);
	list_for_each_entry(wrap, &p2pmem_wraps, entry) {
		seq_printf(file, "wrapped function=%s normal_bytes=%llu direct_bytes=%lld",
			   pci_name(wrap->client->function), p2pmem_wrap_sum(wrap->normal_bytes),
			   atomic64_read(&wrap->direct_bytes));
		seq_printf(file, " via_host_bytes=%lld bounced_bytes=%lld\n",
			   atomic64_read(&wrap->via_host_bytes),
			   atomic64_read(&wrap->bounced_bytes));
	}
	mutex_unlock(&p2pmem_wrap_lock);
}

#endif
