/* SPDX-License-Identifier: MIT */
/*
 * Random machines for the simulated bus: made from a seed, told to the core as a source would
 * tell them, made smaller while something about them stays wrong, written down as a scenario.
 */
#ifndef P2P_TESTS_UNIT_RANDOM_BUS_H
#define P2P_TESTS_UNIT_RANDOM_BUS_H

#include <stdio.h>

#include <p2pmem/fabric.h>

#include "sim.h"

#define BUS_NODES 36

struct bus_node {
	struct sim_info info; /* `parent` is an index in this array */
	uint16_t acs_control;
	uint64_t acs_egress;
	uint32_t peers;
	enum sim_iommu iommu;
	uint16_t vendor, device;
	bool dropped;
	sim_node node; /* in the machine */
};

struct bus_spec {
	uint64_t seed, random;
	int count;
	struct bus_node node[BUS_NODES];
	bool domains;  /* each host bridge is one of its own */
	bool collides; /* some CPU addresses are others' bus addresses in a client's domain */
};

/* The same seed gives the same machine everywhere. */
void bus_make(struct bus_spec *spec, uint64_t seed);

uint64_t bus_random(struct bus_spec *spec, uint64_t below);

/* The same from a state of the caller's. */
uint64_t bus_draw(uint64_t *random, uint64_t below);

/* Builds it; sets `node` of each that is not dropped. */
struct sim_machine *bus_build(struct bus_spec *spec);

/*
 * What a source would read from the machine. Nodes of the fabric are those of the machine but for
 * RAM, of which a fabric knows nothing: `fabric_node` has SIM_NODES_MAX entries.
 */
struct p2p_fabric *bus_fabric(const struct bus_spec *spec, struct sim_machine *machine,
			      const struct p2p_allocator *allocator, p2p_node *fabric_node);

/* Whether the request or its completion went by a host bridge, or was sent there. */
bool bus_asked_host(const struct sim_machine *machine, const struct sim_result *result);

/*
 * Makes `spec` smaller as long as `wrong` says that it still is; `a` and `b` stay.
 */
void bus_shrink(struct bus_spec *spec, int a, int b,
		bool (*wrong)(struct bus_spec *spec, void *context), void *context);

/* Writes it as the machine of a scenario, p2pmem-sim-scenario(5). */
void bus_write(const struct bus_spec *spec, FILE *file);

/* " acs=RR,CR" */
void bus_write_acs(uint16_t control, FILE *file);

#endif
