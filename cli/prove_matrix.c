// SPDX-License-Identifier: MIT
/*
 * All pairs of `p2pmem prove --all`: what is allowed, and what came of it.
 */
#include <stdio.h>
#include <string.h>

#include "prove.h"

#define CELL 6

/* The letters of `p2pmem matrix`. */
static char verdict_letter(enum p2p_verdict verdict)
{
	switch (verdict) {
	case P2P_VERDICT_DIRECT:
		return 'D';
	case P2P_VERDICT_VIA_HOST:
		return 'h';
	case P2P_VERDICT_UNREACHABLE:
		return '-';
	case P2P_VERDICT_UNKNOWN:
		break;
	}
	return '?';
}

static char proof_sign(const struct p2p_prove_trial *trial)
{
	switch (trial->result->state) {
	case P2P_PROOF_PROVEN:
		return '+';
	case P2P_PROOF_WRONG:
		return '!';
	case P2P_PROOF_REFUSED:
		return 'x';
	default:
		return '.';
	}
}

static uint32_t count_providers(const struct p2p_prove *prove)
{
	uint32_t count = p2p_prove_count(prove), i = 0;
	const char *first = count ? p2p_prove_trial(prove, 0)->client : NULL;

	while (i < count && p2p_prove_trial(prove, i)->client == first)
		i += P2P_PROOF_DIRECTIONS;
	return i / P2P_PROOF_DIRECTIONS;
}

/* A client's cells of providers from `left` to `right`; `first` is its first trial. */
static void show_row(const struct p2p_prove *prove, uint32_t first, uint32_t left, uint32_t right,
		     int head)
{
	printf("%-*s", head, p2p_prove_trial(prove, first)->client);
	for (uint32_t i = left; i < right; i++) {
		const struct p2p_prove_trial *to =
			p2p_prove_trial(prove, first + i * P2P_PROOF_DIRECTIONS);
		const struct p2p_prove_trial *from =
			p2p_prove_trial(prove, first + i * P2P_PROOF_DIRECTIONS + 1);

		printf("%*s%c%c%c", CELL - 3, "", verdict_letter(to->verdict), proof_sign(to),
		       proof_sign(from));
	}
	printf("\n");
}

static int widest_client(const struct p2p_prove *prove)
{
	size_t widest = 0;

	for (uint32_t i = 0; i < p2p_prove_count(prove); i++) {
		size_t width = strlen(p2p_prove_trial(prove, i)->client);

		widest = width > widest ? width : widest;
	}
	return (int)widest;
}

static void show_legend(const struct cli_terminal *terminal)
{
	cli_wrap(terminal, 2, "D h - ? ",
		 "direct, through the host bridge, unreachable, unknown: by the kernel's rules");
	cli_wrap(terminal, 2, "then ", "from the client to the provider, and from it");
	cli_wrap(terminal, 2, "+ ", "proven");
	cli_wrap(terminal, 2, "! ", "WRONG: allowed, and wrong bytes arrive");
	cli_wrap(terminal, 2, "x ", "refused");
	cli_wrap(terminal, 2, ". ", "not tried");
}

static void show_block(const struct p2p_prove *prove, uint32_t providers, uint32_t left,
		       uint32_t right, int head)
{
	printf("\n%-*s", head, "");
	for (uint32_t i = left; i < right; i++)
		printf("%*u", CELL, i + 1);
	printf("\n");
	for (uint32_t i = 0; i < p2p_prove_count(prove); i += providers * P2P_PROOF_DIRECTIONS)
		show_row(prove, i, left, right, head);
}

static uint32_t cells_a_line(const struct cli_terminal *terminal, int head)
{
	unsigned int columns = terminal->width ? terminal->width : cli_columns(terminal);

	return columns >= (unsigned int)head + CELL ? (columns - (unsigned int)head) / CELL : 1;
}

void cli_prove_show_matrix(const struct cli_terminal *terminal, const struct p2p_prove *prove)
{
	uint32_t providers = count_providers(prove);
	int head = widest_client(prove);
	uint32_t cells = cells_a_line(terminal, head);

	printf("\n");
	for (uint32_t i = 0; i < providers; i++)
		printf("%2u = %s\n", i + 1,
		       p2p_prove_trial(prove, i * P2P_PROOF_DIRECTIONS)->provider);
	for (uint32_t left = 0; left < providers; left += cells)
		show_block(prove, providers, left,
			   providers - left < cells ? providers : left + cells, head);
	printf("\n");
	show_legend(terminal);
}
