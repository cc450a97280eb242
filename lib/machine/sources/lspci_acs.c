// SPDX-License-Identifier: MIT
/*
 * The two lines of ACS in lspci's words. They are longer than the 78 columns of a mail, so they
 * often come in two pieces.
 */
#include "lspci.h"

#include <stdio.h>

static const char *const names[] = { "SrcValid",    "TransBlk",   "ReqRedir",   "CmpltRedir",
				     "UpstreamFwd", "EgressCtrl", "DirectTrans" };
#define NAMES (sizeof(names) / sizeof(names[0]))

/*
 * "SrcValid+ TransBlk- ReqRedir+ …". How many words are whole; -1: something else is in between.
 * All seven or none count: a cut line proves nothing.
 */
static int parse(struct p2p_span text, uint16_t *bits)
{
	*bits = 0;
	for (unsigned int i = 0; i < NAMES; i++) {
		text = p2p_span_trim(text);
		if (text.length <= strlen(names[i]) && !memcmp(text.text, names[i], text.length))
			return (int)i; /* it may go on in the next line */
		if (!p2p_span_skip(&text, names[i]))
			return -1;
		if (p2p_span_skip(&text, "+"))
			*bits = (uint16_t)(*bits | 1u << i);
		else if (!p2p_span_skip(&text, "-"))
			return -1;
	}
	return (int)NAMES;
}

static void take(struct p2p_lspci_record *record, uint16_t bits)
{
	struct p2p_acs *acs = &record->function.info.acs;
	struct p2p_lspci_proof *proof = &record->function.proof;

	record->acs_pending = false;
	if (record->acs_control) {
		acs->control = bits;
		proof->signs |= P2P_SIGN(ACS_CTL);
	} else {
		acs->capability = bits;
		proof->signs |= P2P_SIGN(ACS_CAP);
	}
}

void p2p_lspci_acs(struct p2p_lspci_record *record, struct p2p_span text, bool control)
{
	struct p2p_lspci_proof *proof = &record->function.proof;
	uint16_t bits;
	int words;

	proof->acs_named = true;
	record->acs_control = control;
	record->acs_pending = false;
	if (control) {
		proof->acs_controls += proof->acs_controls < 2;
		proof->control_follows = record->last == P2P_SIGN_ACS_CAP;
	} else {
		proof->acs_caps += proof->acs_caps < 2;
		proof->cap_follows = record->last == P2P_SIGN_ACS;
	}
	words = parse(text, &bits);
	if (words == (int)NAMES) {
		take(record, bits);
	} else if (words >= 0 && text.length < sizeof(record->acs_text)) {
		record->acs_pending = true;
		memcpy(record->acs_text, text.text, text.length);
		record->acs_text[text.length] = '\0';
	}
}

/* Words may be cut in the middle, too. */
static bool join(struct p2p_lspci_record *record, struct p2p_span line, const char *between)
{
	char text[sizeof(record->acs_text)];
	int length = snprintf(text, sizeof(text), "%s%s%.*s", record->acs_text, between,
			      (int)line.length, line.text);
	uint16_t bits;
	int before, words;

	if (length < 0 || (size_t)length >= sizeof(text))
		return false;
	before = parse(p2p_span(record->acs_text), &bits);
	words = parse(p2p_span(text), &bits);
	if (words <= before)
		return false;
	memcpy(record->acs_text, text, sizeof(text));
	if (words == (int)NAMES)
		take(record, bits);
	return true;
}

bool p2p_lspci_acs_goes_on(struct p2p_lspci_record *record, struct p2p_span line)
{
	if (!record->acs_pending || line.length >= sizeof(record->acs_text))
		return false;
	return join(record, line, " ") || join(record, line, "");
}
