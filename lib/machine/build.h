/* SPDX-License-Identifier: MIT */
/*
 * A machine while a source fills it in. Sources add nodes, names and facts in any order; nothing
 * here is visible to users before p2p_build_finish().
 *
 * Running out of memory is remembered, not returned, by the calls that return nothing:
 * p2p_build_finish() reports it once, so parsers need no check after every string.
 */
#ifndef P2P_MACHINE_BUILD_H
#define P2P_MACHINE_BUILD_H

#include <stdarg.h>
#include <p2pmem/machine.h>

/* A hostile file could otherwise be all warnings; nobody reads more than this. */
#define P2P_WARNINGS_MAX 100

struct p2p_text_block;
struct p2p_pci_ids;

struct p2p_option {
	const char *name;
	const char *value;
};

struct p2p_group {
	int32_t id;
	const char *type;
};

struct p2p_machine {
	const char *source;
	bool live;
	bool complete; /* what the source does not show is not there */
	bool out_of_memory;

	struct p2p_fabric_builder *builder; /* NULL once finished */
	struct p2p_fabric *fabric;
	struct p2p_machine_facts platform;

	struct p2p_device *devices; /* by node */
	uint32_t device_count, device_room;

	struct p2p_name *names; /* by node, kind, text once finished */
	uint32_t name_count, name_room;
	uint32_t *names_by_text; /* indices into names */

	struct p2p_option *options;
	uint32_t option_count, option_room;

	struct p2p_group *groups; /* by id once finished */
	uint32_t group_count, group_room;

	const char **warnings;
	uint32_t warning_count, warning_room, warnings_left_out;

	struct p2p_text_block *text; /* strings, freed together */

	struct p2p_pci_ids *ids; /* names of ids, while a source is read: see sources/models.h */
	bool ids_asked;
};

/** Starts a machine. `source` must be a literal. Returns 0 or -ENOMEM. */
int p2p_build_new(const char *source, struct p2p_machine **machine);

/** Adds a node; errors as p2p_fabric_add(). */
int p2p_build_add(struct p2p_machine *machine, const struct p2p_node_info *info, p2p_node *node);

/** The host bridge of a domain and root bus that p2p_build_root_add() added, or P2P_NO_NODE. */
p2p_node p2p_build_root(const struct p2p_machine *machine, struct p2p_bdf root);

/** Adds the host bridge of a domain and root bus, unless it is there. 0 or -errno. */
int p2p_build_root_add(struct p2p_machine *machine, struct p2p_bdf root, p2p_node *node);

/** Forgets a bridge's bus numbers, with a warning, when they cannot be those of a bridge there. */
void p2p_build_check_buses(struct p2p_machine *machine, struct p2p_node_info *info,
			   const char *where);

/** Facts of a node added earlier, to be filled in; the pointer is valid until the next add. */
struct p2p_device *p2p_build_device(struct p2p_machine *machine, p2p_node node);

/** Copies text into the machine, without what a terminal would act on. Never NULL. */
const char *p2p_build_text(struct p2p_machine *machine, const char *text, size_t length);

void p2p_build_name(struct p2p_machine *machine, p2p_node node, enum p2p_name_kind kind,
		    const char *text, size_t length);

void p2p_build_option(struct p2p_machine *machine, const char *name, const char *value,
		      size_t value_length);

void p2p_build_group(struct p2p_machine *machine, int32_t id, const char *type, size_t length);

void p2p_build_warn(struct p2p_machine *machine, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** Places the nodes and sorts the indices. Returns 0, -ENOMEM or -EBADMSG (no possible forest). */
int p2p_build_finish(struct p2p_machine *machine, struct p2p_error *error);

#endif
