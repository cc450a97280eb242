// SPDX-License-Identifier: MIT
/*
 * How checks write down what they found, so that a check reads as what it checks.
 */
#include "checks.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <p2pmem/explain.h>
#include "grow.h"

#define NODES_SAID 8 /* in a sentence; all of them are in the finding */

struct p2p_draft *p2p_find(struct p2p_doctor_context *context, const char *id, const char *area,
			   enum p2p_severity severity)
{
	struct p2p_draft *fresh = &context->lost;

	if (p2p_grow((void **)&context->drafts, context->count, &context->room,
		     sizeof(*context->drafts)))
		fresh = &context->drafts[context->count++];
	else
		context->failed = true;
	*fresh = (struct p2p_draft){ .id = id, .area = area, .severity = severity };
	return fresh;
}

void p2p_about(struct p2p_draft *finding, p2p_node node)
{
	if (p2p_grow((void **)&finding->nodes, finding->node_count, &finding->node_room,
		     sizeof(*finding->nodes)))
		finding->nodes[finding->node_count++] = node;
	else
		finding->failed = true;
}

void p2p_advise(struct p2p_draft *finding, enum p2p_step_code step, const char *format, ...)
{
	struct p2p_advice fresh = { .step = { .code = step, .node = P2P_NO_NODE } };
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&fresh.text, format, arguments) < 0)
		fresh.text = NULL;
	va_end(arguments);
	if (fresh.text && p2p_grow((void **)&finding->advice, finding->advice_count,
				   &finding->advice_room, sizeof(*finding->advice))) {
		finding->advice[finding->advice_count++] = fresh;
		return;
	}
	free(fresh.text);
	finding->failed = true;
}

void p2p_advise_hands_on(const struct p2p_doctor_context *context, struct p2p_draft *finding,
			 const char *advice, const char *cost)
{
	if (context->facts->hypervisor == P2P_PRESENT) {
		p2p_advise(finding, P2P_STEP_EXAMINE_HOST,
			   "this is a virtual machine: only its host can change it; ask there");
		return;
	}
	p2p_advise(finding, P2P_STEP_NONE, "%s", advice);
	p2p_text_add(&finding->cost, "%s", cost);
}

void p2p_advise_reading(const struct p2p_doctor_context *context, struct p2p_draft *finding)
{
	switch (p2p_machine_unread(context->machine)) {
	case P2P_UNREAD_NEEDS_ROOT:
		p2p_advise(finding, P2P_STEP_READ_AS_ROOT, "run it as root");
		break;
	case P2P_UNREAD_HIDDEN:
		p2p_advise(finding, P2P_STEP_NONE,
			   "root cannot read it either: this kernel does not show it, or is locked "
			   "down (/sys/kernel/security/lockdown)");
		break;
	case P2P_UNREAD_HIDDEN_THERE:
		p2p_advise(finding, P2P_STEP_NONE,
			   "root could not read it either when the capture was taken: that kernel "
			   "does not show it, or was locked down");
		break;
	case P2P_UNREAD_NEEDS_CAPTURE:
		/* A capture of the machine has it, and as root all of it. */
		p2p_advise(finding, P2P_STEP_CAPTURE, "take a capture as root on that machine");
		break;
	}
}

void p2p_advise_seeing(const struct p2p_doctor_context *context, struct p2p_draft *finding)
{
	if (p2p_machine_unread(context->machine) == P2P_UNREAD_NEEDS_ROOT)
		p2p_advise(finding, P2P_STEP_NONE,
			   "root cannot read it either: this kernel does not show it");
	else
		p2p_advise_reading(context, finding);
}

void p2p_say_nodes(const struct p2p_doctor_context *context, struct p2p_text_builder *text,
		   const struct p2p_draft *finding)
{
	char name[P2P_TITLE];

	for (uint32_t i = 0; i < finding->node_count && i < NODES_SAID; i++)
		p2p_text_add(text, "%s%s", i ? ", " : "",
			     p2p_short_title(context->machine, finding->nodes[i], name));
	if (finding->node_count > NODES_SAID)
		p2p_text_add(text, " and %" PRIu32 " more", finding->node_count - NODES_SAID);
}

/* NULL where nothing was said. */
static char *take(struct p2p_text_builder *builder, bool *whole)
{
	char *text;

	if (!builder->length && !builder->failed)
		return NULL;
	text = p2p_text_take(builder);
	*whole &= text != NULL;
	return text;
}

bool p2p_draft_finish(struct p2p_draft *draft, struct p2p_finding *finding)
{
	bool whole = !draft->failed;

	*finding = (struct p2p_finding){
		.id = draft->id,
		.area = draft->area,
		.severity = draft->severity,
		.text = take(&draft->text, &whole),
		.evidence = take(&draft->evidence, &whole),
		.affected = take(&draft->affected, &whole),
		.advice = draft->advice,
		.advice_count = draft->advice_count,
		.paste = take(&draft->paste, &whole),
		.cost = take(&draft->cost, &whole),
		.nodes = draft->nodes,
		.node_count = draft->node_count,
		.pairs = draft->pairs,
		.pair_count = draft->pair_count,
		.more_pairs = draft->more_pairs,
	};
	return whole;
}

void p2p_finding_clear(struct p2p_finding *finding)
{
	for (uint32_t i = 0; i < finding->advice_count; i++)
		free(finding->advice[i].text);
	free(finding->text);
	free(finding->evidence);
	free(finding->affected);
	free(finding->advice);
	free(finding->paste);
	free(finding->cost);
	free(finding->nodes);
	free(finding->pairs);
}
