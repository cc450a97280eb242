// SPDX-License-Identifier: MIT
/*
 * What somebody may have meant who typed something else.
 */
#include <string.h>
#include <strings.h>

#include "near.h"

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
