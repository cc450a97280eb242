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

static void check_root(struct p2p_doctor_context *context)
{
	struct p2p_draft *finding;

	if (context->facts->root == P2P_PRESENT) {
		finding = p2p_find(context, "root", AREA, P2P_SEVERITY_OK);
		p2p_text_add(&finding->text, "the machine was read as root");
		return;
	}
	finding = p2p_find(context, "root", AREA, P2P_SEVERITY_UNKNOWN);
	p2p_text_add(&finding->text, "%s",
		     context->facts->root == P2P_ABSENT
			     ? "the machine was not read as root: ACS and links are hidden"
			     : "whether the machine was read as root is not known");
	p2p_advise_reading(context, finding);
}

/* The file that memory is allocated by. */
static void write_path(const struct p2p_doctor_context *context,
		       const struct p2p_provider_info *provider, char path[PATH_MAX])
{
	char bdf[P2P_BDF_TEXT];

	if (provider->module != P2P_BY_DRIVER)
		snprintf(path, PATH_MAX, "/dev/p2pmem%" PRId64, provider->module);
	else
		snprintf(path, PATH_MAX, "%s/%s/p2pmem/allocate", context->devices,
			 p2p_bdf_text(p2p_fabric_info(context->fabric, provider->node)->bdf, bdf));
}

/* 0, or why not. */
static int try_allocate(const struct p2p_doctor_context *context,
			const struct p2p_provider_info *provider)
{
	char path[PATH_MAX];

	write_path(context, provider, path);
	return faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) ? errno : 0;
}

/* Published, and by a way that is known. */
static bool is_allocatable(const struct p2p_provider_info *provider)
{
	return provider->state <= P2P_PROVIDER_PRIVATE && provider->available != P2P_UNCOUNTED;
}

/* That a user may not is the machine's intention; anything else that stands in the way is wrong. */
static void say_refused(struct p2p_doctor_context *context, struct p2p_draft *finding,
			const struct p2p_provider_info *provider, int reason)
{
	char name[P2P_TITLE], path[PATH_MAX];

	if (reason != EACCES && reason != EPERM)
		finding->severity = P2P_SEVERITY_PROBLEM;
	p2p_about(finding, provider->node);
	if (finding->node_count > LINES_SAID)
		return;
	write_path(context, provider, path);
	p2p_text_line(&finding->evidence, "%s: %s: %s",
		      p2p_short_title(context->machine, provider->node, name), path,
		      strerror(reason));
}

static void check_allocate(struct p2p_doctor_context *context)
{
	struct p2p_draft *finding = NULL;
	uint32_t published = 0;

	for (uint32_t i = 0; i < context->provider_count; i++) {
		int reason;

		if (!is_allocatable(&context->providers[i]))
			continue;
		published++;
		reason = try_allocate(context, &context->providers[i]);
		if (!reason)
			continue;
		if (!finding)
			finding = p2p_find(context, "permission", AREA, P2P_SEVERITY_WARNING);
		say_refused(context, finding, &context->providers[i], reason);
	}
	if (finding) {
		p2p_text_add(&finding->text,
			     "this user may not allocate %" PRIu32 " of %" PRIu32
			     " published memories",
			     finding->node_count, published);
		p2p_advise(finding, P2P_STEP_NONE,
			   "run as root, or give a group access: sudo chgrp GROUP FILE; sudo chmod "
			   "g+rw FILE");
		p2p_text_add(&finding->cost,
			     "who may allocate can make drives read and write that memory");
	} else if (published) {
		finding = p2p_find(context, "permission", AREA, P2P_SEVERITY_OK);
		p2p_text_add(&finding->text, "this user may allocate all published memory");
	}
}

void p2p_doctor_access(struct p2p_doctor_context *context)
{
	check_root(context);
	if (context->devices)
		check_allocate(context);
}
