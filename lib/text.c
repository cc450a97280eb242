// SPDX-License-Identifier: MIT
/*
 * Addresses, sizes and verdicts as people write and read them.
 */
#include <p2pmem/text.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "span.h"

const char *p2p_bdf_text(struct p2p_bdf bdf, char text[P2P_BDF_TEXT])
{
	snprintf(text, P2P_BDF_TEXT, "%04" PRIx32 ":%02x:%02x.%x", bdf.domain, bdf.bus,
		 bdf.devfn >> 3, bdf.devfn & 7u);
	return text;
}

int p2p_bdf_parse(const char *text, struct p2p_bdf *bdf)
{
	struct p2p_span span = p2p_span(text);
	struct p2p_bdf found;

	if (!p2p_span_bdf(&span, &found) || span.length)
		return -EINVAL;
	*bdf = found;
	return 0;
}

/* How many bytes the character at `text` has; 0: none that may be printed (RFC 3629). */
static size_t character(const unsigned char *text, size_t length)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t code;
	size_t size;

	if (text[0] < 0x80)
		return text[0] >= ' ' && text[0] != 0x7f;
	size = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
	if (text[0] < 0xc2 || text[0] > 0xf4 || size > length)
		return 0;
	code = text[0] & (0x7fu >> size);
	for (size_t i = 1; i < size; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	if (code < least[size] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	/* C1: some terminals take U+009B for the beginning of a control sequence. */
	return code < 0xa0 || code == 0x2028 || code == 0x2029 ? 0 : size;
}

void p2p_printable(char *text, size_t length)
{
	for (size_t i = 0, size; i < length; i += size) {
		size = character((const unsigned char *)text + i, length - i);
		if (size)
			continue;
		text[i] = '?';
		size = 1;
	}
}

const char *p2p_size_text(char text[P2P_SIZE_TEXT], uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = (double)bytes / 1024;
	int unit = 0;

	if (bytes < 1024) {
		snprintf(text, P2P_SIZE_TEXT, "%" PRIu64 " bytes", bytes);
		return text;
	}
	while (value >= 1023.95 && unit < 5) {
		value /= 1024;
		unit++;
	}
	snprintf(text, P2P_SIZE_TEXT, "%.*f %s", value == (double)(uint64_t)value ? 0 : 1, value,
		 units[unit]);
	return text;
}

const char *p2p_verdict_text(enum p2p_verdict verdict)
{
	return verdict == P2P_VERDICT_VIA_HOST ? "through the host bridge"
					       : p2p_verdict_name(verdict);
}

static bool same(char a, char b)
{
	return !strncasecmp(&a, &b, 1);
}

static bool one_apart(const char *a, const char *b)
{
	while (*a && same(*a, *b)) {
		a++;
		b++;
	}
	if (!*a && !*b)
		return true;
	return (*a && *b && !strcasecmp(a + 1, b + 1)) || (*a && !strcasecmp(a + 1, b)) ||
	       (*b && !strcasecmp(a, b + 1));
}

bool p2p_near(const char *typed, const char *name)
{
	return *typed && (one_apart(typed, name) || !strncasecmp(typed, name, strlen(typed)));
}
