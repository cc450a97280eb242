// SPDX-License-Identifier: MIT
/* Writes marks and memory maps into the run's directory. */
#include "record.h"

#include "query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define NAME_MAX_LENGTH 64

static bool valid_name(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789_-.");

	return length > 0 && length <= NAME_MAX_LENGTH && name[length] == '\0';
}

static FILE *open_record(const struct lab_config *config, const char *file, const char *name,
			 const char *mode, struct lab_error *error)
{
	char path[PATH_MAX + 128];
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s%s", config->out, file, name);
	stream = fopen(path, mode);
	if (!stream)
		lab_fail(error, "%s: %s", path, strerror(errno));
	return stream;
}

static int close_record(FILE *stream, struct lab_error *error)
{
	bool bad = ferror(stream) != 0;

	if (fclose(stream) != 0 || bad)
		return lab_fail(error, "cannot write into the run's directory: %s",
				strerror(errno));
	return 0;
}

static int save_tree(struct lab_guest *guest, const char *name, struct lab_error *error)
{
	json_t *text = lab_guest_ask(guest,
				     json_pack("{s:s,s:{s:s}}", "execute", "human-monitor-command",
					       "arguments", "command-line", "info mtree -f"),
				     error);
	FILE *file;

	if (!text)
		return -1;
	file = open_record(guest->config, "map.", name, "we", error);
	if (file && json_string_value(text))
		fputs(json_string_value(text), file);
	json_decref(text);
	return file ? close_record(file, error) : -1;
}

static int save_pci(struct lab_guest *guest, const char *name, struct lab_error *error)
{
	json_t *buses = lab_query_pci(guest, error);
	FILE *file;

	if (!buses)
		return -1;
	file = open_record(guest->config, "pci.", name, "we", error);
	if (file)
		json_dumpf(buses, file, JSON_INDENT(1));
	json_decref(buses);
	return file ? close_record(file, error) : -1;
}

int lab_record_map(struct lab_guest *guest, const char *name, struct lab_error *error)
{
	if (!valid_name(name))
		return lab_fail(error,
				"name '%.64s': give letters, digits, '-', '_', '.', at most %d",
				name, NAME_MAX_LENGTH);
	if (save_tree(guest, name, error) < 0)
		return -1;
	return save_pci(guest, name, error);
}

/* QEMU writes its trace line by line, so its size is where the next event will be. */
static long long trace_offset(const struct lab_guest *guest)
{
	char path[PATH_MAX + 32];
	struct stat status;

	snprintf(path, sizeof(path), "%s/trace", guest->config->out);
	return stat(path, &status) < 0 ? 0 : (long long)status.st_size;
}

int lab_record_mark(struct lab_guest *guest, const char *name, struct lab_error *error)
{
	FILE *file;

	if (lab_record_map(guest, name, error) < 0)
		return -1;
	file = open_record(guest->config, "marks", "", "ae", error);
	if (!file)
		return -1;
	fprintf(file, "%s %lld\n", name, trace_offset(guest));
	return close_record(file, error);
}

int lab_record_drives(const struct lab_config *config, struct lab_error *error)
{
	const struct lab_machine *machine = config->machine;
	FILE *file = open_record(config, "drives", "", "we", error);

	if (!file)
		return -1;
	for (unsigned int i = 0; i < machine->count; i++) {
		if (machine->nodes[i].nsid)
			fprintf(file, "%u %s\n", machine->nodes[i].nsid, machine->nodes[i].id);
	}
	return close_record(file, error);
}
