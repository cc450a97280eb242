// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Numbers, sizes and lists as people write them.
 */
#include "tokens.h"

#include "scenario.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bit {
	const char *word;
	uint32_t bits;
};

static const struct bit acs_bits[] = {
	{ "SV", SIM_ACS_SV }, { "TB", SIM_ACS_TB }, { "RR", SIM_ACS_RR }, { "CR", SIM_ACS_CR },
	{ "UF", SIM_ACS_UF }, { "EC", SIM_ACS_EC }, { "DT", SIM_ACS_DT }, { NULL, 0 },
};

static const struct bit peer_bits[] = {
	{ "direct", SIM_PEERS_DIRECT },
	{ "same", SIM_PEERS_SAME },
	{ "cross", SIM_PEERS_CROSS },
	{ "all", SIM_PEERS_DIRECT | SIM_PEERS_SAME | SIM_PEERS_CROSS },
	{ NULL, 0 },
};

/* A number at the start of the text; NULL, or where it ends. */
static const char *leading_number(const char *text, uint64_t *number)
{
	bool hexadecimal = text[0] == '0' && text[1] == 'x';
	char *end;

	if (!isdigit((unsigned char)text[0])) /* strtoull would take spaces and signs */
		return NULL;
	errno = 0;
	*number = strtoull(text, &end, hexadecimal ? 16 : 10);
	return errno == 0 && end != text && (!hexadecimal || end > text + 2) ? end : NULL;
}

static const char *leading_size(const char *text, uint64_t *size)
{
	static const char units[] = "KMGT";
	const char *end = leading_number(text, size);
	const char *unit = end && *end ? strchr(units, *end) : NULL;
	unsigned int shift;

	if (!unit)
		return end;
	shift = 10 * ((unsigned int)(unit - units) + 1);
	if (*size > UINT64_MAX >> shift)
		return NULL;
	*size <<= shift;
	return end + 1;
}

bool sim_word_number(const char *text, uint64_t max, uint64_t *number)
{
	const char *end = leading_number(text, number);

	return end && *end == '\0' && *number <= max;
}

bool sim_word_size(const char *text, uint64_t *size)
{
	const char *end = leading_size(text, size);

	return end && *end == '\0';
}

bool sim_word_memory(const char *text, uint64_t *size, uint64_t *address)
{
	const char *end = leading_size(text, size);

	return end && *end == '@' && sim_word_size(end + 1, address);
}

bool sim_word_window(const char *text, uint64_t *size, uint64_t *first, uint64_t *second)
{
	const char *end = leading_size(text, size);

	if (!end || *end != '@')
		return false;
	end = leading_size(end + 1, first);
	if (!end)
		return false;
	*second = *first;
	return *end == '\0' || (*end == ':' && sim_word_size(end + 1, second));
}

static bool read_bits(const struct bit *known, const char *text, uint32_t *bits)
{
	*bits = 0;
	if (strcmp(text, "none") == 0)
		return true;
	for (;;) {
		size_t length = strcspn(text, ",");
		const struct bit *bit = known;

		while (bit->word &&
		       (strlen(bit->word) != length || memcmp(bit->word, text, length) != 0))
			bit++;
		if (!bit->word)
			return false;
		*bits |= bit->bits;
		if (text[length] == '\0')
			return true;
		text += length + 1;
	}
}

bool sim_word_acs(const char *text, uint16_t *bits)
{
	uint32_t read;

	if (!read_bits(acs_bits, text, &read))
		return false;
	*bits = (uint16_t)read;
	return true;
}

bool sim_word_peers(const char *text, uint32_t *peers)
{
	return read_bits(peer_bits, text, peers);
}

bool sim_word_iommu(const char *text, enum sim_iommu *iommu)
{
	static const char *const words[] = { "off", "pass", "translate" };

	for (unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i], text) != 0)
			continue;
		*iommu = (enum sim_iommu)i;
		return true;
	}
	return false;
}

bool sim_word_switch(const char *text, bool *on)
{
	*on = strcmp(text, "on") == 0;
	return *on || strcmp(text, "off") == 0;
}

const char *sim_acs_text(char text[SIM_ACS_TEXT], uint16_t bits)
{
	size_t length = 0;

	snprintf(text, SIM_ACS_TEXT, "none");
	for (const struct bit *bit = acs_bits; bit->word; bit++)
		if (bits & bit->bits)
			length += (size_t)sprintf(text + length, "%s%s", length ? " " : "",
						  bit->word);
	return text;
}

const char *sim_target_text(const struct sim_machine *machine, char text[SIM_TARGET_TEXT],
			    const struct sim_target *target)
{
	const char *name = sim_info(machine, target->node)->name;
	unsigned long long offset = target->offset;

	if (target->bar)
		snprintf(text, SIM_TARGET_TEXT, "%s.%u+0x%llx", name, target->bar, offset);
	else
		snprintf(text, SIM_TARGET_TEXT, "%s+0x%llx", name, offset);
	return text;
}
