// SPDX-License-Identifier: MIT
/*
 * What happens to a text on its way.
 */
#include "variants.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t draw(uint64_t *seed, uint64_t below)
{
	*seed += 0x9e3779b97f4a7c15ull;
	uint64_t z = *seed;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return below ? (z ^ z >> 31) % below : 0;
}

static char *copy_of(const char *text, size_t length)
{
	char *copy = malloc(length + 1);

	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

static void insert(struct text_lines *lines, size_t at, char *line)
{
	if (lines->count == lines->room) {
		lines->room = lines->room ? lines->room * 2 : 64;
		lines->line = realloc(lines->line, lines->room * sizeof(*lines->line));
	}
	memmove(lines->line + at + 1, lines->line + at, (lines->count - at) * sizeof(*lines->line));
	lines->line[at] = line;
	lines->count++;
}

static void drop(struct text_lines *lines, size_t at, size_t count)
{
	if (count > lines->count - at)
		count = lines->count - at;
	for (size_t i = at; i < at + count; i++)
		free(lines->line[i]);
	if (!lines->line)
		return;
	memmove(lines->line + at, lines->line + at + count,
		(lines->count - at - count) * sizeof(*lines->line));
	lines->count -= count;
}

void lines_split(struct text_lines *lines, const char *text, size_t size)
{
	*lines = (struct text_lines){ NULL, 0, 0 };
	while (size) {
		const char *end = memchr(text, '\n', size);
		size_t length = end ? (size_t)(end - text) : size;

		insert(lines, lines->count, copy_of(text, length));
		length += end ? 1 : 0;
		text += length;
		size -= length;
	}
}

char *lines_join(const struct text_lines *lines, size_t *size)
{
	size_t all = 0;
	char *text, *to;

	for (size_t i = 0; i < lines->count; i++)
		all += strlen(lines->line[i]) + 1;
	text = to = malloc(all + 1);
	for (size_t i = 0; i < lines->count; i++) {
		size_t length = strlen(lines->line[i]);

		memcpy(to, lines->line[i], length);
		to[length] = '\n';
		to += length + 1;
	}
	*to = '\0';
	*size = all;
	return text;
}

void lines_free(struct text_lines *lines)
{
	drop(lines, 0, lines->count);
	free(lines->line);
}

static bool is_head(const char *line)
{
	return isxdigit((unsigned char)line[0]) && isxdigit((unsigned char)line[1]) &&
	       line[2] == ':';
}

static size_t next_head(const struct text_lines *lines, size_t from)
{
	while (from < lines->count && !is_head(lines->line[from]))
		from++;
	return from;
}

/* A record at random: its first line and how many there are, the blank one included. */
static bool a_record(const struct text_lines *lines, uint64_t *seed, size_t *first, size_t *count)
{
	*first = next_head(lines, draw(seed, lines->count));
	if (*first == lines->count)
		return false;
	*count = next_head(lines, *first + 1) - *first;
	return true;
}

static void delete_some(struct text_lines *lines, uint64_t *seed)
{
	static const unsigned int rates[] = { 2, 3, 5, 10, 20, 50, 200 };
	unsigned int rate = rates[draw(seed, 7)];

	for (size_t i = lines->count; i-- > 0;)
		if (!draw(seed, rate))
			drop(lines, i, 1);
}

static void delete_range(struct text_lines *lines, uint64_t *seed)
{
	drop(lines, draw(seed, lines->count), 1 + draw(seed, draw(seed, 4) ? 12 : 60));
}

static void delete_record(struct text_lines *lines, uint64_t *seed)
{
	size_t first, count;

	if (a_record(lines, seed, &first, &count))
		drop(lines, first, count);
}

static void delete_head(struct text_lines *lines, uint64_t *seed)
{
	size_t first, count;

	if (a_record(lines, seed, &first, &count))
		drop(lines, first, 1);
}

static void delete_blanks(struct text_lines *lines, uint64_t *seed)
{
	(void)seed;
	for (size_t i = lines->count; i-- > 0;)
		if (!lines->line[i][0])
			drop(lines, i, 1);
}

static void wrap(struct text_lines *lines, size_t at, size_t width)
{
	char *line = lines->line[at], *rest;
	size_t cut = width;

	if (strlen(line) <= width)
		return;
	while (cut > width / 2 && line[cut] != ' ')
		cut--;
	if (line[cut] != ' ')
		cut = width;
	rest = copy_of(line + cut + (line[cut] == ' '), strlen(line + cut + (line[cut] == ' ')));
	line[cut] = '\0';
	insert(lines, at + 1, rest);
}

static void wrap_all(struct text_lines *lines, uint64_t *seed)
{
	size_t width = 40 + draw(seed, 60);

	for (size_t i = 0; i < lines->count; i++)
		wrap(lines, i, width);
}

static void wrap_one(struct text_lines *lines, uint64_t *seed)
{
	wrap(lines, draw(seed, lines->count), 10 + draw(seed, 60));
}

static void quote(struct text_lines *lines, uint64_t *seed)
{
	static const char *const marks[] = { "> ", ">> ", ">", "| ", "    ", "\t", "> > " };
	const char *mark = marks[draw(seed, 7)];
	bool most = draw(seed, 4) == 0;

	for (size_t i = 0; i < lines->count; i++) {
		char *line = lines->line[i];
		size_t room = strlen(mark) + strlen(line) + 1;

		if (most && !draw(seed, 10))
			continue;
		lines->line[i] = malloc(room);
		snprintf(lines->line[i], room, "%s%s", mark, line);
		free(line);
	}
}

static void strip_indents(struct text_lines *lines, uint64_t *seed)
{
	(void)seed;
	for (size_t i = 0; i < lines->count; i++) {
		char *line = lines->line[i];
		size_t blanks = strspn(line, " \t");

		memmove(line, line + blanks, strlen(line + blanks) + 1);
	}
}

static void trim(struct text_lines *lines, uint64_t *seed)
{
	static const char *const marks[] = { "[...]", "\t[...]", "...",    "[snip]",
					     "--",    "\t\t...", "<snip>", "[…]" };
	size_t at = draw(seed, lines->count);
	const char *mark = marks[draw(seed, 8)];

	drop(lines, at, 1 + draw(seed, 30));
	insert(lines, at, copy_of(mark, strlen(mark)));
}

static void cut_columns(struct text_lines *lines, uint64_t *seed)
{
	size_t width = 30 + draw(seed, 90);

	for (size_t i = 0; i < lines->count; i++)
		if (strlen(lines->line[i]) > width)
			lines->line[i][width] = '\0';
}

static void cut_end(struct text_lines *lines, uint64_t *seed)
{
	size_t at = draw(seed, lines->count);

	drop(lines, at + 1, lines->count);
	lines->line[at][draw(seed, strlen(lines->line[at]) + 1)] = '\0';
}

static void cut_begin(struct text_lines *lines, uint64_t *seed)
{
	drop(lines, 0, draw(seed, lines->count));
}

static void swap_neighbours(struct text_lines *lines, uint64_t *seed)
{
	size_t times = 1 + draw(seed, 8);

	while (lines->count > 1 && times--) {
		size_t at = draw(seed, lines->count - 1);
		char *line = lines->line[at];

		lines->line[at] = lines->line[at + 1];
		lines->line[at + 1] = line;
	}
}

static void move_line(struct text_lines *lines, uint64_t *seed)
{
	size_t from = draw(seed, lines->count);
	char *line = copy_of(lines->line[from], strlen(lines->line[from]));

	drop(lines, from, 1);
	insert(lines, draw(seed, lines->count + 1), line);
}

static void move_record(struct text_lines *lines, uint64_t *seed)
{
	struct text_lines record = { NULL, 0, 0 };
	size_t first, count, to;

	if (!a_record(lines, seed, &first, &count))
		return;
	for (size_t i = 0; i < count; i++)
		insert(&record, i, copy_of(lines->line[first + i], strlen(lines->line[first + i])));
	drop(lines, first, count);
	to = lines->count ? next_head(lines, draw(seed, lines->count)) : 0;
	for (size_t i = 0; i < count; i++)
		insert(lines, to + i, copy_of(record.line[i], strlen(record.line[i])));
	lines_free(&record);
}

static void shuffle_records(struct text_lines *lines, uint64_t *seed)
{
	for (unsigned int i = 0; i < 20; i++)
		move_record(lines, seed);
}

/*
 * grep -E 'WORD|WORD...' of some of the words that people ask for. Nothing in a filtered text shows
 * that more was lost of it, or moved.
 */
static void filter(struct text_lines *lines, uint64_t *seed)
{
	static const char *const words[] = { "Bus:",   "Express",       "Access Control", "ACSCap",
					     "ACSCtl", "LnkSta",        "Kernel driver",  "Status:",
					     "Region", "Secondary PCI", "Capabilities",   "NUMA" };
	uint64_t wanted = draw(seed, 1 << 12);
	bool bridges = draw(seed, 5) == 0, blanks = draw(seed, 3) == 0;

	for (size_t i = lines->count; i-- > 0;) {
		const char *line = lines->line[i];
		bool keep = is_head(line) && (!bridges || strstr(line, " 0604: "));

		for (unsigned int word = 0; !keep && word < 12; word++)
			keep = wanted >> word & 1 && strstr(line, words[word]);
		if (!keep && (line[0] || !blanks))
			drop(lines, i, 1);
	}
}

static void prose(struct text_lines *lines, uint64_t *seed)
{
	static const char *const words[] = {
		"Hi,",
		"82:00.0 is the port above it: ACS is off there.",
		"ACSCtl is off, I think.",
		"15:01.0: the root port",
		"See also 00:00.0 and friends: they are fine.",
		"The GPU at 19:00.0 and its NIC: slow.",
		"root@gpu7:~# lspci -vvv",
		"```",
	};
	const char *text = words[draw(seed, 8)];

	insert(lines, draw(seed, lines->count + 1), copy_of(text, strlen(text)));
}

static const struct {
	const char *name;
	void (*apply)(struct text_lines *lines, uint64_t *seed);
} kinds[] = {
	{ "delete-some", delete_some },
	{ "delete-range", delete_range },
	{ "delete-record", delete_record },
	{ "delete-head", delete_head },
	{ "delete-blanks", delete_blanks },
	{ "wrap-all", wrap_all },
	{ "wrap-one", wrap_one },
	{ "quote", quote },
	{ "strip-indents", strip_indents },
	{ "trim", trim },
	{ "cut-columns", cut_columns },
	{ "cut-end", cut_end },
	{ "cut-begin", cut_begin },
	{ "swap-neighbours", swap_neighbours },
	{ "move-line", move_line },
	{ "move-record", move_record },
	{ "shuffle-records", shuffle_records },
	{ "filter", filter },
	{ "prose", prose },
};

void lines_vary(struct text_lines *lines, uint64_t *seed, char *what, size_t room)
{
	size_t times = 1 + (draw(seed, 3) ? 0 : draw(seed, 4)), used = 0;

	what[0] = '\0';
	while (times-- && lines->count) {
		size_t kind = draw(seed, sizeof(kinds) / sizeof(kinds[0]));

		kinds[kind].apply(lines, seed);
		if (used < room)
			used += (size_t)snprintf(what + used, room - used, "%s ", kinds[kind].name);
		if (kinds[kind].apply == filter)
			return;
	}
}
