// SPDX-License-Identifier: MIT
/*
 * All that is known of one client and one provider.
 */
#include <errno.h>
#include <stdlib.h>

#include "answer.h"

static int find_reasons(const struct p2p_path *path, struct p2p_reason **reasons, uint32_t *count)
{
	*count = p2p_path_reasons(path, NULL, 0);
	*reasons = calloc(*count + 1, sizeof(**reasons));
	if (!*reasons)
		return -ENOMEM;
	p2p_path_reasons(path, *reasons, *count);
	return 0;
}

static int find_hops(const struct p2p_path *path, struct p2p_answer *answer)
{
	answer->hop_count = p2p_path_hops(path, NULL, 0);
	answer->hops = calloc(answer->hop_count + 1, sizeof(*answer->hops));
	if (!answer->hops)
		return -ENOMEM;
	p2p_path_hops(path, answer->hops, answer->hop_count);
	return 0;
}

int p2p_answer_find(const struct p2p_machine *machine, const struct p2p_router *router,
		    const struct p2p_router *hardware, p2p_node client, p2p_node provider,
		    struct p2p_answer *answer)
{
	struct p2p_path path, wires;
	int rc;

	*answer = (struct p2p_answer){
		.machine = machine,
		.router = router,
		.hardware = hardware,
		.client = client,
		.provider = provider,
	};
	rc = p2p_path_find(router, client, provider, &path);
	if (rc)
		return rc;
	p2p_path_find(hardware, client, provider, &wires);
	p2p_route_find(router, provider, client, &answer->back);
	answer->route = path.route;
	answer->hardware_route = wires.route;
	p2p_path_ceiling(&path, &answer->ceiling);
	rc = find_hops(&path, answer);
	if (!rc)
		rc = find_reasons(&path, &answer->reasons, &answer->reason_count);
	if (!rc)
		rc = find_reasons(&wires, &answer->hardware_reasons,
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
