// SPDX-License-Identifier: MIT
/*
 * Texts that people take for enough, and what is missing in them.
 */
#include <errno.h>

#include "source.h"
#include "span.h"

static const struct {
	const char *all_of[3];
	const char *what;
} kinds[] = {
	{ { "GPU0", "Legend:", "PIX" },
	  "this is `nvidia-smi topo -m`, which shows neither bridges nor ACS" },
	{ { "GPU0", "CPU Affinity", NULL },
	  "this is `nvidia-smi topo -m`, which shows neither bridges nor ACS" },
	{ { "ACSCtl:", NULL, NULL },
	  "ACS lines without the functions that they are of, which a filter took away" },
	{ { "setpci", NULL, NULL }, "registers without the functions and bridges around them" },
};

static bool has(const struct p2p_input *input, const char *word)
{
	return p2p_span_after((struct p2p_span){ input->data, input->size }, word).text;
}

static bool fits(const struct p2p_input *input, const char *const words[3])
{
	for (unsigned int i = 0; i < 3 && words[i]; i++)
		if (!has(input, words[i]))
			return false;
	return true;
}

int p2p_not_understood(const struct p2p_input *input, struct p2p_error *error)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (fits(input, kinds[i].all_of))
			return p2p_error_set_hint(
				error, -EBADMSG, P2P_HINT_CAPTURE,
				"%s: the format is not recognized: %s; give all that `sudo lspci "
				"-vvv` prints on that machine, or a capture",
				input->path, kinds[i].what);
	return p2p_error_set_hint(error, -EBADMSG, P2P_HINT_CAPTURE,
				  "%s: the format is not recognized; give `lspci -vvv` or `lspci "
				  "-xxxx` output, hwloc or NCCL XML, a sysfs tree or tarball, or a "
				  "capture",
				  input->path);
}
