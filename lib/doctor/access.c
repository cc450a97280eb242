// SPDX-License-Identifier: MIT
/*
 * Who is asking: whether everything could be read, and whether published memory may be used.
 */
#include "checks.h"

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
	p2p_say_how_to_read(doctor, ward, finding);
}

/* The file that memory is allocated by. */
static void write_path(const struct p2p_ward *ward, const struct p2p_provider_info *provider,
		       char path[PATH_MAX])
{
	char bdf[P2P_BDF_TEXT];

	if (provider->module != P2P_BY_DRIVER)
		snprintf(path, PATH_MAX, "/dev/p2pmem%" PRId64, provider->module);
	else
		snprintf(path, PATH_MAX, "%s/%s/p2pmem/allocate", ward->devices,
			 p2p_bdf_text(p2p_fabric_info(ward->fabric, provider->node)->bdf, bdf));
}

/* 0, or why not. */
static int try_allocate(const struct p2p_ward *ward, const struct p2p_provider_info *provider)
{
	char path[PATH_MAX];

	write_path(ward, provider, path);
	return faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) ? errno : 0;
}

/* Published, and by a way that is known. */
static bool is_allocatable(const struct p2p_provider_info *provider)
{
	return provider->state <= P2P_PROVIDER_PRIVATE && provider->available != P2P_UNCOUNTED;
}

/* That a user may not is the machine's intention; anything else that stands in the way is wrong. */
static void say_refused(const struct p2p_ward *ward, struct p2p_doctor *doctor,
			struct p2p_finding *finding, const struct p2p_provider_info *provider,
			int reason)
{
	char name[P2P_TITLE], path[PATH_MAX];

	if (reason != EACCES && reason != EPERM)
		finding->severity = P2P_SEVERITY_PROBLEM;
	p2p_about(doctor, finding, provider->node);
	if (finding->node_count > LINES_SAID)
		return;
	write_path(ward, provider, path);
	p2p_say_line(doctor, &finding->evidence, "%s: %s: %s",
		     p2p_short_title(ward->machine, provider->node, name), path, strerror(reason));
}

static void check_allocate(const struct p2p_ward *ward, struct p2p_doctor *doctor)
{
	struct p2p_finding *finding = NULL;
	uint32_t lent = 0;

	for (uint32_t i = 0; i < ward->provider_count; i++) {
		int reason;

		if (!is_allocatable(&ward->providers[i]))
			continue;
		lent++;
		reason = try_allocate(ward, &ward->providers[i]);
		if (!reason)
			continue;
		if (!finding)
			finding = p2p_find(doctor, "permission", AREA, P2P_SEVERITY_WARNING);
		say_refused(ward, doctor, finding, &ward->providers[i], reason);
	}
	if (finding) {
		p2p_say(doctor, &finding->what,
			"this user may not allocate %" PRIu32 " of %" PRIu32 " published memories",
			finding->node_count, lent);
		p2p_say(doctor, &finding->remedy,
			"run as root, or give a group access: sudo chgrp GROUP FILE; sudo chmod "
			"g+rw FILE");
		p2p_say(doctor, &finding->cost,
			"whoever may allocate can make drives read and write that memory");
	} else if (lent) {
		finding = p2p_find(doctor, "permission", AREA, P2P_SEVERITY_OK);
		p2p_say(doctor, &finding->what, "this user may allocate all published memory");
	}
}

void p2p_doctor_access(const struct p2p_ward *ward, struct p2p_doctor *doctor)
{
	check_root(ward, doctor);
	if (ward->devices)
		check_allocate(ward, doctor);
}
