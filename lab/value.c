// SPDX-License-Identifier: MIT
/* Numbers, sizes, ranges and addresses as people write them. */
#include "value.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A number at the start of the text; NULL, or where it ends. */
static const char *leading_number(const char *text, int base, uint64_t *number)
{
	char *end;

	if (!isxdigit((unsigned char)text[0])) /* strtoull would take spaces and signs */
		return NULL;
	errno = 0;
	*number = strtoull(text, &end, base);
	if (errno != 0 || end == text)
		return NULL;
	return end;
}

static int base_of(const char *text)
{
	return strncmp(text, "0x", 2) == 0 ? 16 : 10;
}

/* A size at the start of the text; NULL, or where it ends. */
static const char *leading_size(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	const char *end = leading_number(text, base_of(text), bytes);
	const char *unit;
	unsigned int shift;

	if (!end || *end == '\0')
		return end;
	unit = strchr(units, *end);
	if (!unit)
		return end;
	shift = 10 * ((unsigned int)(unit - units) + 1);
	if (*bytes > UINT64_MAX >> shift)
		return NULL;
	*bytes <<= shift;
	return end + 1;
}

bool lab_value_number(const char *text, uint64_t *number)
{
	const char *end = leading_number(text, base_of(text), number);

	return end && *end == '\0';
}

bool lab_value_size(const char *text, uint64_t *bytes)
{
	const char *end = leading_size(text, bytes);

	return end && *end == '\0';
}

bool lab_value_range(const char *text, uint64_t *offset, uint64_t *length)
{
	const char *end = leading_size(text, offset);

	if (!end || *end != '+')
		return false;
	return lab_value_size(end + 1, length) && *length <= UINT64_MAX - *offset;
}

bool lab_value_address(const char *text, int *slot, int *function)
{
	uint64_t number;
	const char *end = leading_number(text, 16, &number);

	if (!end || number > 0x1f)
		return false;
	*slot = (int)number;
	*function = 0;
	if (*end == '\0')
		return true;
	if (*end != '.')
		return false;
	end = leading_number(end + 1, 16, &number);
	if (!end || *end != '\0' || number > 7)
		return false;
	*function = (int)number;
	return true;
}
