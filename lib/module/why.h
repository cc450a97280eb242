/* SPDX-License-Identifier: MIT */
/*
 * The module's reasons for a refusal (enum p2pmem_why), in sentences; p2pmem_why_name() has the
 * words.
 */
#ifndef P2P_LIB_MODULE_WHY_H
#define P2P_LIB_MODULE_WHY_H

#include <stdbool.h>

#include <p2pmem/uapi.h>

/** Whether a range was refused only because it was to have struct pages. */
bool p2p_why_of_pages(unsigned int why);

/** Why memory has no struct pages, without what to do; never NULL. */
const char *p2p_why_no_pages(unsigned int why);

/** What to do about it. */
const char *p2p_why_pages_remedy(unsigned int why);

#endif
