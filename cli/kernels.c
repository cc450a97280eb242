// SPDX-License-Identifier: MIT
/*
 * p2pmem kernels: whose rules a kernel judges by, and what can be done on it.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <p2pmem/error.h>
#include <p2pmem/kernels.h>

#include "commands.h"
#include "exit.h"
#include "json.h"
#include "table.h"
#include "view.h"

struct arguments {
	bool json;
};

static const struct cli_option options[] = {
	{ "json", 'j', CLI_FLAG, offsetof(struct arguments, json), NULL, "one JSON object", NULL },
	{ .name = NULL },
};

/* One line of the table: a row of it, or what somebody asked for. */
struct line {
	const char *release;
	struct p2p_kernel kernel;
};

enum column {
	COLUMN_WHO,
	COLUMN_RELEASE,
	COLUMN_RULES,
	COLUMN_P2PDMA,
	COLUMN_ALLOCATE,
	COLUMN_DMABUF,
	COLUMN_FROM,
	COLUMNS,
};

static const char *const titles[COLUMNS] = {
	"KERNEL", "RELEASE", "RULES", "P2PDMA", "ALLOCATE", "DMA-BUF", "P2PDMA FROM",
};

static const char *word(enum p2p_known known)
{
	static const char *const words[] = { "?", "no", "yes" };

	return words[known];
}

/* Where room is short, the releases alone: the column is of Linux's rules. */
static const char *brief_rules(const char *rules)
{
	static const char linux_name[] = "Linux ";
	const char *at = strstr(rules, linux_name);

	return at ? at + strlen(linux_name) : rules;
}

static void add_line(struct cli_table *table, const struct line *line)
{
	const struct p2p_kernel *kernel = &line->kernel;
	char rules[P2P_POLICY_TEXT];

	p2p_policy_text(kernel->policy, rules);
	cli_table_row(table);
	cli_table_cell(table, COLUMN_WHO, CLI_PLAIN, "%s",
		       kernel->row ? kernel->row->who : "another");
	cli_table_cell(table, COLUMN_RELEASE, CLI_BOLD, "%s", line->release);
	cli_table_cell(table, COLUMN_RULES, CLI_PLAIN, "%s", rules);
	cli_table_brief(table, COLUMN_RULES, brief_rules(rules));
	cli_table_cell(table, COLUMN_P2PDMA, CLI_PLAIN, "%s", word(kernel->p2pdma));
	cli_table_cell(table, COLUMN_ALLOCATE, CLI_PLAIN, "%s", word(kernel->allocate));
	cli_table_cell(table, COLUMN_DMABUF, CLI_PLAIN, "%s", word(kernel->dmabuf));
	if (kernel->p2pdma_from)
		cli_table_cell(table, COLUMN_FROM, CLI_PLAIN, "%s", kernel->p2pdma_from);
}

/* Where a row's knowledge is from goes first; the rules and P2PDMA are what people ask for. */
static void shape(struct cli_table *table)
{
	cli_table_shape(table, COLUMN_FROM, 1, 0);
	cli_table_shape(table, COLUMN_DMABUF, 2, 0);
	cli_table_shape(table, COLUMN_ALLOCATE, 3, 0);
	cli_table_shape(table, COLUMN_WHO, 4, 12);
	cli_table_shape(table, COLUMN_RELEASE, 0, 18);
}

static int show_lines(const struct line *lines, uint32_t count)
{
	struct cli_terminal terminal = cli_terminal_look(stdout);
	struct cli_table *table = cli_table_new(titles, COLUMNS);
	int rc;

	if (!table)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++)
		add_line(table, &lines[i]);
	shape(table);
	rc = cli_table_print(table, &terminal, stdout);
	cli_table_free(table);
	return rc;
}

static void show_ranges(void)
{
	struct p2p_release_range ranges[P2P_RELEASE_RANGES];
	uint32_t count = p2p_release_ranges(ranges);
	char text[P2P_POLICY_TEXT];

	printf("\nReleases that judge alike:\n");
	for (uint32_t i = 0; i < count; i++)
		printf("  %s\n", p2p_release_range_text(&ranges[i], &ranges[i], text));
}

static json_t *line_json(const struct line *line)
{
	const struct p2p_kernel *kernel = &line->kernel;
	char rules[P2P_POLICY_TEXT];
	json_t *json = cli_json_kernel(line->release, kernel);
	json_t *judged =
		json_pack("{s:s, s:s, s:s}", "rules", p2p_policy_text(kernel->policy, rules),
			  "policy", kernel->policy->name, "fit", p2p_policy_fit_name(kernel->fit));

	if (json && judged && !json_object_update_new(json, judged))
		return json;
	json_decref(json);
	return NULL;
}

static json_t *ranges_json(void)
{
	struct p2p_release_range ranges[P2P_RELEASE_RANGES];
	uint32_t count = p2p_release_ranges(ranges);
	json_t *list = json_array();

	for (uint32_t i = 0; i < count; i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:i}", "first", ranges[i].first->name,
						"last", ranges[i].last->name, "rows",
						(int)ranges[i].first->allow_count));
	return list;
}

static int print_json(const struct line *lines, uint32_t count)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < count; i++)
		json_array_append_new(list, line_json(&lines[i]));
	return cli_json_print(json_pack("{s:o, s:o}", "kernels", list, "releases", ranges_json()));
}

static int tell(const struct line *lines, uint32_t count, bool all, bool json)
{
	if (json)
		return print_json(lines, count);
	if (show_lines(lines, count))
		return cli_fail_memory();
	if (all)
		show_ranges();
	return cli_finish();
}

static int tell_all(bool json)
{
	uint32_t count;
	const struct p2p_kernel_row *rows = p2p_kernel_rows(&count);
	struct line *lines = calloc(count, sizeof(*lines));
	int status;

	if (!lines)
		return cli_fail_memory();
	for (uint32_t i = 0; i < count; i++) {
		lines[i].release = rows[i].example;
		p2p_kernel_find(rows[i].example, &lines[i].kernel);
	}
	status = tell(lines, count, true, json);
	free(lines);
	return status;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct arguments arguments = { .json = false };
	struct line line;
	int first, status;

	status = cli_parse(command, &arguments, argc, argv, &first);
	if (status != CLI_GO_ON)
		return status;
	if (!argv[first])
		return tell_all(arguments.json);
	line.release = argv[first];
	if (p2p_kernel_find(line.release, &line.kernel)) {
		struct p2p_error error = { .code = 0 };

		p2p_error_set(&error, -EINVAL,
			      "\"%s\" is not a kernel release; give one as uname -r prints it",
			      line.release);
		return cli_fail(&error);
	}
	return tell(&line, 1, false, arguments.json);
}

const struct cli_command cli_kernels_command = {
	.name = "kernels",
	.summary = "Say whose rules a kernel judges by, and what can be done on it",
	.arguments = "[RELEASE]",
	.details = "Without RELEASE, as uname -r prints it: the kernels that are known.\n",
	.options = options,
	.positional = 0,
	.optional = 1,
	.json_format = 1,
	.run = run,
};
