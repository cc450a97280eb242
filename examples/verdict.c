// SPDX-License-Identifier: MIT
/*
 * Asks whether one device can use another's memory, on this machine or on a capture of another.
 *
 *     cc verdict.c $(pkg-config --cflags --libs p2pmem) -o verdict
 *     ./verdict mlx5_0 nvme0 [CAPTURE]
 */
#include <stdio.h>

#include <p2pmem/machine.h>
#include <p2pmem/route.h>

static int judge(const struct p2p_machine *machine, const char *client, const char *provider)
{
	const char *release = p2p_machine_facts(machine)->kernel_release;
	struct p2p_platform platform = p2p_machine_platform(machine);
	const struct p2p_policy *policy = p2p_policy_hardware();
	struct p2p_error error = { .code = 0 };
	struct p2p_router *router;
	enum p2p_policy_fit fit;
	struct p2p_route route;
	p2p_node from, to;

	if (p2p_machine_find(machine, client, &from, &error) ||
	    p2p_machine_find(machine, provider, &to, &error)) {
		fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	if (release && p2p_policy_find(release, &policy, &fit))
		fprintf(stderr, "no rules for kernel %s: what the wires would do\n", release);
	if (p2p_router_new(p2p_machine_fabric(machine), policy, &platform, &router)) {
		fprintf(stderr, "out of memory\n");
		return 1;
	}
	if (p2p_route_find(router, from, to, &route))
		printf("neither can be client or provider\n");
	else
		printf("%s, distance %d\n", p2p_verdict_name(route.verdict), (int)route.distance);
	p2p_router_free(router);
	return 0;
}

int main(int argc, char **argv)
{
	struct p2p_error error = { .code = 0 };
	struct p2p_machine *machine;
	int status;

	if (argc != 3 && argc != 4) {
		fprintf(stderr, "usage: verdict CLIENT PROVIDER [CAPTURE]\n");
		return 64;
	}
	if (p2p_machine_open(argv[3], &machine, &error)) {
		fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	status = judge(machine, argv[1], argv[2]);
	p2p_machine_free(machine);
	return status;
}
