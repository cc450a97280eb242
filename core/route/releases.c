// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Reads `uname -r`: "6.12.107+deb13-amd64", "5.14.0-162.6.1.el9_1.x86_64", "7.3-rc1".
 */
#include "releases.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads a decimal number and moves `*text` behind it. False: no number, or too large. */
static bool read_number(const char **text, unsigned int *number)
{
	const char *at = *text;

	*number = 0;
	if (!is_digit(*at))
		return false;
	while (is_digit(*at)) {
		*number = *number * 10 + (unsigned int)(*at++ - '0');
		if (*number > P2P_RELEASE_NUMBER_MAX)
			return false;
	}
	*text = at;
	return true;
}

static bool skip(const char **text, const char *word)
{
	const char *at = *text;

	for (; *word != '\0'; word++, at++)
		if (*at != *word)
			return false;
	*text = at;
	return true;
}

static bool has(const char *text, const char *word)
{
	for (; *text != '\0'; text++) {
		const char *at = text;

		if (skip(&at, word))
			return true;
	}
	return false;
}

/* A local version ends in + when the tree was changed; "~rc1" is how packages write "-rc1". */
static bool is_upstream(const char *text)
{
	unsigned int number;

	if ((skip(&text, "-rc") || skip(&text, "~rc")) && !read_number(&text, &number))
		return false;
	skip(&text, "+");
	return *text == '\0';
}

static bool skip_flavour(const char **text)
{
	static const char *const flavours[] = {
		"amd64", "arm64",       "686-pae", "686",   "armmp-lpae",
		"armmp", "powerpc64le", "riscv64", "s390x", "loong64",
	};

	skip(text, "-cloud");
	skip(text, "-rt");
	if (!skip(text, "-"))
		return false;
	for (size_t i = 0; i < P2P_ARRAY_SIZE(flavours); i++)
		if (skip(text, flavours[i]))
			return true;
	return false;
}

/*
 * Debian: "6.1.0-56-amd64" until 6.12, whose number counts interfaces; then
 * "6.12.107+deb13-amd64", "7.3.4+deb13-cloud-arm64". Backports of the old form, as in
 * "6.5.0-0.deb12.4-amd64", are of series that were not read.
 */
static bool is_debian(const char *text, unsigned int *build)
{
	unsigned int number;

	*build = 0;
	if (skip(&text, "+deb")) {
		if (!read_number(&text, &number))
			return false;
		while (*text != '\0' && *text != '-')
			text++;
	} else if (skip(&text, "-") && !read_number(&text, build)) {
		text--;
	}
	return skip_flavour(&text) && *text == '\0';
}

/* RHEL and its rebuilds: "-394.el8.x86_64", "-162.6.1.el9_1.x86_64". */
static bool is_rhel(const char *text, unsigned int *build, unsigned int *respin)
{
	if (!skip(&text, "-") || !read_number(&text, build) || has(text, "uek"))
		return false;
	if (text[0] == '.' && is_digit(text[1])) {
		text++;
		if (!read_number(&text, respin))
			return false;
	}
	return has(text, ".el8") || has(text, ".el9");
}

static enum p2p_maker maker_of(const char *text, struct p2p_release *release)
{
	release->build = 0;
	release->respin = 0;
	if (is_upstream(text))
		return P2P_MAKER_UPSTREAM;
	if (is_debian(text, &release->build))
		return P2P_MAKER_DEBIAN;
	if (has(text, "-microsoft-standard-WSL2"))
		return P2P_MAKER_WSL2;
	if (is_rhel(text, &release->build, &release->respin))
		return P2P_MAKER_RHEL;
	return P2P_MAKER_OTHER;
}

bool p2p_release_parse(const char *text, struct p2p_release *release)
{
	release->patch = 0;
	if (!read_number(&text, &release->major) || *text++ != '.' ||
	    !read_number(&text, &release->minor))
		return false;
	if (*text == '.') {
		text++;
		if (!read_number(&text, &release->patch))
			return false;
	}
	if (*text != '\0' && *text != '.' && *text != '-' && *text != '+' && *text != '~' &&
	    *text != '_')
		return false;
	release->maker = maker_of(text, release);
	return true;
}

/*
 * The sources of these packages were read: linux-source 5.10.262-1, 6.1.192-2,
 * 6.12.117-1~deb12u1, 7.2.12-1~bpo13+1, 7.3.4-1~bpo13+1. Each has the rules of its series' first
 * release, so all between have.
 */
static const struct {
	unsigned int major, minor, patch, build;
} debian[] = {
	{ 5, 10, 0, 46 }, { 6, 1, 0, 56 }, { 6, 12, 117, 0 }, { 7, 2, 12, 0 }, { 7, 3, 4, 0 },
};

bool p2p_release_debian_read(const struct p2p_release *release)
{
	for (size_t i = 0; i < P2P_ARRAY_SIZE(debian); i++)
		if (debian[i].major == release->major && debian[i].minor == release->minor)
			return release->patch <= debian[i].patch &&
			       release->build <= debian[i].build;
	return false;
}

/* WSL2-Linux-Kernel at 33cad9854e0b: p2pdma.c of 5.14 to 5.17, and of these it is 5.15's. */
bool p2p_release_wsl2_read(const struct p2p_release *release)
{
	return release->major == 5 && release->minor == 15 && release->patch <= 167;
}
