// SPDX-License-Identifier: MIT
/*
 * What p2pmem watch prints: tables, and lines of JSON.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "exit.h"
#include "format.h"
#include "json.h"
#include "table.h"
#include "watch.h"

#define DIGITS JSON_REAL_PRECISION(6)

enum column {
	COLUMN_DEVICE,
	COLUMN_PROCESS,
	COLUMN_READ,
	COLUMN_READ_HOST,
	COLUMN_READ_PEERS,
	COLUMN_READ_UNSEEN,
	COLUMN_WRITTEN,
	COLUMN_WRITTEN_HOST,
	COLUMN_WRITTEN_PEERS,
	COLUMN_WRITTEN_UNSEEN,
	COLUMNS,
};

static const char *const titles[COLUMNS] = {
	"DEVICE", "PROCESS", "READ",          "TO HOST RAM", "TO PEERS",
	"UNSEEN", "WRITTEN", "FROM HOST RAM", "FROM PEERS",  "UNSEEN",
};

/* "0.5 MB (1 %)"; nothing where there is nothing of a direction. */
static void part(struct cli_table *table, unsigned int column, enum cli_style style, uint64_t bytes,
		 uint64_t total)
{
	char size[CLI_NUMBER];

	if (!total)
		return;
	cli_size(size, bytes);
	if (bytes && bytes < total) {
		cli_table_cell(table, column, style, "%s (%.0f %%)", size,
			       100.0 * (double)bytes / (double)total);
		cli_table_brief(table, column, size);
	} else {
		cli_table_cell(table, column, bytes ? style : CLI_PLAIN, "%s", size);
	}
}

/* The provider behind the bytes, if it is one. */
static void peers(struct cli_table *table, unsigned int column, const struct p2p_watch_row *row,
		  bool read, const struct p2p_watch_bytes *bytes)
{
	const char *provider = NULL;
	char size[CLI_NUMBER];
	size_t count = 0;

	for (size_t i = 0; i < row->peer_count; i++) {
		if (!(read ? row->peers[i].read : row->peers[i].written))
			continue;
		provider = row->peers[i].provider;
		count++;
	}
	if (!count) {
		part(table, column, CLI_PLAIN, bytes->peers, bytes->total);
		return;
	}
	cli_size(size, bytes->peers);
	if (count == 1)
		cli_table_cell(table, column, CLI_GOOD, "%s (%s)", size, provider);
	else
		cli_table_cell(table, column, CLI_GOOD, "%s (%zu providers)", size, count);
	cli_table_brief(table, column, size);
}

static void direction(struct cli_table *table, unsigned int column, const struct p2p_watch_row *row,
		      bool read)
{
	const struct p2p_watch_bytes *bytes = read ? &row->read : &row->written;
	char size[CLI_NUMBER];

	if (bytes->total)
		cli_table_cell(table, column, CLI_PLAIN, "%s", cli_size(size, bytes->total));
	part(table, column + 1, CLI_PLAIN, bytes->host, bytes->total);
	peers(table, column + 2, row, read, bytes);
	if (!bytes->unseen)
		return;
	part(table, column + 3, CLI_UNSURE, bytes->unseen, bytes->total);
	/* None were seen: that is not none. */
	if (!bytes->host)
		cli_table_cell(table, column + 1, CLI_UNSURE, "?");
	if (!bytes->peers)
		cli_table_cell(table, column + 2, CLI_UNSURE, "?");
}

static void add_row(struct cli_table *table, const struct p2p_watch_row *row)
{
	cli_table_row(table);
	cli_table_cell(table, COLUMN_DEVICE, CLI_BOLD, "%s",
		       row->name[0] ? row->name : row->device);
	cli_table_cell(table, COLUMN_PROCESS, CLI_PLAIN, "%s %" PRId32, row->command, row->process);
	cli_table_brief(table, COLUMN_PROCESS, row->command);
	direction(table, COLUMN_READ, row, true);
	direction(table, COLUMN_WRITTEN, row, false);
}

static int print_rows(const struct cli_watch_result *result, const struct cli_terminal *terminal)
{
	struct cli_table *table = cli_table_new(titles, COLUMNS);
	int rc;

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < result->snapshot->row_count; i++)
		add_row(table, &result->snapshot->rows[i]);
	cli_table_shape(table, COLUMN_WRITTEN, 1, 0);
	cli_table_shape(table, COLUMN_READ, 2, 0);
	cli_table_shape(table, COLUMN_DEVICE, 3, 0);
	cli_table_shape(table, COLUMN_PROCESS, 0, 8);
	rc = cli_table_print(table, terminal, stdout);
	cli_table_free(table);
	return rc;
}

static void print_end(const struct cli_watch_result *result, const struct cli_terminal *terminal)
{
	char seconds[CLI_NUMBER];
	uint64_t requests = 0;

	for (size_t i = 0; i < result->snapshot->row_count; i++)
		requests += result->snapshot->rows[i].requests;
	printf("\n");
	cli_say(terminal, 0,
		"%s watched: %" PRIu64 " requests, %" PRIu64
		" events, which took %.2f s of CPU time",
		cli_duration(seconds, result->seconds), requests, result->snapshot->events,
		result->cpu_seconds);
}

int cli_watch_print(const struct cli_watch_result *result, bool live)
{
	struct cli_terminal terminal = cli_terminal_look(stdout);
	int rc = 0;

	if (live && terminal.escapes)
		printf("\033[H\033[J");
	if (result->snapshot->row_count)
		rc = print_rows(result, &terminal);
	else if (result->ended || live)
		cli_say(&terminal, 0, "No device moved anything that could be seen.");
	if (rc)
		return cli_fail_memory();
	if (result->ended)
		print_end(result, &terminal);
	for (size_t i = 0; i < result->snapshot->note_count; i++)
		cli_wrap(&terminal, 6, "note: ", result->snapshot->notes[i].text);
	if (!result->ended && !(live && terminal.escapes))
		printf("\n");
	return cli_finish();
}

static json_t *bytes_json(const struct p2p_watch_bytes *bytes)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "total", (json_int_t)bytes->total, "host",
			 (json_int_t)bytes->host, "peers", (json_int_t)bytes->peers, "unseen",
			 (json_int_t)bytes->unseen);
}

static json_t *peers_json(const struct p2p_watch_row *row)
{
	json_t *array = json_array();

	for (size_t i = 0; i < row->peer_count; i++)
		json_array_append_new(array,
				      json_pack("{s:o, s:I, s:I}", "provider",
						cli_json_text(row->peers[i].provider), "read",
						(json_int_t)row->peers[i].read, "written",
						(json_int_t)row->peers[i].written));
	return array;
}

static json_t *rows_json(const struct p2p_watch_snapshot *snapshot)
{
	json_t *array = json_array();

	for (size_t i = 0; i < snapshot->row_count; i++) {
		const struct p2p_watch_row *row = &snapshot->rows[i];

		json_array_append_new(
			array, json_pack("{s:o, s:o, s:i, s:o, s:I, s:o, s:o, s:o}", "device",
					 cli_json_text(row->device), "name",
					 cli_json_text(row->name[0] ? row->name : NULL), "process",
					 (int)row->process, "command", cli_json_text(row->command),
					 "requests", (json_int_t)row->requests, "read",
					 bytes_json(&row->read), "written",
					 bytes_json(&row->written), "peers", peers_json(row)));
	}
	return array;
}

static json_t *notes_json(const struct p2p_watch_snapshot *snapshot)
{
	json_t *array = json_array();

	for (size_t i = 0; i < snapshot->note_count; i++)
		json_array_append_new(array, json_pack("{s:s, s:s}", "code",
						       p2p_watch_note_name(snapshot->notes[i].code),
						       "text", snapshot->notes[i].text));
	return array;
}

static json_t *assertion_json(const struct cli_watch_result *result)
{
	static const char *const words[] = {
		[CLI_WATCH_HELD] = "held",
		[CLI_WATCH_FAILED] = "failed",
		[CLI_WATCH_UNKNOWN] = "unknown",
	};

	return result->verdict == CLI_WATCH_NOT_ASKED
		       ? json_null()
		       : json_pack("{s:s, s:s?}", "verdict", words[result->verdict], "reason",
				   result->verdict == CLI_WATCH_HELD ? NULL : result->reason);
}

int cli_watch_print_json(const struct cli_watch_result *result)
{
	const struct p2p_watch_snapshot *snapshot = result->snapshot;
	json_t *object =
		json_pack("{s:s, s:i, s:s, s:s, s:f, s:o, s:o, s:I, s:I, s:f}", "event",
			  result->ended ? "result" : "figures", "format",
			  cli_running()->json_format, "command", cli_running()->name, "version",
			  P2P_VERSION, "seconds", result->seconds, "rows", rows_json(snapshot),
			  "notes", notes_json(snapshot), "events", (json_int_t)snapshot->events,
			  "lost", (json_int_t)snapshot->lost, "cpu_seconds", result->cpu_seconds);
	int rc = 0;

	if (object && result->ended) {
		rc |= json_object_set_new(object, "assertion", assertion_json(result));
		rc |= json_object_set_new(object, "status", json_integer(result->status));
	}
	if (!object || rc) {
		json_decref(object);
		return cli_fail_memory();
	}
	rc = json_dumpf(object, stdout, JSON_COMPACT | DIGITS);
	json_decref(object);
	printf("\n");
	return rc ? cli_fail_memory() : cli_finish();
}
