/* SPDX-License-Identifier: MIT */
/*
 * The map on a random machine: its devices provide memory and are clients, whose DMA addresses come
 * from the simulated bus as a kernel would hand them out.
 */
#ifndef P2P_TESTS_UNIT_BUS_MAP_H
#define P2P_TESTS_UNIT_BUS_MAP_H

#include "map/map.h"
#include <p2pmem/route.h>

#include "random_bus.h"
#include "support.h"

#define BUS_RANGES (4 * BUS_NODES)
#define BUS_LIVE   32 /* pieces that one client has mapped at a time */

struct bus_map;

/* A published range of a BAR, or of memory on the CPU's bus. */
struct bus_range {
	struct p2p_provider provider;
	int index; /* whose, in the spec */
	unsigned int bar;
	uint64_t offset; /* in the BAR */
};

/* What is mapped for a client. */
struct bus_piece {
	uint64_t dma, length;
	uint64_t cookie; /* of a batch of host memory; 0: device memory */
};

struct bus_client {
	struct p2p_client client;
	struct p2p_mapper *mapper; /* NULL: not a client */
	sim_node node;
	struct bus_map *map;
	uint64_t next; /* free I/O page */
	uint64_t cookie;
	uint64_t random;
	struct bus_piece live[BUS_LIVE];
	unsigned int live_count;
	/* The piece of device memory that it was asked to map last, and what it answered. */
	uint64_t last_cpu, last_dma;
};

struct bus_map {
	struct bus_spec *spec;
	struct sim_machine *machine;
	struct counting counting;
	struct p2p_allocator allocator;
	struct p2p_fabric *fabric;
	p2p_node fabric_node[SIM_NODES_MAX];
	struct p2p_router *router;
	struct p2p_pci_context context;
	struct p2p_registry *registry;
	struct bus_range range[BUS_RANGES];
	unsigned int ranges;
	struct bus_client client[BUS_NODES]; /* by index in the spec */
};

enum bus_seed_purpose {
	BUS_SEED_LOAN,
	BUS_SEED_CLIENT,
	BUS_SEED_LIST,
	BUS_SEED_CHANGE,
	BUS_SEED_PHASE,
};

/* A number that is the same for the same question about the same machine, however much smaller
 * that has been made: what is to be drawn again must not come from bus_random(). */
uint64_t bus_seed(const struct bus_spec *spec, enum bus_seed_purpose purpose, int a, int b);

/* No rules are set yet: see bus_map_read(). */
void bus_map_open(struct bus_map *map, struct bus_spec *spec);
void bus_map_close(struct bus_map *map);

/* Reads the machine again, as it is now, and goes by the rules of `policy`. */
void bus_map_read(struct bus_map *map, const char *policy);

/* What provides the memory at that CPU address, or NULL. */
const struct bus_range *bus_range_at(const struct bus_map *map, uint64_t cpu);

/* Part of bus_map_open(). */
void bus_client_open(struct bus_map *map, int index);

/*
 * The address by which the client would be sent to that CPU address through the host, which its
 * IOMMU translates until bus_unmap_piece(). 0, or -ERANGE: there is none.
 */
int bus_map_piece(struct bus_client *client, uint64_t cpu, uint64_t length, uint64_t *dma);
void bus_unmap_piece(struct bus_client *client, uint64_t dma, uint64_t length);

/* Whether an address of the range is in a window of the client's own host bridge. */
bool bus_in_own_window(const struct bus_client *client, uint64_t dma, uint64_t length);

/* Ops of memory on the CPU's own bus, for all who get there. */
extern const struct p2p_provider_ops bus_coherent_ops;

#endif
