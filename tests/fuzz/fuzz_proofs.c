// SPDX-License-Identifier: MIT
/*
 * Fuzzes the reader of results of proving: whatever it takes is written so that it is read as the
 * same again, without a warning.
 */
#include <stdlib.h>
#include <string.h>

#include "proofs/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use_text(char *text)
{
	if (!text || strchr(text, '\n'))
		abort();
	free(text);
}

/* What a record says, and what it is compared with. */
static void use(const struct p2p_proof_records *records)
{
	for (uint32_t i = 0; i < records->count; i++) {
		const struct p2p_proof_record *record = &records->record[i];
		struct p2p_proof_result result;

		if (record->state < P2P_PROOF_PROVEN || record->state > P2P_PROOF_REFUSED ||
		    record->direction >= P2P_PROOF_DIRECTIONS || record->damage >= P2P_DAMAGES ||
		    record->time < 0 || !record->facts.count)
			abort();
		p2p_proof_result_init(&result, sizeof(result));
		result.state = record->state;
		result.damage = record->damage;
		result.time = record->time;
		result.text = record->text;
		use_text(p2p_proof_text(&result));
		if (!i)
			continue;
		if (p2p_proof_compare(&records->record[i - 1], record) > 0)
			abort();
		use_text(p2p_facts_changed(&records->record[i - 1].facts, &record->facts));
	}
}

static char *read_and_write(const char *text, size_t length, uint32_t *warnings, size_t *size)
{
	struct p2p_proof_records records = { .record = NULL };
	struct p2p_error error = { .text = "" };
	char *written = NULL;

	if (!p2p_proofs_parse("file", (struct p2p_span){ text, length }, &records, &error)) {
		p2p_proof_records_tidy(&records);
		use(&records);
		written = p2p_proofs_format(&records, size);
	} else if (!error.text[0] || strchr(error.text, '\n')) {
		abort();
	}
	*warnings = records.warning_count;
	for (uint32_t i = 0; i < records.warning_count; i++)
		if (strchr(records.warning[i], '\n'))
			abort();
	p2p_proof_records_free(&records);
	return written;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t warnings;
	size_t once_size, twice_size;
	char *once, *twice;

	once = read_and_write((const char *)data, size, &warnings, &once_size);
	if (!once)
		return 0;
	twice = read_and_write(once, once_size, &warnings, &twice_size);
	if (!twice || warnings || once_size != twice_size || memcmp(once, twice, once_size))
		abort();
	free(once);
	free(twice);
	return 0;
}
