// SPDX-License-Identifier: MIT
/*
 * What to know of a pair beside its verdict.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <p2pmem/acs.h>
#include <p2pmem/text.h>
#include <p2pmem/topology.h>

#include "parts.h"

#define PORTS_SAID 4
/* As many devices below a bridge as are named. */
#define NAMED_MAX 8

const char *p2p_caution_name(enum p2p_caution_code code)
{
	static const char *const names[P2P_CAUTIONS] = {
		[P2P_CAUTION_BRIDGE] = "bridge",
		[P2P_CAUTION_IOMMU] = "iommu",
		[P2P_CAUTION_IOMMU_UNKNOWN] = "iommu-unknown",
		[P2P_CAUTION_WIRES] = "wires",
		[P2P_CAUTION_ACS_ELSEWHERE] = "acs-elsewhere",
		[P2P_CAUTION_NO_P2PDMA] = "no-p2pdma",
		[P2P_CAUTION_LENDS_NOTHING] = "lends-nothing",
		[P2P_CAUTION_TAKEN] = "taken",
		[P2P_CAUTION_LENDS_UNKNOWN] = "lends-unknown",
		[P2P_CAUTION_VIRTUAL] = "virtual",
		[P2P_CAUTION_VIRTUAL_UNKNOWN] = "virtual-unknown",
		[P2P_CAUTION_PROVEN_WRONG] = "proven-wrong",
		[P2P_CAUTION_PROOF_VOID] = "proof-void",
		[P2P_CAUTION_ALLOWED] = "allowed",
	};

	return code < P2P_CAUTIONS ? names[code] : "unknown";
}

struct finding {
	struct p2p_explanation *explanation;
	const struct p2p_provider_info *provider; /* or NULL: it is in no list */
	bool failed;
};

/* Takes a text, and advice that goes on after the step. */
static void add(struct finding *finding, enum p2p_caution_code code, enum p2p_severity severity,
		char *text, struct p2p_step step, const char *advice)
{
	struct p2p_explanation *explanation = finding->explanation;
	struct p2p_caution *caution = &explanation->cautions[explanation->caution_count++];

	*caution = (struct p2p_caution){ .code = code, .severity = severity, .text = text };
	caution->step = step;
	caution->advice = advice ? strdup(advice) : NULL;
	finding->failed |= !text || (advice && !caution->advice);
	explanation->caution_tally[severity]++;
}

static const struct p2p_step no_step = { .code = P2P_STEP_NONE, .node = P2P_NO_NODE };
static const struct p2p_step prove = { .code = P2P_STEP_PROVE, .node = P2P_NO_NODE };
static const struct p2p_step allow = { .code = P2P_STEP_ALLOW, .node = P2P_NO_NODE };

static char *format(const char *format, ...) __attribute__((format(printf, 1, 2)));

static char *format(const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	return text;
}

/* Data that arrived both ways say more than what registers make one expect. */
static void add_unless_proven(struct finding *finding, enum p2p_caution_code code,
			      enum p2p_severity severity, char *text, struct p2p_step step,
			      const char *advice)
{
	char *proven;

	if (!p2p_explanation_proven(finding->explanation) || !text) {
		add(finding, code, severity, text, step, advice);
		return;
	}
	proven = format("%s; this pair is proven all the same", text);
	free(text);
	add(finding, code, P2P_SEVERITY_NOTE, proven, no_step, NULL);
}

static bool may_be(const struct p2p_explanation *explanation, enum p2p_verdict verdict)
{
	return explanation->route.possible & P2P_POSSIBLE(verdict);
}

static const char *title(const struct finding *finding, p2p_node node, char text[P2P_TITLE])
{
	return p2p_short_title(finding->explanation->machine, node, text);
}

/*
 * Linux gives a client the provider's bus address below one switch and asks no IOMMU
 * (pci_p2pdma_bus_addr_map() in include/linux/pci-p2pdma.h); platforms that translate it all the
 * same bring other bytes. See lib/doctor/iommu.c.
 */
static void find_iommu(struct finding *finding)
{
	const struct p2p_explanation *explanation = finding->explanation;
	const struct p2p_machine *machine = explanation->machine;
	enum p2p_known iommu = p2p_machine_facts(machine)->iommu;
	int32_t group =
		p2p_fabric_info(p2p_machine_fabric(machine), explanation->client)->iommu_group;
	const char *type = p2p_machine_group_type(machine, group);
	char client[P2P_TITLE];

	if (!may_be(explanation, P2P_VERDICT_DIRECT) || iommu == P2P_ABSENT)
		return;
	title(finding, explanation->client, client);
	if (type && p2p_group_translates(type))
		add_unless_proven(
			finding, P2P_CAUTION_IOMMU, P2P_SEVERITY_WARNING,
			format("an IOMMU translates for %s (domain type %s), and Linux gives it a "
			       "bus "
			       "address that the IOMMU does not know: on some platforms such "
			       "transfers "
			       "succeed and the bytes are wrong",
			       client, type),
			prove,
			"or boot with iommu=pt (x86) or iommu.passthrough=1 (arm64), after which "
			"devices may reach all memory of the host");
	else if (!type)
		add_unless_proven(finding, P2P_CAUTION_IOMMU_UNKNOWN, P2P_SEVERITY_UNKNOWN,
				  format("whether an IOMMU translates for %s could not be read: "
					 "where one does, "
					 "direct transfers may bring wrong bytes",
					 client),
				  no_step, NULL);
}

static void find_wires(struct finding *finding)
{
	const struct p2p_explanation *explanation = finding->explanation;

	if (explanation->route.verdict != P2P_VERDICT_DIRECT ||
	    explanation->hardware_route.verdict == P2P_VERDICT_DIRECT)
		return;
	add_unless_proven(finding, P2P_CAUTION_WIRES, P2P_SEVERITY_WARNING,
			  format("these rules call it direct, and the wires alone may not: %s",
				 p2p_verdict_text(explanation->hardware_route.verdict)),
			  prove, NULL);
}

/* Redirect that the rules do not count: by the wires alone only the port where it turns does. */
static void find_elsewhere(struct finding *finding)
{
	const struct p2p_explanation *explanation = finding->explanation;
	const struct p2p_fabric *fabric = p2p_machine_fabric(explanation->machine);
	struct p2p_text_builder out = { .length = 0 };
	char address[P2P_ADDRESS];
	uint32_t count = 0;

	if (explanation->route.verdict != P2P_VERDICT_DIRECT)
		return;
	p2p_text_add(&out, "ACS redirect is set elsewhere on the path (");
	for (uint32_t i = 0; i < explanation->hop_count; i++) {
		p2p_node node = explanation->hops[i].hop.node;

		if (!p2p_acs_active(p2p_fabric_info(fabric, node), P2P_ACS_LINUX))
			continue;
		if (count++ < PORTS_SAID)
			p2p_text_add(&out, "%s%s", count > 1 ? ", " : "",
				     p2p_address(fabric, node, address));
	}
	p2p_text_add(&out,
		     "%s): it does not count by these rules, but Linux counts it, and sends such "
		     "requests through the host bridge or refuses them",
		     count > PORTS_SAID ? ", and others" : "");
	if (count)
		add(finding, P2P_CAUTION_ACS_ELSEWHERE, P2P_SEVERITY_WARNING, p2p_text_take(&out),
		    (struct p2p_step){ .code = P2P_STEP_NAME_KERNEL, .node = P2P_NO_NODE }, NULL);
	else
		free(p2p_text_take(&out));
}

static void find_kernel(struct finding *finding)
{
	const char *p2pdma = p2p_machine_config(finding->explanation->machine, "CONFIG_PCI_P2PDMA");

	if (!p2pdma || !strcmp(p2pdma, "y"))
		return;
	add(finding, P2P_CAUTION_NO_P2PDMA, P2P_SEVERITY_WARNING,
	    strdup("this machine's kernel is built without CONFIG_PCI_P2PDMA: drivers publish no "
		   "memory, and direct I/O takes none"),
	    (struct p2p_step){ .code = P2P_STEP_PUBLISH_ANY, .node = P2P_NO_NODE },
	    "boot a kernel with CONFIG_PCI_P2PDMA=y, as Debian's 7.3 is");
}

static void add_nothing_published(struct finding *finding, const char *name)
{
	const struct p2p_provider_info *provider = finding->provider;
	struct p2p_step step = { .code = P2P_STEP_LIST_PROVIDERS, .node = P2P_NO_NODE };
	bool has_step = provider && provider->step.code != P2P_STEP_NONE;
	const char *advice = provider ? provider->advice : NULL;

	if (has_step || advice)
		step = provider->step;
	add(finding, P2P_CAUTION_LENDS_NOTHING, P2P_SEVERITY_WARNING,
	    format("%s provides no memory now: %s", name,
		   provider ? provider->text
			    : "it has no memory BAR of 2 MiB or more that could be published"),
	    step, advice);
}

static void find_provider(struct finding *finding)
{
	const struct p2p_explanation *explanation = finding->explanation;
	const struct p2p_device *device =
		p2p_machine_device(explanation->machine, explanation->provider);
	const struct p2p_provider_info *provider = finding->provider;
	char name[P2P_TITLE], size[P2P_SIZE_TEXT];

	title(finding, explanation->provider, name);
	if (provider && provider->state == P2P_PROVIDER_PUBLISHED) {
		if (provider->available)
			return;
		add(finding, P2P_CAUTION_TAKEN, P2P_SEVERITY_WARNING,
		    format("%s provides %s, and nothing of it is free now", name,
			   p2p_size_text(size, provider->size)),
		    (struct p2p_step){ .code = P2P_STEP_LIST_USERS, .node = P2P_NO_NODE }, NULL);
		return;
	}
	if (device->memory.known != P2P_UNKNOWN) {
		add_nothing_published(finding, name);
		return;
	}
	add(finding, P2P_CAUTION_LENDS_UNKNOWN, P2P_SEVERITY_UNKNOWN,
	    format("whether %s provides memory could not be read", name), no_step, NULL);
}

static void find_virtual(struct finding *finding)
{
	switch (p2p_machine_facts(finding->explanation->machine)->hypervisor) {
	case P2P_PRESENT:
		add_unless_proven(finding, P2P_CAUTION_VIRTUAL, P2P_SEVERITY_WARNING,
				  strdup("this is a virtual machine: switches, ACS and host "
					 "bridges are what its "
					 "hypervisor shows, not what is on the wires"),
				  prove, "ask on the host, too");
		return;
	case P2P_UNKNOWN:
		add_unless_proven(finding, P2P_CAUTION_VIRTUAL_UNKNOWN, P2P_SEVERITY_UNKNOWN,
				  strdup("whether this is a virtual machine could not be read"),
				  no_step, NULL);
		return;
	case P2P_ABSENT:
		break;
	}
}

static bool is_below(const struct p2p_fabric *fabric, p2p_node node, p2p_node bridge)
{
	while (node != P2P_NO_NODE && node != bridge)
		node = p2p_fabric_parent(fabric, node);
	return node == bridge;
}

/* The devices below a bridge, or that there are none to name. */
static void add_below(struct p2p_text_builder *out, const struct p2p_machine *machine,
		      p2p_node bridge)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	char name[P2P_TITLE];
	uint32_t count = 0;

	for (p2p_node node = p2p_fabric_next(fabric, bridge);
	     node != P2P_NO_NODE && is_below(fabric, node, bridge);
	     node = p2p_fabric_next(fabric, node)) {
		if (p2p_fabric_info(fabric, node)->kind != P2P_KIND_ENDPOINT)
			continue;
		if (count++ < NAMED_MAX)
			p2p_text_add(out, "%s%s", count > 1 ? ", " : "; the devices below it: ",
				     p2p_title(machine, node, name));
	}
	if (count > NAMED_MAX)
		p2p_text_add(out, " and %" PRIu32 " more", count - NAMED_MAX);
	if (!count)
		p2p_text_add(out, "; no device is below it");
}

static void find_bridge(struct finding *finding, p2p_node node, const char *role)
{
	const struct p2p_machine *machine = finding->explanation->machine;
	struct p2p_text_builder out = { .length = 0 };
	char name[P2P_TITLE];

	if (!p2p_kind_is_bridge(p2p_fabric_info(p2p_machine_fabric(machine), node)->kind))
		return;
	p2p_text_add(&out,
		     "%s carries others' requests; the answer is about the bridge itself as %s",
		     p2p_title(machine, node, name), role);
	add_below(&out, machine, node);
	add(finding, P2P_CAUTION_BRIDGE, P2P_SEVERITY_NOTE, p2p_text_take(&out), no_step, NULL);
}

static void find_wrong(struct finding *finding, const struct p2p_explained_proof *proof,
		       const char *does)
{
	const struct p2p_explanation *explanation = finding->explanation;
	char client[P2P_TITLE], provider[P2P_TITLE];

	add(finding, P2P_CAUTION_PROVEN_WRONG, P2P_SEVERITY_PROBLEM,
	    format("wrong bytes arrive where %s %s memory of %s: %s",
		   title(finding, explanation->client, client), does,
		   title(finding, explanation->provider, provider), proof->text),
	    no_step,
	    "keep to host memory or another provider between these two; after a change of "
	    "firmware, ACS or IOMMU settings prove the pair anew");
}

/* A pair that was wrong may be so still. */
static void find_void(struct finding *finding, const struct p2p_explained_proof *proof,
		      const char *does)
{
	const struct p2p_explanation *explanation = finding->explanation;
	bool was_wrong = proof->result.recorded == P2P_PROOF_WRONG;
	char client[P2P_TITLE], provider[P2P_TITLE];

	add(finding, P2P_CAUTION_PROOF_VOID, was_wrong ? P2P_SEVERITY_WARNING : P2P_SEVERITY_NOTE,
	    format("what was found where %s %s memory of %s is %s",
		   title(finding, explanation->client, client), does,
		   title(finding, explanation->provider, provider), proof->text),
	    prove, NULL);
}

static void find_proofs(struct finding *finding)
{
	static const char *const does[P2P_PROOF_DIRECTIONS] = { "writes", "reads" };
	const struct p2p_explained_proof *proofs = finding->explanation->proofs;

	for (int i = 0; proofs && i < P2P_PROOF_DIRECTIONS; i++) {
		if (proofs[i].result.state == P2P_PROOF_WRONG)
			find_wrong(finding, &proofs[i], does[i]);
		else if (proofs[i].result.state == P2P_PROOF_VOID)
			find_void(finding, &proofs[i], does[i]);
	}
}

/* That it is let through now, the router knows; why it was, or is not any more, the record. */
static void find_allowed(struct finding *finding)
{
	const struct p2p_explanation *explanation = finding->explanation;
	const struct p2p_explained_proof *recorded = explanation->allowed;
	bool now = p2p_explanation_reason(explanation, P2P_REASON_ALLOWED);
	bool holds = recorded && recorded->result.state == P2P_PROOF_PROVEN;

	if (now && holds)
		add(finding, P2P_CAUTION_ALLOWED, P2P_SEVERITY_NOTE,
		    format("root has allowed this pair: %s", recorded->text), no_step, NULL);
	else if (now)
		add(finding, P2P_CAUTION_ALLOWED, P2P_SEVERITY_WARNING,
		    format("root has allowed this pair, and the proof of that %s%s",
			   recorded ? "is " : "is not recorded, or not to its end yet",
			   recorded ? recorded->text : ""),
		    allow, NULL);
	else if (recorded)
		add(finding, P2P_CAUTION_ALLOWED, P2P_SEVERITY_NOTE,
		    format("root had allowed this pair, which is not allowed now; its proof: %s",
			   recorded->text),
		    allow, NULL);
}

/* Worst first; those of one severity stay in the order of the checks. */
static void sort(struct p2p_caution *cautions, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++)
		for (uint32_t j = i; j && cautions[j - 1].severity < cautions[j].severity; j--) {
			struct p2p_caution moved = cautions[j];

			cautions[j] = cautions[j - 1];
			cautions[j - 1] = moved;
		}
}

int p2p_cautions_find(struct p2p_explanation *explanation, const struct p2p_provider_info *provider)
{
	struct finding finding = { .explanation = explanation, .provider = provider };

	/* Both may be bridges; a direction is wrong or void, not both. */
	explanation->cautions = calloc(P2P_CAUTIONS + 1, sizeof(*explanation->cautions));
	if (!explanation->cautions)
		return -ENOMEM;
	find_bridge(&finding, explanation->client, "client");
	find_bridge(&finding, explanation->provider, "provider");
	find_proofs(&finding);
	find_allowed(&finding);
	if (explanation->client != explanation->provider &&
	    (may_be(explanation, P2P_VERDICT_DIRECT) ||
	     may_be(explanation, P2P_VERDICT_VIA_HOST))) {
		find_iommu(&finding);
		find_wires(&finding);
		find_elsewhere(&finding);
		find_kernel(&finding);
		find_provider(&finding);
		find_virtual(&finding);
	}
	sort(explanation->cautions, explanation->caution_count);
	return finding.failed ? -ENOMEM : 0;
}
