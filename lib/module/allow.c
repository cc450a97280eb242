// SPDX-License-Identifier: MIT
/*
 * Letting pairs through: P2PMEM_ALLOW, and the module's list of them.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <p2pmem/text.h>
#include <p2pmem/uapi.h>

#include "grow.h"
#include "module/allow.h"
#include "span.h"

#define LIST "/sys/module/p2pmem/parameters/allowed"
#define LINE 128

struct p2p_allow {
	const struct p2p_system *system;
	int control; /* open as long as the trial lasts */
	struct p2p_bdf client, provider;
};

/* The list. */

/* "0000:01:00.0 0000:02:00.0", or with "trial" behind it. */
static bool read_pair(struct p2p_span line, struct p2p_allowed *pair)
{
	*pair = (struct p2p_allowed){ .trial = false };
	line = p2p_span_trim(line);
	if (!p2p_span_bdf(&line, &pair->client) || !p2p_span_skip(&line, " ") ||
	    !p2p_span_bdf(&line, &pair->provider))
		return false;
	pair->trial = p2p_span_is(line, " trial");
	return pair->trial || !line.length;
}

static int read_pairs(FILE *file, struct p2p_allowed **pairs, size_t *count)
{
	struct p2p_allowed pair;
	uint32_t used = 0, room = 0;
	char line[LINE];

	while (fgets(line, sizeof(line), file)) {
		/* What a newer module says beside a pair is not for us. */
		if (!read_pair(p2p_span(line), &pair))
			continue;
		if (!p2p_grow((void **)pairs, used, &room, sizeof(pair)))
			return -ENOMEM;
		(*pairs)[used++] = pair;
	}
	*count = used;
	return 0;
}

int p2p_allowed_pairs_on(const struct p2p_system *system, struct p2p_allowed **pairs, size_t *count,
			 struct p2p_error *error)
{
	char path[PATH_MAX];
	FILE *file;
	int rc;

	*pairs = NULL;
	*count = 0;
	snprintf(path, sizeof(path), "%s" LIST, system->root);
	file = fopen(path, "re");
	if (!file)
		return 0;
	rc = read_pairs(file, pairs, count);
	fclose(file);
	if (!rc)
		return 0;
	free(*pairs);
	*pairs = NULL;
	return p2p_error_set(error, rc, "out of memory");
}

int p2p_allowed_pairs(struct p2p_allowed **pairs, size_t *count, struct p2p_error *error)
{
	return p2p_allowed_pairs_on(&p2p_this_system, pairs, count, error);
}

/* Asking. */

static const char *why_text(unsigned int why)
{
	switch (why) {
	case P2PMEM_WHY_NO_FUNCTION:
		return "one of them is no PCI function of this machine";
	case P2PMEM_WHY_REACHES:
		return "the rules do not keep them apart, so there is nothing to allow";
	case P2PMEM_WHY_NO_LIST:
		return "it is not only a list of host bridges that keeps them apart, and what else "
		       "does data cannot prove harmless";
	case P2PMEM_WHY_UNTRUSTED:
		return "the firmware calls a port above one of them external, and what is behind "
		       "that gets no address of other devices";
	case P2PMEM_WHY_ALLOWED:
		return "they are allowed already";
	case P2PMEM_WHY_IN_USE:
		return "somebody else is trying just these two: wait for that to end";
	case P2PMEM_WHY_LIMIT:
		return "no more pairs can be allowed: withdraw others";
	case P2PMEM_WHY_NO_TRIAL:
		return "they are not let through (any more): where something has changed on the "
		       "way, dmesg says what";
	case P2PMEM_WHY_NO_PROBE:
		return "this kernel's own P2PDMA cannot be told of it, as its functions cannot be "
		       "probed: dmesg says which one, and why";
	case P2PMEM_WHY_UNPROVEN:
		return "nothing was mapped for them one of the two ways";
	default:
		return NULL;
	}
}

static int say_refused(struct p2p_bdf client, struct p2p_bdf provider, int code, unsigned int why,
		       struct p2p_error *error)
{
	char from[P2P_BDF_TEXT], to[P2P_BDF_TEXT];
	const char *text = why_text(why);

	if (!text && code == -ENOTTY) {
		code = -EOPNOTSUPP;
		text = "the module p2pmem that is loaded is older than this program: load the one "
		       "that belongs to it";
	}
	return p2p_error_set(error, code, "%s -> %s: %s", p2p_bdf_text(client, from),
			     p2p_bdf_text(provider, to), text ? text : strerror(-code));
}

static int ask(const struct p2p_system *system, int control, struct p2p_bdf client,
	       struct p2p_bdf provider, uint32_t flags, struct p2p_error *error)
{
	struct p2pmem_allow request = {
		.client = p2p_module_function(client),
		.provider = p2p_module_function(provider),
		.flags = flags,
	};
	int rc = system->control(system, control, P2PMEM_ALLOW, &request);

	return rc ? say_refused(client, provider, rc, request.why, error) : 0;
}

/* What was kept before makes way. */
static int try_anew(const struct p2p_allow *trial, struct p2p_error *error)
{
	int rc = ask(trial->system, trial->control, trial->client, trial->provider,
		     P2PMEM_ALLOW_TRIAL, error);

	if (rc != -EEXIST)
		return rc;
	rc = ask(trial->system, trial->control, trial->client, trial->provider,
		 P2PMEM_ALLOW_WITHDRAW, error);
	if (rc && rc != -ENOENT)
		return rc;
	return ask(trial->system, trial->control, trial->client, trial->provider,
		   P2PMEM_ALLOW_TRIAL, error);
}

int p2p_allow_try_on(const struct p2p_system *system, struct p2p_bdf client,
		     struct p2p_bdf provider, struct p2p_allow **trial, struct p2p_error *error)
{
	struct p2p_allow *begun = malloc(sizeof(*begun));
	int rc;

	*trial = NULL;
	if (!begun)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	*begun = (struct p2p_allow){ system, p2p_control_open(system, error), client, provider };
	if (begun->control < 0) {
		rc = begun->control;
		free(begun);
		return rc;
	}
	rc = try_anew(begun, error);
	if (rc)
		p2p_allow_end(begun);
	else
		*trial = begun;
	return rc;
}

int p2p_allow_try(struct p2p_bdf client, struct p2p_bdf provider, struct p2p_allow **trial,
		  struct p2p_error *error)
{
	return p2p_allow_try_on(&p2p_this_system, client, provider, trial, error);
}

int p2p_allow_keep(struct p2p_allow *trial, struct p2p_error *error)
{
	return ask(trial->system, trial->control, trial->client, trial->provider, P2PMEM_ALLOW_KEEP,
		   error);
}

void p2p_allow_end(struct p2p_allow *trial)
{
	if (!trial)
		return;
	close(trial->control);
	free(trial);
}

int p2p_allow_withdraw_on(const struct p2p_system *system, struct p2p_bdf client,
			  struct p2p_bdf provider, struct p2p_error *error)
{
	int control = p2p_control_open(system, error), rc;

	if (control < 0)
		return control;
	rc = ask(system, control, client, provider, P2PMEM_ALLOW_WITHDRAW, error);
	close(control);
	return rc;
}

int p2p_allow_withdraw(struct p2p_bdf client, struct p2p_bdf provider, struct p2p_error *error)
{
	return p2p_allow_withdraw_on(&p2p_this_system, client, provider, error);
}
