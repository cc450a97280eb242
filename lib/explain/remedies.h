/* SPDX-License-Identifier: MIT */
/*
 * What to change so that a pair works better, as text to paste, and what that costs.
 */
#ifndef P2P_REPORTS_REMEDIES_H
#define P2P_REPORTS_REMEDIES_H

#include "answer.h"

enum p2p_remedy_code {
	P2P_REMEDY_BOOT_OPTION, /**< pci=disable_acs_redir= with every port on the way */
	P2P_REMEDY_LIVE,        /**< the same bits, cleared at once */
	P2P_REMEDY_FIRMWARE,    /**< what setup programs offer */
	P2P_REMEDY_READ,        /**< how to learn what could not be read */
	P2P_REMEDY_ALLOWLIST,   /**< which other kernel's list has the host bridge, if any */
	P2P_REMEDY_MOVE,        /**< put both below one port */
	P2P_REMEDY_ASK_HOST,    /**< this is a guest */
	P2P_REMEDIES,
};

/** A stable word for JSON: "boot-option", "live", … */
const char *p2p_remedy_name(enum p2p_remedy_code code);

struct p2p_remedy {
	enum p2p_remedy_code code;
	char *text;  /**< what to do, in sentences */
	char *paste; /**< lines to paste, never cut; or NULL */
	char *cost;  /**< what it takes away, or NULL */
};

struct p2p_remedies {
	struct p2p_remedy list[P2P_REMEDIES];
	uint32_t count;
};

/**
 * What would help the answer's verdict; nothing for one that is direct. Returns 0 or -ENOMEM;
 * `*remedies` is to be freed by p2p_remedies_free() in every case.
 */
int p2p_remedies_find(const struct p2p_answer *answer, struct p2p_remedies *remedies);

void p2p_remedies_free(struct p2p_remedies *remedies);

#endif
