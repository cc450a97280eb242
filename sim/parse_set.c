// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Register writes in scenario files.
 */
#include "line.h"
#include "tokens.h"

#include <string.h>

/* NODE,NODE,... by port (or function) number. */
static bool read_egress(const struct sim_parser *parser, char *value, uint64_t *vector)
{
	const struct sim_machine *machine = parser->scenario->machine;

	*vector = 0;
	if (strcmp(value, "none") == 0)
		return true;
	for (char *save, *name = strtok_r(value, ",", &save); name;
	     name = strtok_r(NULL, ",", &save)) {
		const struct sim_info *info = sim_info(machine, sim_find(machine, name));

		if (!info)
			return false;
		*vector |= UINT64_C(1) << (sim_is_port(info->kind) ? info->slot : info->function);
	}
	return true;
}

/* FIRST-LAST */
static bool read_buses(char *value, uint64_t *buses)
{
	uint64_t first, last;
	char *dash = strchr(value, '-');

	if (!dash)
		return false;
	*dash = '\0';
	if (!sim_word_number(value, 255, &first) || !sim_word_number(dash + 1, 255, &last))
		return false;
	*buses = first << 8 | last;
	return true;
}

static bool read_switch(const char *value, uint64_t *number)
{
	bool on;

	if (!sim_word_switch(value, &on))
		return false;
	*number = on;
	return true;
}

static bool read_register(const struct sim_parser *parser, struct sim_step *step, const char *word,
			  char *value)
{
	enum sim_iommu iommu;
	uint32_t peers;
	uint64_t bar;
	uint16_t acs;
	bool good;

	if (strcmp(word, "memory") == 0) {
		step->set.what = SIM_SET_MEMORY;
		return read_switch(value, &step->set.value);
	}
	if (strcmp(word, "master") == 0) {
		step->set.what = SIM_SET_MASTER;
		return read_switch(value, &step->set.value);
	}
	if (strcmp(word, "ats") == 0) {
		step->set.what = SIM_SET_ATS;
		return read_switch(value, &step->set.value);
	}
	if (strcmp(word, "egress") == 0) {
		step->set.what = SIM_SET_EGRESS;
		return read_egress(parser, value, &step->set.value);
	}
	if (strcmp(word, "buses") == 0) {
		step->set.what = SIM_SET_BUSES;
		return read_buses(value, &step->set.value);
	}
	if (strcmp(word, "acs") == 0) {
		step->set.what = SIM_SET_ACS;
		good = sim_word_acs(value, &acs);
		step->set.value = good ? acs : 0;
		return good;
	}
	if (strcmp(word, "peers") == 0) {
		step->set.what = SIM_SET_PEERS;
		good = sim_word_peers(value, &peers);
		step->set.value = good ? peers : 0;
		return good;
	}
	if (strcmp(word, "iommu") == 0) {
		step->set.what = SIM_SET_IOMMU;
		good = sim_word_iommu(value, &iommu);
		step->set.value = good ? iommu : 0;
		return good;
	}
	if (!sim_after(word, "bar") || !sim_word_number(word + 3, SIM_BARS - 1, &bar))
		return false;
	step->set.what = SIM_SET_BAR;
	step->set.bar = (unsigned int)bar;
	return sim_word_number(value, UINT64_MAX, &step->set.value);
}

int sim_read_set(struct sim_parser *parser, struct sim_step *step, struct sim_line *line)
{
	char *word, *value;

	if (sim_take_node(parser, line, &step->set.node) < 0)
		return -1;
	word = sim_take(line);
	value = word ? strchr(word, '=') : NULL;
	if (value)
		*value++ = '\0';
	if (value && read_register(parser, step, word, value))
		return 0;
	return sim_parse_fail(parser,
			      "set NAME and one of memory=, master=, ats=, acs=, egress=, peers=, "
			      "iommu=, buses=FIRST-LAST, barN=; see p2pmem-sim-scenario(5)");
}
