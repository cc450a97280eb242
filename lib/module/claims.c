// SPDX-License-Identifier: MIT
/*
 * Who has claimed addresses, and where BARs are.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <p2pmem/text.h>

#include "module/claims.h"
#include "span.h"

#define LINE 256 /* of /proc/iomem and sysfs `resource`: two addresses and a short name */

/* include/linux/ioport.h */
#define IORESOURCE_MEM UINT64_C(0x200)

/* "0x... 0x... 0x...": the first and the last byte, and flags; all zero where there is no BAR. */
static bool parse_bar(struct p2p_span line, struct p2p_bar *bar)
{
	uint64_t start, last, flags;

	if (!p2p_span_skip(&line, "0x") || !p2p_span_hex(&line, 16, &start) ||
	    !p2p_span_skip(&line, " 0x") || !p2p_span_hex(&line, 16, &last) ||
	    !p2p_span_skip(&line, " 0x") || !p2p_span_hex(&line, 16, &flags))
		return false;
	*bar = (struct p2p_bar){ .start = start, .memory = flags & IORESOURCE_MEM };
	if (flags && last >= start)
		bar->size = last - start + 1;
	return true;
}

int p2p_bars_read(const struct p2p_system *system, struct p2p_bdf function,
		  struct p2p_bar bars[P2P_BARS])
{
	char path[PATH_MAX], line[LINE], bdf[P2P_BDF_TEXT];
	FILE *file;

	memset(bars, 0, sizeof(*bars) * P2P_BARS);
	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/resource", system->root,
		 p2p_bdf_text(function, bdf));
	file = fopen(path, "re");
	if (!file)
		return -errno;
	for (int i = 0; i < P2P_BARS; i++) {
		if (fgets(line, sizeof(line), file) && parse_bar(p2p_span(line), &bars[i]))
			continue;
		fclose(file);
		return -EBADMSG;
	}
	fclose(file);
	return 0;
}

static void add_name(struct p2p_span span, char *text, size_t room)
{
	size_t used = strlen(text);
	char name[LINE];

	snprintf(name, sizeof(name), "%.*s", (int)span.length, span.text);
	if (!strstr(text, name))
		snprintf(text + used, room - used, "%s%s", used ? " and " : "", name);
}

/* A claim is a line inside the function's own line, which has the function's address as its name.
 */
void p2p_claims_find(const struct p2p_system *system, struct p2p_bdf function, uint64_t start,
		     uint64_t size, char *text, size_t room)
{
	char path[PATH_MAX], line[LINE], bdf[P2P_BDF_TEXT];
	size_t own = SIZE_MAX; /* indentation of the function's line while inside it */
	uint64_t first, last;
	struct p2p_span name;
	FILE *file;

	text[0] = '\0';
	p2p_bdf_text(function, bdf);
	snprintf(path, sizeof(path), "%s/proc/iomem", system->root);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		size_t indent = strspn(line, " ");

		if (!p2p_span_iomem(p2p_span(line), &first, &last, &name))
			continue;
		if (indent <= own)
			own = p2p_span_is(name, bdf) ? indent : SIZE_MAX;
		else if (last >= start && first <= start + (size - 1))
			add_name(name, text, room);
	}
	fclose(file);
}
