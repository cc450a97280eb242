// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Judges expectations: they take the bytes of the step before them in order.
 */
#include "judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sim_judge_reset(struct sim_judge *judge)
{
	judge->count = judge->next = 0;
	judge->judged = 0;
	judge->consumed = false;
	memset(judge->passed, 0, sizeof(judge->passed));
	memset(judge->last, 0, sizeof(judge->last));
}

static void note_nodes(struct sim_judge *judge, const struct sim_result *result)
{
	uint32_t kept = result->hop_count < SIM_HOPS_MAX ? result->hop_count : SIM_HOPS_MAX;

	for (uint32_t i = 0; i < kept; i++) {
		sim_node node = result->hop[i].node;

		/* Completions come by again, and so do requests that are sent back. */
		if (judge->last[node] == judge->count)
			continue;
		judge->last[node] = judge->count;
		judge->passed[node]++;
	}
}

bool sim_judge_add(struct sim_judge *judge, const struct sim_run *run)
{
	const struct sim_result *result = run->result;

	if (judge->count == judge->room) {
		unsigned int room = judge->room ? judge->room * 2 : 16;
		struct sim_past *larger = realloc(judge->past, room * sizeof(*larger));

		if (!larger)
			return false;
		judge->past = larger;
		judge->room = room;
	}
	judge->past[judge->count++] = (struct sim_past){
		.outcome = result->outcome,
		.place = { .node = result->where, .bar = result->bar, .offset = result->offset },
		.bits = result->bits,
		.why = result->why,
		.bytes = result->bytes,
		.arrived = run->arrived,
		.right = run->right,
	};
	note_nodes(judge, result);
	return true;
}

static void describe(const struct sim_past *past, const struct sim_machine *machine, char *text,
		     size_t room)
{
	char place[SIM_TARGET_TEXT], bits[SIM_ACS_TEXT];

	if (past->outcome == SIM_LANDED)
		snprintf(text, room, "%llu bytes landed at %s%s", (unsigned long long)past->bytes,
			 sim_target_text(machine, place, &past->place),
			 past->right ? "" : ", and are not those meant");
	else
		snprintf(text, room, "%llu bytes died (%s%s%s) at %s: %s",
			 (unsigned long long)past->bytes, sim_outcome_name(past->outcome),
			 past->bits ? " " : "", past->bits ? sim_acs_text(bits, past->bits) : "",
			 sim_info(machine, past->place.node)->name, past->why);
}

static bool lands_at(const struct sim_past *past, uint64_t skipped, const struct sim_target *target)
{
	return past->outcome == SIM_LANDED && past->place.node == target->node &&
	       past->place.bar == target->bar && past->place.offset + skipped == target->offset;
}

/* `consumed`: bytes that this expectation has judged already; `skipped`: of this run before. */
static bool meets(const struct sim_past *past, const struct sim_expect_step *expect,
		  uint64_t consumed, uint64_t skipped)
{
	struct sim_target target = expect->target;

	switch (expect->what) {
	case SIM_EXPECT_ARRIVES:
		return past->arrived;
	case SIM_EXPECT_LANDS:
		target.offset += consumed;
		return lands_at(past, skipped, &target);
	case SIM_EXPECT_DIES:
		return past->outcome == expect->outcome &&
		       (past->bits & expect->bits) == expect->bits &&
		       (expect->node == SIM_NO_NODE || expect->node == past->place.node);
	default:
		return false;
	}
}

static bool judge_bytes(struct sim_judge *judge, const struct sim_machine *machine,
			const struct sim_expect_step *expect, char *instead, size_t room)
{
	uint64_t consumed = 0;

	judge->consumed = true;
	while (judge->next < judge->count && (!expect->size || consumed < expect->size)) {
		const struct sim_past *past = &judge->past[judge->next];
		uint64_t part = past->bytes - judge->judged;

		if (!meets(past, expect, consumed, judge->judged)) {
			describe(past, machine, instead, room);
			return false;
		}
		if (expect->size && part > expect->size - consumed)
			part = expect->size - consumed;
		consumed += part;
		judge->judged += part;
		if (judge->judged == past->bytes) {
			judge->next++;
			judge->judged = 0;
		}
	}
	if (consumed && consumed >= expect->size)
		return true;
	snprintf(instead, room, "%llu bytes were left to judge", (unsigned long long)consumed);
	return false;
}

static bool judge_way(const struct sim_judge *judge, const struct sim_machine *machine,
		      const struct sim_expect_step *expect, char *instead, size_t room)
{
	unsigned int wanted = expect->what == SIM_EXPECT_PASSES ? judge->count : 0;
	unsigned int passed = judge->passed[expect->node];

	if (passed == wanted)
		return true;
	snprintf(instead, room, "%u of %u ways pass %s", passed, judge->count,
		 sim_info(machine, expect->node)->name);
	return false;
}

bool sim_judge_expect(struct sim_judge *judge, const struct sim_machine *machine,
		      const struct sim_expect_step *expect, bool last, char *instead, size_t room)
{
	bool met;

	if (expect->what == SIM_EXPECT_PASSES || expect->what == SIM_EXPECT_AVOIDS)
		met = judge_way(judge, machine, expect, instead, room);
	else
		met = judge_bytes(judge, machine, expect, instead, room);
	if (!met || !last || !judge->consumed || judge->next == judge->count)
		return met;
	describe(&judge->past[judge->next], machine, instead, room);
	return false;
}
