/* SPDX-License-Identifier: MIT */
/*
 * The commands, one file each.
 */
#ifndef P2P_CLI_COMMANDS_H
#define P2P_CLI_COMMANDS_H

#include "options.h"

extern const struct cli_command cli_allow_command;
extern const struct cli_command cli_capture_command;
extern const struct cli_command cli_check_command;
extern const struct cli_command cli_copy_command;
extern const struct cli_command cli_doctor_command;
extern const struct cli_command cli_kernels_command;
extern const struct cli_command cli_matrix_command;
extern const struct cli_command cli_prove_command;
extern const struct cli_command cli_providers_command;
extern const struct cli_command cli_publish_command;
extern const struct cli_command cli_stat_command;
extern const struct cli_command cli_topo_command;
extern const struct cli_command cli_sim_command;
extern const struct cli_command cli_unpublish_command;
extern const struct cli_command cli_watch_command;

#endif
