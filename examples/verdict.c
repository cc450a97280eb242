// SPDX-License-Identifier: MIT
/* cc verdict.c $(pkg-config --cflags --libs p2pmem) -o verdict && ./verdict nvme0 mlx5_0 [FILE] */
#include <stdio.h>

#include <p2pmem/explain.h>

int main(int argc, char **argv)
{
	struct p2p_error error = { .code = 0 };
	struct p2p_machine *machine = NULL;
	struct p2p_router *router = NULL;
	struct p2p_explanation *why = NULL;
	enum p2p_policy_fit fit;
	p2p_node client, provider;

	if (argc != 3 && argc != 4) {
		fprintf(stderr, "usage: verdict CLIENT PROVIDER [CAPTURE]\n");
		return 64;
	}
	if (p2p_machine_open(argv[3], &machine, &error) ||
	    p2p_machine_find(machine, argv[1], &client, &error) ||
	    p2p_machine_find(machine, argv[2], &provider, &error) ||
	    p2p_machine_router(machine, NULL, &router, &fit, &error) ||
	    p2p_explain(machine, router, client, provider, NULL, &why, &error)) {
		fprintf(stderr, "%s\n", error.text);
	} else {
		printf("%s, distance %d\n", p2p_verdict_name(why->route.verdict),
		       (int)why->route.distance);
		for (uint32_t i = 0; i < why->reason_count; i++)
			printf("- %s\n", why->reasons[i].text);
	}
	p2p_explanation_free(why);
	p2p_router_free(router);
	p2p_machine_free(machine);
	return error.code != 0;
}
