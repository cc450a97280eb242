/* SPDX-License-Identifier: MIT */
/*
 * The module's reasons for a refusal (enum p2pmem_why), as words and in sentences.
 */
#ifndef P2P_LIB_MODULE_WHY_H
#define P2P_LIB_MODULE_WHY_H

#include <stdbool.h>

#include <p2pmem/device.h>

/** The word that debugfs has too: "no-function"; "unknown" for what this library does not know. */
const char *p2p_why_name(unsigned int why);

/** Whether a range was refused only because it was to have struct pages. */
bool p2p_why_of_pages(unsigned int why);

/** Why memory has no struct pages, without what to do; never NULL. */
const char *p2p_why_no_pages(unsigned int why);

/** What to do about it. */
const char *p2p_why_pages_remedy(unsigned int why);

#endif
