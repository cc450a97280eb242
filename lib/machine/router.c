// SPDX-License-Identifier: MIT
/*
 * Whose rules a machine is judged by.
 */
#include <errno.h>
#include <stdlib.h>

#include <p2pmem/allow.h>
#include <p2pmem/machine.h>
#include <p2pmem/route.h>

static const struct p2p_policy *newest_linux(void)
{
	uint32_t count;
	const struct p2p_policy *policies = p2p_policies(&count);

	return &policies[count - 2]; /* "hardware" is the last */
}

/*
 * What the module lets through on this machine. What the router does not take the module has not
 * either, or the machine has changed in between.
 */
static int let_through(const struct p2p_machine *machine, struct p2p_router *router,
		       struct p2p_error *error)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	struct p2p_allowed *pairs;
	size_t count;
	int rc = p2p_allowed_pairs(&pairs, &count, error);

	for (size_t i = 0; !rc && i < count; i++)
		p2p_router_allow(router, p2p_fabric_find(fabric, pairs[i].client),
				 p2p_fabric_find(fabric, pairs[i].provider));
	free(pairs);
	return rc;
}

int p2p_machine_router(const struct p2p_machine *machine, const char *kernel,
		       struct p2p_router **router, enum p2p_policy_fit *fit,
		       struct p2p_error *error)
{
	const struct p2p_policy *policy = newest_linux();
	struct p2p_platform platform = p2p_machine_platform(machine);
	enum p2p_policy_fit unasked;
	bool own;
	int rc;

	if (!fit)
		fit = &unasked;
	*router = NULL;
	*fit = P2P_FIT_ASSUMED;
	own = !kernel && p2p_machine_is_live(machine);
	if (!kernel)
		kernel = p2p_machine_facts(machine)->kernel_release;
	if (kernel && p2p_policy_find(kernel, &policy, fit))
		return p2p_error_set(error, -EINVAL,
				     "\"%s\" is not a kernel release; use one as uname -r prints "
				     "it (6.1, 4.18.0-553.el8.x86_64), or hardware",
				     kernel);
	if (p2p_router_new(p2p_machine_fabric(machine), policy, &platform, router))
		return p2p_error_set(error, -ENOMEM, "out of memory");
	rc = own ? let_through(machine, *router, error) : 0;
	if (!rc)
		return 0;
	p2p_router_free(*router);
	*router = NULL;
	return rc;
}
