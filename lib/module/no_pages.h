/* SPDX-License-Identifier: MIT */
/*
 * Why memory has no struct pages, which O_DIRECT needs: the module's reasons (enum p2pmem_why) in
 * words.
 */
#ifndef P2P_LIB_MODULE_NO_PAGES_H
#define P2P_LIB_MODULE_NO_PAGES_H

#include <stdbool.h>

#include <p2pmem/error.h>
#include <p2pmem/uapi.h>

/** Whether a range was refused only because it was to have struct pages. */
bool p2p_no_pages_is_why(unsigned int why);

/** The reason, without what to do; never NULL. */
const char *p2p_no_pages_text(unsigned int why);

/** What to do about it, and the hint that goes with that. */
const char *p2p_no_pages_remedy(unsigned int why);
enum p2p_hint p2p_no_pages_hint(unsigned int why);

#endif
