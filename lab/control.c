// SPDX-License-Identifier: MIT
/* The requests of the guest's lab command: "NUMBER WORD ARGUMENT", answered by one line. */
#include "control.h"

#include "pci.h"
#include "query.h"
#include "record.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Without ACPI's help an unplug is a press of the slot's button, which Linux lets one take back for
 * 5 s (drivers/pci/hotplug/pciehp_ctrl.c); then the driver needs its time, which no limit knows:
 * this one is for hangs, as all of them.
 */
#define UNPLUG_PATIENCE_MS 600000

/* An answer, freed by the caller; or NULL, and error says why not. Empty text: nothing to say. */
typedef char *(*request_fn)(struct lab_guest *guest, struct lab_progress *progress,
			    const char *argument, struct lab_error *error);

static char *nothing(struct lab_error *error)
{
	char *text = strdup("");

	if (!text)
		lab_fail(error, "out of memory");
	return text;
}

static char *serve_begin(struct lab_guest *guest, struct lab_progress *progress,
			 const char *argument, struct lab_error *error)
{
	int64_t limit = guest->config->time_limit;

	(void)argument;
	if (lab_record_mark(guest, "begin", error) < 0)
		return NULL;
	progress->began = true;
	guest->deadline = limit > 0 ? lab_now() + limit * 1000 : INT64_MAX;
	if (!guest->config->script)
		guest->input = 0; /* earlier keys would get lost, as nobody had opened the line */
	return nothing(error);
}

static char *serve_end(struct lab_guest *guest, struct lab_progress *progress, const char *argument,
		       struct lab_error *error)
{
	if (lab_record_mark(guest, "end", error) < 0)
		snprintf(progress->broken, sizeof(progress->broken), "mark end: %.200s",
			 error->text);
	progress->ended = true;
	progress->status = (int)strtol(argument, NULL, 10);
	return NULL;
}

static char *serve_broken(struct lab_guest *guest, struct lab_progress *progress,
			  const char *argument, struct lab_error *error)
{
	(void)guest;
	(void)error;
	snprintf(progress->broken, sizeof(progress->broken), "%s", argument);
	return NULL;
}

static char *serve_mark(struct lab_guest *guest, struct lab_progress *progress,
			const char *argument, struct lab_error *error)
{
	(void)progress;
	return lab_record_mark(guest, argument, error) < 0 ? NULL : nothing(error);
}

static char *serve_map(struct lab_guest *guest, struct lab_progress *progress, const char *argument,
		       struct lab_error *error)
{
	(void)progress;
	if (lab_record_map(guest, *argument ? argument : "latest", error) < 0)
		return NULL;
	return nothing(error);
}

/* A value as one line of JSON; takes the reference. */
static char *one_line(json_t *value, struct lab_error *error)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	json_decref(value);
	if (!text)
		lab_fail(error, "out of memory");
	return text;
}

static char *serve_qmp(struct lab_guest *guest, struct lab_progress *progress, const char *argument,
		       struct lab_error *error)
{
	json_error_t problem;
	json_t *command = json_loads(argument, 0, &problem);
	json_t *value;

	(void)progress;
	if (!json_is_object(command)) {
		lab_fail(error, "not a JSON object%s%s", command ? "" : ": ",
			 command ? "" : problem.text);
		json_decref(command);
		return NULL;
	}
	value = lab_guest_ask(guest, command, error);
	return value ? one_line(value, error) : NULL;
}

/* 1 it is there, 0 it is not, -1 QEMU does not say. */
static int is_plugged(struct lab_guest *guest, const char *id, struct lab_error *error)
{
	json_t *buses = lab_query_pci(guest, error);
	int plugged = buses ? lab_pci_find(buses, id) != NULL : -1;

	json_decref(buses);
	return plugged;
}

/*
 * QEMU's DEVICE_DELETED event would say it too, but it comes only when nothing refers to the
 * device any more, and for NVMe in QEMU 7.2 that is never.
 */
static char *serve_unplug(struct lab_guest *guest, struct lab_progress *progress,
			  const char *argument, struct lab_error *error)
{
	int64_t end = lab_now() + UNPLUG_PATIENCE_MS;
	json_t *done;
	int plugged;

	(void)progress;
	done = lab_guest_ask(
		guest,
		json_pack("{s:s,s:{s:s}}", "execute", "device_del", "arguments", "id", argument),
		error);
	if (!done)
		return NULL;
	json_decref(done);
	while ((plugged = is_plugged(guest, argument, error)) > 0) {
		if (lab_now() >= end || !lab_guest_pump(guest, 100)) {
			lab_fail(error, "%s has not left within %d s", argument,
				 UNPLUG_PATIENCE_MS / 1000);
			return NULL;
		}
	}
	return plugged == 0 ? nothing(error) : NULL;
}

/* The drives' PCI addresses in file order, by which the guest numbers them. */
static char *serve_drives(struct lab_guest *guest, struct lab_progress *progress,
			  const char *argument, struct lab_error *error)
{
	const struct lab_machine *machine = guest->config->machine;
	char text[LAB_DRIVES_MAX * 16] = "";
	json_t *buses = lab_query_pci(guest, error);
	size_t used = 0;

	(void)progress;
	(void)argument;
	if (!buses)
		return NULL;
	for (unsigned int i = 0; i < machine->count; i++) {
		const json_t *device = NULL;
		char address[16];

		if (machine->nodes[i].kind == LAB_NVME)
			device = lab_pci_find(buses, machine->nodes[i].id);
		if (!device)
			continue;
		lab_pci_address(device, address, sizeof(address));
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s ", address);
	}
	json_decref(buses);
	return strdup(text);
}

static const struct {
	const char *word;
	request_fn serve;
} requests[] = {
	{ "begin", serve_begin },   { "end", serve_end },       { "broken", serve_broken },
	{ "mark", serve_mark },     { "map", serve_map },       { "qmp", serve_qmp },
	{ "unplug", serve_unplug }, { "drives", serve_drives },
};

static void answer(struct lab_guest *guest, const char *number, const char *status,
		   const char *text)
{
	/* A guest that does not read fills the socket at worst; the time limit ends that. */
	dprintf(guest->line[LAB_CONTROL], "%s %s %s\n", number, status, text);
}

static void serve_line(struct lab_guest *guest, struct lab_progress *progress, char *line)
{
	struct lab_error error = { "" };
	char *word = strchr(line, ' ');
	char *argument;
	char *text = NULL;

	if (!word)
		return;
	*word++ = '\0';
	argument = word + strcspn(word, " ");
	if (*argument != '\0')
		*argument++ = '\0';
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (strcmp(requests[i].word, word) != 0)
			continue;
		text = requests[i].serve(guest, progress, argument, &error);
		if (progress->ended || progress->broken[0] != '\0')
			return;
		answer(guest, line, text ? "ok" : "error", text ? text : error.text);
		free(text);
		return;
	}
	answer(guest, line, "error", "unknown request");
}

void lab_control_serve(struct lab_guest *guest, struct lab_progress *progress)
{
	char line[LAB_CONTROL_BYTES];
	char *end;

	while (!progress->ended &&
	       (end = memchr(guest->control, '\n', guest->control_used)) != NULL) {
		size_t length = (size_t)(end + 1 - guest->control);

		memcpy(line, guest->control, length - 1);
		line[length - 1] = '\0';
		guest->control_used -= length;
		memmove(guest->control, end + 1, guest->control_used);
		serve_line(guest, progress, line);
	}
}
