// SPDX-License-Identifier: MIT
/*
 * p2pmem: finds the command and runs it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "commands.h"

static const struct cli_command *const commands[] = {
	&cli_topo_command,    &cli_check_command,     &cli_matrix_command,    &cli_doctor_command,
	&cli_capture_command, &cli_prove_command,     &cli_providers_command, &cli_copy_command,
	&cli_publish_command, &cli_unpublish_command, &cli_stat_command,      &cli_sim_command,
	&cli_kernels_command, &cli_watch_command,     &cli_allow_command,
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void show_help(void)
{
	printf("Usage: p2pmem COMMAND [OPTION]... [ARGUMENT]...\n"
	       "Lets one device use another's memory directly, and says truthfully when that "
	       "works.\n\nCommands:\n");
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %-10s  %s\n", commands[i]->name, commands[i]->summary);
	printf("\nOptions:\n"
	       "  -h, --help     show this help; each command has its own --help\n"
	       "      --version  show the version\n\n"
	       "Manual page: p2pmem(1)\n");
}

/* Who closes a standard stream must not find its text in the next file that is opened. */
static void hold_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", O_RDONLY); /* written to, it is an error */
}

int main(int argc, char **argv)
{
	hold_standard_streams();
	if (argc < 2) {
		fprintf(stderr, "p2pmem: no command given; see p2pmem --help\n");
		return EX_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		show_help();
		return 0;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("p2pmem %s\n", P2P_VERSION);
		return 0;
	}
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i]->name, argv[1]))
			return commands[i]->run(commands[i], argc - 1, argv + 1);

	fprintf(stderr, "p2pmem: there is no command \"%s\"; see p2pmem --help\n", argv[1]);
	return EX_USAGE;
}
