// SPDX-License-Identifier: MIT
/*
 * What `p2pmem copy` says: for a terminal, for a log, or as JSON lines.
 *
 * Results go to stdout; progress, warnings and errors to stderr.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "copy_json.h"
#include "copy_output.h"
#include "format.h"
#include "resume.h"
#include "table.h"

#define TERMINAL_INTERVAL 0.2
#define LOG_INTERVAL      5.0
#define CLEAR_LINE        "\r\033[K"

static void clear_progress(const struct cli_copy_output *output)
{
	if (output->terminal.escapes && !output->given->quiet && !output->given->json)
		fprintf(stderr, CLEAR_LINE);
}

/* Names are in such texts, and anything may be in a name: nothing of it commands a terminal. */
static void print_text(FILE *file, const struct cli_terminal *terminal, const char *text)
{
	char *copy = strdup(text), *line;

	if (!copy)
		return;
	for (line = copy; *line; line++)
		if (*line == '\n')
			*line = '?';
	cli_make_printable(copy, terminal->utf8);
	fputs(copy, file);
	free(copy);
}

static void say(const struct cli_copy_output *output, enum cli_style style, const char *label,
		const char *text)
{
	clear_progress(output);
	fprintf(stderr, "p2pmem copy: %s%s%s", cli_style_on(&output->terminal, style), label,
		cli_style_off(&output->terminal, style));
	print_text(stderr, &output->terminal, text);
	fputc('\n', stderr);
}

static void show_progress(struct cli_copy_output *output, const struct p2p_copy_report *report)
{
	struct cli_terminal *terminal = &output->terminal;
	char line[CLI_PROGRESS_LINE];

	cli_terminal_measure(terminal, stderr);
	/* One column stays free: some terminals wrap when the last one is filled. */
	cli_progress_line(&output->progress, report, terminal->escapes ? terminal->width - 1 : 0,
			  line);
	fprintf(stderr, "%s%s%s", terminal->escapes ? CLEAR_LINE : "", line,
		terminal->escapes ? "" : "\n");
	fflush(stderr);
}

/* SIGUSR1 asked: one line that stays. */
static void answer(struct cli_copy_output *output, const struct p2p_copy_report *report)
{
	char line[CLI_PROGRESS_LINE];

	if (output->answered == *output->asked)
		return;
	output->answered = *output->asked;
	say(output, CLI_PLAIN, "", cli_progress_line(&output->progress, report, 0, line));
}

static double interval(const struct cli_copy_output *output)
{
	if (output->given->interval)
		return output->given->interval;
	return output->terminal.escapes && !output->given->json ? TERMINAL_INTERVAL : LOG_INTERVAL;
}

static void on_progress(struct cli_copy_output *output, const struct p2p_copy_report *report)
{
	double time = cli_now();

	cli_progress_note(&output->progress, time, report->done);
	if (output->given->quiet || time - output->last_progress < interval(output))
		return;
	output->last_progress = time;
	if (output->given->json)
		cli_copy_json_event(output, P2P_COPY_EVENT_PROGRESS, NULL, report);
	else
		show_progress(output, report);
}

static void on_event(void *context, enum p2p_copy_event event, const char *text,
		     const struct p2p_copy_report *report)
{
	static const char *const labels[] = {
		[P2P_COPY_EVENT_PATH] = "path: ",
		[P2P_COPY_EVENT_DROPPED] = "path given up: ",
		[P2P_COPY_EVENT_PROVEN] = "path proven: ",
		[P2P_COPY_EVENT_NOTE] = "note: ",
	};
	struct cli_copy_output *output = context;

	answer(output, report);
	if (event == P2P_COPY_EVENT_PROGRESS)
		on_progress(output, report);
	else if (output->given->json)
		cli_copy_json_event(output, event, text, report);
	else if (event == P2P_COPY_EVENT_DROPPED) /* giving a path up is never silent */
		say(output, CLI_WARN, labels[event], text);
	else if (!output->given->quiet)
		say(output, CLI_PLAIN, labels[event], text);
}

void cli_copy_start(struct cli_copy_output *output, struct p2p_copy_options *options)
{
	output->terminal = cli_terminal_look(stderr);
	output->standard = cli_terminal_look(stdout);
	cli_progress_start(&output->progress, cli_now());
	/* At once where it is overwritten anyway; a log needs no line of a copy that is short. */
	if (!output->terminal.escapes || output->given->json || output->given->interval)
		output->last_progress = output->progress.started;
	options->event = on_event;
	options->context = output;
	if (output->given->json)
		cli_copy_json_start(options);
}

/* The command that goes on where this copy stopped, with everything else that was asked for. */
static void print_resume(FILE *file, const struct cli_copy_output *output)
{
	static const char *const places[] = { "offset", "destination-offset", "length", NULL };
	const struct p2p_copy_options *options = &output->given->options;
	const struct p2p_copy_report *report = p2p_copy_report(output->copy);

	fprintf(file, "p2pmem copy --offset %" PRIu64, report->offset + report->good);
	if (report->destination_offset != report->offset)
		fprintf(file, " --destination-offset %" PRIu64,
			report->destination_offset + report->good);
	if (options->length != P2P_COPY_TO_THE_END)
		fprintf(file, " --length %" PRIu64, report->length - report->good);
	cli_print_options(file, output->command, output->given, output->defaults, places);
	/* After "--" a name may begin with a dash. */
	if (options->source[0] == '-' || options->destination[0] == '-')
		fprintf(file, " --");
	cli_print_word(file, options->source);
	cli_print_word(file, options->destination);
}

static void say_failure(const struct cli_copy_output *output, const struct p2p_error *error)
{
	const struct p2p_copy_report *report;

	clear_progress(output);
	fprintf(stderr, "p2pmem copy: %s", cli_style_on(&output->terminal, CLI_BAD));
	print_text(stderr, &output->terminal, error->text);
	fputs(cli_style_off(&output->terminal, CLI_BAD), stderr);
	report = output->copy ? p2p_copy_report(output->copy) : NULL;
	if (report && report->good) {
		fprintf(stderr, "; ");
		print_text(stderr, &output->terminal, output->given->options.destination);
		fprintf(stderr,
			" is good for %" PRIu64 " bytes from offset %" PRIu64 "; go on with: ",
			report->good, report->destination_offset);
		print_resume(stderr, output);
	}
	if (report && report->done && !report->good) {
		fprintf(stderr, "; nothing is certain to be in ");
		print_text(stderr, &output->terminal, output->given->options.destination);
		fprintf(stderr, ": start again");
	}
	fprintf(stderr, "\n");
}

static void show_summary(const struct cli_copy_output *output)
{
	const struct p2p_copy_report *report = p2p_copy_report(output->copy);
	double seconds = cli_now() - output->progress.started;
	char size[CLI_NUMBER], time[CLI_NUMBER], rate[CLI_NUMBER];

	clear_progress(output);
	printf("copied %" PRIu64 " bytes", report->length);
	if (report->length >= 1000)
		printf(" (%s)", cli_size(size, report->length));
	printf(" from ");
	print_text(stdout, &output->standard, output->given->options.source);
	printf(" to ");
	print_text(stdout, &output->standard, output->given->options.destination);
	printf(" in %s, %s\n", cli_duration(time, seconds),
	       cli_rate(rate, seconds > 0 ? (double)report->length / seconds : 0));
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

void cli_copy_end(const struct cli_copy_output *output, const struct p2p_error *error,
		  bool interrupted, int status)
{
	if (output->given->json)
		cli_copy_json_end(output, error, interrupted, status);
	if (error && !output->given->json)
		say_failure(output, error);
	else if (error)
		say(output, CLI_PLAIN, "", error->text);
	else if (!output->given->quiet && !output->given->json)
		show_summary(output);
}
