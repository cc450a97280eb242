// SPDX-License-Identifier: MIT
/*
 * A list of results: what takes whose place.
 */
#include "record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

static int compare_ends(struct p2p_proof_end a, struct p2p_proof_end b)
{
	if (a.on_pci != b.on_pci)
		return a.on_pci ? -1 : 1;
	if (a.on_pci)
		return p2p_bdf_compare(a.function, b.function);
	return (a.index > b.index) - (a.index < b.index);
}

int p2p_proof_compare(const struct p2p_proof_record *a, const struct p2p_proof_record *b)
{
	int order = compare_ends(a->client, b->client);

	if (!order)
		order = compare_ends(a->provider, b->provider);
	return order ? order : (int)a->direction - (int)b->direction;
}

bool p2p_proof_same_pair(const struct p2p_proof_record *record,
			 const struct p2p_proof_record *question)
{
	return !compare_ends(record->client, question->client) &&
	       !compare_ends(record->provider, question->provider);
}

uint32_t p2p_proof_records_remove(struct p2p_proof_records *records,
				  const struct p2p_proof_record *question)
{
	uint32_t kept = 0, removed;

	for (uint32_t i = 0; i < records->count; i++) {
		if (p2p_proof_same_pair(&records->record[i], question))
			p2p_proof_record_free(&records->record[i]);
		else
			records->record[kept++] = records->record[i];
	}
	removed = records->count - kept;
	records->count = kept;
	return removed;
}

void p2p_proof_record_free(struct p2p_proof_record *record)
{
	free(record->text);
	p2p_facts_free(&record->facts);
	record->text = NULL;
}

void p2p_proof_records_free(struct p2p_proof_records *records)
{
	for (uint32_t i = 0; i < records->count; i++)
		p2p_proof_record_free(&records->record[i]);
	for (uint32_t i = 0; i < records->warning_count; i++)
		free(records->warning[i]);
	free(records->record);
	free(records->warning);
	*records = (struct p2p_proof_records){ .record = NULL };
}

bool p2p_proof_record_copy(struct p2p_proof_record *to, const struct p2p_proof_record *from)
{
	bool whole = true;

	*to = *from;
	to->text = from->text ? strdup(from->text) : NULL;
	to->facts = (struct p2p_facts){ .fact = NULL };
	for (uint32_t i = 0; whole && i < from->facts.count; i++)
		whole = p2p_facts_add(&to->facts, p2p_span(from->facts.fact[i].name),
				      p2p_span(from->facts.fact[i].value));
	if (whole && (to->text || !from->text))
		return true;
	p2p_proof_record_free(to);
	return false;
}

int p2p_proof_records_add(struct p2p_proof_records *records, struct p2p_proof_record *record)
{
	if (!p2p_grow((void **)&records->record, records->count, &records->room, sizeof(*record))) {
		p2p_proof_record_free(record);
		return -ENOMEM;
	}
	record->order = records->added++;
	records->record[records->count++] = *record;
	return 0;
}

static int compare_ages(const void *a, const void *b)
{
	const struct p2p_proof_record *left = a, *right = b;
	int order = p2p_proof_compare(left, right);

	if (order)
		return order;
	if (left->time != right->time)
		return left->time < right->time ? -1 : 1;
	return left->order < right->order ? -1 : 1;
}

/* `kept` are sorted, too, and only those at the beginning are of the same question. */
static bool is_needed(const struct p2p_proof_record *kept, uint32_t count,
		      const struct p2p_proof_record *record)
{
	uint32_t like = 0;

	while (like < count && !p2p_proof_compare(&kept[like], record)) {
		if (p2p_facts_same(&kept[like].facts, &record->facts))
			return false;
		like++;
	}
	return like < P2P_PROOFS_KEPT;
}

void p2p_proof_records_tidy(struct p2p_proof_records *records)
{
	struct p2p_proof_record *record = records->record;
	uint32_t first = records->count;

	if (!records->count)
		return;
	qsort(record, records->count, sizeof(*record), compare_ages);
	for (uint32_t i = records->count; i--;) {
		if (is_needed(&record[first], records->count - first, &record[i]))
			record[--first] = record[i];
		else
			p2p_proof_record_free(&record[i]);
	}
	records->count -= first;
	memmove(record, record + first, records->count * sizeof(*record));
}
