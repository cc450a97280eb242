/* SPDX-License-Identifier: MIT */
/*
 * What the two parts of the lspci source share: the record of one function, filled line by line.
 */
#ifndef P2P_SOURCES_LSPCI_H
#define P2P_SOURCES_LSPCI_H

#include "config_space.h"
#include "pci_ids.h"
#include "source.h"
#include "text.h"

/* How much of the capability list was seen; what is not seen is absent only in a whole list. */
enum p2p_list_state {
	P2P_LIST_NOT_SEEN,
	P2P_LIST_SEEN,
	P2P_LIST_DENIED, /* "<access denied>": not root */
};

struct p2p_lspci_record {
	struct p2p_node_info info;
	struct p2p_device device; /* strings are the machine's */
	unsigned int line;        /* of its first line */

	/* From the verbose text. */
	enum p2p_list_state list;
	enum p2p_known status; /* "Status: Cap+": whether there is a list at all */
	bool has_bus_numbers;  /* a bridge */
	bool has_body, has_pcie, has_extended;
	bool has_acs, has_acs_capability, has_acs_control;
	bool in_resizable;         /* the lines are of the Resizable BAR capability */
	bool acs_hidden;           /* no extended capability: none, or none that could be read */
	bool is_whole;             /* its last line was seen */
	struct p2p_link link;      /* above or below, by the kind of port */
	struct p2p_span subsystem; /* resolved when the function's own ids are known */

	/* From the hex dump. */
	uint8_t config[P2P_CONFIG_PCIE];
	size_t config_size; /* contiguous from 0 */
};

/* A head line that was resolved: a machine has hundreds of functions and few kinds of them. */
struct p2p_lspci_kind {
	struct p2p_span text;
	uint16_t vendor, device;
	uint32_t class_code;
	const char *model;
};
#define P2P_LSPCI_KINDS 64

struct p2p_lspci {
	const struct p2p_input *input;
	struct p2p_machine *machine;
	struct p2p_pci_ids *ids;
	bool ids_asked; /* the list is read only when a name has to be resolved */
	unsigned int line;
	struct p2p_lspci_record record; /* the function being read */
	bool in_record;

	struct p2p_lspci_function {
		struct p2p_node_info info;
		p2p_node node;
		bool acs_hidden;
	} * functions;
	uint32_t count, room;
	bool extended_seen;
	uint32_t doubles;

	struct p2p_lspci_kind kinds[P2P_LSPCI_KINDS];
	unsigned int kind_count;
};

/** The list of names, or NULL where there is none. */
const struct p2p_pci_ids *p2p_lspci_ids(struct p2p_lspci *lspci);

/** "00:00.0 CLASS: VENDOR DEVICE (rev 20)", behind the address. */
void p2p_lspci_head(struct p2p_lspci *lspci, struct p2p_span text);

/** One line below the head, without blanks around it. */
void p2p_lspci_line(struct p2p_lspci *lspci, struct p2p_span line);

/** What the lines together say; called once, when the function's last line has been read. */
void p2p_lspci_settle(struct p2p_lspci *lspci);

/** "10: 04 00 ..." A line that is none is left alone: false. */
bool p2p_lspci_hex(struct p2p_lspci *lspci, struct p2p_span line);

#endif
