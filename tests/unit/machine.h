/* SPDX-License-Identifier: MIT */
/*
 * A random machine, told to the fabric by bus numbers, and kept in a plain form of its own for a
 * twin that judges it by walking.
 */
#ifndef P2P_TESTS_UNIT_MACHINE_H
#define P2P_TESTS_UNIT_MACHINE_H

#include <p2pmem/fabric.h>
#include <p2pmem/policy.h>

#define MACHINE_NODES   48
#define MACHINE_BRIDGES 6

struct machine_node {
	struct p2p_node_info info;
	int above;  /* bridge above, -1 on a root bus */
	int bridge; /* host bridge */
	p2p_node node;
};

struct machine_bridge {
	struct p2p_bdf root_bus;
	bool explicit_node; /* told to the fabric, else the fabric adds it */
	bool partial;
	int first; /* node first on the root bus, -1: none */
};

struct machine {
	uint64_t random;
	unsigned int unknown_percent;
	int count, bridges;
	struct machine_node node[MACHINE_NODES];
	struct machine_bridge bridge[MACHINE_BRIDGES];
	struct p2p_platform platform;
	uint8_t host_set[2][MACHINE_BRIDGES][MACHINE_BRIDGES]; /* the twin's own notes */
};

/* Makes the machine of a seed; the same seed gives the same machine everywhere. */
void machine_make(struct machine *machine, uint64_t seed);

/* Tells it to a fabric, nodes in random order. Fills in `node` of each. */
struct p2p_fabric *machine_fabric(struct machine *machine, const struct p2p_allocator *allocator);

#endif
