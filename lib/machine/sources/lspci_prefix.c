// SPDX-License-Identifier: MIT
/*
 * What stands before the lines of a text that somebody copied: quoting, line numbers, and what a
 * journal, dmesg or a CI system writes there. Its form is learned from the first head line that
 * does not begin its line.
 */
#include "lspci.h"

#include <ctype.h>

/* Where the first head line may be looked for. */
#define LINES_MAX 200000u

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

static struct p2p_span without_quoting(struct p2p_span line)
{
	while (line.length && line.text[0] && strchr(" \t>|", line.text[0])) {
		line.text++;
		line.length--;
	}
	return line;
}

/* "[   12.345678]" is one word, whatever is in it. */
static struct p2p_span take_word(struct p2p_span *line)
{
	struct p2p_span word;
	bool bracket;

	while (line->length && is_blank(line->text[0])) {
		line->text++;
		line->length--;
	}
	word = (struct p2p_span){ line->text, 0 };
	bracket = line->length && line->text[0] == '[';
	while (line->length && (bracket || !is_blank(line->text[0]))) {
		bracket = bracket && line->text[0] != ']';
		word.length++;
		line->text++;
		line->length--;
	}
	return word;
}

/* Digits and letters by their kind only, runs as one: "gpu7" and "node12" are of one shape. */
static bool shape_of(struct p2p_span word, char shape[24])
{
	size_t used = 0;
	bool bracket = word.length && word.text[0] == '[';

	for (size_t i = 0; i < word.length; i++) {
		unsigned char byte = (unsigned char)word.text[i];
		char kind = isdigit(byte) ? '0' : isalpha(byte) ? 'a' : (char)byte;

		if (bracket && is_blank(kind))
			continue;
		if (used && shape[used - 1] == kind && isalnum((unsigned char)kind))
			continue;
		if (used + 1 == 24)
			return false;
		shape[used++] = kind;
	}
	shape[used] = '\0';
	return used;
}

/*
 * How many words come before a head line; 0: there is none in the line, or nothing before it.
 * Words without a number are somebody's words.
 */
static unsigned int words_before_head(struct p2p_span line, struct p2p_lspci_prefix *prefix)
{
	bool counted = false;

	for (unsigned int words = 0; words < P2P_PREFIX_WORDS; words++) {
		struct p2p_span word = take_word(&line), rest = line;

		if (!word.length || !shape_of(word, prefix->shape[words]))
			return 0;
		while (rest.length && is_blank(rest.text[0])) {
			rest.text++;
			rest.length--;
		}
		counted |= strchr(prefix->shape[words], '0') != NULL;
		if (p2p_lspci_looks_like_head(rest))
			return counted ? words + 1 : 0;
	}
	return 0;
}

/* "12:00:01.0 PCI bridge: ..." of grep -n; the next line must have the next number. */
static bool skip_number(struct p2p_span *line, char end)
{
	struct p2p_span left = *line;
	uint64_t number;

	if (!p2p_span_decimal(&left, UINT32_MAX, &number) || !left.length)
		return false;
	/* grep -n writes "-" before lines that are only context. */
	if (left.text[0] != end && left.text[0] != '-')
		return false;
	left.text++;
	left.length--;
	*line = left;
	return true;
}

static bool has_number(struct p2p_span line)
{
	struct p2p_lspci_address address;
	struct p2p_span whole = line;

	return skip_number(&line, ':') && p2p_lspci_looks_like_head(line) &&
	       p2p_lspci_address(&whole, &address) == P2P_HEAD_NONE;
}

void p2p_lspci_find_prefix(struct p2p_lspci *lspci, struct p2p_span text)
{
	struct p2p_lspci_prefix *prefix = &lspci->prefix;
	struct p2p_span line;

	memset(prefix, 0, sizeof(*prefix));
	for (unsigned int i = 0; i < LINES_MAX && p2p_span_line(&text, &line, NULL); i++) {
		line = without_quoting(line);
		if (p2p_lspci_looks_like_head(line))
			return;
		if (has_number(line)) {
			prefix->number_end = ':';
			return;
		}
		if (!memchr(line.text, '.', line.length))
			continue;
		prefix->words = words_before_head(line, prefix);
		if (prefix->words)
			return;
	}
}

static bool skip_words(const struct p2p_lspci_prefix *prefix, struct p2p_span *line)
{
	struct p2p_span left = *line;
	char shape[24];

	for (unsigned int i = 0; i < prefix->words; i++)
		if (!shape_of(take_word(&left), shape) || strcmp(shape, prefix->shape[i]) != 0)
			return false;
	*line = left;
	return true;
}

struct p2p_span p2p_lspci_bare(const struct p2p_lspci_prefix *prefix, struct p2p_span line)
{
	line = without_quoting(line);
	if ((prefix->words && skip_words(prefix, &line)) ||
	    (prefix->number_end && skip_number(&line, prefix->number_end)))
		line = without_quoting(line);
	return p2p_span_trim(line);
}
