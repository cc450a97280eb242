/* SPDX-License-Identifier: MIT */
/*
 * What a command is: a row of main()'s table, with its options.
 */
#ifndef P2P_CLI_COMMAND_H
#define P2P_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

enum cli_type {
	CLI_FLAG,  /**< bool */
	CLI_TEXT,  /**< const char *, pointing into argv */
	CLI_SIZE,  /**< uint64_t bytes; K, M, G, T mean powers of 1024 */
	CLI_COUNT, /**< unsigned int, at least 1 */
	CLI_WORD,  /**< int: the index of the value in `words` */
};

struct cli_option {
	const char *name; /**< without dashes; NULL ends the table */
	char letter;      /**< or 0 */
	enum cli_type type;
	size_t offset;            /**< of the target in the command's own struct */
	const char *argument;     /**< its name in --help; NULL for flags */
	const char *help;         /**< lines separated by newlines */
	const char *const *words; /**< for CLI_WORD, ending with NULL */
};

struct cli_command {
	const char *name;
	const char *summary;   /**< one line, for the list of commands */
	const char *arguments; /**< "SOURCE DESTINATION" */
	const char *details;   /**< a paragraph for --help, ending with a newline, or "" */
	const struct cli_option *options;
	int positional;  /**< how many arguments must follow the options */
	int optional;    /**< how many more may follow; argv ends with NULL */
	int json_format; /**< of its --json; goes up when a field changes its meaning or name */
	/** Returns the exit status. */
	int (*run)(const struct cli_command *command, int argc, char **argv);
};

#endif
