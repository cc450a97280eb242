/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The inside of a machine, and what sim/'s files need of each other.
 */
#ifndef SIM_PRIVATE_H
#define SIM_PRIVATE_H

#include "sim.h"

struct sim_object {
	struct sim_info info;
	struct sim_registers registers;
	sim_node first_child, next_sibling, last_child;
};

/* Memory that was written to: a hash of pages, so that a BAR of 1 TiB costs nothing. */
struct sim_pages {
	struct sim_page *slot; /* open addressing; `room` is a power of two or 0 */
	uint32_t room, count;
};

struct sim_machine {
	struct sim_object *object;
	uint32_t count, room;
	struct sim_map *map;
	uint32_t map_count, map_room;
	struct sim_pages pages;
};

/* One memory request (TLP) on its way, or the completion that answers it. */
struct sim_request {
	struct sim_machine *machine;
	sim_node client;
	uint64_t address; /* a bus address, or a CPU address while at a host */
	bool write, translated, relaxed;
	bool redirected; /* sent up by ACS: ports above forward what is in their own windows */
	bool host_owns;  /* it went through a host bridge of another domain than the client's */
	struct sim_result *result;
};

static inline struct sim_object *sim_object(const struct sim_request *request, sim_node node)
{
	return &request->machine->object[node];
}

/* ACS Control as it acts: absent services are hardwired to 0 (PCIe 7.7.11.3). */
static inline uint16_t sim_acs(const struct sim_object *object)
{
	if (!object->info.acs)
		return 0;
	return object->registers.acs_control & object->info.acs_capability;
}

/* memory.c */
struct sim_page {
	uint64_t key; /* node, BAR and page number; 0: free */
	uint8_t *bytes;
};
void sim_pages_free(struct sim_pages *pages);

/* decode.c: who takes an address */
bool sim_in_bars(const struct sim_object *object, uint64_t bus, unsigned int *bar,
		 uint64_t *offset);
bool sim_in_limits(const struct sim_object *object, uint64_t bus);
/** Whether the node takes it from the bus that it is on: present, enabled, BAR or window. */
bool sim_claims(const struct sim_object *object, uint64_t bus);
/** Who below `parent` but `except` takes it, or SIM_NO_NODE. */
sim_node sim_claimant(const struct sim_machine *machine, sim_node parent, uint64_t bus,
		      sim_node except);
bool sim_window_to_bus(const struct sim_info *bridge, p2p_cpu_addr cpu, p2p_bus_addr *bus);
bool sim_window_to_cpu(const struct sim_info *bridge, p2p_bus_addr bus, p2p_cpu_addr *cpu);
bool sim_inbound_to_cpu(const struct sim_info *bridge, p2p_bus_addr bus, p2p_cpu_addr *cpu);

/* trace.c: every way a request can go on record */
void sim_hop(const struct sim_request *request, sim_node node, enum sim_action action,
	     uint16_t bits);
void sim_completion_hop(const struct sim_request *request, sim_node node, enum sim_action action,
			uint16_t bits);
void sim_land(const struct sim_request *request, sim_node node, unsigned int bar, uint64_t offset);
void sim_die(const struct sim_request *request, sim_node node, enum sim_outcome outcome,
	     uint16_t bits, const char *why);

/* acs.c: what Access Control Services make of a request or completion */
enum sim_pass {
	SIM_PASS_PEER,
	SIM_PASS_UP,
	SIM_PASS_NOT
};
/** `*bits`: what decided. Source Validation and Translation Blocking, of any request going up. */
bool sim_acs_admits(const struct sim_request *request, sim_node port, uint16_t *bits);
/** A request at `node` whose target is its neighbour `peer`. */
enum sim_pass sim_acs_request(const struct sim_request *request, sim_node node, sim_node peer,
			      uint16_t *bits);
/** The same of a completion. */
enum sim_pass sim_acs_completion(const struct sim_request *request, sim_node node, uint16_t *bits);

/* iommu.c */
bool sim_iommu_find(const struct sim_machine *machine, sim_node client, p2p_dma_addr dma,
		    bool write, p2p_cpu_addr *cpu);

/* down.c, up.c, host.c, completion.c: the parts of a way, each ending in a landing or a death */
void sim_go_down(struct sim_request *request, sim_node node);
void sim_go_up(struct sim_request *request, sim_node node);
void sim_go_host(struct sim_request *request, sim_node bridge);
/** On the CPU's bus; `from` is the host bridge it came through, or SIM_NO_NODE. */
void sim_go_cpu(struct sim_request *request, sim_node from);
void sim_complete(struct sim_request *request);

#endif
