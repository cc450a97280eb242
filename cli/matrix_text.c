// SPDX-License-Identifier: MIT
/*
 * p2pmem matrix for people: a table of groups that answer alike, and who is in them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "exit.h"
#include "matrix_grid.h"

/* What there is instead, in the words that --clients and --providers take. */
static int show_nothing(const struct cli_matrix_grid *grid)
{
	const struct cli_matrix *matrix = grid->matrix;
	char text[256] = "none of a class";
	size_t used = 0;

	for (const char *const *word = p2p_class_words(); *word; word++) {
		uint32_t count = p2p_class_count(matrix->view->machine, *word);

		if (count && strcmp(*word, "bridge"))
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u %s",
						 used ? ", " : "", count, *word);
	}
	cli_say(&grid->terminal, 0,
		"There is no such %s. This machine has: %s. p2pmem matrix --all "
		"shows every function.",
		matrix->clients->count ? "provider" : "client", text);
	return 0;
}

int cli_matrix_show(const struct cli_matrix *matrix)
{
	struct cli_matrix_grid grid = { .matrix = matrix, .terminal = cli_terminal_look(stdout) };
	struct p2p_error error = { .code = 0 };
	int rc;

	if (!matrix->clients->count || !matrix->providers->count)
		return show_nothing(&grid);
	rc = cli_matrix_grid_open(&grid);
	if (rc) {
		if (rc == -E2BIG)
			p2p_error_set(&error, -EFBIG,
				      "too many kinds of answers for a table; choose with "
				      "--clients and --providers, or use --csv or --json");
		else
			p2p_error_set(&error, rc, "out of memory");
		cli_matrix_grid_close(&grid);
		return cli_fail(&error);
	}
	cli_say(&grid.terminal, 0, "%u client%s, %u provider%s. Rules: %s%s.",
		matrix->clients->count, matrix->clients->count == 1 ? "" : "s",
		matrix->providers->count, matrix->providers->count == 1 ? "" : "s",
		matrix->view->policy == p2p_policy_hardware() ? "the " : "Linux ",
		matrix->view->policy->name);
	cli_matrix_show_table(&grid);
	cli_matrix_show_proofs(&grid);
	cli_matrix_show_allowed(&grid);
	cli_matrix_show_groups(&grid);
	cli_matrix_grid_close(&grid);
	return 0;
}
