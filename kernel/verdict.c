// SPDX-License-Identifier: GPL-2.0-only
/*
 * The core's answer in the words of the ABI.
 */
#include "verdict.h"

#include "machine.h"
#include "stat.h"

#include <linux/slab.h>
#include <linux/uaccess.h>

/* One number for one meaning, in the core, the ABI and the kernel's API. */
static_assert((int)P2PMEM_UNKNOWN == P2P_VERDICT_UNKNOWN);
static_assert((int)P2PMEM_DIRECT == P2P_VERDICT_DIRECT);
static_assert((int)P2PMEM_VIA_HOST == P2P_VERDICT_VIA_HOST);
static_assert((int)P2PMEM_UNREACHABLE == P2P_VERDICT_UNREACHABLE);
static_assert((int)P2PMEM_DIRECT == P2PMEM_ANSWER_DIRECT);
static_assert((int)P2PMEM_VIA_HOST == P2PMEM_ANSWER_VIA_HOST);
static_assert((int)P2PMEM_UNREACHABLE == P2PMEM_ANSWER_UNREACHABLE);

/* More than any path through any machine has. */
#define REASONS 256

struct answer {
	struct p2p_path path;
	struct p2p_reason reasons[REASONS];
	struct p2pmem_reason words[REASONS];
	u32 count;
};

static void p2pmem_verdict_name_node(const struct p2p_fabric *fabric, p2p_node node,
				     struct p2pmem_function *function, __u16 *known,
				     __u16 *host_bridge)
{
	const struct p2p_node_info *info;

	if (node == P2P_NO_NODE)
		return;
	info = p2p_fabric_info(fabric, node);
	*function = p2pmem_function(info->bdf);
	*known = 1;
	if (host_bridge)
		*host_bridge = info->kind == P2P_KIND_HOST_BRIDGE;
}

static void p2pmem_verdict_name_reason(const struct p2p_fabric *fabric,
				       const struct p2p_reason *reason, struct p2pmem_reason *words)
{
	strscpy(words->name, p2p_reason_name(reason->code), sizeof(words->name));
	p2pmem_verdict_name_node(fabric, reason->node, &words->node, &words->has_node,
				 &words->node_is_host_bridge);
	p2pmem_verdict_name_node(fabric, reason->other, &words->other, &words->has_other, NULL);
	words->bits = reason->bits;
}

/* Inside a read-side section: the machine is that of one moment. */
static int p2pmem_verdict_find_route(const struct p2pmem_machine *machine, struct p2pmem *memory,
				     struct p2pmem_verdict *verdict, struct answer *answer)
{
	struct p2p_bdf bdf = { verdict->client.domain, verdict->client.bus, verdict->client.devfn };
	p2p_node client = p2p_fabric_find(machine->fabric, bdf);
	p2p_node provider = p2pmem_fabric_node(machine, memory->pdev);
	int error;

	if (client == P2P_NO_NODE || provider == P2P_NO_NODE)
		return -ENODEV;
	error = p2p_path_find(machine->router, client, provider, &answer->path);
	if (error)
		return error;
	answer->count = p2p_path_reasons(&answer->path, answer->reasons, REASONS);
	answer->count = min_t(u32, answer->count, REASONS);
	for (u32 i = 0; i < answer->count; i++)
		p2pmem_verdict_name_reason(machine->fabric, &answer->reasons[i], &answer->words[i]);
	verdict->verdict = answer->path.route.verdict;
	verdict->distance = answer->path.route.distance;
	verdict->count = answer->count;
	strscpy(verdict->policy, p2p_router_policy(machine->router)->name, sizeof(verdict->policy));
	return 0;
}

static struct pci_dev *p2pmem_verdict_get(const struct p2pmem_function *function)
{
	return pci_get_domain_bus_and_slot(function->domain, function->bus, function->devfn);
}

/* What is on no PCI bus has no route; its own ops decide. */
static int p2pmem_verdict_ask_ops(struct p2pmem *memory, struct p2pmem_verdict *verdict)
{
	struct pci_dev *pdev = p2pmem_verdict_get(&verdict->client);
	enum p2pmem_answer answer;

	if (!pdev)
		return -ENODEV;
	answer = p2pmem_ask(memory, &pdev->dev);
	pci_dev_put(pdev);
	verdict->verdict = answer;
	verdict->distance = -1;
	verdict->count = 0;
	strscpy(verdict->policy, "driver", sizeof(verdict->policy));
	return 0;
}

/* The way from a client that is not there is nowhere: that is found out later. */
static int p2pmem_verdict_refresh(struct p2pmem *memory, const struct p2pmem_function *function)
{
	struct pci_dev *client = p2pmem_verdict_get(function);
	int error = p2pmem_machine_refresh(client, memory->pdev);

	pci_dev_put(client);
	return error;
}

static int p2pmem_verdict_find(struct p2pmem *memory, struct p2pmem_verdict *verdict,
			       struct answer *answer)
{
	int error, index;

	if (!memory->pdev)
		return p2pmem_verdict_ask_ops(memory, verdict);
	error = p2pmem_verdict_refresh(memory, &verdict->client);
	if (error)
		return error;
	index = srcu_read_lock(&p2pmem_srcu);
	error = p2pmem_verdict_find_route(p2pmem_machine(), memory, verdict, answer);
	srcu_read_unlock(&p2pmem_srcu, index);
	return error;
}

static long p2pmem_verdict_write_answer(const struct p2pmem_verdict *verdict,
					const struct answer *answer,
					struct p2pmem_verdict __user *user)
{
	u32 words = min(verdict->room, answer->count);

	if (words && copy_to_user(u64_to_user_ptr(verdict->reasons), answer->words,
				  words * sizeof(answer->words[0])))
		return -EFAULT;
	return copy_to_user(user, verdict, sizeof(*verdict)) ? -EFAULT : 0;
}

long p2pmem_ask_verdict(struct p2pmem *memory, struct p2pmem_verdict __user *user)
{
	struct p2pmem_verdict verdict;
	struct answer *answer;
	long error;

	if (copy_from_user(&verdict, user, sizeof(verdict)))
		return -EFAULT;
	if (verdict.client.reserved || verdict.reserved[0] || verdict.reserved[1])
		return -EINVAL;
	answer = kvzalloc(sizeof(*answer), GFP_KERNEL);
	if (!answer)
		return -ENOMEM;
	error = p2pmem_verdict_find(memory, &verdict, answer);
	if (!error)
		error = p2pmem_verdict_write_answer(&verdict, answer, user);
	kvfree(answer);
	return error;
}
