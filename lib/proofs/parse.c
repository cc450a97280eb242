// SPDX-License-Identifier: MIT
/*
 * Reads a file of results: p2pmem-proofs(5). Each result stands between "proof" and "end"; one
 * with a line that is not understood is left out, for who knows what else of it is damaged.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <p2pmem/text.h>

#include "grow.h"
#include "record.h"

#define LINE_MAX_BYTES 4096u

enum field {
	CLIENT = 1,
	PROVIDER = 2,
	DIRECTION = 4,
	STATE = 8,
	DAMAGE = 16,
	TIME = 32,
	BYTES = 64,
	TEXT = 128,
	NEEDED = CLIENT | PROVIDER | DIRECTION | STATE | TIME,
};

struct parsing {
	const char *path;
	struct p2p_proof_records *records;
	struct p2p_proof_record record; /* which is being read */
	unsigned int fields;            /* of it, that were there */
	unsigned int line, first;       /* this one; the record's first, 0: between records */
	bool damaged;                   /* it has been said */
	unsigned int left_out;          /* warnings */
	bool failed;
};

/* Takes a warning, which may be NULL for lack of memory. */
static void keep(struct parsing *parsing, char *text)
{
	struct p2p_proof_records *records = parsing->records;

	if (!text || !p2p_grow((void **)&records->warning, records->warning_count,
			       &records->warning_room, sizeof(text))) {
		free(text);
		parsing->failed = true;
		return;
	}
	p2p_printable(text, strlen(text));
	records->warning[records->warning_count++] = text;
}

static void warn(struct parsing *parsing, unsigned int line, const char *what)
{
	char *text;

	if (parsing->records->warning_count == P2P_PROOFS_WARNINGS_MAX) {
		parsing->left_out++;
		return;
	}
	if (asprintf(&text, "%s: line %u: %s", parsing->path, line, what) < 0)
		text = NULL;
	keep(parsing, text);
}

static void warn_of_more(struct parsing *parsing)
{
	char *text;

	if (!parsing->left_out)
		return;
	if (asprintf(&text, "%s: and %u more warnings", parsing->path, parsing->left_out) < 0)
		text = NULL;
	keep(parsing, text);
}

/* Once for each result. */
static void damage(struct parsing *parsing, unsigned int line, const char *what)
{
	if (!parsing->damaged)
		warn(parsing, line, what);
	parsing->damaged = true;
}

static bool read_end(struct p2p_span text, struct p2p_proof_end *end)
{
	uint64_t index;

	*end = (struct p2p_proof_end){ .on_pci = false };
	if (p2p_span_skip(&text, "p2pmem")) {
		if (!p2p_span_decimal(&text, UINT32_MAX, &index) || text.length)
			return false;
		end->index = (uint32_t)index;
		return true;
	}
	end->on_pci = true;
	return p2p_span_bdf(&text, &end->function) && !text.length;
}

static bool read_number(struct p2p_span text, uint64_t max, uint64_t *value)
{
	return p2p_span_decimal(&text, max, value) && !text.length;
}

static bool read_state(struct p2p_span text, enum p2p_proof_state *state)
{
	for (*state = P2P_PROOF_PROVEN; *state <= P2P_PROOF_REFUSED; (*state)++)
		if (p2p_span_is(text, p2p_proof_state_name(*state)))
			return true;
	return false;
}

static bool read_direction(struct p2p_span text, enum p2p_proof_direction *direction)
{
	*direction = p2p_span_is(text, p2p_proof_direction_name(P2P_PROOF_TO_PROVIDER))
			     ? P2P_PROOF_TO_PROVIDER
			     : P2P_PROOF_FROM_PROVIDER;
	return p2p_span_is(text, p2p_proof_direction_name(*direction));
}

static bool read_damage(struct p2p_span text, enum p2p_damage *found)
{
	for (*found = P2P_DAMAGE_NONE; *found < P2P_DAMAGES; (*found)++)
		if (p2p_span_is(text, p2p_damage_name(*found)))
			return true;
	return false;
}

static bool read_time(struct p2p_span text, int64_t *time)
{
	uint64_t value;

	if (!read_number(text, INT64_MAX, &value))
		return false;
	*time = (int64_t)value;
	return true;
}

static bool read_text(struct parsing *parsing, struct p2p_span text)
{
	parsing->record.text = strndup(text.text, text.length);
	if (parsing->record.text)
		p2p_printable(parsing->record.text, strlen(parsing->record.text));
	else
		parsing->failed = true;
	return true;
}

/* "acs 0000:02:00.0 = RR CR"; a name that this program does not know has changed for certain. */
static bool read_fact(struct parsing *parsing, struct p2p_span text)
{
	struct p2p_span value = p2p_span_after(text, " = ");
	struct p2p_facts *facts = &parsing->record.facts;

	if (!value.text || !value.length)
		return false;
	text.length = (size_t)(value.text - text.text) - strlen(" = ");
	if (!text.length || facts->count == P2P_FACTS_MAX)
		return false;
	parsing->failed |= !p2p_facts_add(facts, text, value);
	return true;
}

static bool read_field(struct parsing *parsing, enum field field, struct p2p_span value)
{
	struct p2p_proof_record *record = &parsing->record;

	if (parsing->fields & field)
		return false;
	parsing->fields |= field;
	switch (field) {
	case CLIENT:
		return read_end(value, &record->client);
	case PROVIDER:
		return read_end(value, &record->provider);
	case DIRECTION:
		return read_direction(value, &record->direction);
	case STATE:
		return read_state(value, &record->state);
	case DAMAGE:
		return read_damage(value, &record->damage);
	case TIME:
		return read_time(value, &record->time);
	case BYTES:
		return read_number(value, UINT64_MAX, &record->bytes);
	case TEXT:
		return read_text(parsing, value);
	case NEEDED:
		break;
	}
	return false;
}

static bool read_line(struct parsing *parsing, struct p2p_span line)
{
	static const struct {
		const char *word;
		enum field field;
	} fields[] = {
		{ "client ", CLIENT }, { "provider ", PROVIDER }, { "direction ", DIRECTION },
		{ "state ", STATE },   { "damage ", DAMAGE },     { "time ", TIME },
		{ "bytes ", BYTES },   { "text ", TEXT },
	};

	if (line.length > LINE_MAX_BYTES || memchr(line.text, '\0', line.length))
		return false;
	if (p2p_span_skip(&line, "fact "))
		return read_fact(parsing, line);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (p2p_span_skip(&line, fields[i].word))
			return read_field(parsing, fields[i].field, line);
	return false;
}

static void begin(struct parsing *parsing)
{
	parsing->record = (struct p2p_proof_record){ .text = NULL };
	parsing->fields = 0;
	parsing->damaged = false;
	parsing->first = parsing->line;
}

static void finish(struct parsing *parsing)
{
	if ((parsing->fields & NEEDED) != NEEDED || !parsing->record.facts.count)
		damage(parsing, parsing->line,
		       "a result that says too little ends here; it is left out");
	if (parsing->damaged)
		p2p_proof_record_free(&parsing->record);
	else
		parsing->failed |= p2p_proof_records_add(parsing->records, &parsing->record) != 0;
	parsing->first = 0;
}

/* The next one begins, or the file ends, before this one does. */
static void cut(struct parsing *parsing)
{
	if (!parsing->first)
		return;
	damage(parsing, parsing->first, "a result begins here that has no end; it is left out");
	p2p_proof_record_free(&parsing->record);
	parsing->first = 0;
}

static void take_line(struct parsing *parsing, struct p2p_span line, bool whole)
{
	if (p2p_span_is(line, "proof") && whole) {
		cut(parsing);
		begin(parsing);
	} else if (parsing->first && p2p_span_is(line, "end") && whole) {
		finish(parsing);
	} else if (parsing->first) {
		if (!whole || !read_line(parsing, line))
			damage(parsing, parsing->line,
			       "is damaged; the result that it belongs to is left out");
	} else if (line.length && line.text[0] != '#') {
		warn(parsing, parsing->line, "is damaged, and belongs to no result");
	}
}

static int read_head(const char *path, struct p2p_span *text, struct p2p_error *error)
{
	struct p2p_span line;
	uint64_t format;

	if (!p2p_span_line(text, &line, NULL) || !p2p_span_skip(&line, "p2pmem-proofs ") ||
	    !read_number(line, UINT32_MAX, &format))
		return p2p_error_set(error, -EBADMSG,
				     "%s: line 1 is not \"p2pmem-proofs NUMBER\": this is no file "
				     "of results; name another, or remove it",
				     path);
	if (format > P2P_PROOFS_FORMAT)
		return p2p_error_set(error, -EBADMSG,
				     "%s: format %llu is newer than this program knows (%d); use "
				     "the p2pmem that wrote it, or name another file",
				     path, (unsigned long long)format, P2P_PROOFS_FORMAT);
	return 0;
}

int p2p_proofs_parse(const char *path, struct p2p_span text, struct p2p_proof_records *records,
		     struct p2p_error *error)
{
	struct parsing parsing = { .path = path, .records = records, .line = 1 };
	struct p2p_span line;
	bool whole;
	int rc;

	/* As it is before the first result was saved. */
	if (!text.length)
		return 0;
	rc = read_head(path, &text, error);
	if (rc)
		return rc;
	while (p2p_span_line(&text, &line, &whole)) {
		parsing.line++;
		take_line(&parsing, line, whole);
	}
	cut(&parsing);
	warn_of_more(&parsing);
	return parsing.failed ? p2p_error_set(error, -ENOMEM, "%s: out of memory", path) : 0;
}
