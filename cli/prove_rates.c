// SPDX-License-Identifier: MIT
/*
 * The rates of `p2pmem prove --rates`, peer and host memory side by side.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <p2pmem/text.h>

#include "format.h"
#include "prove.h"
#include "table.h"

#define NS_PER_SECOND 1e9

enum {
	SIZE,
	DEPTH,
	PEER_RATE,
	HOST_RATE,
	PEER_LATENCY,
	HOST_LATENCY,
	COLUMNS,
};

static double rate_of(const struct p2p_prove_rate *rate, const struct p2p_prove_speed *speed)
{
	return speed->ns
		       ? (double)speed->requests * rate->length / (double)speed->ns * NS_PER_SECOND
		       : 0;
}

static double latency_of(const struct p2p_prove_rate *rate, const struct p2p_prove_speed *speed)
{
	return speed->requests ? (double)speed->ns * rate->depth / (double)speed->requests / 1e3
			       : 0;
}

static bool peer_is_faster(const struct p2p_prove_rate *rate)
{
	return rate_of(rate, &rate->peer) > rate_of(rate, &rate->host);
}

/*
 * The least length of the deepest requests from which on one memory is always the faster one, and
 * which. False: there is none that is measured with several in flight.
 */
static bool find_turn(const struct p2p_prove_trial *trial, uint32_t *length, bool *peer)
{
	uint32_t depth = 0;
	bool found = false;

	for (uint32_t i = 0; i < trial->rate_count; i++)
		if (trial->rates[i].depth > depth)
			depth = trial->rates[i].depth;
	for (uint32_t i = trial->rate_count; i-- > 0;) {
		const struct p2p_prove_rate *rate = &trial->rates[i];

		if (rate->depth != depth)
			continue;
		if (found && peer_is_faster(rate) != *peer)
			break;
		*peer = peer_is_faster(rate);
		*length = rate->length;
		found = true;
	}
	return found;
}

static void say_turn(const struct cli_terminal *terminal, const struct p2p_prove_trial *trial)
{
	char size[P2P_SIZE_TEXT];
	uint32_t length;
	bool peer, always;

	if (!find_turn(trial, &length, &peer))
		return;
	always = length == trial->rates[0].length;
	cli_say(terminal, 2, "with the most in flight %s memory is faster %s%s%s",
		peer ? "peer" : "host", always ? "at every size" : "from ",
		always ? "" : p2p_size_text(size, length), always ? "" : " on");
}

static void add_row(struct cli_table *table, const struct p2p_prove_rate *rate)
{
	bool peer = peer_is_faster(rate);
	char size[P2P_SIZE_TEXT], text[CLI_NUMBER];

	cli_table_row(table);
	cli_table_cell(table, SIZE, CLI_PLAIN, "  %s", p2p_size_text(size, rate->length));
	cli_table_cell(table, DEPTH, CLI_PLAIN, "%" PRIu32, rate->depth);
	cli_table_cell(table, PEER_RATE, peer ? CLI_GOOD : CLI_PLAIN, "%s",
		       cli_rate(text, rate_of(rate, &rate->peer)));
	cli_table_cell(table, HOST_RATE, peer ? CLI_PLAIN : CLI_GOOD, "%s",
		       cli_rate(text, rate_of(rate, &rate->host)));
	cli_table_cell(table, PEER_LATENCY, CLI_PLAIN, "%.1f us", latency_of(rate, &rate->peer));
	cli_table_cell(table, HOST_LATENCY, CLI_PLAIN, "%.1f us", latency_of(rate, &rate->host));
}

void cli_prove_show_rates(const struct cli_terminal *terminal, const struct p2p_prove_trial *trial)
{
	static const char *const titles[COLUMNS] = { "  SIZE", "DEPTH",   "PEER",
						     "HOST",   "LATENCY", "HOST'S" };
	struct cli_table *table = cli_table_new(titles, COLUMNS);

	for (uint32_t i = 0; table && i < trial->rate_count; i++)
		add_row(table, &trial->rates[i]);
	if (table)
		cli_table_print(table, terminal, stdout);
	cli_table_free(table);
	say_turn(terminal, trial);
	fflush(stdout);
}

void cli_prove_show_where(const struct cli_terminal *terminal, const struct p2p_prove *prove)
{
	enum p2p_known guest = p2p_machine_facts(p2p_prove_machine(prove))->hypervisor;

	if (guest == P2P_PRESENT)
		cli_say(terminal, 0,
			"rates were measured in a guest: they say nothing about hardware");
	if (guest == P2P_UNKNOWN)
		cli_say(terminal, 0,
			"whether this is a guest is not known: rates in one say nothing about "
			"hardware");
}
