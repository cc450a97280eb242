// SPDX-License-Identifier: MIT
/*
 * The Linux releases that are known, as stretches that judge alike.
 */
#include "eras.h"

uint32_t p2p_eras(struct p2p_era eras[P2P_ERAS_MAX])
{
	uint32_t policies, count = 0;
	const struct p2p_policy *policy = p2p_policies(&policies);

	for (uint32_t i = 0; i < policies; i++) {
		if (&policy[i] == p2p_policy_hardware())
			continue;
		if (count && p2p_policy_same_rules(eras[count - 1].last, &policy[i]))
			eras[count - 1].last = &policy[i];
		else if (count < P2P_ERAS_MAX)
			eras[count++] = (struct p2p_era){ &policy[i], &policy[i] };
	}
	return count;
}

void p2p_era_write(FILE *file, const struct p2p_era *from, const struct p2p_era *to)
{
	fprintf(file, "Linux %s", from->first->name);
	if (from->first != to->last)
		fprintf(file, " to %s", to->last->name);
}
