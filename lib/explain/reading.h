/* SPDX-License-Identifier: MIT */
/*
 * How to learn what a source does not show: nobody is told to read again what he has read.
 */
#ifndef P2P_REPORTS_READING_H
#define P2P_REPORTS_READING_H

#include <p2pmem/machine.h>

enum p2p_reading {
	P2P_READING_AS_ROOT,      /**< root can read more of this machine */
	P2P_READING_NO_MORE,      /**< root read this machine */
	P2P_READING_CAPTURE,      /**< a capture, taken as root there, has more than this source */
	P2P_READING_CAPTURED_ALL, /**< the source is such a capture */
};

enum p2p_reading p2p_reading_of(const struct p2p_machine *machine);

#endif
