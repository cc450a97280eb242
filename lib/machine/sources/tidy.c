// SPDX-License-Identifier: MIT
/*
 * Text as programs print it. Nothing that comes out is longer than what went in.
 */
#include "tidy.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "span.h"

#define ESCAPE '\x1b'

struct tidying {
	struct p2p_span rest; /* still to be read */
	char *to;
	bool markdown, entities, printable;
};

static bool has(const struct p2p_input *input, const char *needle)
{
	return memmem(input->data, input->size, needle, strlen(needle)) != NULL;
}

static bool has_any(const struct p2p_input *input, const char *const *needles, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (has(input, needles[i]))
			return true;
	return false;
}

/* The escapes of brackets: lspci prints no backslash before them. -t has some before "-". */
static bool is_markdown(const struct p2p_input *input)
{
	static const char *const signs[] = { "\\[", "\\<", "\\>", "\\_" };

	return memchr(input->data, '\\', input->size) &&
	       has_any(input, signs, sizeof(signs) / sizeof(signs[0]));
}

static bool is_html(const struct p2p_input *input)
{
	static const char *const entities[] = { "&lt;", "&gt;", "&amp;", "&nbsp;", "&#", "&quot;" };

	/* Long needles are found fast; this is asked of every text. */
	return has(input, "</pre>") || has(input, "<br>") || has(input, "<br />") ||
	       (memchr(input->data, '&', input->size) &&
		has_any(input, entities, sizeof(entities) / sizeof(entities[0])));
}

/* A mail's source: "=3D" for "=", and "=" at the end of a line that goes on. */
static bool is_printable(const struct p2p_input *input)
{
	return has(input, "primary=3D") || has(input, "uoted-printable");
}

static bool is_ascii(const struct p2p_input *input)
{
	uint64_t all = 0, word;
	size_t i = 0;

	for (; i + sizeof(word) <= input->size; i += sizeof(word)) {
		memcpy(&word, input->data + i, sizeof(word));
		all |= word;
	}
	for (; i < input->size; i++)
		all |= (unsigned char)input->data[i];
	return !(all & UINT64_C(0x8080808080808080));
}

static bool needs_none(const struct p2p_input *input)
{
	return is_ascii(input) && !memchr(input->data, ESCAPE, input->size) &&
	       !memchr(input->data, '\r', input->size);
}

static void put(struct tidying *tidying, char byte)
{
	*tidying->to++ = byte;
}

static void drop(struct tidying *tidying, size_t count)
{
	tidying->rest.text += count;
	tidying->rest.length -= count;
}

static bool ends_sequence(unsigned char byte)
{
	return byte >= 0x40 && byte < 0x7f;
}

/* ECMA-48: a control sequence ends in a byte from 40h to 7eh, a string in BEL or ESC \. */
static void skip_escape(struct tidying *tidying)
{
	struct p2p_span *rest = &tidying->rest;
	char kind;

	drop(tidying, 1);
	if (!rest->length)
		return;
	kind = rest->text[0];
	drop(tidying, 1);
	if (kind == '[') {
		while (rest->length && !ends_sequence((unsigned char)rest->text[0]) &&
		       rest->text[0] != '\n')
			drop(tidying, 1);
		if (rest->length && rest->text[0] != '\n')
			drop(tidying, 1);
	} else if (kind == ']') {
		while (rest->length && rest->text[0] != '\a' && rest->text[0] != ESCAPE &&
		       rest->text[0] != '\n')
			drop(tidying, 1);
		if (rest->length && rest->text[0] == '\a')
			drop(tidying, 1);
	}
}

/* What stands for one blank, for a minus, or for nothing. */
static bool take_character(struct tidying *tidying)
{
	static const struct {
		const char *bytes;
		char becomes; /* 0: nothing */
	} characters[] = {
		{ "\xc2\xa0", ' ' },     { "\xe2\x80\xaf", ' ' }, { "\xe3\x80\x80", ' ' },
		{ "\xe2\x80\x82", ' ' }, { "\xe2\x80\x83", ' ' }, { "\xe2\x80\x87", ' ' },
		{ "\xe2\x80\x88", ' ' }, { "\xe2\x80\x89", ' ' }, { "\xe2\x80\x8a", ' ' },
		{ "\xe2\x80\x8b", 0 },   { "\xe2\x80\x8c", 0 },   { "\xe2\x80\x8d", 0 },
		{ "\xe2\x80\x8e", 0 },   { "\xe2\x80\x8f", 0 },   { "\xef\xbb\xbf", 0 },
		{ "\xe2\x80\x90", '-' }, { "\xe2\x80\x91", '-' }, { "\xe2\x80\x93", '-' },
		{ "\xe2\x88\x92", '-' }, { "\xc2\xad", 0 },
	};

	for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++) {
		if (!p2p_span_skip(&tidying->rest, characters[i].bytes))
			continue;
		if (characters[i].becomes)
			put(tidying, characters[i].becomes);
		return true;
	}
	return false;
}

static bool take_number(struct tidying *tidying)
{
	struct p2p_span left = tidying->rest;
	uint64_t code;

	if (!p2p_span_skip(&left, "&#"))
		return false;
	if (p2p_span_skip(&left, "x") ? !p2p_span_hex(&left, 4, &code)
				      : !p2p_span_decimal(&left, 0xffff, &code))
		return false;
	if (!p2p_span_skip(&left, ";"))
		return false;
	tidying->rest = left;
	put(tidying, code == 0xa0 ? ' ' : code >= ' ' && code < 0x7f ? (char)code : '?');
	return true;
}

static bool take_entity(struct tidying *tidying)
{
	static const struct {
		const char *name;
		char byte;
	} entities[] = { { "&lt;", '<' },
			 { "&gt;", '>' },
			 { "&amp;", '&' },
			 { "&quot;", '"' },
			 { "&nbsp;", ' ' } };

	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		if (!p2p_span_skip(&tidying->rest, entities[i].name))
			continue;
		put(tidying, entities[i].byte);
		return true;
	}
	return take_number(tidying);
}

/* lspci's own "<access denied>", "<TAbort-" and "<4us" are none of these. */
static bool take_tag(struct tidying *tidying)
{
	static const char *const names[] = {
		"br", "pre", "code", "p", "div", "span", "font", "tt"
	};
	struct p2p_span left = tidying->rest;
	const char *end;

	p2p_span_skip(&left, "<");
	p2p_span_skip(&left, "/");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct p2p_span tag = left;

		if (!p2p_span_skip(&tag, names[i]) || !tag.length || !strchr(" >/", tag.text[0]) ||
		    !tag.text[0])
			continue;
		end = memchr(tag.text, '>', tag.length < 200 ? tag.length : 200);
		if (!end || memchr(tag.text, '\n', (size_t)(end - tag.text)))
			return false;
		if (i == 0 && !(end + 1 < tag.text + tag.length && strchr("\r\n", end[1])))
			put(tidying, '\n');
		drop(tidying, (size_t)(end + 1 - tidying->rest.text));
		return true;
	}
	return false;
}

static bool take_printable(struct tidying *tidying)
{
	struct p2p_span left = tidying->rest;
	uint64_t byte;

	p2p_span_skip(&left, "=");
	if (p2p_span_skip(&left, "\r\n") || p2p_span_skip(&left, "\n")) {
		tidying->rest = left;
		return true;
	}
	if (!p2p_span_hex_exact(&left, 2, &byte) || !byte)
		return false;
	tidying->rest = left;
	put(tidying, (char)byte);
	return true;
}

static bool take_special(struct tidying *tidying, char byte)
{
	const struct p2p_span *rest = &tidying->rest;

	switch (byte) {
	case ESCAPE:
		skip_escape(tidying);
		return true;
	case '\r':
		/* Alone it ends a line, as a progress bar does. */
		drop(tidying, 1);
		if (!rest->length || rest->text[0] != '\n')
			put(tidying, '\n');
		return true;
	case '\\':
		if (!tidying->markdown || rest->length < 2 ||
		    !strchr("[]<>()_*#`~|", rest->text[1]) || !rest->text[1])
			return false;
		drop(tidying, 1);
		put(tidying, rest->text[0]);
		drop(tidying, 1);
		return true;
	case '&':
		return tidying->entities && take_entity(tidying);
	case '<':
		return tidying->entities && take_tag(tidying);
	case '=':
		return tidying->printable && take_printable(tidying);
	default:
		return (unsigned char)byte >= 0xc2 && take_character(tidying);
	}
}

static void rewrite(struct tidying *tidying)
{
	while (tidying->rest.length) {
		char byte = tidying->rest.text[0];

		if (take_special(tidying, byte))
			continue;
		put(tidying, byte);
		drop(tidying, 1);
	}
}

/* XML has entities and tags of its own, and its reader knows them. */
static bool is_xml(const struct p2p_input *input)
{
	return has(input, "<topology") || has(input, "<system");
}

static int tidy_bytes(const struct p2p_input *input, struct p2p_blob *blob)
{
	struct tidying tidying = {
		.rest = { input->data, input->size },
		.markdown = is_markdown(input),
		.printable = is_printable(input),
	};

	tidying.entities = !is_xml(input) && is_html(input);
	if (!tidying.markdown && !tidying.printable && !tidying.entities && needs_none(input))
		return 0;
	blob->data = malloc(input->size + 1);
	if (!blob->data)
		return -ENOMEM;
	tidying.to = blob->data;
	rewrite(&tidying);
	blob->size = (size_t)(tidying.to - blob->data);
	blob->data[blob->size] = '\0';
	return 0;
}

/* Windows writes a mark in front, or there is a NUL in every second byte. */
static bool is_utf16(const struct p2p_input *input, bool *big)
{
	const unsigned char *bytes = (const unsigned char *)input->data;
	size_t zeros[2] = { 0, 0 }, seen = input->size < 256 ? input->size : 256;

	if (input->size < 4)
		return false;
	*big = bytes[0] == 0xfe && bytes[1] == 0xff;
	if (*big || (bytes[0] == 0xff && bytes[1] == 0xfe))
		return true;
	for (size_t i = 0; i < seen; i++)
		zeros[i % 2] += !bytes[i];
	*big = zeros[0] > zeros[1];
	return zeros[!*big] * 10 > seen * 4 && !zeros[*big];
}

static char *put_code(char *to, unsigned int code)
{
	if (code < 0x80) {
		*to++ = (char)code;
	} else if (code < 0x800) {
		*to++ = (char)(0xc0 | code >> 6);
		*to++ = (char)(0x80 | (code & 0x3f));
	} else {
		*to++ = (char)(0xe0 | code >> 12);
		*to++ = (char)(0x80 | (code >> 6 & 0x3f));
		*to++ = (char)(0x80 | (code & 0x3f));
	}
	return to;
}

/* Halves of surrogate pairs become two odd characters: no format has any. */
static int from_utf16(const struct p2p_input *input, bool big, struct p2p_blob *blob)
{
	const unsigned char *bytes = (const unsigned char *)input->data;
	char *to;

	blob->data = to = malloc(input->size / 2 * 3 + 1);
	if (!blob->data)
		return -ENOMEM;
	for (size_t i = 0; i + 1 < input->size; i += 2) {
		unsigned int code = big ? (unsigned int)bytes[i] << 8 | bytes[i + 1]
					: (unsigned int)bytes[i + 1] << 8 | bytes[i];

		to = put_code(to, code);
	}
	blob->size = (size_t)(to - blob->data);
	*to = '\0';
	return 0;
}

int p2p_tidy(const struct p2p_input *input, struct p2p_blob *blob)
{
	struct p2p_blob wide = { NULL, 0 };
	struct p2p_input text = *input;
	bool big;
	int rc = 0;

	*blob = (struct p2p_blob){ NULL, 0 };
	if (is_utf16(input, &big)) {
		rc = from_utf16(input, big, &wide);
		text.data = wide.data;
		text.size = wide.size;
	}
	if (!rc)
		rc = tidy_bytes(&text, blob);
	if (!blob->data)
		*blob = wide;
	else
		free(wide.data);
	return rc;
}
