/* SPDX-License-Identifier: MIT */
/*
 * Devices, links and numbers in few words, as people read them.
 */
#ifndef P2P_CLI_FORMAT_H
#define P2P_CLI_FORMAT_H

#include <stdio.h>

#include <p2pmem/machine.h>

/** Whether addresses need their domain: some function is in another than 0. */
bool cli_domains_matter(const struct p2p_fabric *fabric);

/** Writes "03:00.0" or "0000:03:00.0"; of a host bridge "0000:00", its domain and bus. */
void cli_write_address(FILE *out, const struct p2p_node_info *info, bool with_domain);

/** Writes a node's names, separated by spaces; nothing when it has none. */
void cli_write_names(FILE *out, const struct p2p_machine *machine, p2p_node node);

/** Writes the model without "Corporation" and the like, else the ids, else nothing. */
void cli_write_model(FILE *out, const struct p2p_machine *machine, p2p_node node);

/** The model's own name alone, where brackets tell it: "H100 SXM5 80GB" of "GH100 [H100 …]". */
void cli_write_short_model(FILE *out, const struct p2p_machine *machine, p2p_node node);

#define CLI_LINK 64

/**
 * "16 GT/s x8 of x16", "" when nothing is known; returns `text`. "of" tells what the link could
 * do: the lesser of what the device and the port above it (NULL: unknown) can.
 */
const char *cli_link(char text[CLI_LINK], const struct p2p_link *link, const struct p2p_link *port);

/** Whether both ends of the link could do better than it does. */
bool cli_link_downgraded(const struct p2p_link *link, const struct p2p_link *port);

/** "RR CR": the ACS bits by their names; returns `text`. */
const char *cli_acs_bits(char text[CLI_LINK], uint16_t bits);

/* Numbers are decimal, as drives and links are sold. */
#define CLI_NUMBER 32

/** "268.4 MB"; returns `text`. */
const char *cli_size(char text[CLI_NUMBER], uint64_t bytes);

/** "39.6 MB/s"; returns `text`. */
const char *cli_rate(char text[CLI_NUMBER], double bytes_per_second);

/** "7.5 s", "1:02 min" or "1:02:03 h"; returns `text`. */
const char *cli_duration(char text[CLI_NUMBER], double seconds);

#endif
