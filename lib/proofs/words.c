// SPDX-License-Identifier: MIT
/*
 * The stable words of results, and what they are in a sentence.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <p2pmem/proofs.h>
#include <p2pmem/text.h>
#include <p2pmem/topology.h>

#include "text_builder.h"

const char *p2p_proof_state_name(enum p2p_proof_state state)
{
	static const char *const names[] = {
		[P2P_PROOF_NOT_TRIED] = "not-tried", [P2P_PROOF_PROVEN] = "proven",
		[P2P_PROOF_WRONG] = "wrong",         [P2P_PROOF_REFUSED] = "refused",
		[P2P_PROOF_VOID] = "void",
	};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown";
}

const char *p2p_proof_direction_name(enum p2p_proof_direction direction)
{
	return direction == P2P_PROOF_TO_PROVIDER ? "to-provider" : "from-provider";
}

const char *p2p_damage_name(enum p2p_damage damage)
{
	static const char *const names[P2P_DAMAGES] = {
		[P2P_DAMAGE_NONE] = "none",         [P2P_DAMAGE_STALE] = "stale",
		[P2P_DAMAGE_TORN] = "torn",         [P2P_DAMAGE_SHIFTED] = "shifted",
		[P2P_DAMAGE_MIRRORED] = "mirrored", [P2P_DAMAGE_SWAPPED] = "swapped",
		[P2P_DAMAGE_ONES] = "ones",         [P2P_DAMAGE_ZEROS] = "zeros",
		[P2P_DAMAGE_FOREIGN] = "foreign",   [P2P_DAMAGE_ORDER] = "order",
	};

	return damage < P2P_DAMAGES ? names[damage] : "unknown";
}

const char *p2p_proof_end_text(struct p2p_proof_end end, char text[P2P_PROOF_END_TEXT])
{
	char address[P2P_BDF_TEXT];

	if (end.on_pci)
		snprintf(text, P2P_PROOF_END_TEXT, "%s", p2p_bdf_text(end.function, address));
	else
		snprintf(text, P2P_PROOF_END_TEXT, "p2pmem%u", end.index);
	return text;
}

/* In no time zone: results travel with captures. */
static void add_time(struct p2p_text_builder *text, int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm parts;
	char date[64];

	if (gmtime_r(&when, &parts) && strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", &parts))
		p2p_text_add(text, " on %s", date);
}

static void add_outcome(struct p2p_text_builder *text, const struct p2p_proof_result *result,
			enum p2p_proof_state state)
{
	char size[P2P_SIZE_TEXT];

	p2p_text_add(text, "%s", p2p_proof_state_name(state));
	if (state == P2P_PROOF_WRONG && result->damage != P2P_DAMAGE_NONE)
		p2p_text_add(text, " (%s)", p2p_damage_name(result->damage));
	add_time(text, result->time);
	if (state == P2P_PROOF_PROVEN && result->bytes)
		p2p_text_add(text, ", with %s", p2p_size_text(size, result->bytes));
}

char *p2p_proof_text(const struct p2p_proof_result *result)
{
	struct p2p_text_builder text = { .length = 0 };

	if (result->state == P2P_PROOF_NOT_TRIED) {
		p2p_text_add(&text, "not tried");
		return p2p_text_take(&text);
	}
	if (result->state == P2P_PROOF_VOID) {
		p2p_text_add(&text, "void: %s; it was ",
			     result->changed ? result->changed : "the machine is another");
		add_outcome(&text, result, result->recorded);
		return p2p_text_take(&text);
	}
	add_outcome(&text, result, result->state);
	if (result->text && *result->text)
		p2p_text_add(&text, ": %s", result->text);
	return p2p_text_take(&text);
}

p2p_node p2p_proof_end_node(const struct p2p_machine *machine, struct p2p_proof_end end)
{
	return end.on_pci ? p2p_fabric_find(p2p_machine_fabric(machine), end.function)
			  : P2P_NO_NODE;
}

static const char *name_of(const struct p2p_machine *machine, struct p2p_proof_end end,
			   char text[P2P_TITLE])
{
	p2p_node node = p2p_proof_end_node(machine, end);

	if (node != P2P_NO_NODE)
		return p2p_short_title(machine, node, text);
	return p2p_proof_end_text(end, text);
}

char *p2p_proof_pair_text(const struct p2p_machine *machine, const struct p2p_proof_result *result)
{
	char client[P2P_TITLE], provider[P2P_TITLE], *said = p2p_proof_text(result);
	struct p2p_text_builder text = { .text = NULL };

	text.failed = !said;
	p2p_text_add(&text, "%s -> %s, data %s: %s", name_of(machine, result->client, client),
		     name_of(machine, result->provider, provider),
		     result->direction == P2P_PROOF_TO_PROVIDER ? "to the provider"
								: "from the provider",
		     said ? said : "");
	free(said);
	return p2p_text_take(&text);
}
