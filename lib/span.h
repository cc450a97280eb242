/* SPDX-License-Identifier: MIT */
/*
 * Reading numbers and addresses out of text that may be anything.
 *
 * A `struct p2p_span` is a piece of somebody else's text, not NUL-terminated.
 */
#ifndef P2P_SPAN_H
#define P2P_SPAN_H

#include <string.h>
#include <p2pmem/fabric.h>

struct p2p_span {
	const char *text;
	size_t length;
};

static inline struct p2p_span p2p_span(const char *text)
{
	return (struct p2p_span){ text, strlen(text) };
}

static inline bool p2p_span_is(struct p2p_span span, const char *text)
{
	return strlen(text) == span.length && !memcmp(span.text, text, span.length);
}

/* Inline, so that the lengths of literals are constants: parsers ask these two most. */
static inline bool p2p_span_starts(struct p2p_span span, const char *prefix)
{
	size_t length = strlen(prefix);

	return span.text && span.length >= length && !memcmp(span.text, prefix, length);
}

/** Drops a prefix when it is there, and says whether it was. */
static inline bool p2p_span_skip(struct p2p_span *span, const char *prefix)
{
	size_t length = strlen(prefix);

	if (!p2p_span_starts(*span, prefix))
		return false;
	span->text += length;
	span->length -= length;
	return true;
}

/** What follows the first `needle`; an empty span with text NULL when it is not there. */
struct p2p_span p2p_span_after(struct p2p_span span, const char *needle);

/** Without blanks (space, tab, CR, LF) at both ends. */
struct p2p_span p2p_span_trim(struct p2p_span span);

/**
 * Takes the next line off `rest`, without its LF or CRLF. False at the end. `*whole` (may be
 * NULL) says whether a newline ended it.
 */
bool p2p_span_line(struct p2p_span *rest, struct p2p_span *line, bool *whole);

/** Takes one to `digits_max` hexadecimal digits off `span`; more digits than that fail. */
bool p2p_span_hex(struct p2p_span *span, unsigned int digits_max, uint64_t *value);

/** Takes a decimal number of at most `max` off `span`. */
bool p2p_span_decimal(struct p2p_span *span, uint64_t max, uint64_t *value);

/** The whole span as a number, hexadecimal after 0x, else decimal. */
bool p2p_span_number(struct p2p_span span, uint64_t *value);

/** Takes exactly `digits` hexadecimal digits off `span`, whatever follows them. */
bool p2p_span_hex_exact(struct p2p_span *span, unsigned int digits, uint64_t *value);

/** An address as people shorten it: domain and function may be left out, and leading zeros. */
struct p2p_address_parts {
	struct p2p_bdf bdf; /**< 0 in what was left out */
	bool has_domain, has_function;
	bool whole; /**< as sysfs and lspci print it: see p2p_span_bdf() */
};

/** Takes such an address off `span`: "0000:03:00.0", "3:0". */
bool p2p_span_address(struct p2p_span *span, struct p2p_address_parts *parts);

/**
 * Takes "[DOMAIN:]BUS:DEVICE.FUNCTION" as sysfs and lspci print it off `span`: a domain of 4 to 8
 * digits, a bus and a device of 2, a function of 1 (0 to 7).
 */
bool p2p_span_bdf(struct p2p_span *span, struct p2p_bdf *bdf);

/**
 * Splits a line of /proc/iomem, "  fe000000-fe003fff : nvme": its first and last address, and the
 * name, which is a part of the line.
 */
bool p2p_span_iomem(struct p2p_span line, uint64_t *first, uint64_t *last, struct p2p_span *name);

/** Link speed text ("8.0 GT/s PCIe", "32GT/s") as MT/s; 0: unknown. */
uint32_t p2p_span_speed(struct p2p_span span);

/** Orders by domain, bus, device and function. */
int p2p_bdf_compare(struct p2p_bdf a, struct p2p_bdf b);

#endif
