// SPDX-License-Identifier: MIT
/*
 * The module's statistics: sizes from its class in sysfs, counts from debugfs.
 *
 * /sys/kernel/debug/p2pmem/stat has one record on a line. Records and keys that are not known here
 * are skipped, so that a newer module is understood:
 *
 *     memory 0 function=0000:01:00.0 bar=2 ...
 *     pair 0 client=0000:02:00.0 direct_bytes=4096 direct_segments=1 ...
 *     wrapped function=0000:02:00.0 normal_bytes=0 direct_bytes=4096 ...
 *     refused no-driver=1 claimed=2
 *     normal bytes=0 segments=0
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <p2pmem/text.h>

#include "module/memories.h"
#include "module/stat.h"
#include "span.h"

#define COUNTS "/sys/kernel/debug/p2pmem/stat"
#define LINE   4096
#define LINES_MAX                                                                                  \
	100000 /* a pair for each client and memory; bounds what a lying file can cost             \
		*/

/* Takes the next word off `line`; false at its end. */
static bool next_word(struct p2p_span *line, struct p2p_span *word)
{
	*line = p2p_span_trim(*line);
	*word = *line;
	for (word->length = 0; word->length < line->length; word->length++)
		if (word->text[word->length] == ' ')
			break;
	line->text += word->length;
	line->length -= word->length;
	return word->length > 0;
}

/* "key=value"; the value may be any text. */
static bool split(struct p2p_span word, struct p2p_span *key, struct p2p_span *value)
{
	*value = p2p_span_after(word, "=");
	if (!value->text)
		return false;
	*key = word;
	key->length = (size_t)(value->text - word.text) - 1;
	return true;
}

static bool copy_text(struct p2p_span text, char *to, size_t room)
{
	if (!text.length || text.length >= room)
		return false;
	memcpy(to, text.text, text.length);
	to[text.length] = '\0';
	return true;
}

/* A number for a named field; names that are not in the table are skipped. */
struct field {
	const char *name;
	uint64_t *value;
};

static bool set_field(const struct field *fields, struct p2p_span key, struct p2p_span value)
{
	for (; fields->name; fields++)
		if (p2p_span_is(key, fields->name))
			return p2p_span_number(value, fields->value);
	return true;
}

static bool take_pair(struct p2p_module_stat *stat, struct p2p_span line)
{
	struct p2p_module_pair *pair = &stat->pairs[stat->pair_count];
	const struct field fields[] = {
		{ "direct_bytes", &pair->direct_bytes },
		{ "direct_segments", &pair->direct_segments },
		{ "via_host_bytes", &pair->via_host_bytes },
		{ "via_host_segments", &pair->via_host_segments },
		{ "unreachable", &pair->unreachable },
		{ "bounced_bytes", &pair->bounced_bytes },
		{ "bounced_segments", &pair->bounced_segments },
		{ NULL, NULL },
	};
	struct p2p_span word, key, value;
	uint64_t index;

	*pair = (struct p2p_module_pair){ .index = 0 };
	if (!next_word(&line, &word) || !p2p_span_number(word, &index) || index > UINT32_MAX)
		return false;
	pair->index = (uint32_t)index;
	while (next_word(&line, &word)) {
		bool good = split(word, &key, &value);

		if (good && p2p_span_is(key, "client"))
			good = copy_text(value, pair->client, sizeof(pair->client));
		else if (good)
			good = set_field(fields, key, value);
		if (!good)
			return false;
	}
	stat->pair_count++;
	return pair->client[0];
}

static bool take_function(struct p2p_module_wrapped *wrapped, struct p2p_span text)
{
	char name[P2P_BDF_TEXT];

	return copy_text(text, name, sizeof(name)) && !p2p_bdf_parse(name, &wrapped->function);
}

static bool fill_wrapped(struct p2p_module_wrapped *wrapped, struct p2p_span line)
{
	const struct field fields[] = {
		{ "normal_bytes", &wrapped->normal_bytes },
		{ "direct_bytes", &wrapped->direct_bytes },
		{ "via_host_bytes", &wrapped->via_host_bytes },
		{ "bounced_bytes", &wrapped->bounced_bytes },
		{ NULL, NULL },
	};
	struct p2p_span word, key, value;
	bool named = false;

	while (next_word(&line, &word)) {
		if (!split(word, &key, &value))
			return false;
		if (p2p_span_is(key, "function"))
			named = take_function(wrapped, value);
		else if (!set_field(fields, key, value))
			return false;
	}
	return named;
}

static int take_wrapped(struct p2p_module_stat *stat, struct p2p_span line)
{
	struct p2p_module_wrapped wrapped = { .normal_bytes = 0 }, *grown;

	if (!fill_wrapped(&wrapped, line))
		return -EBADMSG;
	grown = reallocarray(stat->wrapped, stat->wrapped_count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	stat->wrapped = grown;
	grown[stat->wrapped_count++] = wrapped;
	return 0;
}

static int take_refusals(struct p2p_module_stat *stat, struct p2p_span line)
{
	struct p2p_span word, key, value;

	while (next_word(&line, &word)) {
		struct p2p_module_refusal *refusal, *grown;

		grown = reallocarray(stat->refusals, stat->refusal_count + 1, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		stat->refusals = grown;
		refusal = &grown[stat->refusal_count];
		if (!split(word, &key, &value) ||
		    !copy_text(key, refusal->why, sizeof(refusal->why)) ||
		    !p2p_span_number(value, &refusal->count))
			return -EBADMSG;
		stat->refusal_count++;
	}
	return 0;
}

static bool take_normal(struct p2p_module_stat *stat, struct p2p_span line)
{
	const struct field fields[] = {
		{ "bytes", &stat->normal_bytes },
		{ "segments", &stat->normal_segments },
		{ NULL, NULL },
	};
	struct p2p_span word, key, value;

	while (next_word(&line, &word))
		if (!split(word, &key, &value) || !set_field(fields, key, value))
			return false;
	return true;
}

static int take_line(struct p2p_module_stat *stat, struct p2p_span line)
{
	struct p2p_module_pair *grown;
	struct p2p_span kind;

	if (!next_word(&line, &kind))
		return 0;
	if (p2p_span_is(kind, "refused"))
		return take_refusals(stat, line);
	if (p2p_span_is(kind, "normal"))
		return take_normal(stat, line) ? 0 : -EBADMSG;
	if (p2p_span_is(kind, "wrapped"))
		return take_wrapped(stat, line);
	if (!p2p_span_is(kind, "pair"))
		return 0;
	grown = reallocarray(stat->pairs, stat->pair_count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	stat->pairs = grown;
	return take_pair(stat, line) ? 0 : -EBADMSG;
}

static int read_counts(struct p2p_module_stat *stat, FILE *file, struct p2p_error *error)
{
	char line[LINE];

	for (unsigned int number = 1; fgets(line, sizeof(line), file); number++) {
		struct p2p_span text = p2p_span(line);
		int rc = -EBADMSG;

		/* A line that does not end is too long, or the file is cut. */
		if (number <= LINES_MAX && text.length && line[text.length - 1] == '\n')
			rc = take_line(stat, text);
		if (rc == -ENOMEM)
			return p2p_error_set(error, rc, "out of memory");
		if (rc)
			return p2p_error_set(error, rc,
					     COUNTS ": line %u is not understood: module and "
						    "command may be of different versions",
					     number);
	}
	if (!ferror(file))
		return 0;
	return p2p_error_set(error, -EIO, COUNTS ": cannot read it");
}

static void say_missing(struct p2p_module_stat *stat, int code)
{
	const char *next = strerror(-code);

	if (code == -EACCES || code == -EPERM)
		next = "run as root";
	else if (code == -ENOENT)
		next = "mount -t debugfs debugfs /sys/kernel/debug, unless the kernel is built "
		       "without";
	snprintf(stat->missing, sizeof(stat->missing),
		 "Counts of mappings are unknown, they are in " COUNTS ": %s", next);
}

static int read_all(const struct p2p_system *system, struct p2p_module_stat *stat,
		    struct p2p_error *error)
{
	char path[PATH_MAX];
	FILE *file;
	int rc = p2p_module_memories_on(system, &stat->memories, &stat->memory_count, error);

	if (rc)
		return rc;
	snprintf(path, sizeof(path), "%s" COUNTS, system->root);
	file = fopen(path, "re");
	if (!file) {
		say_missing(stat, -errno);
		return 0;
	}
	rc = read_counts(stat, file, error);
	fclose(file);
	stat->counted = !rc;
	return rc;
}

int p2p_module_stat_on(const struct p2p_system *system, struct p2p_module_stat **stat,
		       struct p2p_error *error)
{
	int rc;

	*stat = calloc(1, sizeof(**stat));
	if (!*stat)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	rc = read_all(system, *stat, error);
	if (rc) {
		p2p_module_stat_free(*stat);
		*stat = NULL;
	}
	return rc;
}

int p2p_module_stat(struct p2p_module_stat **stat, struct p2p_error *error)
{
	return p2p_module_stat_on(&p2p_this_system, stat, error);
}

void p2p_module_stat_free(struct p2p_module_stat *stat)
{
	if (!stat)
		return;
	free(stat->memories);
	free(stat->pairs);
	free(stat->refusals);
	free(stat->wrapped);
	free(stat);
}
