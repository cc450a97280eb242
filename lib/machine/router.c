// SPDX-License-Identifier: MIT
/*
 * Whose rules a machine is judged by.
 */
#include <errno.h>

#include <p2pmem/machine.h>
#include <p2pmem/route.h>

static const struct p2p_policy *newest_linux(void)
{
	uint32_t count;
	const struct p2p_policy *policies = p2p_policies(&count);

	return &policies[count - 2]; /* "hardware" is the last */
}

int p2p_machine_router(const struct p2p_machine *machine, const char *kernel,
		       struct p2p_router **router, enum p2p_policy_fit *fit,
		       struct p2p_error *error)
{
	const struct p2p_policy *policy = newest_linux();
	struct p2p_platform platform = p2p_machine_platform(machine);
	enum p2p_policy_fit unasked;

	if (!fit)
		fit = &unasked;
	*router = NULL;
	*fit = P2P_FIT_ASSUMED;
	if (!kernel)
		kernel = p2p_machine_facts(machine)->kernel_release;
	if (kernel && p2p_policy_find(kernel, &policy, fit))
		return p2p_error_set(error, -EINVAL,
				     "\"%s\" is not a kernel release; use one as uname -r prints "
				     "it (6.1, 4.18.0-553.el8.x86_64), or hardware",
				     kernel);
	if (p2p_router_new(p2p_machine_fabric(machine), policy, &platform, router))
		return p2p_error_set(error, -ENOMEM, "out of memory");
	return 0;
}
