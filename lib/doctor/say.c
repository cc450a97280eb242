// SPDX-License-Identifier: MIT
/*
 * How checks say what they found. Running out of memory is remembered, not returned, so that a
 * check reads as what it checks.
 */
#include "checks.h"
#include "explain/reading.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODES_SAID 8 /* in a sentence; all of them are in the finding */

struct p2p_finding *p2p_find(struct p2p_doctor *doctor, const char *id, const char *area,
			     enum p2p_severity severity)
{
	struct p2p_finding *larger;

	if (doctor->count == doctor->room) {
		uint32_t room = doctor->room ? doctor->room * 2 : 32;

		larger = reallocarray(doctor->findings, room, sizeof(*larger));
		if (!larger) {
			doctor->out_of_memory = true;
			return &doctor->lost;
		}
		doctor->findings = larger;
		doctor->room = room;
	}
	larger = &doctor->findings[doctor->count++];
	*larger = (struct p2p_finding){ .id = id, .area = area, .severity = severity };
	return larger;
}

static void append(struct p2p_doctor *doctor, char **text, const char *before, const char *format,
		   va_list arguments) __attribute__((format(printf, 4, 0)));

static void append(struct p2p_doctor *doctor, char **text, const char *before, const char *format,
		   va_list arguments)
{
	char *added, *whole;

	if (vasprintf(&added, format, arguments) < 0) {
		doctor->out_of_memory = true;
		return;
	}
	if (asprintf(&whole, "%s%s%s", *text ? *text : "", *text ? before : "", added) < 0) {
		doctor->out_of_memory = true;
	} else {
		free(*text);
		*text = whole;
	}
	free(added);
}

void p2p_say(struct p2p_doctor *doctor, char **text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	append(doctor, text, "", format, arguments);
	va_end(arguments);
}

void p2p_say_line(struct p2p_doctor *doctor, char **text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	append(doctor, text, "\n", format, arguments);
	va_end(arguments);
}

static const char *how_to_read(const struct p2p_ward *ward)
{
	switch (p2p_reading_of(ward->machine)) {
	case P2P_READING_AS_ROOT:
		return "run it as root: sudo p2pmem doctor";
	case P2P_READING_NO_MORE:
		return "root cannot read it either: this kernel does not show it, or is locked "
		       "down (/sys/kernel/security/lockdown)";
	case P2P_READING_CAPTURED_ALL:
		return "root could not read it either when the capture was taken: that kernel does "
		       "not show it, or was locked down";
	case P2P_READING_CAPTURE:
		break;
	}
	/* Not in the source at all: a capture of the machine has it, and as root all of it. */
	return "on that machine: sudo p2pmem capture machine.tar.gz, and --source with that file";
}

void p2p_say_how_to_read(struct p2p_doctor *doctor, const struct p2p_ward *ward,
			 struct p2p_finding *finding)
{
	p2p_say(doctor, &finding->remedy, "%s", how_to_read(ward));
}

void p2p_say_how_to_see(struct p2p_doctor *doctor, const struct p2p_ward *ward,
			struct p2p_finding *finding)
{
	if (p2p_reading_of(ward->machine) == P2P_READING_AS_ROOT)
		p2p_say(doctor, &finding->remedy,
			"root cannot read it either: this kernel does not show it");
	else
		p2p_say_how_to_read(doctor, ward, finding);
}

void p2p_about(struct p2p_doctor *doctor, struct p2p_finding *finding, p2p_node node)
{
	if (finding->node_count == finding->node_room) {
		uint32_t room = finding->node_room ? finding->node_room * 2 : 8;
		p2p_node *larger = reallocarray(finding->nodes, room, sizeof(*larger));

		if (!larger) {
			doctor->out_of_memory = true;
			return;
		}
		finding->nodes = larger;
		finding->node_room = room;
	}
	finding->nodes[finding->node_count++] = node;
}

void p2p_say_nodes(struct p2p_doctor *doctor, const struct p2p_ward *ward, char **text,
		   const struct p2p_finding *finding)
{
	char name[P2P_TITLE];

	for (uint32_t i = 0; i < finding->node_count && i < NODES_SAID; i++)
		p2p_say(doctor, text, "%s%s", i ? ", " : "",
			p2p_short_title(ward->machine, finding->nodes[i], name));
	if (finding->node_count > NODES_SAID)
		p2p_say(doctor, text, " and %" PRIu32 " more", finding->node_count - NODES_SAID);
}

void p2p_say_hands_on(const struct p2p_ward *ward, struct p2p_doctor *doctor,
		      struct p2p_finding *finding, const char *remedy, const char *cost)
{
	if (ward->facts->hypervisor == P2P_PRESENT) {
		p2p_say(doctor, &finding->remedy,
			"this is a virtual machine: only its host can change it; ask there, with "
			"p2pmem doctor");
		return;
	}
	p2p_say(doctor, &finding->remedy, "%s", remedy);
	p2p_say(doctor, &finding->cost, "%s", cost);
}
