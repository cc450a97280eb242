// SPDX-License-Identifier: MIT
/*
 * Results as one machine sees them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <p2pmem/text.h>

#include "machine/sources/file.h"
#include "record.h"
#include "sized.h"

/* What is known of one pair in one direction. */
struct answer {
	uint32_t record;
	char *changed; /* since then; NULL: nothing */
};

struct p2p_proofs {
	const struct p2p_machine *machine;
	char *path, *kernel;
	struct p2p_proof_records records;   /* the file's, and what was recorded */
	struct p2p_proof_records fresh;     /* of these what is not in the file */
	struct p2p_proof_records forgotten; /* pairs of which the file may have something */
	struct answer *answers;             /* in the order of the records */
	uint32_t answer_count;
};

void p2p_proofs_options_init(struct p2p_proofs_options *options, size_t size)
{
	static const struct p2p_proofs_options none;

	p2p_sized_init(options, size, &none, sizeof(none));
}

void p2p_proof_result_init(struct p2p_proof_result *result, size_t size)
{
	static const struct p2p_proof_result none;

	p2p_sized_init(result, size, &none, sizeof(none));
}

static void forget_answers(struct p2p_proofs *proofs)
{
	for (uint32_t i = 0; i < proofs->answer_count; i++)
		free(proofs->answers[i].changed);
	free(proofs->answers);
	proofs->answers = NULL;
	proofs->answer_count = 0;
}

static int say_gone(struct answer *answer)
{
	answer->changed = strdup("this machine has no such pair");
	return answer->changed ? 0 : -ENOMEM;
}

/* Of the records from `first` to `last`, which are of one question: that which fits, or the last.
 */
static int answer(const struct p2p_proofs *proofs, uint32_t first, uint32_t last,
		  struct answer *answer)
{
	const struct p2p_proof_record *records = proofs->records.record;
	struct p2p_facts now;
	uint32_t at = first;
	int rc = p2p_facts_of(proofs->machine, proofs->kernel, records[first].client,
			      records[first].provider, &now);

	*answer = (struct answer){ .record = last };
	while (!rc && at <= last && !p2p_facts_same(&records[at].facts, &now))
		at++;
	if (!rc && at <= last) {
		answer->record = at;
	} else if (!rc) {
		answer->changed = p2p_facts_changed(&records[last].facts, &now);
		rc = answer->changed ? 0 : -ENOMEM;
	} else if (rc == -ENODEV) {
		rc = say_gone(answer);
	}
	p2p_facts_free(&now);
	return rc;
}

static int find_answers(struct p2p_proofs *proofs)
{
	const struct p2p_proof_records *records = &proofs->records;
	int rc = 0;

	forget_answers(proofs);
	proofs->answers = calloc(records->count + 1, sizeof(*proofs->answers));
	if (!proofs->answers)
		return -ENOMEM;
	for (uint32_t first = 0, end; !rc && first < records->count; first = end) {
		for (end = first + 1; end < records->count; end++)
			if (p2p_proof_compare(&records->record[first], &records->record[end]))
				break;
		rc = answer(proofs, first, end - 1, &proofs->answers[proofs->answer_count++]);
	}
	if (rc)
		forget_answers(proofs);
	return rc;
}

/* No file: nothing was ever proven. */
static int read_file(struct p2p_proofs *proofs, struct p2p_error *error)
{
	struct p2p_error reason = { .code = 0 };
	struct p2p_blob blob;
	int rc = p2p_file_read(proofs->path, P2P_PROOFS_FILE_MAX, &blob, &reason);

	if (rc == -ENOENT)
		return 0;
	if (rc)
		return p2p_error_set(error, rc, "%s", reason.text);
	rc = p2p_proofs_parse(proofs->path, (struct p2p_span){ blob.data, blob.size },
			      &proofs->records, error);
	free(blob.data);
	p2p_proof_records_tidy(&proofs->records);
	return rc;
}

static int open_all(struct p2p_proofs *proofs, const struct p2p_proofs_options *options,
		    struct p2p_error *error)
{
	int rc;

	proofs->path = strdup(options->path ? options->path : P2P_PROOFS_PATH);
	proofs->kernel = options->kernel ? strdup(options->kernel) : NULL;
	if (!proofs->path || (options->kernel && !proofs->kernel))
		return p2p_error_set(error, -ENOMEM, "out of memory");
	rc = read_file(proofs, error);
	if (!rc && find_answers(proofs))
		rc = p2p_error_set(error, -ENOMEM, "%s: out of memory", proofs->path);
	return rc;
}

int p2p_proofs_open(const struct p2p_machine *machine, const struct p2p_proofs_options *options,
		    struct p2p_proofs **proofs, struct p2p_error *error)
{
	struct p2p_proofs_options known;
	int rc;

	*proofs = NULL;
	p2p_proofs_options_init(&known, sizeof(known));
	if (!machine || (options && !p2p_sized_copy(&known, options)))
		return p2p_error_set(error, -EINVAL,
				     "no machine, or options that were not initialized");
	*proofs = calloc(1, sizeof(**proofs));
	if (!*proofs)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	(*proofs)->machine = machine;
	rc = open_all(*proofs, &known, error);
	if (rc) {
		p2p_proofs_close(*proofs);
		*proofs = NULL;
	}
	return rc;
}

void p2p_proofs_close(struct p2p_proofs *proofs)
{
	if (!proofs)
		return;
	forget_answers(proofs);
	p2p_proof_records_free(&proofs->records);
	p2p_proof_records_free(&proofs->fresh);
	p2p_proof_records_free(&proofs->forgotten);
	free(proofs->path);
	free(proofs->kernel);
	free(proofs);
}

const char *p2p_proofs_path(const struct p2p_proofs *proofs)
{
	return proofs->path;
}

uint32_t p2p_proofs_warnings(const struct p2p_proofs *proofs)
{
	return proofs->records.warning_count;
}

const char *p2p_proofs_warning(const struct p2p_proofs *proofs, uint32_t index)
{
	return index < proofs->records.warning_count ? proofs->records.warning[index] : NULL;
}

uint32_t p2p_proofs_count(const struct p2p_proofs *proofs)
{
	return proofs->answer_count;
}

static const struct p2p_proof_record *record_of(const struct p2p_proofs *proofs, uint32_t index)
{
	return &proofs->records.record[proofs->answers[index].record];
}

int p2p_proofs_get(const struct p2p_proofs *proofs, uint32_t index, struct p2p_proof_result *result)
{
	const struct p2p_proof_record *record;
	struct p2p_proof_result found;

	if (index >= proofs->answer_count)
		return -EINVAL;
	record = record_of(proofs, index);
	p2p_proof_result_init(&found, sizeof(found));
	found.client = record->client;
	found.provider = record->provider;
	found.direction = record->direction;
	found.recorded = record->state;
	found.changed = proofs->answers[index].changed;
	found.state = found.changed ? P2P_PROOF_VOID : record->state;
	found.damage = record->damage;
	found.time = record->time;
	found.bytes = record->bytes;
	found.text = record->text;
	return p2p_sized_copy(result, &found) ? 0 : -EINVAL;
}

int p2p_proofs_find(const struct p2p_proofs *proofs, struct p2p_proof_end client,
		    struct p2p_proof_end provider, enum p2p_proof_direction direction,
		    struct p2p_proof_result *result)
{
	struct p2p_proof_record wanted = { client, provider, direction, .text = NULL };
	struct p2p_proof_result none;
	uint32_t low = 0, high = proofs->answer_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = p2p_proof_compare(&wanted, record_of(proofs, middle));

		if (!order)
			return p2p_proofs_get(proofs, middle, result);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	p2p_proof_result_init(&none, sizeof(none));
	none.client = client;
	none.provider = provider;
	none.direction = direction;
	return p2p_sized_copy(result, &none) ? 0 : -EINVAL;
}

static bool is_recordable(const struct p2p_proof_result *result)
{
	return (result->state == P2P_PROOF_PROVEN || result->state == P2P_PROOF_WRONG ||
		result->state == P2P_PROOF_REFUSED) &&
	       result->direction < P2P_PROOF_DIRECTIONS && result->damage < P2P_DAMAGES &&
	       result->time >= 0;
}

static int make_record(const struct p2p_proofs *proofs, const struct p2p_proof_result *result,
		       struct p2p_proof_record *record)
{
	int rc;

	*record = (struct p2p_proof_record){
		.client = result->client,
		.provider = result->provider,
		.direction = result->direction,
		.state = result->state,
		.damage = result->state == P2P_PROOF_WRONG ? result->damage : P2P_DAMAGE_NONE,
		.time = result->time ? result->time : (int64_t)time(NULL),
		.bytes = result->bytes,
	};
	rc = p2p_facts_of(proofs->machine, NULL, record->client, record->provider, &record->facts);
	if (!rc && result->text) {
		record->text = strndup(result->text, P2P_PROOF_TEXT_MAX);
		if (record->text)
			p2p_printable(record->text, strlen(record->text));
		else
			rc = -ENOMEM;
	}
	if (rc)
		p2p_proof_record_free(record);
	return rc;
}

/* It was found last, whatever a clock says that was set back. */
static void make_latest(const struct p2p_proofs *proofs, struct p2p_proof_record *record)
{
	for (uint32_t i = 0; i < proofs->records.count; i++)
		if (!p2p_proof_compare(&proofs->records.record[i], record) &&
		    proofs->records.record[i].time > record->time)
			record->time = proofs->records.record[i].time;
}

int p2p_proofs_record(struct p2p_proofs *proofs, const struct p2p_proof_result *result)
{
	struct p2p_proof_record record, copy;
	struct p2p_proof_result known;
	int rc;

	p2p_proof_result_init(&known, sizeof(known));
	if (!p2p_sized_copy(&known, result) || !is_recordable(&known))
		return -EINVAL;
	rc = make_record(proofs, &known, &record);
	if (rc)
		return rc;
	make_latest(proofs, &record);
	if (!p2p_proof_record_copy(&copy, &record)) {
		p2p_proof_record_free(&record);
		return -ENOMEM;
	}
	rc = p2p_proof_records_add(&proofs->fresh, &copy);
	if (rc) {
		p2p_proof_record_free(&record);
		return rc;
	}
	rc = p2p_proof_records_add(&proofs->records, &record);
	p2p_proof_records_tidy(&proofs->records);
	return rc ? rc : find_answers(proofs);
}

int p2p_proofs_forget(struct p2p_proofs *proofs, struct p2p_proof_end client,
		      struct p2p_proof_end provider)
{
	struct p2p_proof_record question = { .client = client, .provider = provider };

	if (!p2p_proof_records_remove(&proofs->records, &question))
		return -ENOENT;
	p2p_proof_records_remove(&proofs->fresh, &question);
	if (p2p_proof_records_add(&proofs->forgotten, &question))
		return -ENOMEM;
	return find_answers(proofs);
}

int p2p_proofs_save(struct p2p_proofs *proofs, struct p2p_error *error)
{
	int rc;

	if (!proofs->fresh.count && !proofs->forgotten.count)
		return 0;
	rc = p2p_proofs_write(proofs->path, &proofs->forgotten, &proofs->fresh, error);
	if (rc)
		return rc;
	p2p_proof_records_free(&proofs->fresh);
	p2p_proof_records_free(&proofs->forgotten);
	return 0;
}
