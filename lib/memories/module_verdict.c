// SPDX-License-Identifier: MIT
/*
 * The module's answer to whether a client reaches a memory.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <p2pmem/text.h>
#include <p2pmem/uapi.h>

#include "memories/module.h"
#include "text_builder.h"

#define ROOM 32 /* reasons asked for at first */

static enum p2p_verdict verdict_of(uint32_t code)
{
	switch (code) {
	case P2PMEM_DIRECT:
		return P2P_VERDICT_DIRECT;
	case P2PMEM_VIA_HOST:
		return P2P_VERDICT_VIA_HOST;
	case P2PMEM_UNREACHABLE:
		return P2P_VERDICT_UNREACHABLE;
	default:
		return P2P_VERDICT_UNKNOWN;
	}
}

static struct p2p_bdf bdf_of(struct p2pmem_function function)
{
	return (struct p2p_bdf){ function.domain, function.bus, function.devfn };
}

/* "acs-redirect at 0000:02:00.0", "two-host-bridges at host bridge 0000:00 and 0000:80:00.0". */
static char *say_reason(const struct p2p_memory_reason *reason)
{
	struct p2p_text_builder text = { .text = NULL };
	char bdf[P2P_BDF_TEXT];

	p2p_text_add(&text, "%s", reason->code);
	if (reason->has_node && reason->node_is_host_bridge)
		p2p_text_add(&text, " at host bridge %04" PRIx32 ":%02x", reason->node.domain,
			     reason->node.bus);
	else if (reason->has_node)
		p2p_text_add(&text, " at %s", p2p_bdf_text(reason->node, bdf));
	if (reason->has_other)
		p2p_text_add(&text, " and %s", p2p_bdf_text(reason->other, bdf));
	return p2p_text_take(&text);
}

static bool take_reason(struct p2p_memory_reason *reason, const struct p2pmem_reason *words)
{
	*reason = (struct p2p_memory_reason){
		.has_node = words->has_node,
		.has_other = words->has_other,
		.node = bdf_of(words->node),
		.other = bdf_of(words->other),
		.node_is_host_bridge = words->node_is_host_bridge,
		.bits = words->bits,
	};
	snprintf(reason->code, sizeof(reason->code), "%.*s", (int)sizeof(words->name), words->name);
	reason->text = say_reason(reason);
	return reason->text;
}

static char *say_verdict(const struct p2p_memory_verdict *verdict)
{
	bool by_kernel = isdigit((unsigned char)verdict->policy[0]);
	struct p2p_text_builder text = { .text = NULL };

	p2p_text_add(&text, "%s", p2p_verdict_name(verdict->verdict));
	if (verdict->distance >= 0)
		p2p_text_add(&text, ", distance %" PRId32, verdict->distance);
	p2p_text_add(&text, ", by the %s%s", by_kernel ? "rules of Linux " : "word of its ",
		     verdict->policy);
	for (uint32_t i = 0; i < verdict->reason_count; i++)
		p2p_text_add(&text, "%s%s", i ? ", " : ": ", verdict->reasons[i].text);
	return p2p_text_take(&text);
}

static struct p2p_memory_verdict *take_answer(const struct p2pmem_verdict *answer,
					      const struct p2pmem_reason *words)
{
	struct p2p_memory_verdict *verdict = calloc(1, sizeof(*verdict));

	if (!verdict)
		return NULL;
	verdict->verdict = verdict_of(answer->verdict);
	verdict->distance = answer->distance;
	snprintf(verdict->policy, sizeof(verdict->policy), "%.*s", (int)sizeof(answer->policy),
		 answer->policy);
	verdict->reasons = calloc(answer->count + 1, sizeof(*verdict->reasons));
	while (verdict->reasons && verdict->reason_count < answer->count &&
	       take_reason(&verdict->reasons[verdict->reason_count], &words[verdict->reason_count]))
		verdict->reason_count++;
	if (verdict->reasons && verdict->reason_count == answer->count)
		verdict->text = say_verdict(verdict);
	if (verdict->text)
		return verdict;
	p2p_memory_verdict_free(verdict);
	return NULL;
}

/* Once, and once more where there are more reasons than room for them. */
static int ask(const struct p2p_system *system, int fd, struct p2pmem_verdict *answer,
	       struct p2pmem_reason **words)
{
	int rc;

	for (uint32_t room = ROOM;; room = answer->count) {
		free(*words);
		*words = calloc(room, sizeof(**words));
		if (!*words)
			return -ENOMEM;
		answer->reasons = (uintptr_t)*words;
		answer->room = room;
		rc = system->control(system, fd, P2PMEM_VERDICT, answer);
		if (rc || answer->count <= room)
			return rc;
	}
}

int p2p_module_verdict_on(const struct p2p_system *system, int fd, uint32_t index,
			  struct p2p_bdf client, struct p2p_memory_verdict **verdict,
			  struct p2p_error *error)
{
	struct p2pmem_verdict answer = {
		.client = p2p_module_function(client),
	};
	struct p2pmem_reason *words = NULL;
	char bdf[P2P_BDF_TEXT];
	int rc = ask(system, fd, &answer, &words);

	*verdict = rc ? NULL : take_answer(&answer, words);
	free(words);
	if (*verdict)
		return 0;
	if (!rc || rc == -ENOMEM)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	if (rc == -ENODEV)
		return p2p_error_set(
			error, rc,
			"the kernel knows no way between %s and /dev/p2pmem%" PRIu32
			": one of them is gone or on no PCI bus; look again with lspci",
			p2p_bdf_text(client, bdf), index);
	return p2p_error_set(error, rc, "/dev/p2pmem%" PRIu32 " gives no verdict of %s: %s", index,
			     p2p_bdf_text(client, bdf), strerror(-rc));
}
