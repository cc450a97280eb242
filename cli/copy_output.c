// SPDX-License-Identifier: MIT
/*
 * What `p2pmem copy` says: for a terminal, for a log, or as JSON lines.
 *
 * Results go to stdout; progress, warnings and errors to stderr.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "copy_output.h"
#include "human.h"
#include "print.h"

#define JSON_FORMAT       1
#define TERMINAL_INTERVAL 0.2
#define LOG_INTERVAL      5.0
#define CLEAR_LINE        "\r\033[K"

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

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

static void print_json(json_t *object)
{
	if (!object)
		return;
	json_dumpf(object, stdout, JSON_COMPACT);
	printf("\n");
	fflush(stdout);
	json_decref(object);
}

static json_t *route_json(const struct p2p_copy_report *report, struct p2p_copy_route route)
{
	if (!report->provider)
		return json_null();
	return json_pack("{s:s, s:i}", "verdict", p2p_verdict_name(route.verdict), "distance",
			 route.distance);
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
		COUNT(proof_bytes),    COUNT(sampled_bytes),
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

static void json_event(enum p2p_copy_event event, const char *text,
		       const struct p2p_copy_report *report)
{
	if (event == P2P_COPY_EVENT_PROGRESS)
		print_json(json_pack("{s:s, s:I, s:I, s:s}", "event", "progress", "done",
				     (json_int_t)report->done, "length", (json_int_t)report->length,
				     "path", path_name(report->path)));
	else
		print_json(json_pack("{s:s, s:s?, s:s?, s:s?, s:s, s:I}", "event",
				     event_name(event), "text", text, "provider", report->provider,
				     "provider_node", report->provider_node, "path",
				     path_name(report->path), "done", (json_int_t)report->done));
}

static void show_progress(const struct cli_copy_output *output,
			  const struct p2p_copy_report *report)
{
	char done[P2P_SIZE_TEXT], length[P2P_SIZE_TEXT];
	char rate[CLI_NUMBER], left[CLI_NUMBER];
	double seconds = now() - output->started;
	double percent =
		report->length ? 100.0 * (double)report->done / (double)report->length : 100;
	double remaining = report->done ? seconds * (double)(report->length - report->done) /
						  (double)report->done
					: 0;

	fprintf(stderr, "%s%3.0f %%  %s of %s  %s  %s left  %s %s%s",
		output->terminal.escapes ? CLEAR_LINE : "", percent,
		p2p_size_text(done, report->done), p2p_size_text(length, report->length),
		cli_rate(rate, report->done, seconds),
		report->done ? cli_duration(left, remaining) : "?",
		report->path == P2P_COPY_PATH_PEER ? "peer memory of" : "host memory",
		report->provider ? report->provider : "", output->terminal.escapes ? "" : "\n");
	fflush(stderr);
}

static void clear_progress(const struct cli_copy_output *output)
{
	if (output->terminal.escapes && !output->quiet && !output->json)
		fprintf(stderr, CLEAR_LINE);
}

static void say(const struct cli_copy_output *output, enum cli_style style, const char *label,
		const char *text)
{
	clear_progress(output);
	fprintf(stderr, "p2pmem copy: %s%s%s%s\n", cli_style_on(&output->terminal, style), label,
		cli_style_off(&output->terminal, style), text);
}

static void on_event(void *context, enum p2p_copy_event event, const char *text,
		     const struct p2p_copy_report *report)
{
	struct cli_copy_output *output = context;
	double interval =
		output->terminal.escapes && !output->json ? TERMINAL_INTERVAL : LOG_INTERVAL;
	double time = now();

	if (event == P2P_COPY_EVENT_PROGRESS) {
		if (time - output->last_progress < interval)
			return;
		output->last_progress = time;
	}
	/* Giving a path up is never silent. */
	if (event == P2P_COPY_EVENT_DROPPED && !output->json)
		say(output, CLI_WARN, "path given up: ", text);
	if (output->quiet && !output->json)
		return;
	if (output->json) {
		if (!output->quiet || event != P2P_COPY_EVENT_PROGRESS)
			json_event(event, text, report);
		return;
	}
	switch (event) {
	case P2P_COPY_EVENT_PROGRESS:
		show_progress(output, report);
		break;
	case P2P_COPY_EVENT_PATH:
		say(output, CLI_PLAIN, "path: ", text);
		break;
	case P2P_COPY_EVENT_PROVEN:
		say(output, CLI_PLAIN, "path proven: ", text);
		break;
	case P2P_COPY_EVENT_NOTE:
		say(output, CLI_PLAIN, "note: ", text);
		break;
	case P2P_COPY_EVENT_DROPPED:
		break;
	}
}

void cli_copy_start(struct cli_copy_output *output, struct p2p_copy_options *options, bool quiet,
		    bool json)
{
	*output = (struct cli_copy_output){
		.options = options,
		.quiet = quiet,
		.json = json,
		.terminal = cli_terminal_look(stderr),
		.started = now(),
		.last_progress = now(),
	};
	options->event = on_event;
	options->context = output;
	if (json)
		print_json(json_pack("{s:s, s:i, s:s, s:s, s:s}", "event", "start", "format",
				     JSON_FORMAT, "version", P2P_VERSION, "source", options->source,
				     "destination", options->destination));
}

/* The command that goes on where this copy stopped. Words with special characters are quoted. */
static void print_word(FILE *file, const char *word)
{
	static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789@%+=:,./-_";

	if (*word && strspn(word, harmless) == strlen(word)) {
		fprintf(file, " %s", word);
		return;
	}
	fprintf(file, " '");
	for (; *word; word++)
		if (*word == '\'')
			fprintf(file, "'\\''");
		else
			fputc(*word, file);
	fputc('\'', file);
}

static void print_resume(FILE *file, const struct cli_copy_output *output)
{
	const struct p2p_copy_options *options = output->options;
	const struct p2p_copy_report *report = p2p_copy_report(output->copy);

	fprintf(file, "p2pmem copy --offset %" PRIu64, report->offset + report->good);
	if (report->destination_offset != report->offset)
		fprintf(file, " --destination-offset %" PRIu64,
			report->destination_offset + report->good);
	if (options->length != P2P_COPY_TO_THE_END)
		fprintf(file, " --length %" PRIu64, report->length - report->good);
	if (options->strategy == P2P_COPY_HOST)
		fprintf(file, " --strategy host");
	if (options->require_p2p)
		fprintf(file, " --require-p2p");
	if (options->verify)
		fprintf(file, " --verify");
	if (options->force)
		fprintf(file, " --force");
	print_word(file, options->source);
	print_word(file, options->destination);
}

static void end_json(const struct cli_copy_output *output, const struct p2p_error *error,
		     int signal, int status)
{
	const char *verdict = !error ? "copied" : signal ? "interrupted" : "failed";
	json_t *result = json_pack("{s:s, s:s, s:i, s:f, s:s?}", "event", "result", "result",
				   verdict, "status", status, "seconds", now() - output->started,
				   "error", error ? error->text : NULL);

	if (result && output->copy)
		json_object_update_new(result, report_json(p2p_copy_report(output->copy)));
	print_json(result);
}

static void say_failure(const struct cli_copy_output *output, const struct p2p_error *error)
{
	const struct p2p_copy_report *report;

	clear_progress(output);
	fprintf(stderr, "p2pmem copy: %s%s%s", cli_style_on(&output->terminal, CLI_BAD),
		error->text, cli_style_off(&output->terminal, CLI_BAD));
	report = output->copy ? p2p_copy_report(output->copy) : NULL;
	if (report && report->good) {
		fprintf(stderr,
			"; %s is good for %" PRIu64 " bytes from offset %" PRIu64 "; go on with: ",
			output->options->destination, report->good, report->destination_offset);
		print_resume(stderr, output);
	}
	if (report && report->done && !report->good)
		fprintf(stderr, "; nothing is certain to be in %s: start again",
			output->options->destination);
	fprintf(stderr, "\n");
}

static void show_summary(const struct cli_copy_output *output)
{
	const struct p2p_copy_report *report = p2p_copy_report(output->copy);
	char size[P2P_SIZE_TEXT], time[CLI_NUMBER], rate[CLI_NUMBER];
	double seconds = now() - output->started;

	clear_progress(output);
	printf("copied %s (%" PRIu64 " bytes) from %s to %s in %s, %s\n",
	       p2p_size_text(size, report->length), report->length, output->options->source,
	       output->options->destination, cli_duration(time, seconds),
	       cli_rate(rate, report->length, seconds));
	printf("  through peer memory  %" PRIu64 " bytes%s%s\n", report->peer_bytes,
	       report->provider ? ", of " : "", report->provider ? report->provider : "");
	printf("  through host memory  %" PRIu64 " bytes\n", report->host_bytes);
	if (report->hole_bytes)
		printf("  holes                %" PRIu64 " bytes, not moved\n", report->hole_bytes);
	if (report->proof_bytes)
		printf("  proof                %" PRIu64
		       " bytes read once more, through host memory, to compare\n",
		       report->proof_bytes);
	if (report->sampled_bytes)
		printf("  sampled              %" PRIu64
		       " bytes read back and equal, a piece of every block\n",
		       report->sampled_bytes);
	if (report->verified_bytes)
		printf("  verified             %" PRIu64 " bytes read back and equal\n",
		       report->verified_bytes);
}

void cli_copy_end(const struct cli_copy_output *output, const struct p2p_error *error, int signal,
		  int status)
{
	if (output->json)
		end_json(output, error, signal, status);
	if (error && !output->json)
		say_failure(output, error);
	else if (error)
		fprintf(stderr, "p2pmem copy: %s\n", error->text);
	else if (!output->quiet && !output->json)
		show_summary(output);
}
