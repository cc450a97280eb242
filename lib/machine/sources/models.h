/* SPDX-License-Identifier: MIT */
/*
 * Names of models that a source does not know: it was written with an older list of ids than ours.
 */
#ifndef P2P_SOURCES_MODELS_H
#define P2P_SOURCES_MODELS_H

#include "machine/build.h"
#include "pci_ids.h"

/** The list of names, read when it is first asked for; NULL: there is none. The machine's. */
const struct p2p_pci_ids *p2p_models_list(struct p2p_machine *machine);

/** Gives the list up: nobody asks any more. */
void p2p_models_done(struct p2p_machine *machine);

/**
 * Gives a name to every function of a finished machine that has ids and no model, or one that lspci
 * calls "Device 2330" for want of a name. `list` is another list than the machine's, or NULL;
 * without a list nothing changes.
 */
void p2p_models_name(struct p2p_machine *machine, const char *list);

#endif
