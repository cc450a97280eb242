/* SPDX-License-Identifier: MIT */
/*
 * Names of models that a source does not know: it was written with an older list of ids than ours.
 */
#ifndef P2P_SOURCES_MODELS_H
#define P2P_SOURCES_MODELS_H

#include "machine_build.h"

/**
 * Gives a name to every function of a finished machine that has ids and no model, or one that lspci
 * calls "Device 2330" for want of a name. `list` is as for p2p_pci_ids_open(), which is not asked
 * where nothing is nameless; without a list nothing changes.
 */
void p2p_models_name(struct p2p_machine *machine, const char *list);

#endif
