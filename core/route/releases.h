/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What `uname -r` prints, taken apart: which release, and whose kernel.
 */
#ifndef P2P_CORE_RELEASES_H
#define P2P_CORE_RELEASES_H

#include "port.h"

/* Whose rules a release follows, as far as that was read. */
enum p2p_maker {
	P2P_MAKER_UPSTREAM, /* nothing behind the version but -rcN and + */
	P2P_MAKER_DEBIAN,
	P2P_MAKER_WSL2,
	P2P_MAKER_RHEL,  /* and its rebuilds: .el8, .el9 */
	P2P_MAKER_OTHER, /* anybody else */
};

#define P2P_RELEASE_NUMBER_MAX 9999u
/* A patch that no release has: the series is over, and none of its releases changed the rules. */
#define ENDED UINT16_MAX

struct p2p_release {
	unsigned int major, minor, patch;
	unsigned int build;  /* the number behind the version, as in 4.18.0-394.el8 */
	unsigned int respin; /* RHEL's next, as in 5.14.0-162.6.1.el9_1; 0: none */
	enum p2p_maker maker;
};

/* False: no release. */
bool p2p_release_parse(const char *text, struct p2p_release *release);

/* Whether Debian's kernel of that release has the rules of its series' first release. */
bool p2p_release_debian_read(const struct p2p_release *release);

/* The same of Microsoft's kernels for WSL2. */
bool p2p_release_wsl2_read(const struct p2p_release *release);

#endif
