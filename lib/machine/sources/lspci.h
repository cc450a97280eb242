/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the lspci source share.
 *
 *     lspci.c          lines into records, records into listings
 *     lspci_prefix.c   what stands before lines: quotes, line numbers, timestamps
 *     lspci_head.c     the head line of a function
 *     lspci_fields.c   the same of -mm and -vmm
 *     lspci_tree.c     the tree of -t
 *     lspci_words.c    the lines that -v to -vvv print below it
 *     lspci_acs.c      the two lines of ACS, which mail clients wrap
 *     lspci_hex.c      the bytes that -x to -xxxx print below it
 *     lspci_whole.c    what a record that may lack lines proves to be absent
 *     lspci_machine.c  which listings are of one machine, and the machine itself
 */
#ifndef P2P_SOURCES_LSPCI_H
#define P2P_SOURCES_LSPCI_H

#include "config_space.h"
#include "pci_ids.h"
#include "source.h"
#include "span.h"

/* Lines that come together or not at all tell whether some are missing: one bit each. */
enum p2p_lspci_sign {
	P2P_SIGN_CONTROL,
	P2P_SIGN_STATUS,
	P2P_SIGN_FLAGS, /* -v has it in place of the two above */
	P2P_SIGN_BUS,
	P2P_SIGN_IO_WINDOW,
	P2P_SIGN_MEMORY_WINDOW,
	P2P_SIGN_PREFETCH_WINDOW,
	P2P_SIGN_SECONDARY_STATUS,
	P2P_SIGN_BRIDGE_CONTROL,
	P2P_SIGN_EXPRESS,
	P2P_SIGN_DEVICE_CAP,
	P2P_SIGN_DEVICE_CTL,
	P2P_SIGN_DEVICE_STA,
	P2P_SIGN_LINK_CAP,
	P2P_SIGN_LINK_CTL,
	P2P_SIGN_LINK_STA,
	P2P_SIGN_AER,
	P2P_SIGN_AER_UESTA,
	P2P_SIGN_AER_UEMSK,
	P2P_SIGN_AER_UESVRT,
	P2P_SIGN_AER_CESTA,
	P2P_SIGN_AER_CEMSK,
	P2P_SIGN_AER_CAP,
	P2P_SIGN_ACS,
	P2P_SIGN_ACS_CAP,
	P2P_SIGN_ACS_CTL,
	P2P_SIGN_KERNEL,
	P2P_SIGNS, /* also: a line that is none of these */
};
#define P2P_SIGN(name) (UINT64_C(1) << P2P_SIGN_##name)

/* What the lines of a record prove. */
struct p2p_lspci_proof {
	uint64_t signs;       /* P2P_SIGN() of the lines that were seen */
	uint64_t model;       /* equal for functions with equal head lines, revision aside */
	enum p2p_known list;  /* "Status: Cap+" */
	bool denied;          /* "<access denied>": not root */
	bool capabilities;    /* some were listed */
	bool extended;        /* some beyond 256 bytes */
	bool extended_first;  /* the one at 100h, with which that list begins */
	bool ended;           /* its end was seen */
	bool ended_blank;     /* in a blank line, as -v ends each */
	bool trimmed;         /* says itself that something is left out */
	bool broken;          /* by its structure lines are missing, or another's are there */
	bool overrun;         /* lines follow that it had already: another's, whose head is lost */
	bool hex;             /* its bytes were decoded */
	bool acs_named;       /* anything that says that it has ACS */
	bool express_unknown; /* a PCI Express capability of a type that was not understood */
	uint8_t acs_heads, acs_caps, acs_controls; /* how many lines of each */
	bool cap_follows, control_follows;         /* each the line before it */
};

struct p2p_lspci_function {
	struct p2p_node_info info;
	struct p2p_device device; /* strings are the machine's */
	struct p2p_lspci_proof proof;
	struct p2p_bdf above; /* from a path (-PP) or a tree (-t) */
	unsigned int line;    /* of its head */
	bool has_above, on_root_bus;
	p2p_node node;
	/* Where several listings show the function: the next machine's, or who took it in. */
	struct p2p_lspci_function *next, *merged_into;
	uint8_t machine;
};

/* What one run of lspci, or several, printed between two prompts. */
struct p2p_lspci_run {
	uint64_t signs; /* of all its records */
	uint32_t bodies, broken, blanks;
	bool extended;  /* some function's extended capabilities are there */
	bool others;    /* there are other functions than bridges */
	bool scattered; /* its records are not in order of address */
	bool filtered;  /* lines are missing all over it: nothing is absent for not being there */
};

/* Functions in order of address. */
struct p2p_lspci_listing {
	uint32_t first, count;
	uint32_t run;
	uint32_t machine;
};

/* The function being read. */
struct p2p_lspci_record {
	struct p2p_lspci_function function;
	struct p2p_link link;      /* above or below, by the kind of port */
	struct p2p_span subsystem; /* resolved when the function's own ids are known */
	enum p2p_lspci_sign last;  /* of its lines */
	bool has_body, has_bus_numbers, kernel_seen;
	bool closed;       /* further lines need not be its own */
	bool in_resizable; /* the lines are of the Resizable BAR capability */
	uint64_t offsets[P2P_CONFIG_PCIE / 4 / 64]; /* of capabilities seen: a bit for 4 bytes */

	/* An ACS line that goes on in the next. */
	char acs_text[128];
	bool acs_pending, acs_control;

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
	uint64_t hash;
	bool valid;
};
#define P2P_LSPCI_KINDS 64

/* Words before each line, as a journal or a CI log puts them there. */
#define P2P_PREFIX_WORDS 6
struct p2p_lspci_prefix {
	unsigned int words;
	char shape[P2P_PREFIX_WORDS][24];
	char number_end; /* "12:00:01.0 ...": a line number, and what ends it */
};

/* What a place in the tree of lspci -t hangs on. */
struct p2p_tree_bus {
	uint32_t domain;
	uint8_t first, last; /* the bus itself, and the last one below */
	enum {
		P2P_TREE_NONE,
		P2P_TREE_TOP, /* root buses */
		P2P_TREE_ROOT,
		P2P_TREE_BUS,
	} kind;
};
#define P2P_TREE_COLUMNS 1024

/* The block of lspci -vmm that is being read. */
struct p2p_lspci_fields {
	bool open;
	struct p2p_bdf bdf;
	struct p2p_span class, vendor;
};

struct p2p_lspci {
	const struct p2p_input *input;
	struct p2p_machine *machine;
	bool ids_missed; /* a name had to be resolved, and there is no list */
	bool spaced;     /* a blank line follows every line */
	bool has_slots;  /* -vmm may be in it */
	unsigned int line;
	struct p2p_lspci_prefix prefix;
	struct p2p_lspci_record record; /* the function being read */
	bool in_record;
	bool command; /* a prompt or a fence: what comes is of another run */
	bool in_tree;
	struct p2p_tree_bus branch[P2P_TREE_COLUMNS]; /* of the tree being read, by column */
	struct p2p_lspci_fields fields;

	struct p2p_lspci_function *functions;
	uint32_t count, room;
	struct p2p_lspci_listing *listings;
	uint32_t listing_count, listing_room;
	struct p2p_lspci_run *runs;
	uint32_t run_count, run_room;
	uint32_t pathless; /* functions whose bus a path (-P) does not tell */

	struct p2p_lspci_kind kinds[P2P_LSPCI_KINDS];
	unsigned int kind_count;
};

/** The list of names, or NULL where there is none. */
const struct p2p_pci_ids *p2p_lspci_ids(struct p2p_lspci *lspci);

/** Looks for what stands before the lines of a text, if anything does. */
void p2p_lspci_find_prefix(struct p2p_lspci *lspci, struct p2p_span text);

/** A line without that, without quoting and blanks around it. */
struct p2p_span p2p_lspci_bare(const struct p2p_lspci_prefix *prefix, struct p2p_span line);

/** How a line that begins with an address is to be taken. */
enum p2p_lspci_head {
	P2P_HEAD_NONE,   /* it does not */
	P2P_HEAD_PROSE,  /* somebody's words, or a form that is not known */
	P2P_HEAD_DEVICE, /* a function's head line */
};
struct p2p_lspci_address {
	struct p2p_bdf bdf, above;
	bool has_above, on_root_bus;
	bool no_bus; /* -P: the bus is that of the bridge's secondary side */
};
enum p2p_lspci_head p2p_lspci_address(struct p2p_span *line, struct p2p_lspci_address *address);

/** "CLASS: VENDOR DEVICE (rev 20)", behind the address; false: lspci does not print this. */
bool p2p_lspci_head(struct p2p_lspci *lspci, struct p2p_span text);

/** The same question of a text that is not read yet, without the list of names. */
bool p2p_lspci_looks_like_head(struct p2p_span line);

/** `00:00.0 "CLASS" "VENDOR" "DEVICE"`: the address and the head line that says the same. */
bool p2p_lspci_quoted(struct p2p_lspci *lspci, struct p2p_span line, struct p2p_bdf *bdf,
		      struct p2p_span *head);
/** "Slot:", "Class:", "Vendor:" and "Device:", with which both are there. */
bool p2p_lspci_slot(struct p2p_lspci *lspci, struct p2p_span line, struct p2p_bdf *bdf,
		    struct p2p_span *head);
/** The fields behind these. */
bool p2p_lspci_field(struct p2p_lspci_record *record, struct p2p_span line,
		     struct p2p_machine *machine);

/** Whether a line is of a tree: its first one, or one that goes on with the tree being read. */
bool p2p_lspci_is_tree(const struct p2p_lspci *lspci, struct p2p_span line);
/** Reads such a line; `raw` is all of it, for columns. 0 or -errno. */
int p2p_lspci_tree(struct p2p_lspci *lspci, struct p2p_span raw, struct p2p_span line);

/** Adds a function to the listing that was begun last. 0 or -errno. */
int p2p_lspci_add(struct p2p_lspci *lspci, const struct p2p_lspci_function *function);

/** One line below the head, without blanks around it. */
void p2p_lspci_line(struct p2p_lspci *lspci, struct p2p_span line);

/** Whether a line is one that lspci prints below a head. */
bool p2p_lspci_is_body(struct p2p_span line);

/** "ACSCap:" and "ACSCtl:", behind the colon; the next lines may be the rest of it. */
void p2p_lspci_acs(struct p2p_lspci_record *record, struct p2p_span text, bool control);
/** Whether the line was the rest of an ACS line. */
bool p2p_lspci_acs_goes_on(struct p2p_lspci_record *record, struct p2p_span line);

/** "10: 04 00 ..." A line that is none is left alone: false. */
bool p2p_lspci_hex(struct p2p_lspci *lspci, struct p2p_span line);

/** Settles what each function of a listing shows, and what its records prove to be absent. */
int p2p_lspci_settle(struct p2p_lspci *lspci);

/** Builds the machine of all that was read. */
int p2p_lspci_build(struct p2p_lspci *lspci);

#endif
