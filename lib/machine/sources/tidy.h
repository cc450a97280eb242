/* SPDX-License-Identifier: MIT */
/*
 * Text as programs print it, out of text as it comes from terminals, mails and web pages.
 */
#ifndef P2P_SOURCES_TIDY_H
#define P2P_SOURCES_TIDY_H

#include "source.h"

/**
 * Turns UTF-16 into UTF-8, blanks of typesetting into blanks, takes away a terminal's colours,
 * Markdown's escapes, HTML's entities and the tags of preformatted text, and undoes MIME's
 * quoted-printable. The lines stay those they were.
 *
 * @param blob with what comes out, the caller's to free; `data` is NULL where nothing had to
 * change.
 * @return 0 or -ENOMEM.
 */
int p2p_tidy(const struct p2p_input *input, struct p2p_blob *blob);

#endif
