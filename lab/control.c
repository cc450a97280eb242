// SPDX-License-Identifier: MIT
/* The requests of the guest's lab command: "NUMBER WORD ARGUMENT", answered by one line. */
#include "control.h"

#include "record.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A hot-unplug through the attention button takes the guest 5 s (PCIe 6.0, 6.7.1.5), and then its
 * driver's time.
 */
#define UNPLUG_PATIENCE_MS 30000

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
	(void)argument;
	if (lab_record_mark(guest, "begin", error) < 0)
		return NULL;
	progress->began = true;
	return nothing(error);
}

static char *serve_end(struct lab_guest *guest, struct lab_progress *progress, const char *argument,
		       struct lab_error *error)
{
	lab_record_mark(guest, "end", error);
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

/* The reply in one line, or NULL with QEMU's own words. */
static char *reply_text(json_t *reply, struct lab_error *error)
{
	json_t *failure = json_object_get(reply, "error");
	const char *words = json_string_value(json_object_get(failure, "desc"));
	char *text = NULL;

	if (!reply)
		lab_fail(error, "QEMU does not answer");
	else if (failure)
		lab_fail(error, "%s", words ? words : "QEMU refused");
	else
		text = json_dumps(json_object_get(reply, "return"), JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(reply);
	return text;
}

static char *serve_qmp(struct lab_guest *guest, struct lab_progress *progress, const char *argument,
		       struct lab_error *error)
{
	json_error_t problem;
	json_t *command = json_loads(argument, 0, &problem);

	(void)progress;
	if (!json_is_object(command)) {
		lab_fail(error, "not a JSON object%s%s", command ? "" : ": ",
			 command ? "" : problem.text);
		json_decref(command);
		return NULL;
	}
	return reply_text(lab_guest_qmp(guest, command), error);
}

static bool has_gone(const struct lab_guest *guest, const char *id)
{
	size_t index;
	json_t *value;

	json_array_foreach(guest->gone, index, value)
	{
		if (strcmp(json_string_value(value), id) == 0)
			return true;
	}
	return false;
}

static char *serve_unplug(struct lab_guest *guest, struct lab_progress *progress,
			  const char *argument, struct lab_error *error)
{
	int64_t end = lab_now() + UNPLUG_PATIENCE_MS;
	char *text;

	(void)progress;
	json_array_clear(guest->gone);
	text = reply_text(lab_guest_qmp(guest, json_pack("{s:s,s:{s:s}}", "execute", "device_del",
							 "arguments", "id", argument)),
			  error);
	free(text);
	if (!text)
		return NULL;
	while (!has_gone(guest, argument)) {
		if (lab_now() >= end || !lab_guest_pump(guest, 1000)) {
			lab_fail(error, "%s has not left within %d s", argument,
				 UNPLUG_PATIENCE_MS / 1000);
			return NULL;
		}
	}
	return nothing(error);
}

static const struct {
	const char *word;
	request_fn serve;
} requests[] = {
	{ "begin", serve_begin },   { "end", serve_end }, { "broken", serve_broken },
	{ "mark", serve_mark },     { "map", serve_map }, { "qmp", serve_qmp },
	{ "unplug", serve_unplug },
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
