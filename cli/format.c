// SPDX-License-Identifier: MIT
/*
 * Devices, links and numbers in few words.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <p2pmem/acs.h>

#include "format.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

bool cli_domains_matter(const struct p2p_fabric *fabric)
{
	for (p2p_node node = 0; node < p2p_fabric_count(fabric); node++) {
		const struct p2p_node_info *info = p2p_fabric_info(fabric, node);

		if (info->kind != P2P_KIND_OFF_BUS && info->bdf.domain)
			return true;
	}
	return false;
}

void cli_write_address(FILE *out, const struct p2p_node_info *info, bool with_domain)
{
	if (info->kind == P2P_KIND_OFF_BUS)
		return;
	if (with_domain || info->kind == P2P_KIND_HOST_BRIDGE)
		fprintf(out, "%04" PRIx32 ":", info->bdf.domain);
	fprintf(out, "%02x", info->bdf.bus);
	if (info->kind != P2P_KIND_HOST_BRIDGE)
		fprintf(out, ":%02x.%x", info->bdf.devfn >> 3, info->bdf.devfn & 7u);
}

void cli_write_names(FILE *out, const struct p2p_machine *machine, p2p_node node)
{
	uint32_t count;
	const struct p2p_name *names = p2p_machine_names(machine, node, &count);

	for (uint32_t i = 0; i < count; i++)
		fprintf(out, "%s%s", i ? " " : "", names[i].text);
}

/* Legal forms and what says nothing about the device; longer ones before what they start with. */
static const char *const fillers[] = {
	"Advanced Micro Devices, Inc. ",
	" Corporation",
	" Corp.",
	" Technologies",
	" Technology",
	" Electronics Systems",
	" Semiconductor",
	" Electronics",
	" and subsidiaries",
	" Co.",
	" Co",
	", Inc.",
	" Inc.",
	" Inc",
	", Ltd.",
	", Ltd",
	" Ltd.",
	", LLC",
};

static size_t filler_at(const char *text)
{
	for (size_t i = 0; i < COUNT(fillers); i++) {
		size_t length = strlen(fillers[i]);

		if (!strncmp(text, fillers[i], length) &&
		    (fillers[i][length - 1] == ' ' || !text[length] || text[length] == ' ' ||
		     text[length] == ','))
			return length;
	}
	return 0;
}

void cli_write_model(FILE *out, const struct p2p_machine *machine, p2p_node node)
{
	const struct p2p_node_info *info = p2p_fabric_info(p2p_machine_fabric(machine), node);
	const char *text = p2p_machine_device(machine, node)->model;

	if (!text) {
		if (info->vendor != P2P_ID_UNKNOWN)
			fprintf(out, "%04x:%04x", info->vendor, info->device);
		return;
	}
	while (*text) {
		size_t skip = filler_at(text);

		text += skip;
		if (!skip)
			fputc(*text++, out);
	}
}

void cli_write_short_model(FILE *out, const struct p2p_machine *machine, p2p_node node)
{
	const char *model = p2p_machine_device(machine, node)->model;
	const char *start = model ? strrchr(model, '[') : NULL;
	const char *end = start ? strchr(start, ']') : NULL;

	if (end && end > start + 1)
		fprintf(out, "%.*s", (int)(end - start - 1), start + 1);
	else
		cli_write_model(out, machine, node);
}

/* What both ends can do; 0: not known. A port that is not known stands in nobody's way. */
static uint32_t lesser(uint32_t device, uint32_t port)
{
	return port && port < device ? port : device;
}

static uint32_t possible_speed(const struct p2p_link *link, const struct p2p_link *port)
{
	return lesser(link->max_speed, port ? port->max_speed : 0);
}

static uint32_t possible_width(const struct p2p_link *link, const struct p2p_link *port)
{
	return lesser(link->max_width, port ? port->max_width : 0);
}

bool cli_link_downgraded(const struct p2p_link *link, const struct p2p_link *port)
{
	return (link->speed && link->speed < possible_speed(link, port)) ||
	       (link->width && link->width < possible_width(link, port));
}

/* MT/s as the specification writes generations: 2.5, 5, 8, 16, 32, 64. */
static void write_speed(FILE *out, uint32_t speed)
{
	fprintf(out, speed % 1000 ? "%" PRIu32 ".%" PRIu32 : "%" PRIu32, speed / 1000,
		speed % 1000 / 100);
}

const char *cli_link(char text[CLI_LINK], const struct p2p_link *link, const struct p2p_link *port)
{
	uint32_t speed = possible_speed(link, port), width = possible_width(link, port);
	bool known = link->speed || link->width;
	FILE *out = fmemopen(text, CLI_LINK, "w");

	text[0] = '\0';
	if (!out)
		return text;
	if (!known && (speed || width))
		fputs("up to ", out);
	if (link->speed && link->speed < speed) {
		write_speed(out, link->speed);
		fputs(" of ", out);
	}
	if (speed || link->speed) {
		write_speed(out, link->speed > speed ? link->speed : speed);
		fputs(" GT/s", out);
	}
	if (link->width || width)
		fprintf(out, "%sx%u", speed || link->speed ? " " : "",
			link->width ? link->width : width);
	if (link->width && link->width < width)
		fprintf(out, " of x%u", width);
	fclose(out);
	return text;
}

const char *cli_acs_bits(char text[CLI_LINK], uint16_t bits)
{
	size_t at = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < 16; i++) {
		const char *name = p2p_acs_bit_name((uint16_t)(bits & 1u << i));

		if (name)
			at += (size_t)snprintf(text + at, CLI_LINK - at, "%s%s", at ? " " : "",
					       name);
	}
	return text;
}

/* Three digits and a unit, at least kB where `small` is NULL. */
static const char *decimal(char text[CLI_NUMBER], double value, const char *small,
			   const char *suffix)
{
	static const char units[] = "kMGTPE";
	int unit = 0;

	if (small && value < 1000) {
		snprintf(text, CLI_NUMBER, "%.0f %s", value, small);
		return text;
	}
	value /= 1000;
	while (value >= 999.95 && unit < 5) {
		value /= 1000;
		unit++;
	}
	snprintf(text, CLI_NUMBER, "%.1f %cB%s", value, units[unit], suffix);
	return text;
}

const char *cli_size(char text[CLI_NUMBER], uint64_t bytes)
{
	return decimal(text, (double)bytes, bytes == 1 ? "byte" : "bytes", "");
}

const char *cli_rate(char text[CLI_NUMBER], double bytes_per_second)
{
	return decimal(text, bytes_per_second > 0 ? bytes_per_second : 0, NULL, "/s");
}

const char *cli_duration(char text[CLI_NUMBER], double seconds)
{
	uint64_t whole = seconds > 0 && seconds < 1e9 ? (uint64_t)(seconds + 0.5) : 0;

	if (seconds < 59.95)
		snprintf(text, CLI_NUMBER, "%.1f s", seconds > 0 ? seconds : 0);
	else if (whole < 3600)
		snprintf(text, CLI_NUMBER, "%u:%02u min", (unsigned int)(whole / 60),
			 (unsigned int)(whole % 60));
	else
		snprintf(text, CLI_NUMBER, "%" PRIu64 ":%02u:%02u h", whole / 3600,
			 (unsigned int)(whole / 60 % 60), (unsigned int)(whole % 60));
	return text;
}
