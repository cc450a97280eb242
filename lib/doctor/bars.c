// SPDX-License-Identifier: MIT
/*
 * BARs: what is not assigned, what no bridge above forwards, what could be larger.
 */
#include "checks.h"

#include <inttypes.h>

#define AREA       "BARs"
#define LINES_SAID 16

/* An address as one kind of source gives it; the two kinds are never compared. */
static bool holds_by_cpu(const struct p2p_range *window, const struct p2p_range *bar)
{
	return bar->cpu.value >= window->cpu.value && bar->size <= window->size &&
	       bar->cpu.value - window->cpu.value <= window->size - bar->size;
}

static bool holds_by_bus(const struct p2p_range *window, const struct p2p_range *bar)
{
	return bar->bus.value >= window->bus.value && bar->size <= window->size &&
	       bar->bus.value - window->bus.value <= window->size - bar->size;
}

/*
 * Whether a port forwards a BAR. Only windows that were read count; a port of which none was read
 * says nothing. PCI_BRIDGE is left out: such bridges may also decode subtractively.
 */
static enum p2p_known forwards(const struct p2p_node_info *port, const struct p2p_range *bar)
{
	bool compared = false;

	if (port->kind != P2P_KIND_ROOT_PORT && port->kind != P2P_KIND_UPSTREAM_PORT &&
	    port->kind != P2P_KIND_DOWNSTREAM_PORT)
		return P2P_UNKNOWN;
	for (unsigned int i = 0; i < P2P_BRIDGE_WINDOWS; i++) {
		const struct p2p_range *window = &port->window[i];

		if (!(window->flags & P2P_RANGE_MEMORY) || !window->size)
			continue;
		if (window->cpu_known && bar->cpu_known) {
			if (holds_by_cpu(window, bar))
				return P2P_PRESENT;
		} else if (window->bus_known && bar->bus_known) {
			if (holds_by_bus(window, bar))
				return P2P_PRESENT;
		} else {
			return P2P_UNKNOWN;
		}
		compared = true;
	}
	return compared ? P2P_ABSENT : P2P_UNKNOWN;
}

static bool is_unassigned(const struct p2p_range *bar)
{
	return bar->flags & P2P_RANGE_MEMORY && !bar->size && !bar->cpu_known && !bar->bus_known;
}

static p2p_node outside(const struct p2p_fabric *fabric, p2p_node node, const struct p2p_range *bar)
{
	p2p_node port = p2p_fabric_parent(fabric, node);

	if (!(bar->flags & P2P_RANGE_MEMORY) || !bar->size || port == P2P_NO_NODE)
		return P2P_NO_NODE;
	return forwards(p2p_fabric_info(fabric, port), bar) == P2P_ABSENT ? port : P2P_NO_NODE;
}

static bool can_grow(const struct p2p_device *device, const struct p2p_node_info *info,
		     unsigned int bar)
{
	return info->bar[bar].size && device->bar_max[bar] > info->bar[bar].size;
}

static void say_room(struct p2p_doctor_context *context, struct p2p_draft *finding)
{
	p2p_advise_hands_on(
		context, finding,
		"in firmware: memory-mapped I/O above 4 GiB on (\"Above 4G Decoding\"), and its "
		"range as large as it goes; then try booting with: pci=realloc",
		"a reboot; a system that cannot use addresses above 4 GiB may not start");
}

static uint32_t report_unassigned(struct p2p_doctor_context *context)
{
	struct p2p_draft *finding = NULL;
	char name[P2P_TITLE];
	uint32_t count = 0;

	for (p2p_node node = 0; node < p2p_fabric_count(context->fabric); node++)
		for (unsigned int i = 0; i < P2P_BARS && context->survey.wanted[node]; i++) {
			if (!is_unassigned(&p2p_fabric_info(context->fabric, node)->bar[i]))
				continue;
			if (!finding)
				finding = p2p_find(context, "bar-unassigned", AREA,
						   P2P_SEVERITY_PROBLEM);
			p2p_about(finding, node);
			if (++count <= LINES_SAID)
				p2p_text_line(&finding->evidence, "%s BAR %u has no address",
					      p2p_short_title(context->machine, node, name), i);
		}
	if (!finding)
		return 0;
	p2p_text_add(&finding->text,
		     "%" PRIu32 " memory %s no address: nobody can reach what is behind %s", count,
		     count == 1 ? "BAR has" : "BARs have", count == 1 ? "it" : "them");
	say_room(context, finding);
	return count;
}

static uint32_t report_outside(struct p2p_doctor_context *context)
{
	struct p2p_draft *finding = NULL;
	char name[P2P_TITLE], above[P2P_TITLE];
	uint32_t count = 0;

	for (p2p_node node = 0; node < p2p_fabric_count(context->fabric); node++)
		for (unsigned int i = 0; i < P2P_BARS && context->survey.wanted[node]; i++) {
			const struct p2p_node_info *info = p2p_fabric_info(context->fabric, node);
			p2p_node port = outside(context->fabric, node, &info->bar[i]);

			if (port == P2P_NO_NODE)
				continue;
			if (!finding)
				finding =
					p2p_find(context, "bar-window", AREA, P2P_SEVERITY_PROBLEM);
			p2p_about(finding, node);
			if (++count <= LINES_SAID)
				p2p_text_line(&finding->evidence,
					      "%s BAR %u lies in no memory window of %s",
					      p2p_short_title(context->machine, node, name), i,
					      p2p_short_title(context->machine, port, above));
		}
	if (!finding)
		return 0;
	p2p_text_add(&finding->text,
		     "%" PRIu32
		     " memory %s outside the windows of the bridge above: requests to %s do "
		     "not arrive",
		     count, count == 1 ? "BAR lies" : "BARs lie", count == 1 ? "it" : "them");
	say_room(context, finding);
	return count;
}

static void report_resizable(struct p2p_doctor_context *context)
{
	struct p2p_draft *finding = NULL;
	char name[P2P_TITLE], now[P2P_SIZE_TEXT], most[P2P_SIZE_TEXT];
	uint32_t count = 0;

	for (p2p_node node = 0; node < p2p_fabric_count(context->fabric); node++) {
		const struct p2p_node_info *info = p2p_fabric_info(context->fabric, node);
		const struct p2p_device *device = p2p_machine_device(context->machine, node);

		for (unsigned int i = 0; i < P2P_BARS && context->survey.wanted[node]; i++) {
			if (!can_grow(device, info, i))
				continue;
			if (!finding)
				finding =
					p2p_find(context, "bar-resizable", AREA, P2P_SEVERITY_NOTE);
			p2p_about(finding, node);
			if (++count <= LINES_SAID)
				p2p_text_line(&finding->evidence, "%s BAR %u is %s, can be %s",
					      p2p_short_title(context->machine, node, name), i,
					      p2p_size_text(now, info->bar[i].size),
					      p2p_size_text(most, device->bar_max[i]));
		}
	}
	if (!finding)
		return;
	p2p_text_add(&finding->text,
		     "%" PRIu32 " %s can be made larger; others reach only what a BAR shows", count,
		     count == 1 ? "BAR" : "BARs");
	/* resourceN_resize: drivers/pci/pci-sysfs.c, since Linux 6.1 at the latest. */
	p2p_advise_hands_on(
		context, finding,
		"in firmware: \"Re-Size BAR Support\" on; or with the driver unbound, n for 2^n "
		"MiB: echo n > /sys/bus/pci/devices/BDF/resourceN_resize",
		"address space below the bridges above, which must have it");
}

static bool any_bar_read(const struct p2p_doctor_context *context)
{
	for (p2p_node node = 0; node < p2p_fabric_count(context->fabric); node++)
		for (unsigned int i = 0; i < P2P_BARS && context->survey.wanted[node]; i++)
			if (p2p_fabric_info(context->fabric, node)->bar[i].flags)
				return true;
	return false;
}

static void report_rest(struct p2p_doctor_context *context)
{
	bool read = any_bar_read(context);
	struct p2p_draft *finding;

	finding = p2p_find(context, "bars", AREA, read ? P2P_SEVERITY_OK : P2P_SEVERITY_UNKNOWN);
	p2p_text_add(
		&finding->text, "%s",
		read ? "all memory BARs that were read have addresses and lie in the windows above"
		     : "the devices' BARs could not be read");
	if (!read)
		p2p_advise_seeing(context, finding);
}

void p2p_doctor_bars(struct p2p_doctor_context *context)
{
	uint32_t wrong = report_unassigned(context);

	wrong += report_outside(context);
	if (!wrong && context->survey.wanted_count)
		report_rest(context);
	report_resizable(context);
}
