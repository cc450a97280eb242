// SPDX-License-Identifier: MIT
/*
 * All that is known of one client and one provider.
 */
#include <errno.h>
#include <stdlib.h>

#include "answer.h"

static int find_reasons(const struct p2p_router *router, const struct p2p_answer *answer,
			struct p2p_reason **reasons, uint32_t *count)
{
	int rc = p2p_route_reasons(router, answer->client, answer->provider, NULL, 0, count);

	if (rc)
		return rc;
	*reasons = calloc(*count + 1, sizeof(**reasons));
	if (!*reasons)
		return -ENOMEM;
	return p2p_route_reasons(router, answer->client, answer->provider, *reasons, *count, count);
}

static int find_hops(struct p2p_answer *answer)
{
	int rc = p2p_route_hops(answer->router, answer->client, answer->provider, NULL, 0,
				&answer->hop_count);

	if (rc)
		return rc;
	answer->hops = calloc(answer->hop_count + 1, sizeof(*answer->hops));
	if (!answer->hops)
		return -ENOMEM;
	return p2p_route_hops(answer->router, answer->client, answer->provider, answer->hops,
			      answer->hop_count, &answer->hop_count);
}

int p2p_answer_find(const struct p2p_machine *machine, const struct p2p_router *router,
		    const struct p2p_router *hardware, p2p_node client, p2p_node provider,
		    struct p2p_answer *answer)
{
	int rc;

	*answer = (struct p2p_answer){
		.machine = machine,
		.router = router,
		.hardware = hardware,
		.client = client,
		.provider = provider,
	};
	rc = p2p_route_check(p2p_machine_fabric(machine), client, provider);
	if (rc)
		return rc;
	p2p_route_find(router, client, provider, &answer->route);
	p2p_route_find(hardware, client, provider, &answer->hardware_route);
	p2p_route_find(router, provider, client, &answer->back);
	p2p_route_ceiling(router, client, provider, &answer->ceiling);
	rc = find_hops(answer);
	if (!rc)
		rc = find_reasons(router, answer, &answer->reasons, &answer->reason_count);
	if (!rc)
		rc = find_reasons(hardware, answer, &answer->hardware_reasons,
				  &answer->hardware_reason_count);
	return rc;
}

void p2p_answer_free(struct p2p_answer *answer)
{
	free(answer->hops);
	free(answer->reasons);
	free(answer->hardware_reasons);
	*answer = (struct p2p_answer){ .machine = NULL };
}

bool p2p_answer_differs(const struct p2p_answer *answer)
{
	return answer->route.verdict != answer->hardware_route.verdict;
}

const struct p2p_reason *p2p_answer_reason(const struct p2p_answer *answer,
					   enum p2p_reason_code code)
{
	for (uint32_t i = 0; i < answer->reason_count; i++)
		if (answer->reasons[i].code == code)
			return &answer->reasons[i];
	return NULL;
}
