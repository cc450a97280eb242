// SPDX-License-Identifier: MIT
/* Builds QEMU's command line from a machine. */
#include "qemu.h"

#include "image.h"
#include "tsc.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LAB_BUS_NAME (LAB_ID_MAX + 8)

struct builder {
	const struct lab_config *config;
	struct lab_args *args;
	struct lab_error *error;
	unsigned int slot; /* chassis and slot numbers must differ from port to port */
};

/* JSON, because in QEMU's own syntax a comma in a file name means something. */
static int add_json(struct builder *builder, const char *option, json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);

	json_decref(object);
	if (!text)
		return lab_fail(builder->error, "out of memory");
	lab_args_add(builder->args, "%s", option);
	lab_args_add(builder->args, "%s", text);
	free(text);
	return 0;
}

/* Whether a port comes with the board. */
static bool board_port(const struct lab_arch *arch, const struct lab_node *node)
{
	return arch->root_port && node->kind == LAB_ROOT_PORT;
}

/* The bus below a node, as QEMU calls it. */
static const char *bus_below(const struct builder *builder, const struct lab_node *parent,
			     char name[LAB_BUS_NAME])
{
	const struct lab_arch *arch = builder->config->machine->arch;
	bool spapr = parent->kind == LAB_HOST_BRIDGE && arch->host_bridge == LAB_BRIDGE_SPAPR;

	if (parent->kind == LAB_MACHINE)
		return arch->root_bus;
	if (board_port(arch, parent)) {
		snprintf(name, LAB_BUS_NAME, "%s", arch->root_port);
		if (parent->parent->kind == LAB_HOST_BRIDGE)
			snprintf(name, LAB_BUS_NAME, "%s%u", arch->root_port,
				 (unsigned int)parent->parent->bus);
		return name;
	}
	snprintf(name, LAB_BUS_NAME, "%s%s", parent->id, spapr ? ".0" : "");
	return name;
}

/* "-device MODEL,id=…,bus=…,addr=…" and the model's own options. */
static void add_device(struct builder *builder, const struct lab_node *node, const char *model)
{
	char bus[LAB_BUS_NAME];

	lab_args_add(builder->args, "-device");
	lab_args_add(builder->args, "%s,id=%s,bus=%s,addr=%x.%x%s", model, node->id,
		     bus_below(builder, node->parent, bus), (unsigned int)node->slot,
		     (unsigned int)node->function, node->multifunction ? ",multifunction=on" : "");
}

static void add_port(struct builder *builder, const struct lab_node *node, const char *model)
{
	char options[128];

	builder->slot++;
	snprintf(options, sizeof(options), "%s,chassis=%u,slot=%u", model, builder->slot,
		 builder->slot);
	add_device(builder, node, options);
}

static void add_host_bridge(struct builder *builder, const struct lab_node *node)
{
	bool spapr = builder->config->machine->arch->host_bridge == LAB_BRIDGE_SPAPR;
	char options[128];
	int length;

	length = snprintf(options, sizeof(options), "%s=%llu",
			  spapr ? "spapr-pci-host-bridge,index" : "pxb-pcie,bus_nr",
			  (unsigned long long)node->bus);
	if (node->numa != LAB_NUMA_NONE)
		snprintf(options + length, sizeof(options) - (size_t)length, ",numa_node=%llu",
			 (unsigned long long)node->numa);
	if (!spapr) {
		add_device(builder, node, options);
		return;
	}
	lab_args_add(builder->args, "-device");
	lab_args_add(builder->args, "%s,id=%s", options, node->id);
}

static int add_memory_bar(struct builder *builder, const struct lab_node *node)
{
	char options[128];
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s.bar", builder->config->out, node->id);
	if (add_json(builder, "-object",
		     json_pack("{s:s,s:s+,s:s,s:I,s:b}", "qom-type", "memory-backend-file", "id",
			       "lab-bar-", node->id, "mem-path", path, "size",
			       (json_int_t)node->size, "share", 1)) < 0)
		return -1;
	snprintf(options, sizeof(options), "ivshmem-plain,memdev=lab-bar-%s", node->id);
	add_device(builder, node, options);
	return 0;
}

/* Drives: file, then what injects errors, then what limits the rate; drive-ID is the top. */

static int drive_image(struct builder *builder, const struct lab_node *node, char *path,
		       size_t size)
{
	const char *given = lab_config_image(builder->config, node->id);

	if (!given) {
		snprintf(path, size, "%s/%s.img", builder->config->out, node->id);
		return lab_image_create(path, node, builder->error);
	}
	if (access(given, node->readonly ? R_OK : R_OK | W_OK) < 0)
		return lab_fail(builder->error, "--image %s=%s: %s", node->id, given,
				strerror(errno));
	snprintf(path, size, "%s", given);
	return 0;
}

static int add_faults(struct builder *builder, const struct lab_node *node, const char *image,
		      const char *name)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s.faults", builder->config->out, node->id);
	if (lab_image_faults(path, node, builder->error) < 0)
		return -1;
	return add_json(builder, "-blockdev",
			json_pack("{s:s,s:s,s:s,s:s,s:b}", "driver", "blkdebug", "node-name", name,
				  "config", path, "image", image, "read-only", node->readonly));
}

static int add_throttle(struct builder *builder, const struct lab_node *node, const char *file,
			const char *name)
{
	if (add_json(builder, "-object",
		     json_pack("{s:s,s:s+,s:{s:I}}", "qom-type", "throttle-group", "id", "rate-",
			       node->id, "limits", "bps-total", (json_int_t)node->rate)) < 0)
		return -1;
	return add_json(builder, "-blockdev",
			json_pack("{s:s,s:s,s:s+,s:s,s:b}", "driver", "throttle", "node-name", name,
				  "throttle-group", "rate-", node->id, "file", file, "read-only",
				  node->readonly));
}

static int add_drive(struct builder *builder, const struct lab_node *node)
{
	bool faults = node->fail_read.length > 0 || node->fail_write.length > 0;
	char file[LAB_ID_MAX + 16];
	char debug[LAB_ID_MAX + 16];
	char top[LAB_ID_MAX + 16];
	char path[PATH_MAX + 64];

	snprintf(top, sizeof(top), "drive-%s", node->id);
	snprintf(debug, sizeof(debug), "%s-%s", node->rate ? "debug" : "drive", node->id);
	snprintf(file, sizeof(file), "%s-%s", node->rate || faults ? "file" : "drive", node->id);
	if (drive_image(builder, node, path, sizeof(path)) < 0)
		return -1;
	/* An image lives as long as its run: a guest's flush need not reach the host's disk. */
	if (add_json(builder, "-blockdev",
		     json_pack("{s:s,s:s,s:s,s:b,s:s,s:{s:b}}", "driver", "file", "node-name", file,
			       "filename", path, "read-only", node->readonly, "discard", "unmap",
			       "cache", "no-flush", true)) < 0)
		return -1;
	if (faults && add_faults(builder, node, file, debug) < 0)
		return -1;
	if (node->rate && add_throttle(builder, node, faults ? debug : file, top) < 0)
		return -1;
	return 0;
}

/* Controllers of one drive have one subsystem, and its serial number. */
static void add_controller(struct builder *builder, const struct lab_node *node)
{
	const char *drive = node->twin ? node->twin->id : node->id;
	char options[256], cmb[48] = "", subsystem[LAB_ID_MAX + 32] = "";

	if (node->has_twin) {
		lab_args_add(builder->args, "-device");
		lab_args_add(builder->args, "nvme-subsys,id=subsystem-%s", drive);
	}
	if (node->has_twin || node->twin)
		snprintf(subsystem, sizeof(subsystem), ",subsys=subsystem-%s", drive);
	if (node->cmb > 0)
		snprintf(cmb, sizeof(cmb), ",cmb_size_mb=%llu",
			 (unsigned long long)(node->cmb >> 20));
	snprintf(options, sizeof(options), "nvme,serial=%s%s%s", drive, cmb, subsystem);
	add_device(builder, node, options);
}

static int add_nvme(struct builder *builder, const struct lab_node *node)
{
	if (!node->twin && add_drive(builder, node) < 0)
		return -1;
	add_controller(builder, node);
	if (node->twin)
		return 0;
	lab_args_add(builder->args, "-device");
	lab_args_add(builder->args,
		     "nvme-ns,drive=drive-%s,bus=%s,nsid=%u,logical_block_size=%llu,"
		     "physical_block_size=%llu",
		     node->id, node->id, node->nsid, (unsigned long long)node->block,
		     (unsigned long long)node->block);
	return 0;
}

static int add_node(struct builder *builder, const struct lab_node *node)
{
	const struct lab_arch *arch = builder->config->machine->arch;

	switch (node->kind) {
	case LAB_MACHINE:
		return 0;
	case LAB_HOST_BRIDGE:
		if (arch->host_bridge != LAB_BRIDGE_PHB)
			add_host_bridge(builder, node);
		return 0;
	case LAB_ROOT_PORT:
		if (board_port(arch, node))
			return 0;
		add_port(builder, node,
			 node->no_acs ? "pcie-root-port,disable-acs=on" : "pcie-root-port");
		return 0;
	case LAB_SWITCH:
		add_device(builder, node, "x3130-upstream");
		return 0;
	case LAB_PORT:
		/*
		 * QEMU's switch port has no ACS capability, its root port has one, and Linux
		 * treats a port below an upstream port as a switch port whatever it says it is.
		 */
		add_port(builder, node, node->acs ? "pcie-root-port" : "xio3130-downstream");
		return 0;
	case LAB_NVME:
		return add_nvme(builder, node);
	case LAB_MEMORY_BAR:
		return add_memory_bar(builder, node);
	case LAB_DMA_ENGINE:
		/* Its default mask reaches 256 MiB only. */
		add_device(builder, node, "edu,dma_mask=0xffffffffffffffff");
		return 0;
	}
	return 0;
}

/* Host RAM is called lab-ram…, by which lab-witness knows it in QEMU's memory map. */
static void add_memory(struct builder *builder)
{
	const struct lab_machine *machine = builder->config->machine;
	unsigned int nodes = machine->numa_nodes > 1 ? machine->numa_nodes : 1;
	uint64_t share = (machine->memory / nodes) & ~UINT64_C(0x1fffff);

	lab_args_add(builder->args, "-m");
	lab_args_add(builder->args, "%lluM", (unsigned long long)(share * nodes >> 20));
	for (unsigned int i = 0; i < nodes; i++) {
		lab_args_add(builder->args, "-object");
		lab_args_add(builder->args, "memory-backend-ram,id=lab-ram%u,size=%llu", i,
			     (unsigned long long)share);
		if (machine->numa_nodes == 0)
			continue;
		lab_args_add(builder->args, "-numa");
		if (i == 0)
			lab_args_add(builder->args, "node,nodeid=0,memdev=lab-ram0,cpus=0-%llu",
				     (unsigned long long)machine->cpus - 1);
		else
			lab_args_add(builder->args, "node,nodeid=%u,memdev=lab-ram%u", i, i);
	}
}

/*
 * Seen with QEMU 7.2: with a thread for each emulated CPU one boot in some sixty died of a stray
 * int3 trap, which Linux sets while it patches code that the other CPU may be running. With one
 * thread for all CPUs none of a hundred did; it boots as fast, and gives up only parallel work in
 * the guest.
 */
static const char *accelerator(const char *name)
{
	if (strcmp(name, "tcg") == 0)
		return "tcg,thread=single";
	if (strcmp(name, "tcg-multi") == 0)
		return "tcg,thread=multi";
	return name;
}

static void add_board(struct builder *builder, const char *qemu)
{
	const struct lab_config *config = builder->config;
	const struct lab_machine *machine = config->machine;
	struct lab_args *args = builder->args;

	lab_args_add(args, "%s", qemu);
	lab_args_add(args, machine->arch->defaults ? "-nic" : "-nodefaults");
	if (machine->arch->defaults)
		lab_args_add(args, "none");
	lab_args_add(args, "-no-user-config");
	lab_args_add(args, "-no-reboot");
	lab_args_add(args, "-display");
	lab_args_add(args, "none");
	lab_args_add(args, "-machine");
	lab_args_add(args, "%s%s%s", machine->arch->machine,
		     machine->numa_nodes > 0 ? "" : ",memory-backend=lab-ram0",
		     machine->iommu == LAB_IOMMU_SMMUV3  ? ",iommu=smmuv3"
		     : machine->iommu == LAB_IOMMU_INTEL ? ",kernel-irqchip=split"
							 : "");
	lab_args_add(args, "-accel");
	lab_args_add(args, "%s", accelerator(config->accelerator));
	if (machine->counts) {
		lab_args_add(args, "-icount");
		lab_args_add(args, "shift=%" PRIu64, machine->count_shift);
	}
	lab_args_add(args, "-cpu");
	lab_args_add(args, "%s", machine->cpu);
	lab_args_add(args, "-smp");
	lab_args_add(args, "%llu", (unsigned long long)machine->cpus);
	add_memory(builder);
	if (machine->iommu == LAB_IOMMU_INTEL) {
		lab_args_add(args, "-device");
		lab_args_add(args, "intel-iommu");
	}
}

/*
 * On a busy host, an emulated guest that measures its time stamp counter is far off: its clock then
 * goes many times too fast, and alarms of half an hour end hangs that are none. The emulation
 * passes on the counter of this machine, so it is told.
 */
static uint64_t clock_khz(const struct lab_machine *machine)
{
	if (strcmp(machine->arch->host, "x86_64") != 0)
		return 0;
	/* What is made of instructions counts ns. */
	return machine->counts ? 1000000 : lab_tsc_khz();
}

static void tell_clock(const struct lab_machine *machine, char text[64])
{
	uint64_t khz = clock_khz(machine);

	text[0] = '\0';
	if (khz)
		snprintf(text, 64, "tsc_early_khz=%" PRIu64 " tsc=reliable", khz);
}

/* All that was asked for by --append, with a blank before each. */
static int join_appends(const struct builder *builder, char text[LAB_VALUE_MAX])
{
	const struct lab_args *appends = &builder->config->appends;
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < appends->count; i++) {
		used += (size_t)snprintf(text + used, LAB_VALUE_MAX - used, " %s",
					 appends->list[i]);
		if (used >= LAB_VALUE_MAX)
			return lab_fail(builder->error, "--append: more than %d bytes together",
					LAB_VALUE_MAX - 1);
	}
	return 0;
}

static int add_kernel(struct builder *builder, const char *kernel)
{
	const struct lab_config *config = builder->config;
	struct lab_args *args = builder->args;
	char clock[64], appends[LAB_VALUE_MAX];

	if (join_appends(builder, appends) < 0)
		return -1;
	tell_clock(config->machine, clock);
	lab_args_add(args, "-kernel");
	lab_args_add(args, "%s", kernel);
	lab_args_add(args, "-initrd");
	lab_args_add(args, "%s/initrd.img", config->out);
	if (config->machine->arch->device_tree) {
		lab_args_add(args, "-dtb");
		lab_args_add(args, "%s/board.dtb", config->out);
	}
	lab_args_add(args, "-append");
	lab_args_add(args, "console=%s panic=-1 rdinit=/init %s %s %s%s",
		     config->machine->arch->tty[LAB_CONSOLE], config->machine->arch->append, clock,
		     config->machine->append, appends);
	return 0;
}

static void add_channel(struct lab_args *args, const char *id, int fd)
{
	lab_args_add(args, "-chardev");
	lab_args_add(args, "socket,id=%s,fd=%d", id, fd);
}

static void add_channels(struct builder *builder, const struct lab_qemu_fds *fds)
{
	static const char *const names[LAB_LINES] = { "console", "terminal", "control" };
	const struct lab_arch *arch = builder->config->machine->arch;
	struct lab_args *args = builder->args;

	if (arch->serial_bus) {
		lab_args_add(args, "-device");
		lab_args_add(args, "%s", arch->serial_bus);
	}
	for (unsigned int i = 0; i < LAB_LINES; i++) {
		const char *device = arch->serial[i];

		add_channel(args, names[i], fds->line[i]);
		lab_args_add(args, device ? "-device" : "-serial");
		if (device)
			lab_args_add(args, "%s,chardev=%s", device, names[i]);
		else
			lab_args_add(args, "chardev:%s", names[i]);
	}
	add_channel(args, "qmp", fds->qmp);
	lab_args_add(args, "-mon");
	lab_args_add(args, "chardev=qmp,mode=control");
}

static void add_trace(struct builder *builder)
{
	static const char *const events[] = { "pci_nvme_map_*", "pci_nvme_read", "pci_nvme_write",
					      "pci_nvme_io_cmd", "pci_nvme_admin_cmd" };

	lab_args_add(builder->args, "-D");
	lab_args_add(builder->args, "%s/trace", builder->config->out);
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		lab_args_add(builder->args, "-trace");
		lab_args_add(builder->args, "%s", events[i]);
	}
}

int lab_qemu_args(const struct lab_config *config, const struct lab_files *files,
		  const struct lab_qemu_fds *fds, struct lab_args *args, struct lab_error *error)
{
	struct builder builder = { .config = config, .args = args, .error = error };

	add_board(&builder, files->qemu);
	add_channels(&builder, fds);
	for (unsigned int i = 0; i < config->machine->count; i++) {
		if (add_node(&builder, &config->machine->nodes[i]) < 0)
			return -1;
	}
	/* Last: it has a function of its own, which takes the next free slot. */
	if (config->machine->iommu == LAB_IOMMU_AMD) {
		lab_args_add(args, "-device");
		lab_args_add(args, "amd-iommu");
	}
	if (add_kernel(&builder, files->kernel) < 0)
		return -1;
	if (config->trace)
		add_trace(&builder);
	for (size_t i = 0; i < config->qemu_args.count; i++)
		lab_args_add(args, "%s", config->qemu_args.list[i]);
	return args->failed ? lab_fail(error, "out of memory") : 0;
}
