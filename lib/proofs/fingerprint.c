// SPDX-License-Identifier: MIT
/*
 * What a pair's result rests on. A fact more makes results void sooner than they need be; a fact
 * less lets one stand that says nothing any more.
 */
#include "fingerprint.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <p2pmem/acs.h>
#include <p2pmem/text.h>

#include "grow.h"
#include "sysfs.h"
#include "text_builder.h"

#define CLASS_NVME 0x0108u
#define UNKNOWN    "unknown"
#define VALUE      256
#define SAID       3 /* differences in a sentence */

/* What is before the blank in a fact's name, and how a sentence calls it. */
static const struct {
	const char *word, *text;
} kinds[] = {
	{ "kernel", "the kernel" },    { "bios", "the BIOS" },
	{ "cpu", "the CPU" },          { "iommu", "the IOMMU" },
	{ "boot", "the boot" },        { "domain", "the IOMMU domain of" },
	{ "device", "the device at" }, { "firmware", "the firmware of" },
	{ "acs", "ACS of" },
};

static struct p2p_span kind_of(struct p2p_span name)
{
	const char *blank = memchr(name.text, ' ', name.length);

	if (blank)
		name.length = (size_t)(blank - name.text);
	return name;
}

static const char *text_of(struct p2p_span name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (p2p_span_is(kind_of(name), kinds[i].word))
			return kinds[i].text;
	return NULL;
}

bool p2p_fact_is_known(struct p2p_span name)
{
	return text_of(name);
}

static char *copy(struct p2p_span text)
{
	char *copied = malloc(text.length + 1);

	if (!copied)
		return NULL;
	memcpy(copied, text.text, text.length);
	copied[text.length] = '\0';
	p2p_printable(copied, text.length);
	return copied;
}

bool p2p_facts_add(struct p2p_facts *facts, struct p2p_span name, struct p2p_span value)
{
	struct p2p_fact fact;

	if (facts->count == P2P_FACTS_MAX ||
	    !p2p_grow((void **)&facts->fact, facts->count, &facts->room, sizeof(fact)))
		return false;
	fact.name = copy(name);
	fact.value = copy(value);
	if (!fact.name || !fact.value) {
		free(fact.name);
		free(fact.value);
		return false;
	}
	facts->fact[facts->count++] = fact;
	return true;
}

void p2p_facts_free(struct p2p_facts *facts)
{
	for (uint32_t i = 0; i < facts->count; i++) {
		free(facts->fact[i].name);
		free(facts->fact[i].value);
	}
	free(facts->fact);
	*facts = (struct p2p_facts){ .fact = NULL };
}

struct collecting {
	const struct p2p_machine *machine;
	const struct p2p_fabric *fabric;
	struct p2p_facts *facts;
	bool failed;
};

/* NULL, and a value of blanks: it could not be read. */
static void add(struct collecting *collecting, const char *name, const char *value)
{
	struct p2p_span text = p2p_span_trim(p2p_span(value ? value : ""));

	if (!text.length)
		text = p2p_span(UNKNOWN);
	if (text.length >= VALUE)
		text.length = VALUE - 1;
	collecting->failed |= !p2p_facts_add(collecting->facts, p2p_span(name), text);
}

static void add_of(struct collecting *collecting, const char *kind, p2p_node node,
		   const char *value)
{
	char name[64], address[P2P_BDF_TEXT];

	snprintf(name, sizeof(name), "%s %s", kind,
		 p2p_bdf_text(p2p_fabric_info(collecting->fabric, node)->bdf, address));
	add(collecting, name, value);
}

static const char *known_word(enum p2p_known known)
{
	return known == P2P_PRESENT ? "on" : known == P2P_ABSENT ? "off" : NULL;
}

static void add_machine(struct collecting *collecting, const char *kernel)
{
	const struct p2p_machine_facts *facts = p2p_machine_facts(collecting->machine);
	char cpu[VALUE];

	add(collecting, "kernel", kernel ? kernel : facts->kernel_release);
	add(collecting, "bios", facts->bios);
	snprintf(cpu, sizeof(cpu), "%s %" PRId32 "/%" PRId32,
		 facts->cpu_vendor ? facts->cpu_vendor : UNKNOWN, facts->cpu_family,
		 facts->cpu_model);
	add(collecting, "cpu", cpu);
	add(collecting, "iommu", known_word(facts->iommu));
}

/* A client without a group has its addresses translated by none. */
static void add_domain(struct collecting *collecting, p2p_node client)
{
	int32_t group = p2p_fabric_info(collecting->fabric, client)->iommu_group;
	const char *type = p2p_machine_group_type(collecting->machine, group);

	if (!type && group == P2P_GROUP_UNKNOWN &&
	    p2p_machine_facts(collecting->machine)->iommu == P2P_ABSENT)
		type = "none";
	add_of(collecting, "domain", client, type);
}

static void add_id(struct collecting *collecting, p2p_node node)
{
	const struct p2p_node_info *info = p2p_fabric_info(collecting->fabric, node);
	const struct p2p_device *device = p2p_machine_device(collecting->machine, node);
	char text[VALUE], number[16] = UNKNOWN;

	if (device->revision_known == P2P_PRESENT)
		snprintf(number, sizeof(number), "%02x", device->revision);
	snprintf(text, sizeof(text), "%04x:%04x, subsystem %04x:%04x, revision %s", info->vendor,
		 info->device, info->subsystem_vendor, info->subsystem_device, number);
	add_of(collecting, "device", node, text);
}

static void add_firmware(struct collecting *collecting, p2p_node node)
{
	if (p2p_fabric_info(collecting->fabric, node)->class_code >> 8 == CLASS_NVME)
		add_of(collecting, "firmware", node,
		       p2p_machine_device(collecting->machine, node)->firmware);
}

/* All bits of the control register, for they all bear on what a request meets. */
static void add_acs(struct collecting *collecting, p2p_node node)
{
	const struct p2p_acs *acs = &p2p_fabric_info(collecting->fabric, node)->acs;
	char text[VALUE] = "";
	size_t used = 0;

	if (acs->known != P2P_PRESENT) {
		add_of(collecting, "acs", node, acs->known == P2P_ABSENT ? "absent" : NULL);
		return;
	}
	for (unsigned int bit = P2P_ACS_SV; bit <= P2P_ACS_DT; bit <<= 1)
		if (acs->control & bit)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
						 used ? " " : "", p2p_acs_bit_name((uint16_t)bit));
	add_of(collecting, "acs", node, used ? text : "none");
}

static bool is_at_or_above(const struct p2p_fabric *fabric, p2p_node top, p2p_node node)
{
	while (node != P2P_NO_NODE && node != top)
		node = p2p_fabric_parent(fabric, node);
	return node != P2P_NO_NODE;
}

/*
 * An end and all that is above it: what ACS redirects goes up to the host bridge, so ports above
 * the one where the ways meet are on the path, too. `known` and above is in the facts already.
 */
static void add_way(struct collecting *collecting, p2p_node node, p2p_node known)
{
	for (; node != P2P_NO_NODE; node = p2p_fabric_parent(collecting->fabric, node)) {
		if (p2p_fabric_info(collecting->fabric, node)->kind == P2P_KIND_HOST_BRIDGE)
			return;
		if (known != P2P_NO_NODE && is_at_or_above(collecting->fabric, node, known))
			return;
		add_id(collecting, node);
		add_firmware(collecting, node);
		add_acs(collecting, node);
	}
}

/* The N of p2pmemN is another memory's after the next boot. */
static void add_boot(struct collecting *collecting)
{
	char boot[VALUE];
	bool known = p2p_machine_is_live(collecting->machine) &&
		     !p2p_sysfs_text(boot, sizeof(boot), "/proc/sys/kernel/random/boot_id");

	add(collecting, "boot", known ? boot : NULL);
}

static bool find(const struct p2p_machine *machine, struct p2p_proof_end end, p2p_node *node)
{
	*node = p2p_proof_end_node(machine, end);
	return !end.on_pci || *node != P2P_NO_NODE;
}

int p2p_facts_of(const struct p2p_machine *machine, const char *kernel, struct p2p_proof_end client,
		 struct p2p_proof_end provider, struct p2p_facts *facts)
{
	struct collecting collecting = { machine, p2p_machine_fabric(machine), facts, false };
	p2p_node from, to;

	*facts = (struct p2p_facts){ .fact = NULL };
	if (!find(machine, client, &from) || !find(machine, provider, &to))
		return -ENODEV;
	add_machine(&collecting, kernel);
	if (from != P2P_NO_NODE)
		add_domain(&collecting, from);
	add_way(&collecting, from, P2P_NO_NODE);
	add_way(&collecting, to, from);
	if (!client.on_pci || !provider.on_pci)
		add_boot(&collecting);
	return collecting.failed ? -ENOMEM : 0;
}

static const char *value_of(const struct p2p_facts *facts, const char *name)
{
	for (uint32_t i = 0; i < facts->count; i++)
		if (!strcmp(facts->fact[i].name, name))
			return facts->fact[i].value;
	return NULL;
}

static bool all_are_in(const struct p2p_facts *facts, const struct p2p_facts *others)
{
	for (uint32_t i = 0; i < facts->count; i++) {
		const char *other = value_of(others, facts->fact[i].name);

		if (!other || strcmp(other, facts->fact[i].value))
			return false;
	}
	return true;
}

bool p2p_facts_same(const struct p2p_facts *was, const struct p2p_facts *is)
{
	return all_are_in(was, is) && all_are_in(is, was);
}

static void say(struct p2p_text_builder *text, uint32_t *count, const char *name, const char *was,
		const char *is)
{
	const char *blank = strchr(name, ' ');
	const char *known = text_of(p2p_span(name));

	if (++*count > SAID)
		return;
	p2p_text_add(text, "%s%s%s", *count > 1 ? "; " : "", known ? known : name,
		     known && blank ? blank : "");
	if (was && is)
		p2p_text_add(text, " was %s, is %s", was, is);
	else
		p2p_text_add(text, was ? " is no part of it any more" : " is new");
}

char *p2p_facts_changed(const struct p2p_facts *was, const struct p2p_facts *is)
{
	struct p2p_text_builder text = { .length = 0 };
	uint32_t count = 0;

	for (uint32_t i = 0; i < was->count; i++) {
		const char *now = value_of(is, was->fact[i].name);

		if (!now || strcmp(now, was->fact[i].value))
			say(&text, &count, was->fact[i].name, was->fact[i].value, now);
	}
	for (uint32_t i = 0; i < is->count; i++)
		if (!value_of(was, is->fact[i].name))
			say(&text, &count, is->fact[i].name, NULL, is->fact[i].value);
	if (count > SAID)
		p2p_text_add(&text, "; and %" PRIu32 " more", count - SAID);
	return p2p_text_take(&text);
}
