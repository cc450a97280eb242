// SPDX-License-Identifier: MIT
/*
 * The JSON lines of `p2pmem copy`.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "copy_json.h"
#include "exit.h"
#include "json.h"

#define DIGITS JSON_REAL_PRECISION(9)

static const char *path_name(enum p2p_copy_path path)
{
	switch (path) {
	case P2P_COPY_PATH_PEER:
		return "peer";
	case P2P_COPY_PATH_HOST:
		return "host";
	case P2P_COPY_PATH_NONE:
		break;
	}
	return "none";
}

static const char *comparison_name(enum p2p_copy_comparison comparison)
{
	switch (comparison) {
	case P2P_COPY_COMPARES_ALL:
		return "all";
	case P2P_COPY_COMPARES_ALL_FUNCTIONS:
		return "all-of-several-functions";
	case P2P_COPY_COMPARES_ALL_CHANGED:
		return "all-of-changed-functions";
	case P2P_COPY_COMPARES_SAMPLES:
		break;
	}
	return "samples";
}

static const char *event_name(enum p2p_copy_event event)
{
	switch (event) {
	case P2P_COPY_EVENT_PATH:
		return "path";
	case P2P_COPY_EVENT_DROPPED:
		return "dropped";
	case P2P_COPY_EVENT_PROVEN:
		return "proven";
	case P2P_COPY_EVENT_NOTE:
		return "note";
	case P2P_COPY_EVENT_PROGRESS:
		break;
	}
	return "progress";
}

/* Takes the reference. False: there is none, for lack of memory. */
static bool print(json_t *object)
{
	if (!object)
		return false;
	json_dumpf(object, stdout, JSON_COMPACT | DIGITS);
	printf("\n");
	fflush(stdout);
	json_decref(object);
	return true;
}

/*
 * A file's name is bytes, JSON is UTF-8. A name that is not has "?" in place of what does not fit,
 * and its bytes in a second field.
 */
static void set_name(json_t *object, const char *field, const char *name)
{
	json_t *string = json_string(name);
	char key[32], *hex, *to;

	if (string) {
		json_object_set_new(object, field, string);
		return;
	}
	json_object_set_new(object, field, cli_json_text(name));
	hex = to = calloc(2, strlen(name) + 1);
	if (!hex)
		return;
	for (; *name; name++)
		to += sprintf(to, "%02x", (unsigned char)*name);
	snprintf(key, sizeof(key), "%s_hex", field);
	json_object_set_new(object, key, json_string(hex));
	free(hex);
}

void cli_copy_json_start(const struct p2p_copy_options *options)
{
	json_t *start = json_pack("{s:s, s:i, s:s}", "event", "start", "format",
				  cli_running()->json_format, "version", P2P_VERSION);

	set_name(start, "source", options->source);
	set_name(start, "destination", options->destination);
	print(start);
}

static json_t *route_json(const struct p2p_copy_report *report, struct p2p_copy_route route)
{
	if (!report->provider)
		return json_null();
	return json_pack("{s:s, s:i, s:b}", "verdict", p2p_verdict_name(route.verdict), "distance",
			 route.distance, "allowed", route.allowed);
}

#define COUNT(field)                                                                               \
	{                                                                                          \
#field, offsetof(struct p2p_copy_report, field)                                    \
	}

static json_t *report_json(const struct p2p_copy_report *report)
{
	static const struct {
		const char *name;
		size_t offset; /* of a uint64_t */
	} counts[] = {
		COUNT(offset),         COUNT(destination_offset),
		COUNT(length),         COUNT(done),
		COUNT(good),           COUNT(peer_bytes),
		COUNT(host_bytes),     COUNT(hole_bytes),
		COUNT(proof_bytes),    COUNT(proof_ns),
		COUNT(compare_ns),     COUNT(sampled_bytes),
		COUNT(verified_bytes), COUNT(block),
	};
	json_t *object = json_pack(
		"{s:i, s:s, s:s?, s:s?, s:o, s:o, s:i}", "depth", (int)report->depth, "path",
		path_name(report->path), "provider", report->provider, "provider_node",
		report->provider_node, "source_route", route_json(report, report->source_route),
		"destination_route", route_json(report, report->destination_route), "dropped_paths",
		(int)report->dropped_paths);

	json_object_set_new(object, "comparison", json_string(comparison_name(report->comparison)));
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		uint64_t count;

		memcpy(&count, (const char *)report + counts[i].offset, sizeof(count));
		json_object_set_new(object, counts[i].name, json_integer((json_int_t)count));
	}
	return object;
}

static json_t *progress_json(const struct cli_progress *progress,
			     const struct p2p_copy_report *report)
{
	return json_pack("{s:s, s:I, s:I, s:s, s:f, s:I, s:I}", "event", "progress", "done",
			 (json_int_t)report->done, "length", (json_int_t)report->length, "path",
			 path_name(report->path), "seconds", cli_now() - progress->started, "rate",
			 (json_int_t)cli_progress_rate(progress), "average_rate",
			 (json_int_t)cli_progress_average(progress));
}

void cli_copy_json_event(const struct cli_copy_output *output, enum p2p_copy_event event,
			 const char *text, const struct p2p_copy_report *report)
{
	if (event == P2P_COPY_EVENT_PROGRESS)
		print(progress_json(&output->progress, report));
	else
		print(json_pack("{s:s, s:o, s:s?, s:s?, s:s, s:I}", "event", event_name(event),
				"text", cli_json_text(text), "provider", report->provider,
				"provider_node", report->provider_node, "path",
				path_name(report->path), "done", (json_int_t)report->done));
}

void cli_copy_json_end(const struct cli_copy_output *output, const struct p2p_error *error,
		       bool interrupted, int status)
{
	const char *verdict = !error ? "copied" : interrupted ? "interrupted" : "failed";
	json_t *result =
		json_pack("{s:s, s:s, s:i, s:f, s:o}", "event", "result", "result", verdict,
			  "status", status, "seconds", cli_now() - output->progress.started,
			  "error", cli_json_text(error ? error->text : NULL));

	if (result && output->copy)
		json_object_update_new(result, report_json(p2p_copy_report(output->copy)));
	/* A reader waits for a result, also when memory is short. */
	if (!print(result)) {
		printf("{\"event\":\"result\",\"result\":\"%s\",\"status\":%d}\n", verdict, status);
		fflush(stdout);
	}
}
