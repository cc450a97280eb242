// SPDX-License-Identifier: MIT
/*
 * What to know of a pair beside its verdict.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <p2pmem/acs.h>

#include "cautions.h"
#include "hops.h"
#include "notes.h"
#include <p2pmem/text.h>
#include <p2pmem/topology.h>

#define PORTS_SAID 4

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
	};

	return code < P2P_CAUTIONS ? names[code] : "unknown";
}

struct finding {
	const struct p2p_answer *answer;
	const struct p2p_provider_info *lender; /* the provider's, or NULL */
	struct p2p_cautions *cautions;
	bool failed;
};

static struct p2p_caution *add(struct finding *finding, enum p2p_caution_code code,
			       enum p2p_severity severity, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static struct p2p_caution *add(struct finding *finding, enum p2p_caution_code code,
			       enum p2p_severity severity, const char *format, ...)
{
	struct p2p_caution *caution = &finding->cautions->list[finding->cautions->count++];
	va_list arguments;

	*caution = (struct p2p_caution){ .code = code, .severity = severity };
	va_start(arguments, format);
	if (vasprintf(&caution->text, format, arguments) < 0) {
		caution->text = NULL;
		finding->failed = true;
	}
	va_end(arguments);
	finding->cautions->tally[severity]++;
	return caution;
}

static void set_fix(struct finding *finding, struct p2p_caution *caution, const char *fix)
{
	caution->fix = strdup(fix);
	finding->failed |= !caution->fix;
}

static bool may_be(const struct p2p_answer *answer, enum p2p_verdict verdict)
{
	return answer->route.possible & P2P_POSSIBLE(verdict);
}

static const char *title(const struct finding *finding, p2p_node node, char text[P2P_TITLE])
{
	return p2p_short_title(finding->answer->machine, node, text);
}

/*
 * Linux gives a client the provider's bus address below one switch and asks no IOMMU
 * (pci_p2pdma_bus_addr_map() in include/linux/pci-p2pdma.h); platforms that translate it all the
 * same bring other bytes. See lib/doctor/iommu.c.
 */
static void find_iommu(struct finding *finding)
{
	const struct p2p_answer *answer = finding->answer;
	const struct p2p_machine *machine = answer->machine;
	enum p2p_known iommu = p2p_machine_facts(machine)->iommu;
	int32_t group = p2p_fabric_info(p2p_machine_fabric(machine), answer->client)->iommu_group;
	const char *type = p2p_machine_group_type(machine, group);
	char client[P2P_TITLE];

	if (!may_be(answer, P2P_VERDICT_DIRECT) || iommu == P2P_ABSENT)
		return;
	if (type && p2p_group_translates(type))
		set_fix(finding,
			add(finding, P2P_CAUTION_IOMMU, P2P_SEVERITY_WARNING,
			    "an IOMMU translates for %s (domain type %s), and Linux gives it a bus "
			    "address that the IOMMU does not know: on some platforms such "
			    "transfers succeed and the bytes are wrong",
			    title(finding, answer->client, client), type),
			"prove it with data: p2pmem copy --verify SOURCE DESTINATION; or boot with "
			"iommu=pt (x86) or iommu.passthrough=1 (arm64), after which devices may "
			"reach all memory of the host");
	else if (!type)
		add(finding, P2P_CAUTION_IOMMU_UNKNOWN, P2P_SEVERITY_UNKNOWN,
		    "whether an IOMMU translates for %s could not be read: where one does, direct "
		    "transfers may bring wrong bytes",
		    title(finding, answer->client, client));
}

static void find_wires(struct finding *finding)
{
	const struct p2p_answer *answer = finding->answer;

	if (answer->route.verdict != P2P_VERDICT_DIRECT ||
	    answer->hardware_route.verdict == P2P_VERDICT_DIRECT)
		return;
	set_fix(finding,
		add(finding, P2P_CAUTION_WIRES, P2P_SEVERITY_WARNING,
		    "these rules call it direct, and the wires alone may not: %s",
		    p2p_verdict_text(answer->hardware_route.verdict)),
		"prove it with data: p2pmem copy --verify SOURCE DESTINATION");
}

/* Redirect that the rules do not count: by the wires alone only the port where it turns does. */
static void find_elsewhere(struct finding *finding)
{
	const struct p2p_answer *answer = finding->answer;
	const struct p2p_fabric *fabric = p2p_machine_fabric(answer->machine);
	char ports[PORTS_SAID * (P2P_ADDRESS + 2) + 16] = "", address[P2P_ADDRESS];
	size_t used = 0;
	uint32_t count = 0;

	if (answer->route.verdict != P2P_VERDICT_DIRECT)
		return;
	for (uint32_t i = 0; i < answer->hop_count; i++) {
		p2p_node node = answer->hops[i].node;

		if (!p2p_acs_active(p2p_fabric_info(fabric, node), P2P_ACS_LINUX))
			continue;
		if (count++ < PORTS_SAID)
			used += (size_t)snprintf(ports + used, sizeof(ports) - used, "%s%s",
						 used ? ", " : "",
						 p2p_address(fabric, node, address));
	}
	if (!count)
		return;
	set_fix(finding,
		add(finding, P2P_CAUTION_ACS_ELSEWHERE, P2P_SEVERITY_WARNING,
		    "ACS redirect is set elsewhere on the path (%s%s): it does not count by these "
		    "rules, but Linux counts it, and sends such requests through the host bridge "
		    "or refuses them",
		    ports, count > PORTS_SAID ? ", and others" : ""),
		"ask with --kernel VERSION for what Linux does");
}

static void find_kernel(struct finding *finding)
{
	const char *p2pdma = p2p_machine_config(finding->answer->machine, "CONFIG_PCI_P2PDMA");

	if (!p2pdma || !strcmp(p2pdma, "y"))
		return;
	set_fix(finding,
		add(finding, P2P_CAUTION_NO_P2PDMA, P2P_SEVERITY_WARNING,
		    "this machine's kernel is built without CONFIG_PCI_P2PDMA: drivers publish no "
		    "memory, and direct I/O takes none"),
		"boot a kernel with CONFIG_PCI_P2PDMA=y, as Debian's 7.3 is; p2pmem publish lends "
		"memory as dma-bufs on any kernel");
}

static void set_lender_fix(struct finding *finding, struct p2p_caution *caution)
{
	const struct p2p_provider_info *lender = finding->lender;
	char address[P2P_ADDRESS], text[128];

	if (lender)
		p2p_address(p2p_machine_fabric(finding->answer->machine), lender->node, address);
	switch (lender ? lender->step.code : P2P_STEP_NONE) {
	case P2P_STEP_PUBLISH_DRIVERS:
		snprintf(text, sizeof(text), "p2pmem publish %s --driver-memory", address);
		break;
	case P2P_STEP_PUBLISH_BAR:
		snprintf(text, sizeof(text), "p2pmem publish %s --bar %d", address, lender->bar);
		break;
	case P2P_STEP_WHY_NOT_PUBLISHED:
		snprintf(text, sizeof(text),
			 "p2pmem doctor says why its driver does not publish it");
		break;
	default:
		snprintf(text, sizeof(text), "%s",
			 lender && lender->advice ? lender->advice
						  : "p2pmem providers lists who lends memory");
	}
	set_fix(finding, caution, text);
}

static void find_lender(struct finding *finding)
{
	const struct p2p_answer *answer = finding->answer;
	const struct p2p_device *device = p2p_machine_device(answer->machine, answer->provider);
	const struct p2p_provider_info *lender = finding->lender;
	char provider[P2P_TITLE], size[P2P_SIZE_TEXT];

	title(finding, answer->provider, provider);
	if (lender && lender->state == P2P_PROVIDER_PUBLISHED) {
		if (lender->available)
			return;
		set_fix(finding,
			add(finding, P2P_CAUTION_TAKEN, P2P_SEVERITY_WARNING,
			    "%s lends %s, and nothing of it is free now", provider,
			    p2p_size_text(size, lender->size)),
			"p2pmem stat tells who has what p2pmem lends");
		return;
	}
	if (device->memory.known == P2P_UNKNOWN) {
		add(finding, P2P_CAUTION_LENDS_UNKNOWN, P2P_SEVERITY_UNKNOWN,
		    "whether %s lends memory could not be read", provider);
		return;
	}
	set_lender_fix(finding,
		       add(finding, P2P_CAUTION_LENDS_NOTHING, P2P_SEVERITY_WARNING,
			   "%s lends no memory now: %s", provider,
			   lender ? lender->text
				  : "it has no memory BAR of 2 MiB or more that could be lent"));
}

static void find_virtual(struct finding *finding)
{
	switch (p2p_machine_facts(finding->answer->machine)->hypervisor) {
	case P2P_PRESENT:
		set_fix(finding,
			add(finding, P2P_CAUTION_VIRTUAL, P2P_SEVERITY_WARNING,
			    "this is a virtual machine: switches, ACS and host bridges are what "
			    "its hypervisor shows, not what is on the wires"),
			"prove it with data: p2pmem copy --verify SOURCE DESTINATION; ask on the "
			"host, too");
		return;
	case P2P_UNKNOWN:
		add(finding, P2P_CAUTION_VIRTUAL_UNKNOWN, P2P_SEVERITY_UNKNOWN,
		    "whether this is a virtual machine could not be read");
		return;
	case P2P_ABSENT:
		break;
	}
}

static void find_bridge(struct finding *finding, bool provider)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	bool any;

	if (!file) {
		finding->failed = true;
		return;
	}
	any = p2p_end_note_write(file, finding->answer, provider);
	if (fclose(file))
		finding->failed = true;
	else if (any)
		add(finding, P2P_CAUTION_BRIDGE, P2P_SEVERITY_NOTE, "%s", text);
	free(text);
}

/* Worst first; those of one severity stay in the order of the checks. */
static void sort(struct p2p_cautions *cautions)
{
	for (uint32_t i = 1; i < cautions->count; i++)
		for (uint32_t j = i;
		     j && cautions->list[j - 1].severity < cautions->list[j].severity; j--) {
			struct p2p_caution moved = cautions->list[j];

			cautions->list[j] = cautions->list[j - 1];
			cautions->list[j - 1] = moved;
		}
}

int p2p_cautions_find(const struct p2p_answer *answer, const struct p2p_provider_info *lenders,
		      uint32_t lender_count, struct p2p_cautions *cautions)
{
	struct finding finding = {
		.answer = answer,
		.lender = p2p_providers_find(lenders, lender_count, answer->provider),
		.cautions = cautions,
	};

	*cautions = (struct p2p_cautions){ .count = 0 };
	find_bridge(&finding, false);
	find_bridge(&finding, true);
	if (answer->client != answer->provider &&
	    (may_be(answer, P2P_VERDICT_DIRECT) || may_be(answer, P2P_VERDICT_VIA_HOST))) {
		find_iommu(&finding);
		find_wires(&finding);
		find_elsewhere(&finding);
		find_kernel(&finding);
		find_lender(&finding);
		find_virtual(&finding);
	}
	sort(cautions);
	return finding.failed ? -ENOMEM : 0;
}

void p2p_cautions_free(struct p2p_cautions *cautions)
{
	for (uint32_t i = 0; i < cautions->count; i++) {
		free(cautions->list[i].text);
		free(cautions->list[i].fix);
	}
	cautions->count = 0;
}
