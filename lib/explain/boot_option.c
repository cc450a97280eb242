// SPDX-License-Identifier: MIT
/*
 * The boot option that keeps Linux from setting ACS redirect. Its syntax: pci_setup() and
 * pci_dev_str_match() in drivers/pci/pci.c.
 */
#include <string.h>

#include <p2pmem/topology.h>

#include "boot_option.h"
#include "text_builder.h"

#define OPTION "disable_acs_redir="

/*
 * The value of a disable_acs_redir= that the machine was booted with, or NULL. Linux takes the
 * last one only (pci_setup()), so what it lists has to be repeated. It ends at a comma, because
 * pci= is a list with commas. What has other characters than Linux's syntax (pci_dev_str_match())
 * is left out: nobody shall paste what a file smuggles in.
 */
static const char *booted_with(const struct p2p_machine *machine, int *length)
{
	const char *line = p2p_machine_facts(machine)->command_line, *value = NULL;

	for (line = line ? strstr(line, OPTION) : NULL; line; line = strstr(line, OPTION)) {
		line += strlen(OPTION);
		value = line;
	}
	*length = value ? (int)strspn(value, "0123456789abcdefABCDEF:.;/pi") : 0;
	return *length && strchr(", \t\n\"'", value[*length]) ? value : NULL;
}

/* Whether one of the words between semicolons is `address`. */
static bool lists(const char *value, int length, const char *address)
{
	const char *end = value + length;

	while (value < end) {
		const char *next = memchr(value, ';', (size_t)(end - value));
		size_t word = (size_t)((next ? next : end) - value);

		if (word == strlen(address) && !memcmp(value, address, word))
			return true;
		value += word + 1;
	}
	return false;
}

bool p2p_acs_booted_with(const struct p2p_machine *machine)
{
	int length;

	return booted_with(machine, &length);
}

char *p2p_acs_boot_option(const struct p2p_machine *machine, const p2p_node *ports, uint32_t count)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	struct p2p_text_builder out = { .length = 0 };
	const char *between = "", *before;
	char address[P2P_ADDRESS];
	int length;

	p2p_text_add(&out, "pci=" OPTION);
	before = booted_with(machine, &length);
	if (before) {
		p2p_text_add(&out, "%.*s", length, before);
		between = ";";
	}
	for (uint32_t i = 0; i < count; i++) {
		p2p_address(fabric, ports[i], address);
		if (before && lists(before, length, address))
			continue;
		p2p_text_add(&out, "%s%s", between, address);
		between = ";";
	}
	return p2p_text_take(&out);
}
