// SPDX-License-Identifier: MIT
/*
 * The platform beside the fabric: kernel, CPU, command line, build options. A capture brings them
 * in its own file; elsewhere they come from proc/ and boot/.
 */
#include "platform.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "sysfs_source.h"

#define MANIFEST_MAX  (64u << 10)
#define CPUINFO_MAX   (16u << 10) /* the first processor is enough */
#define CONFIG_MAX    (1u << 20)
#define CONFIG_GZ_MAX (256u << 10)
#define COMMAND_LINE  4096u

const char *const p2p_kernel_options[] = {
	"CONFIG_PCI_P2PDMA",
	"CONFIG_ZONE_DEVICE",
	"CONFIG_PCI_IOV",
	"CONFIG_PCIEPORTBUS",
	"CONFIG_PCI_HOST_GENERIC",
	"CONFIG_VMD",
	"CONFIG_HSA_AMD_P2P",
	"CONFIG_DMABUF_MOVE_NOTIFY",
	"CONFIG_DMA_SHARED_BUFFER",
	"CONFIG_VFIO",
	"CONFIG_VFIO_PCI",
	"CONFIG_VFIO_PCI_DMABUF",
	"CONFIG_VFIO_NOIOMMU",
	"CONFIG_IOMMU_SUPPORT",
	"CONFIG_IOMMU_DEFAULT_DMA_STRICT",
	"CONFIG_IOMMU_DEFAULT_DMA_LAZY",
	"CONFIG_IOMMU_DEFAULT_PASSTHROUGH",
	"CONFIG_INTEL_IOMMU",
	"CONFIG_INTEL_IOMMU_DEFAULT_ON",
	"CONFIG_AMD_IOMMU",
	"CONFIG_ARM_SMMU_V3",
	"CONFIG_NVME_MULTIPATH",
	"CONFIG_NVME_TARGET",
	"CONFIG_IO_STRICT_DEVMEM",
	"CONFIG_STRICT_DEVMEM",
	NULL,
};

/* Keys of Documentation/admin-guide/kernel-parameters.txt. */
bool p2p_command_word(struct p2p_span word)
{
	static const char *const prefixes[] = {
		"pci=",     "pcie_",    "iommu=", "iommu.", "intel_iommu=", "amd_iommu=",
		"swiotlb=", "arm-smmu", "vfio",   "nvme",   "pcie=",        "iomem=",
	};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (p2p_span_starts(word, prefixes[i]))
			return true;
	return false;
}

static const char *keep_text(struct p2p_sysfs *sysfs, struct p2p_span text)
{
	text = p2p_span_trim(text);
	return text.length ? p2p_build_text(sysfs->machine, text.text, text.length) : NULL;
}

static int32_t number(struct p2p_span text)
{
	uint64_t value;

	return p2p_span_number(text, &value) && value <= INT32_MAX ? (int32_t)value : -1;
}

/* "key\t: value" of proc/cpuinfo. */
static struct p2p_span cpu_value(struct p2p_span text, const char *key)
{
	struct p2p_span line, value;

	while (p2p_span_line(&text, &line, NULL)) {
		value = p2p_span_after(line, ":");
		if (!value.text)
			continue;
		line.length = (size_t)(value.text - line.text) - 1;
		if (p2p_span_is(p2p_span_trim(line), key))
			return p2p_span_trim(value);
	}
	return (struct p2p_span){ NULL, 0 };
}

static bool has_word(struct p2p_span text, const char *word)
{
	struct p2p_span after = { text.text, text.length };

	while ((after = p2p_span_after(after, word)).text) {
		const char *before = after.text - strlen(word);
		bool starts = before == text.text || before[-1] == ' ';

		if (starts && (!after.length || after.text[0] == ' '))
			return true;
	}
	return false;
}

static void read_cpu(struct p2p_sysfs *sysfs)
{
	struct p2p_machine_facts *platform = &sysfs->machine->platform;
	struct p2p_span text, flags;
	struct p2p_blob blob;

	if (p2p_tree_read(sysfs->tree, "proc/cpuinfo", CPUINFO_MAX, &blob))
		return;
	text = (struct p2p_span){ blob.data, blob.size };
	platform->cpu_vendor = keep_text(sysfs, cpu_value(text, "vendor_id"));
	platform->cpu_name = keep_text(sysfs, cpu_value(text, "model name"));
	/* powerpc: the only name there is. */
	if (!platform->cpu_name)
		platform->cpu_name = keep_text(sysfs, cpu_value(text, "cpu"));
	platform->cpu_family = number(cpu_value(text, "cpu family"));
	platform->cpu_model = number(cpu_value(text, "model"));
	/* CPUID 1:ECX[31]; other architectures tell it elsewhere or not at all. */
	flags = cpu_value(text, "flags");
	if (flags.text)
		platform->hypervisor = has_word(flags, "hypervisor") ? P2P_PRESENT : P2P_ABSENT;
	free(blob.data);
}

static void read_command_line(struct p2p_sysfs *sysfs)
{
	char kept[COMMAND_LINE];
	struct p2p_blob blob;
	size_t length = 0;

	if (p2p_tree_read(sysfs->tree, "proc/cmdline", COMMAND_LINE - 1, &blob))
		return;
	for (const char *at = blob.data; *at;) {
		struct p2p_span word = { at, strcspn(at, " \n") };

		at += word.length + strspn(at + word.length, " \n");
		if (!p2p_command_word(word))
			continue;
		/* What is kept is never longer than what was read, separators included. */
		if (length)
			kept[length++] = ' ';
		memcpy(kept + length, word.text, word.length);
		length += word.length;
	}
	free(blob.data);
	sysfs->machine->platform.command_line = p2p_build_text(sysfs->machine, kept, length);
}

/* "CONFIG_X=y", or "# CONFIG_X is not set", or no word of it where what it needs is off. */
static void take_options(struct p2p_sysfs *sysfs, struct p2p_span config)
{
	bool found[sizeof(p2p_kernel_options) / sizeof(p2p_kernel_options[0])] = { false };
	struct p2p_span line;

	while (p2p_span_line(&config, &line, NULL)) {
		if (!p2p_span_starts(line, "CONFIG_"))
			continue;
		for (size_t i = 0; p2p_kernel_options[i]; i++) {
			struct p2p_span value = line;

			if (found[i] || !p2p_span_skip(&value, p2p_kernel_options[i]) ||
			    !p2p_span_skip(&value, "="))
				continue;
			found[i] = true;
			p2p_build_option(sysfs->machine, p2p_kernel_options[i], value.text,
					 value.length);
		}
	}
	for (size_t i = 0; p2p_kernel_options[i]; i++)
		if (!found[i])
			p2p_build_option(sysfs->machine, p2p_kernel_options[i], "n", 1);
}

static bool config_file(struct p2p_sysfs *sysfs, const char *before, const char *after)
{
	const char *release = sysfs->machine->platform.kernel_release;
	char path[P2P_TREE_PATH];
	struct p2p_blob blob;
	int length;

	if (!release || strchr(release, '/'))
		return false;
	length = snprintf(path, sizeof(path), "%s%s%s", before, release, after);
	if (length < 0 || (size_t)length >= sizeof(path) ||
	    p2p_tree_read(sysfs->tree, path, CONFIG_MAX, &blob))
		return false;
	take_options(sysfs, (struct p2p_span){ blob.data, blob.size });
	free(blob.data);
	return true;
}

static void read_config(struct p2p_sysfs *sysfs)
{
	struct p2p_blob packed, config;

	/* Debian; Fedora and others. */
	if (config_file(sysfs, "boot/config-", "") ||
	    config_file(sysfs, "usr/lib/modules/", "/config"))
		return;
	if (p2p_tree_read(sysfs->tree, "proc/config.gz", CONFIG_GZ_MAX, &packed))
		return;
	if (!p2p_gunzip(&packed, CONFIG_MAX, &config)) {
		take_options(sysfs, (struct p2p_span){ config.data, config.size });
		free(config.data);
	}
	free(packed.data);
}

static void read_kernel(struct p2p_sysfs *sysfs)
{
	struct p2p_machine_facts *platform = &sysfs->machine->platform;
	char text[P2P_ATTRIBUTE];
	struct utsname name;

	if (sysfs->live && !uname(&name)) {
		platform->kernel_release = keep_text(sysfs, p2p_span(name.release));
		platform->arch = keep_text(sysfs, p2p_span(name.machine));
		platform->root = geteuid() == 0 ? P2P_PRESENT : P2P_ABSENT;
		return;
	}
	if (p2p_sysfs_attribute(sysfs, "proc/sys/kernel", "osrelease", text))
		platform->kernel_release = keep_text(sysfs, p2p_span(text));
	if (p2p_sysfs_attribute(sysfs, "proc/sys/kernel", "arch", text))
		platform->arch = keep_text(sysfs, p2p_span(text));
}

static enum p2p_known known(struct p2p_span text)
{
	if (p2p_span_is(text, "yes"))
		return P2P_PRESENT;
	return p2p_span_is(text, "no") ? P2P_ABSENT : P2P_UNKNOWN;
}

static void take_option(struct p2p_sysfs *sysfs, struct p2p_span text)
{
	for (size_t i = 0; p2p_kernel_options[i]; i++) {
		struct p2p_span value = text;

		if (p2p_span_skip(&value, p2p_kernel_options[i]) && p2p_span_skip(&value, "="))
			p2p_build_option(sysfs->machine, p2p_kernel_options[i], value.text,
					 value.length);
	}
}

/* One "key value" of the manifest; keys of later formats are passed over. */
static void take_fact(struct p2p_sysfs *sysfs, struct p2p_span line)
{
	struct p2p_machine_facts *platform = &sysfs->machine->platform;

	if (p2p_span_skip(&line, "kernel "))
		platform->kernel_release = keep_text(sysfs, line);
	else if (p2p_span_skip(&line, "arch "))
		platform->arch = keep_text(sysfs, line);
	else if (p2p_span_skip(&line, "root "))
		platform->root = known(line);
	else if (p2p_span_skip(&line, "complete "))
		sysfs->complete = known(line) == P2P_PRESENT;
	else if (p2p_span_skip(&line, "hypervisor "))
		platform->hypervisor = known(line);
	else if (p2p_span_skip(&line, "cpu-vendor "))
		platform->cpu_vendor = keep_text(sysfs, line);
	else if (p2p_span_skip(&line, "cpu-name "))
		platform->cpu_name = keep_text(sysfs, line);
	else if (p2p_span_skip(&line, "cpu-family "))
		platform->cpu_family = number(line);
	else if (p2p_span_skip(&line, "cpu-model "))
		platform->cpu_model = number(line);
	else if (p2p_span_skip(&line, "command-line "))
		platform->command_line = p2p_build_text(sysfs->machine, line.text, line.length);
	else if (p2p_span_skip(&line, "option "))
		take_option(sysfs, line);
}

static int take_manifest(struct p2p_sysfs *sysfs, struct p2p_span text, struct p2p_error *error)
{
	struct p2p_span line;
	uint64_t format;

	if (!p2p_span_line(&text, &line, NULL) || !p2p_span_skip(&line, "format ") ||
	    !p2p_span_number(line, &format))
		return p2p_error_set(error, -EBADMSG,
				     "%s: " P2P_MANIFEST ": line 1 is not \"format NUMBER\"; take "
				     "the capture again",
				     sysfs->path);
	if (format > P2P_MANIFEST_FORMAT)
		p2p_build_warn(sysfs->machine,
			       "%s: capture format %llu is newer than this program knows (%d); "
			       "what is new in it is left out",
			       sysfs->path, (unsigned long long)format, P2P_MANIFEST_FORMAT);
	sysfs->machine->source = "capture";
	sysfs->is_capture = true;
	while (p2p_span_line(&text, &line, NULL))
		take_fact(sysfs, line);
	return 0;
}

int p2p_sysfs_platform(struct p2p_sysfs *sysfs, struct p2p_error *error)
{
	struct p2p_blob blob;
	int rc;

	if (!sysfs->live && !p2p_tree_read(sysfs->tree, P2P_MANIFEST, MANIFEST_MAX, &blob)) {
		rc = take_manifest(sysfs, (struct p2p_span){ blob.data, blob.size }, error);
		free(blob.data);
		return rc;
	}
	read_kernel(sysfs);
	read_cpu(sysfs);
	read_command_line(sysfs);
	read_config(sysfs);
	return 0;
}

/* sys/class/dmi/id leads there; by this path the file is in a capture, too. */
void p2p_sysfs_bios(struct p2p_sysfs *sysfs)
{
	char text[P2P_ATTRIBUTE];

	if (p2p_sysfs_attribute(sysfs, "sys/devices/virtual/dmi/id", "bios_version", text))
		sysfs->machine->platform.bios = keep_text(sysfs, p2p_span(text));
}
