// SPDX-License-Identifier: MIT
/*
 * What to change so that a pair works better.
 *
 * Linux sources meant below: drivers/pci/pci.c (pci_enable_acs(), pci_disable_acs_redir(),
 * __pci_config_acs(), pci_restore_state()) and drivers/pci/p2pdma.c of 6.1.192, 6.12.107, 7.3.4.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <p2pmem/acs.h>

#include "acs_option.h"
#include "eras.h"
#include "guest.h"
#include "reading.h"
#include "reasons.h"
#include "remedies.h"
#include <p2pmem/text.h>
#include <p2pmem/topology.h>

const char *p2p_remedy_name(enum p2p_remedy_code code)
{
	static const char *const names[P2P_REMEDIES] = {
		[P2P_REMEDY_BOOT_OPTION] = "boot-option", [P2P_REMEDY_LIVE] = "live",
		[P2P_REMEDY_FIRMWARE] = "firmware",       [P2P_REMEDY_READ] = "read",
		[P2P_REMEDY_ALLOWLIST] = "allowlist",     [P2P_REMEDY_MOVE] = "move",
		[P2P_REMEDY_ASK_HOST] = "ask-host",
	};

	return code < P2P_REMEDIES ? names[code] : "unknown";
}

/* Texts of any length: every port is named. A failure shows as a NULL text in the end. */
struct draft {
	FILE *file;
	char *text;
	size_t size;
};

static FILE *draft_open(struct draft *draft)
{
	draft->text = NULL;
	draft->file = open_memstream(&draft->text, &draft->size);
	return draft->file;
}

static char *draft_close(struct draft *draft)
{
	bool bad = ferror(draft->file);

	if (!fclose(draft->file) && !bad)
		return draft->text;
	free(draft->text);
	return NULL;
}

/* A remedy's text is there, or memory was short. */
static int add(struct p2p_remedies *remedies, enum p2p_remedy_code code, char *text,
	       const char *cost)
{
	struct p2p_remedy *remedy = &remedies->list[remedies->count++];

	*remedy = (struct p2p_remedy){ .code = code, .text = text };
	if (cost)
		remedy->cost = strdup(cost);
	return text && (!cost || remedy->cost) ? 0 : -ENOMEM;
}

static int add_text(struct p2p_remedies *remedies, enum p2p_remedy_code code, const char *text,
		    const char *cost)
{
	return add(remedies, code, strdup(text), cost);
}

static struct p2p_remedy *last(struct p2p_remedies *remedies)
{
	return &remedies->list[remedies->count - 1];
}

/* Whether the reason is a port whose bits can be cleared where the specification has them. */
static bool is_to_clear(const struct p2p_answer *answer, const struct p2p_reason *reason)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(answer->machine);

	return (reason->code == P2P_REASON_ACS_REDIRECT || reason->code == P2P_REASON_ACS_EGRESS) &&
	       p2p_acs_quirk(p2p_fabric_info(fabric, reason->node)) != P2P_ACS_QUIRK_LAYOUT;
}

/* One node can have two reasons, redirect and egress control, which follow each other. */
static const struct p2p_reason *next_to_clear(const struct p2p_answer *answer,
					      const struct p2p_reason *after)
{
	const struct p2p_reason *end = answer->reasons + answer->reason_count;
	const struct p2p_reason *reason = after ? after + 1 : answer->reasons;

	for (; reason < end; reason++)
		if (is_to_clear(answer, reason) && (!after || after->node != reason->node))
			return reason;
	return NULL;
}

static void write_live(FILE *file, const struct p2p_answer *answer)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(answer->machine);
	const char *between = "";
	char address[P2P_ADDRESS];

	for (const struct p2p_reason *reason = next_to_clear(answer, NULL); reason;
	     reason = next_to_clear(answer, reason)) {
		/* setpci(8): VALUE:MASK writes the bits of the mask only; ACS Control is at +6. */
		fprintf(file, "%ssetpci -s %s ECAP_ACS+6.w=0000:%04x", between,
			p2p_address(fabric, reason->node, address), P2P_ACS_LINUX);
		between = "\n";
	}
}

static int add_paste(struct p2p_remedies *remedies, const struct p2p_answer *answer,
		     void (*write)(FILE *file, const struct p2p_answer *answer))
{
	struct draft draft;

	if (!draft_open(&draft))
		return -ENOMEM;
	write(draft.file, answer);
	last(remedies)->paste = draft_close(&draft);
	return last(remedies)->paste ? 0 : -ENOMEM;
}

static int paste_boot_option(struct p2p_remedies *remedies, const struct p2p_answer *answer)
{
	p2p_node *ports = calloc(answer->reason_count + 1, sizeof(*ports));
	uint32_t count = 0;

	if (!ports)
		return -ENOMEM;
	for (const struct p2p_reason *reason = next_to_clear(answer, NULL); reason;
	     reason = next_to_clear(answer, reason))
		ports[count++] = reason->node;
	last(remedies)->paste = p2p_acs_boot_option(answer->machine, ports, count);
	free(ports);
	return last(remedies)->paste ? 0 : -ENOMEM;
}

static int add_boot_option(struct p2p_remedies *remedies, const struct p2p_answer *answer)
{
	const char *text = "Boot with redirect switched off on these ports: add this to the kernel "
			   "command line (every Linux since 4.19 knows it). GRUB ends a command at "
			   "a semicolon, so quote the whole option there. ";
	struct draft draft;
	int rc;

	if (!draft_open(&draft))
		return -ENOMEM;
	fprintf(draft.file, "%s", text);
	if (p2p_acs_booted_with(answer->machine))
		fprintf(draft.file, "It takes the place of the option that this machine was booted "
				    "with, and repeats it: Linux uses the last one only. ");
	if (p2p_answer_reason(answer, P2P_REASON_ACS_UNKNOWN))
		fprintf(draft.file, "Ports whose ACS could not be read are not in it. ");
	fprintf(draft.file, "Then check again.");
	rc = add(remedies, P2P_REMEDY_BOOT_OPTION, draft_close(&draft),
		 "isolation: the devices below these ports can reach each other past the IOMMU. "
		 "Linux puts them into one IOMMU group, which goes to one virtual machine as a "
		 "whole or to none. From 6.12 on, the other ACS bits of these ports (source "
		 "validation, upstream forwarding) are left as firmware set them, too.");
	return rc ? rc : paste_boot_option(remedies, answer);
}

static int add_live(struct p2p_remedies *remedies, const struct p2p_answer *answer)
{
	int rc =
		add_text(remedies, P2P_REMEDY_LIVE,
			 "Or clear the bits at once, as root, to try it until the next boot. Do it "
			 "before a driver asks for the pair: Linux keeps the first verdict.",
			 "the same isolation, and worse: IOMMU groups stay as they were made at "
			 "boot and now promise what is no longer so. Never with devices of these "
			 "groups in virtual machines. Resuming from suspend or resetting a port "
			 "may set the bits again.");

	return rc ? rc : add_paste(remedies, answer, write_live);
}

static int add_firmware(struct p2p_remedies *remedies, const struct p2p_answer *answer)
{
	const char *text =
		"Many firmware setups have a switch named ACS, ACS Control or ACS Enable, mostly "
		"near those for PCIe, virtualization or the IOMMU. It says what Linux finds at "
		"boot, no more: ";
	bool iommu = p2p_machine_facts(answer->machine)->iommu == P2P_PRESENT;
	struct draft draft;

	if (!draft_open(&draft))
		return -ENOMEM;
	fprintf(draft.file, "%s%s", text,
		iommu ? "with an IOMMU on, as here, Linux itself sets redirect on every port that "
			"can, so the switch alone will not do."
		      : "when an IOMMU is on, Linux itself sets redirect on every port that can. "
			"Check again afterwards.");
	return add(remedies, P2P_REMEDY_FIRMWARE, draft_close(&draft),
		   "isolation, on every port of the machine.");
}

static const char *how_to_read(const struct p2p_answer *answer)
{
	const char *source = p2p_machine_source(answer->machine);

	switch (p2p_reading_of(answer->machine)) {
	case P2P_READING_AS_ROOT:
		return "Run this command as root: only root may read ACS registers.";
	case P2P_READING_NO_MORE:
		return "Root could not read it either: the kernel may be locked down, or shows no "
		       "extended configuration space here. lspci -vvv as root shows what is "
		       "readable.";
	case P2P_READING_CAPTURED_ALL:
		return "Root could not read it either when the capture was taken: the kernel may "
		       "be locked down, or shows no extended configuration space there.";
	case P2P_READING_CAPTURE:
		break;
	}
	if (!strcmp(source, "capture"))
		return "The capture was taken without root. Take one as root on that machine:";
	if (!strcmp(source, "lspci"))
		return "lspci text does not tell this; without root it lacks ACS, and it never "
		       "has the CPU. Take a capture as root on that machine:";
	return "This kind of file does not tell it. Take a capture as root on that machine:";
}

static int add_read(struct p2p_remedies *remedies, const struct p2p_answer *answer)
{
	int rc = add_text(remedies, P2P_REMEDY_READ, how_to_read(answer), NULL);

	if (rc || p2p_reading_of(answer->machine) != P2P_READING_CAPTURE)
		return rc;
	last(remedies)->paste = strdup("sudo p2pmem capture machine.tar.gz");
	return last(remedies)->paste ? 0 : -ENOMEM;
}

/* What another policy would say; unknown when there is no memory to ask. */
static enum p2p_verdict verdict_by(const struct p2p_answer *answer, const struct p2p_policy *policy)
{
	struct p2p_platform platform = p2p_machine_platform(answer->machine);
	struct p2p_route route = { .verdict = P2P_VERDICT_UNKNOWN };
	struct p2p_router *router;

	if (p2p_router_new(p2p_machine_fabric(answer->machine), policy, &platform, &router))
		return P2P_VERDICT_UNKNOWN;
	p2p_route_find(router, answer->client, answer->provider, &route);
	p2p_router_free(router);
	return route.verdict;
}

/* Releases that allow it the same way follow each other, mostly. */
static void write_others(FILE *file, const struct p2p_answer *answer)
{
	struct p2p_era eras[P2P_ERAS_MAX];
	enum p2p_verdict verdicts[P2P_ERAS_MAX];
	uint32_t count = p2p_eras(eras), last;
	const char *between = "";

	for (uint32_t i = 0; i < count; i++)
		verdicts[i] = verdict_by(answer, eras[i].first);
	for (uint32_t i = 0; i < count; i = last + 1) {
		for (last = i; last + 1 < count && verdicts[last + 1] == verdicts[i];)
			last++;
		if (verdicts[i] != P2P_VERDICT_DIRECT && verdicts[i] != P2P_VERDICT_VIA_HOST)
			continue;
		fprintf(file, "%s", between);
		p2p_era_write(file, &eras[i], &eras[last]);
		fprintf(file, " %s it (%s)", eras[i].first == eras[last].last ? "allows" : "allow",
			p2p_verdict_text(verdicts[i]));
		between = ", ";
	}
	if (*between)
		fprintf(file, ": run such a kernel, or a newer one.");
	else if (count)
		fprintf(file, "Of the kernels known here (%s to %s) none is certain to allow it.",
			eras[0].first->name, eras[count - 1].last->name);
}

static int add_allowlist(struct p2p_remedies *remedies, const struct p2p_answer *answer)
{
	struct draft draft;

	if (!draft_open(&draft))
		return -ENOMEM;
	fprintf(draft.file, "No boot option adds a host bridge to the kernel's allowlist. ");
	write_others(draft.file, answer);
	return add(remedies, P2P_REMEDY_ALLOWLIST, draft_close(&draft), NULL);
}

static bool is_integrated(const struct p2p_fabric *fabric, p2p_node node)
{
	p2p_node parent = p2p_fabric_parent(fabric, node);

	return p2p_fabric_info(fabric, node)->kind == P2P_KIND_ENDPOINT && parent != P2P_NO_NODE &&
	       p2p_fabric_info(fabric, parent)->kind == P2P_KIND_HOST_BRIDGE;
}

static int add_move(struct p2p_remedies *remedies, const struct p2p_answer *answer)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(answer->machine);
	p2p_node fixed = is_integrated(fabric, answer->client)     ? answer->client
			 : is_integrated(fabric, answer->provider) ? answer->provider
								   : P2P_NO_NODE;
	char title[P2P_TITLE];
	struct draft draft;

	if (!draft_open(&draft))
		return -ENOMEM;
	if (fixed != P2P_NO_NODE)
		fprintf(draft.file,
			"%s sits directly on a root bus: if it is part of the chip, as most such "
			"devices are, it cannot be moved below a switch; choose another device in "
			"its place.",
			p2p_title(answer->machine, fixed, title));
	else
		fprintf(draft.file,
			"Put both cards below one PCIe switch, so that a port is above both; then "
			"neither host bridge nor allowlist matters. p2pmem matrix shows which "
			"devices are placed so.");
	return add(remedies, P2P_REMEDY_MOVE, draft_close(&draft), NULL);
}

/* What only the host can do is not for a guest to be told. */
static int add_ask_host(struct p2p_remedies *remedies, const struct p2p_answer *answer)
{
	struct draft draft;

	if (!draft_open(&draft))
		return -ENOMEM;
	fprintf(draft.file, "This machine is a virtual one (");
	p2p_guest_write(draft.file, answer->machine);
	fprintf(draft.file,
		"): its ports, bits and host bridges are the hypervisor's picture of them. Only "
		"the "
		"host can tell what the real switches do, and change it: ask there, with p2pmem "
		"check on the same devices.");
	return add(remedies, P2P_REMEDY_ASK_HOST, draft_close(&draft), NULL);
}

static bool has_any(const struct p2p_answer *answer, const enum p2p_reason_code *codes,
		    size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (p2p_answer_reason(answer, codes[i]))
			return true;
	return false;
}

#define HAS_ANY(answer, ...)                                                                       \
	has_any(answer, (const enum p2p_reason_code[]){ __VA_ARGS__ },                             \
		sizeof((const enum p2p_reason_code[]){ __VA_ARGS__ }) /                            \
			sizeof(enum p2p_reason_code))

static int find_all(const struct p2p_answer *answer, struct p2p_remedies *remedies)
{
	bool guest = p2p_machine_facts(answer->machine)->hypervisor == P2P_PRESENT;
	int rc = 0;

	if (next_to_clear(answer, NULL)) {
		rc = add_boot_option(remedies, answer);
		if (!rc)
			rc = add_live(remedies, answer);
		if (!rc && !guest)
			rc = add_firmware(remedies, answer);
	}
	if (!rc && answer->route.verdict == P2P_VERDICT_UNKNOWN &&
	    HAS_ANY(answer, P2P_REASON_ACS_UNKNOWN, P2P_REASON_CPU_UNKNOWN,
		    P2P_REASON_BRIDGE_UNKNOWN, P2P_REASON_IOMMU_UNKNOWN))
		rc = add_read(remedies, answer);
	if (!rc && answer->route.verdict != P2P_VERDICT_VIA_HOST &&
	    HAS_ANY(answer, P2P_REASON_BRIDGE_NOT_LISTED, P2P_REASON_BRIDGE_SAME_ONLY,
		    P2P_REASON_BRIDGE_NO_KEY, P2P_REASON_HOST_NEVER, P2P_REASON_IOMMU_REFUSES,
		    P2P_REASON_REDIRECT_REFUSED, P2P_REASON_RULES_UNREAD, P2P_REASON_NO_SUPPORT))
		rc = add_allowlist(remedies, answer);
	if (!rc && !guest &&
	    HAS_ANY(answer, P2P_REASON_NO_COMMON_PORT, P2P_REASON_TWO_HOST_BRIDGES))
		rc = add_move(remedies, answer);
	if (!rc && guest)
		rc = add_ask_host(remedies, answer);
	return rc;
}

int p2p_remedies_find(const struct p2p_answer *answer, struct p2p_remedies *remedies)
{
	*remedies = (struct p2p_remedies){ .count = 0 };
	if (answer->route.verdict == P2P_VERDICT_DIRECT)
		return 0;
	return find_all(answer, remedies);
}

void p2p_remedies_free(struct p2p_remedies *remedies)
{
	for (uint32_t i = 0; i < remedies->count; i++) {
		free(remedies->list[i].text);
		free(remedies->list[i].paste);
		free(remedies->list[i].cost);
	}
	remedies->count = 0;
}
