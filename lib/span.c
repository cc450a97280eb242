// SPDX-License-Identifier: MIT
/*
 * Reading numbers and addresses out of text that may be anything.
 */
#include "span.h"

#include <stdio.h>

struct p2p_span p2p_span_after(struct p2p_span span, const char *needle)
{
	size_t length = strlen(needle);
	const char *found = span.length ? memmem(span.text, span.length, needle, length) : NULL;

	if (!found)
		return (struct p2p_span){ NULL, 0 };
	return (struct p2p_span){ found + length,
				  span.length - (size_t)(found - span.text) - length };
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

struct p2p_span p2p_span_trim(struct p2p_span span)
{
	while (span.length && is_blank(span.text[0])) {
		span.text++;
		span.length--;
	}
	while (span.length && is_blank(span.text[span.length - 1]))
		span.length--;
	return span;
}

bool p2p_span_line(struct p2p_span *rest, struct p2p_span *line, bool *whole)
{
	const char *end;

	if (!rest->length)
		return false;
	end = memchr(rest->text, '\n', rest->length);
	line->text = rest->text;
	line->length = end ? (size_t)(end - rest->text) : rest->length;
	rest->text += line->length + (end ? 1 : 0);
	rest->length -= line->length + (end ? 1 : 0);
	if (line->length && line->text[line->length - 1] == '\r')
		line->length--;
	if (whole)
		*whole = end;
	return true;
}

static int hex_digit(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	if (byte >= 'A' && byte <= 'F')
		return byte - 'A' + 10;
	return -1;
}

bool p2p_span_hex(struct p2p_span *span, unsigned int digits_max, uint64_t *value)
{
	struct p2p_span left = *span;
	uint64_t number = 0;
	unsigned int digits = 0;

	while (left.length && hex_digit(left.text[0]) >= 0) {
		if (++digits > digits_max)
			return false;
		number = number << 4 | (uint64_t)hex_digit(left.text[0]);
		left.text++;
		left.length--;
	}
	if (!digits)
		return false;
	*span = left;
	*value = number;
	return true;
}

bool p2p_span_decimal(struct p2p_span *span, uint64_t max, uint64_t *value)
{
	struct p2p_span left = *span;
	uint64_t number = 0;

	if (!left.length || left.text[0] < '0' || left.text[0] > '9')
		return false;
	while (left.length && left.text[0] >= '0' && left.text[0] <= '9') {
		uint64_t digit = (uint64_t)(left.text[0] - '0');

		if (number > (max - digit) / 10 || digit > max)
			return false;
		number = number * 10 + digit;
		left.text++;
		left.length--;
	}
	*span = left;
	*value = number;
	return true;
}

bool p2p_span_number(struct p2p_span span, uint64_t *value)
{
	span = p2p_span_trim(span);
	if (p2p_span_skip(&span, "0x"))
		return p2p_span_hex(&span, 16, value) && !span.length;
	return p2p_span_decimal(&span, UINT64_MAX, value) && !span.length;
}

bool p2p_span_hex_exact(struct p2p_span *span, unsigned int digits, uint64_t *value)
{
	struct p2p_span piece = { span->text, digits };

	if (span->length < digits || !p2p_span_hex(&piece, digits, value) || piece.length)
		return false;
	span->text += digits;
	span->length -= digits;
	return true;
}

static bool take(struct p2p_span *span, unsigned int digits_max, uint64_t *value, ptrdiff_t *digits)
{
	const char *start = span->text;

	if (!p2p_span_hex(span, digits_max, value))
		return false;
	*digits = span->text - start;
	return true;
}

bool p2p_span_address(struct p2p_span *span, struct p2p_address_parts *parts)
{
	uint64_t domain = 0, bus, device, function = 0;
	ptrdiff_t domain_digits = 4, bus_digits, device_digits;
	struct p2p_span left = *span;

	if (!take(&left, 8, &bus, &bus_digits) || !p2p_span_skip(&left, ":") ||
	    !take(&left, 2, &device, &device_digits))
		return false;
	parts->has_domain = p2p_span_skip(&left, ":");
	if (parts->has_domain) {
		domain = bus;
		domain_digits = bus_digits;
		bus = device;
		bus_digits = device_digits;
		if (!take(&left, 2, &device, &device_digits))
			return false;
	}
	parts->has_function = p2p_span_skip(&left, ".");
	if (parts->has_function && !p2p_span_hex_exact(&left, 1, &function))
		return false;
	if (bus > 0xff || device > 0x1f || function > 7)
		return false;
	parts->bdf.domain = (uint32_t)domain;
	parts->bdf.bus = (uint8_t)bus;
	parts->bdf.devfn = (uint8_t)(device << 3 | function);
	parts->whole =
		domain_digits >= 4 && bus_digits == 2 && device_digits == 2 && parts->has_function;
	*span = left;
	return true;
}

bool p2p_span_bdf(struct p2p_span *span, struct p2p_bdf *bdf)
{
	struct p2p_address_parts parts;
	struct p2p_span left = *span;

	if (!p2p_span_address(&left, &parts) || !parts.whole)
		return false;
	*bdf = parts.bdf;
	*span = left;
	return true;
}

bool p2p_span_iomem(struct p2p_span line, uint64_t *first, uint64_t *last, struct p2p_span *name)
{
	line = p2p_span_trim(line);
	if (!p2p_span_hex(&line, 16, first) || !p2p_span_skip(&line, "-") ||
	    !p2p_span_hex(&line, 16, last) || !p2p_span_skip(&line, " : "))
		return false;
	*name = line;
	return true;
}

uint32_t p2p_span_speed(struct p2p_span span)
{
	uint64_t whole, tenth = 0;

	if (!p2p_span_decimal(&span, 1000, &whole))
		return 0;
	if (p2p_span_skip(&span, ".") && !p2p_span_decimal(&span, 9, &tenth))
		return 0;
	p2p_span_skip(&span, " ");
	if (!p2p_span_starts(span, "GT/s"))
		return 0;
	return (uint32_t)(whole * 1000 + tenth * 100);
}

int p2p_bdf_compare(struct p2p_bdf a, struct p2p_bdf b)
{
	if (a.domain != b.domain)
		return a.domain < b.domain ? -1 : 1;
	if (a.bus != b.bus)
		return a.bus < b.bus ? -1 : 1;
	return a.devfn < b.devfn ? -1 : a.devfn > b.devfn;
}
