// SPDX-License-Identifier: MIT
/*
 * Writes results as p2pmem-proofs(5) describes them.
 */
#include <inttypes.h>

#include "record.h"
#include "text_builder.h"

static void add(struct p2p_text_builder *text, const struct p2p_proof_record *record)
{
	char end[P2P_PROOF_END_TEXT];

	p2p_text_add(text, "\nproof\nclient %s\n", p2p_proof_end_text(record->client, end));
	p2p_text_add(text, "provider %s\n", p2p_proof_end_text(record->provider, end));
	p2p_text_add(text, "direction %s\nstate %s\n", p2p_proof_direction_name(record->direction),
		     p2p_proof_state_name(record->state));
	if (record->damage != P2P_DAMAGE_NONE)
		p2p_text_add(text, "damage %s\n", p2p_damage_name(record->damage));
	p2p_text_add(text, "time %" PRId64 "\nbytes %" PRIu64 "\n", record->time, record->bytes);
	if (record->text && *record->text)
		p2p_text_add(text, "text %s\n", record->text);
	for (uint32_t i = 0; i < record->facts.count; i++)
		p2p_text_add(text, "fact %s = %s\n", record->facts.fact[i].name,
			     record->facts.fact[i].value);
	p2p_text_add(text, "end\n");
}

char *p2p_proofs_format(const struct p2p_proof_records *records, size_t *size)
{
	struct p2p_text_builder text = { .length = 0 };

	p2p_text_add(&text, "p2pmem-proofs %d\n", P2P_PROOFS_FORMAT);
	for (uint32_t i = 0; i < records->count; i++)
		add(&text, &records->record[i]);
	*size = text.length;
	return p2p_text_take(&text);
}
