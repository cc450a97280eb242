// SPDX-License-Identifier: MIT
/*
 * Who is asking: whether everything could be read, and whether published memory may be used.
 */
#include "reports/doctor/checks.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define AREA       "Access"
#define LINES_SAID 16

static void check_root(const struct p2p_ward *ward, struct p2p_doctor *doctor)
{
	struct p2p_finding *finding;

	if (ward->facts->root == P2P_PRESENT) {
		finding = p2p_find(doctor, "root", AREA, P2P_SEVERITY_OK);
		p2p_say(doctor, &finding->what, "the machine was read as root");
		return;
	}
	finding = p2p_find(doctor, "root", AREA, P2P_SEVERITY_UNKNOWN);
	p2p_say(doctor, &finding->what, "%s",
		ward->facts->root == P2P_ABSENT
			? "the machine was not read as root: ACS and links are hidden"
			: "whether the machine was read as root is not known");
	p2p_say(doctor, &finding->remedy,
		"sudo p2pmem doctor, or as root on the machine: p2pmem capture FILE");
}

/* 0, or why not. */
static int try_allocate(const struct p2p_ward *ward, p2p_node node)
{
	char path[PATH_MAX], bdf[P2P_BDF_TEXT];

	snprintf(path, sizeof(path), "%s/%s/p2pmem/allocate", ward->devices,
		 p2p_bdf_text(p2p_fabric_info(ward->fabric, node)->bdf, bdf));
	return faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) ? errno : 0;
}

static void check_allocate(const struct p2p_ward *ward, struct p2p_doctor *doctor)
{
	struct p2p_finding *finding = NULL;
	char name[P2P_TITLE];
	uint32_t lenders = 0;

	for (p2p_node node = 0; node < p2p_fabric_count(ward->fabric); node++) {
		int reason;

		if (p2p_machine_device(ward->machine, node)->memory.known != P2P_PRESENT)
			continue;
		lenders++;
		reason = try_allocate(ward, node);
		if (!reason)
			continue;
		if (!finding)
			finding = p2p_find(doctor, "permission", AREA, P2P_SEVERITY_PROBLEM);
		p2p_about(doctor, finding, node);
		if (finding->node_count <= LINES_SAID)
			p2p_say_line(doctor, &finding->evidence, "%s: p2pmem/allocate: %s",
				     p2p_short_title(ward->machine, node, name), strerror(reason));
	}
	if (finding) {
		p2p_say(doctor, &finding->what,
			"you may not allocate the memory of %" PRIu32 " of %" PRIu32 " devices",
			finding->node_count, lenders);
		p2p_say(doctor, &finding->remedy,
			"run as root, or: sudo chgrp GROUP "
			"/sys/bus/pci/devices/BDF/p2pmem/allocate");
		p2p_say(doctor, &finding->cost,
			"whoever may allocate can make drives read and write that memory");
	} else if (lenders) {
		finding = p2p_find(doctor, "permission", AREA, P2P_SEVERITY_OK);
		p2p_say(doctor, &finding->what, "you may allocate all published memory");
	}
}

void p2p_doctor_access(const struct p2p_ward *ward, struct p2p_doctor *doctor)
{
	check_root(ward, doctor);
	if (ward->devices)
		check_allocate(ward, doctor);
}
