// SPDX-License-Identifier: MIT
/*
 * Results of proving: kept as they were given, void when a fact that they rest on changes, not
 * lost to damage or to others who write.
 */
#include "sources_support.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <p2pmem/acs.h>
#include <p2pmem/allow.h>
#include <p2pmem/proofs.h>
#include <p2pmem/text.h>

#include "machine/sources/config_space.h"
#include "workplace.h"

/*
 * Two drives below a switch below a root port, and what may be another way next time:
 *
 *     pci0000:00 ── 00:01.0 ── 01:00.0 ─┬─ 02:00.0 ── 03:00.0 nvme0
 *                                       └─ 02:01.0 ── 04:00.0 nvme1
 */
struct world {
	const char *kernel, *bios, *cpu, *firmware, *domain;
	uint16_t port_device, subsystem;
	uint8_t revision;
	int acs; /* control of 02:00.0, -1: no such capability */
	int root_acs;
	bool config; /* false: as without root, 64 bytes */
	bool moved;  /* nvme1 hangs below the root port's neighbour */
};

static const struct world usual = {
	.kernel = "7.3.0-rc1",
	.bios = "1.7.0",
	.cpu = "25",
	.firmware = "GXA7602Q",
	.domain = "DMA-FQ",
	.port_device = 0x1000,
	.subsystem = 0x1111,
	.revision = 2,
	.acs = 0,
	.root_acs = 0,
	.config = true,
};

#define ROOT  "pci0000:00/0000:00:01.0"
#define UP    ROOT "/0000:01:00.0"
#define DOWN0 UP "/0000:02:00.0"
#define DOWN1 UP "/0000:02:01.0"

struct function {
	uint16_t vendor, device, subsystem;
	uint8_t revision;
	uint32_t class;
	int port; /* PCIe 7.5.3.2 */
	int acs;
};

static void put16(uint8_t *config, size_t at, uint16_t value)
{
	config[at] = (uint8_t)value;
	config[at + 1] = (uint8_t)(value >> 8);
}

static void add_function(struct p2p_memory_tree *memory, const struct world *world,
			 const char *path, const struct function *function)
{
	uint8_t config[P2P_CONFIG_PCIE] = { 0 };
	char name[256], text[32];
	bool bridge = function->class >> 8 == 0x0604;

	snprintf(text, sizeof(text), "0x%06x", function->class);
	tree_function(memory, path, text);
	put16(config, 0, function->vendor);
	put16(config, 2, function->device);
	put16(config, 6, 0x10);
	config[8] = function->revision;
	put16(config, 9, (uint16_t)function->class);
	config[11] = (uint8_t)(function->class >> 16);
	config[14] = bridge;
	if (!bridge)
		put16(config, 0x2e, function->subsystem);
	config[0x34] = 0x40;
	put16(config, 0x40, 0x0010);
	put16(config, 0x42, (uint16_t)(function->port << 4 | 2));
	if (function->acs >= 0) {
		put16(config, 0x100, 0x000d);
		put16(config, 0x102, 0x0001);
		put16(config, 0x104, 0x005f);
		put16(config, 0x106, (uint16_t)function->acs);
	}
	snprintf(name, sizeof(name), "sys/devices/%s/config", path);
	assert_int_equal(p2p_memory_tree_add(memory, P2P_ENTRY_FILE, name, (const char *)config,
					     world->config ? sizeof(config) : 64),
			 0);
}

static void add_drive(struct p2p_memory_tree *memory, const struct world *world, const char *path,
		      const char *name)
{
	const struct function drive = { 0x144d, 0xa80a, world->subsystem, 1, 0x010802, 0, -1 };
	char at[256], target[256];

	add_function(memory, world, path, &drive);
	snprintf(at, sizeof(at), "sys/class/nvme/%s", name);
	snprintf(target, sizeof(target), "../../devices/%s/nvme/%s", path, name);
	tree_link(memory, at, target);
	if (world->firmware) {
		snprintf(at, sizeof(at), "sys/devices/%s/nvme/%s/firmware_rev", path, name);
		tree_file(memory, at, world->firmware);
	}
}

static void add_group(struct p2p_memory_tree *memory, const struct world *world, const char *path,
		      const char *group)
{
	char at[256], target[64];

	if (!world->domain)
		return;
	snprintf(at, sizeof(at), "sys/kernel/iommu_groups/%s/type", group);
	tree_file(memory, at, world->domain);
	snprintf(at, sizeof(at), "sys/devices/%s/iommu_group", path);
	snprintf(target, sizeof(target), "/sys/kernel/iommu_groups/%s", group);
	tree_link(memory, at, target);
}

static struct p2p_machine *machine_of(const struct world *world)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();
	const struct function root = { 0x8086, 0x2030, 0, 4, 0x060400, 4, world->root_acs };
	const struct function up = { 0x1000, 0xc010, 0, 0xb0, 0x060400, 5, -1 };
	const struct function down0 = { 0x1000, world->port_device, 0, world->revision, 0x060400,
					6,      world->acs };
	const struct function down1 = { 0x1000, 0xc010, 0, 0xb0, 0x060400, 6, 0 };
	const char *second = world->moved ? ROOT "/0000:04:00.0" : DOWN1 "/0000:04:00.0";
	struct p2p_machine *machine;
	char text[512];

	add_function(memory, world, ROOT, &root);
	add_function(memory, world, UP, &up);
	add_function(memory, world, DOWN0, &down0);
	add_function(memory, world, DOWN1, &down1);
	add_drive(memory, world, DOWN0 "/0000:03:00.0", "nvme0");
	add_drive(memory, world, second, "nvme1");
	add_group(memory, world, DOWN0 "/0000:03:00.0", "7");
	if (world->bios)
		tree_file(memory, "sys/devices/virtual/dmi/id/bios_version", world->bios);
	snprintf(text, sizeof(text),
		 "format 1\nkernel %s\narch x86_64\nroot yes\ncomplete yes\nhypervisor no\n"
		 "cpu-vendor AuthenticAMD\ncpu-family %s\ncpu-model 1\n",
		 world->kernel, world->cpu);
	tree_file(memory, "p2pmem-capture", text);
	machine = tree_machine(memory);
	return machine;
}

#define RESULTS "results"

static struct p2p_proof_end end(const char *name)
{
	struct p2p_proof_end made = { .on_pci = true };

	if (!strncmp(name, "p2pmem", 6))
		return (struct p2p_proof_end){ .index = (uint32_t)atoi(name + 6) };
	assert_int_equal(p2p_bdf_parse(name, &made.function), 0);
	return made;
}

static struct p2p_proofs *open_with(const struct p2p_machine *machine, const char *kernel)
{
	struct p2p_error error = { .text = "" };
	struct p2p_proofs_options options;
	struct p2p_proofs *proofs;

	p2p_proofs_options_init(&options, sizeof(options));
	options.path = RESULTS;
	options.kernel = kernel;
	if (p2p_proofs_open(machine, &options, &proofs, &error))
		print_error("%s\n", error.text);
	assert_non_null(proofs);
	return proofs;
}

static struct p2p_proofs *open_results(const struct p2p_machine *machine)
{
	return open_with(machine, NULL);
}

static int open_error(struct p2p_error *error)
{
	struct p2p_machine *machine = machine_of(&usual);
	struct p2p_proofs_options options;
	struct p2p_proofs *proofs;
	int rc;

	p2p_proofs_options_init(&options, sizeof(options));
	options.path = RESULTS;
	rc = p2p_proofs_open(machine, &options, &proofs, error);
	p2p_proofs_close(proofs);
	p2p_machine_free(machine);
	return rc;
}

static struct p2p_proof_result result_of(const char *client, const char *provider,
					 enum p2p_proof_direction direction,
					 enum p2p_proof_state state)
{
	struct p2p_proof_result result;

	p2p_proof_result_init(&result, sizeof(result));
	result.client = end(client);
	result.provider = end(provider);
	result.direction = direction;
	result.state = state;
	result.damage = state == P2P_PROOF_WRONG ? P2P_DAMAGE_SHIFTED : P2P_DAMAGE_NONE;
	result.time = 1795671000;
	result.bytes = 64u << 20;
	return result;
}

static void save(struct p2p_proofs *proofs)
{
	struct p2p_error error = { .text = "" };
	int rc = p2p_proofs_save(proofs, &error);

	if (rc)
		print_error("%s\n", error.text);
	assert_int_equal(rc, 0);
}

/* In a store of its own, as another process would. */
static void record_in(const struct p2p_machine *machine, const struct p2p_proof_result *result)
{
	struct p2p_proofs *proofs = open_results(machine);

	assert_int_equal(p2p_proofs_record(proofs, result), 0);
	save(proofs);
	p2p_proofs_close(proofs);
}

static void prove(const struct world *world, enum p2p_proof_state state)
{
	struct p2p_proof_result result =
		result_of("0000:03:00.0", "0000:04:00.0", P2P_PROOF_TO_PROVIDER, state);
	struct p2p_machine *machine = machine_of(world);

	record_in(machine, &result);
	p2p_machine_free(machine);
}

static struct p2p_proof_result ask(const struct p2p_proofs *proofs,
				   enum p2p_proof_direction direction)
{
	struct p2p_proof_result result;

	p2p_proof_result_init(&result, sizeof(result));
	assert_int_equal(p2p_proofs_find(proofs, end("0000:03:00.0"), end("0000:04:00.0"),
					 direction, &result),
			 0);
	return result;
}

static char *read_all(void)
{
	uint64_t size;
	char *bytes = read_file(RESULTS, &size), *text = strndup(bytes, size);

	free(bytes);
	assert_non_null(text);
	return text;
}

static void write_text(const char *text)
{
	FILE *file = fopen(RESULTS, "w");

	assert_non_null(file);
	assert_int_not_equal(fputs(text, file), EOF);
	assert_int_equal(fclose(file), 0);
}

static int start_afresh(void **state)
{
	(void)state;
	unlink(RESULTS);
	return 0;
}

static void a_round_trip(void **state)
{
	struct p2p_proof_result wrong =
		result_of("0000:03:00.0", "0000:04:00.0", P2P_PROOF_TO_PROVIDER, P2P_PROOF_WRONG);
	struct p2p_proof_result refused =
		result_of("0000:04:00.0", "p2pmem7", P2P_PROOF_FROM_PROVIDER, P2P_PROOF_REFUSED);
	struct p2p_machine *machine = machine_of(&usual);
	struct p2p_proofs *proofs = open_results(machine);
	struct p2p_proof_result found;

	(void)state;
	assert_int_equal(p2p_proofs_count(proofs), 0);
	assert_int_equal(ask(proofs, P2P_PROOF_TO_PROVIDER).state, P2P_PROOF_NOT_TRIED);
	wrong.text = "first at 4096 of 65536:\n16 bytes on";
	assert_int_equal(p2p_proofs_record(proofs, &wrong), 0);
	assert_int_equal(p2p_proofs_record(proofs, &refused), 0);
	/* Known before it is saved, too. */
	assert_int_equal(ask(proofs, P2P_PROOF_TO_PROVIDER).state, P2P_PROOF_WRONG);
	save(proofs);
	p2p_proofs_close(proofs);

	proofs = open_results(machine);
	assert_int_equal(p2p_proofs_warnings(proofs), 0);
	assert_int_equal(p2p_proofs_count(proofs), 2);
	found = ask(proofs, P2P_PROOF_TO_PROVIDER);
	assert_int_equal(found.state, P2P_PROOF_WRONG);
	assert_int_equal(found.recorded, P2P_PROOF_WRONG);
	assert_int_equal(found.damage, P2P_DAMAGE_SHIFTED);
	assert_int_equal(found.time, 1795671000);
	assert_int_equal(found.bytes, 64u << 20);
	assert_string_equal(found.text, "first at 4096 of 65536:?16 bytes on");
	assert_null(found.changed);
	assert_int_equal(ask(proofs, P2P_PROOF_FROM_PROVIDER).state, P2P_PROOF_NOT_TRIED);
	assert_int_equal(p2p_proofs_get(proofs, 1, &found), 0);
	assert_false(found.provider.on_pci);
	assert_int_equal(found.provider.index, 7);
	assert_int_equal(found.recorded, P2P_PROOF_REFUSED);
	assert_int_equal(found.damage, P2P_DAMAGE_NONE);
	assert_int_equal(p2p_proofs_get(proofs, 2, &found), -EINVAL);
	p2p_proofs_close(proofs);
	p2p_machine_free(machine);
}

/* What has changed since, as a sentence; "" where nothing has. */
static void changed_is(const struct world *world, const char *sentence)
{
	struct p2p_machine *machine = machine_of(world);
	struct p2p_proofs *proofs = open_results(machine);
	struct p2p_proof_result found = ask(proofs, P2P_PROOF_TO_PROVIDER);

	assert_int_equal(found.recorded, P2P_PROOF_PROVEN);
	assert_string_equal(found.changed ? found.changed : "", sentence);
	assert_int_equal(found.state, *sentence ? P2P_PROOF_VOID : P2P_PROOF_PROVEN);
	p2p_proofs_close(proofs);
	p2p_machine_free(machine);
}

/* Each alone, for one that is not looked at must not hide behind another. */
static void each_fact_voids(void **state)
{
	struct world other = usual;

	(void)state;
	prove(&usual, P2P_PROOF_PROVEN);
	changed_is(&usual, "");
	other.kernel = "7.2.9";
	changed_is(&other, "the kernel was 7.3.0-rc1, is 7.2.9");
	other = usual;
	other.bios = "1.8.1";
	changed_is(&other, "the BIOS was 1.7.0, is 1.8.1");
	other = usual;
	other.cpu = "26";
	changed_is(&other, "the CPU was AuthenticAMD 25/1, is AuthenticAMD 26/1");
	other = usual;
	other.domain = "identity";
	changed_is(&other, "the IOMMU domain of 0000:03:00.0 was DMA-FQ, is identity");
	other = usual;
	other.domain = NULL;
	changed_is(&other, "the IOMMU was on, is off; the IOMMU domain of 0000:03:00.0 was DMA-FQ, "
			   "is none");
	other = usual;
	other.firmware = "GXA7801Q";
	changed_is(&other,
		   "the firmware of 0000:03:00.0 was GXA7602Q, is GXA7801Q; the firmware of "
		   "0000:04:00.0 was GXA7602Q, is GXA7801Q");
	other = usual;
	other.acs = P2P_ACS_RR | P2P_ACS_CR;
	changed_is(&other, "ACS of 0000:02:00.0 was none, is RR CR");
	other.acs = -1;
	changed_is(&other, "ACS of 0000:02:00.0 was none, is absent");
	/* What is redirected goes up to the host: ports above the common one are on the way. */
	other = usual;
	other.root_acs = P2P_ACS_SV;
	changed_is(&other, "ACS of 0000:00:01.0 was none, is SV");
	other = usual;
	other.port_device = 0x1001;
	changed_is(&other,
		   "the device at 0000:02:00.0 was 1000:1000, subsystem ffff:ffff, revision 02, is "
		   "1000:1001, subsystem ffff:ffff, revision 02");
	other = usual;
	other.revision = 3;
	changed_is(&other,
		   "the device at 0000:02:00.0 was 1000:1000, subsystem ffff:ffff, revision 02, is "
		   "1000:1000, subsystem ffff:ffff, revision 03");
	other = usual;
	other.moved = true;
	changed_is(&other, "the device at 0000:02:01.0 is no part of it any more; ACS of "
			   "0000:02:01.0 is no part of it any more");
}

static void unknown_is_no_value(void **state)
{
	struct world other = usual;

	(void)state;
	prove(&usual, P2P_PROOF_PROVEN);
	other.firmware = NULL;
	changed_is(&other, "the firmware of 0000:03:00.0 was GXA7602Q, is unknown; the firmware "
			   "of 0000:04:00.0 was GXA7602Q, is unknown");
	other = usual;
	other.bios = NULL;
	changed_is(&other, "the BIOS was 1.7.0, is unknown");
	/* And back. */
	prove(&other, P2P_PROOF_PROVEN);
	changed_is(&other, "");
	other.config = false;
	{
		struct p2p_machine *machine = machine_of(&other);
		struct p2p_proofs *proofs = open_results(machine);
		struct p2p_proof_result found = ask(proofs, P2P_PROOF_TO_PROVIDER);

		assert_int_equal(found.state, P2P_PROOF_VOID);
		assert_non_null(
			strstr(found.changed, "ACS of 0000:03:00.0 was absent, is unknown"));
		p2p_proofs_close(proofs);
		p2p_machine_free(machine);
	}
}

/* Settings that come back have their results back. */
static void each_setting_has_its_own(void **state)
{
	struct world other = usual;

	(void)state;
	other.kernel = "6.12.43";
	prove(&usual, P2P_PROOF_PROVEN);
	prove(&other, P2P_PROOF_PROVEN);
	changed_is(&usual, "");
	changed_is(&other, "");
	other.acs = P2P_ACS_RR;
	changed_is(&other, "ACS of 0000:02:00.0 was none, is RR");
}

/* Ten more than are kept: the file does not grow for ever, and the latest is there. */
static void few_of_one_pair_are_kept(void **state)
{
	struct p2p_proof_result result =
		result_of("0000:03:00.0", "0000:04:00.0", P2P_PROOF_TO_PROVIDER, P2P_PROOF_PROVEN);
	struct world other = usual;
	unsigned int count = 0;
	char kernel[32], *text;

	(void)state;
	for (int i = 0; i < 18; i++) {
		struct p2p_machine *machine;

		snprintf(kernel, sizeof(kernel), "7.3.%d", i);
		other.kernel = kernel;
		machine = machine_of(&other);
		result.time++;
		record_in(machine, &result);
		p2p_machine_free(machine);
	}
	changed_is(&other, "");
	text = read_all();
	for (const char *at = text; (at = strstr(at, "\nproof\n")); at++)
		count++;
	free(text);
	assert_int_equal(count, 8);
	changed_is(&usual, "the kernel was 7.3.17, is 7.3.0-rc1");
}

static void the_later_one_counts(void **state)
{
	struct p2p_machine *machine = machine_of(&usual);
	struct p2p_proof_result result =
		result_of("0000:03:00.0", "0000:04:00.0", P2P_PROOF_TO_PROVIDER, P2P_PROOF_WRONG);
	struct p2p_proofs *proofs;

	(void)state;
	record_in(machine, &result);
	/* Proven anew, on a clock that was set back. */
	result.state = P2P_PROOF_PROVEN;
	result.time -= 1000;
	record_in(machine, &result);
	proofs = open_results(machine);
	assert_int_equal(ask(proofs, P2P_PROOF_TO_PROVIDER).state, P2P_PROOF_PROVEN);
	assert_int_equal(ask(proofs, P2P_PROOF_TO_PROVIDER).damage, P2P_DAMAGE_NONE);
	assert_int_equal(p2p_proofs_count(proofs), 1);
	p2p_proofs_close(proofs);
	p2p_machine_free(machine);
}

/* A question about another kernel than the machine's own. */
static void another_kernel_is_asked_about(void **state)
{
	struct p2p_machine *machine = machine_of(&usual);
	struct p2p_proofs *proofs;

	(void)state;
	prove(&usual, P2P_PROOF_PROVEN);
	proofs = open_with(machine, "6.1");
	assert_string_equal(ask(proofs, P2P_PROOF_TO_PROVIDER).changed,
			    "the kernel was 7.3.0-rc1, is 6.1");
	p2p_proofs_close(proofs);
	p2p_machine_free(machine);
}

/* Results of a machine that has other devices. */
static void another_machine(void **state)
{
	struct p2p_machine *machine = machine_of(&usual), *small;
	struct p2p_memory_tree *memory = p2p_memory_tree_new();
	struct p2p_proof_result found, result = result_of("0000:03:00.0", "0000:04:00.0",
							  P2P_PROOF_TO_PROVIDER, P2P_PROOF_WRONG);
	struct p2p_proofs *proofs;

	(void)state;
	record_in(machine, &result);
	tree_function(memory, "pci0000:00/0000:00:02.0", "0x010802");
	small = tree_machine(memory);
	proofs = open_results(small);
	p2p_proof_result_init(&found, sizeof(found));
	assert_int_equal(p2p_proofs_get(proofs, 0, &found), 0);
	assert_int_equal(found.state, P2P_PROOF_VOID);
	assert_string_equal(found.changed, "this machine has no such pair");
	assert_int_equal(p2p_proofs_record(proofs, &result), -ENODEV);
	result.client = result.provider = end("0000:00:02.0");
	assert_int_equal(p2p_proofs_record(proofs, &result), 0);
	save(proofs);
	p2p_proofs_close(proofs);
	/* The first machine's are still there. */
	proofs = open_results(machine);
	assert_int_equal(p2p_proofs_count(proofs), 2);
	assert_int_equal(ask(proofs, P2P_PROOF_TO_PROVIDER).state, P2P_PROOF_WRONG);
	p2p_proofs_close(proofs);
	p2p_machine_free(small);
	p2p_machine_free(machine);
}

/* Of all settings, one way and the other, and of nobody else; also what others saved meanwhile. */
static void forgotten(void **state)
{
	struct p2p_proof_result there =
		result_of("0000:03:00.0", "0000:04:00.0", P2P_PROOF_TO_PROVIDER, P2P_PROOF_PROVEN);
	struct p2p_proof_result back = result_of("0000:03:00.0", "0000:04:00.0",
						 P2P_PROOF_FROM_PROVIDER, P2P_PROOF_PROVEN);
	struct p2p_proof_result other =
		result_of("0000:04:00.0", "0000:03:00.0", P2P_PROOF_TO_PROVIDER, P2P_PROOF_PROVEN);
	struct world newer = usual;
	struct p2p_machine *machine = machine_of(&usual), *second;
	struct p2p_proofs *proofs;

	(void)state;
	newer.kernel = "7.3.0";
	second = machine_of(&newer);
	record_in(machine, &there);
	record_in(second, &there);
	record_in(machine, &other);
	proofs = open_results(machine);
	record_in(machine, &back);
	assert_int_equal(p2p_proofs_forget(proofs, end("0000:03:00.0"), end("0000:03:00.0")),
			 -ENOENT);
	assert_int_equal(p2p_proofs_forget(proofs, end("0000:03:00.0"), end("0000:04:00.0")), 0);
	assert_int_equal(p2p_proofs_forget(proofs, end("0000:03:00.0"), end("0000:04:00.0")),
			 -ENOENT);
	assert_int_equal(ask(proofs, P2P_PROOF_TO_PROVIDER).state, P2P_PROOF_NOT_TRIED);
	assert_int_equal(p2p_proofs_count(proofs), 1);
	save(proofs);
	p2p_proofs_close(proofs);
	proofs = open_results(second);
	assert_int_equal(p2p_proofs_count(proofs), 1);
	/* What is recorded after that counts, before and after it is saved. */
	assert_int_equal(p2p_proofs_record(proofs, &there), 0);
	assert_int_equal(p2p_proofs_forget(proofs, there.client, there.provider), 0);
	assert_int_equal(p2p_proofs_record(proofs, &there), 0);
	assert_int_equal(ask(proofs, P2P_PROOF_TO_PROVIDER).state, P2P_PROOF_PROVEN);
	save(proofs);
	p2p_proofs_close(proofs);
	proofs = open_results(second);
	assert_int_equal(p2p_proofs_count(proofs), 2);
	assert_int_equal(ask(proofs, P2P_PROOF_TO_PROVIDER).state, P2P_PROOF_PROVEN);
	p2p_proofs_close(proofs);
	p2p_machine_free(second);
	p2p_machine_free(machine);
}

/* A pair is one line, and says what is not good of it. */
static void allowed_pairs(void **state)
{
	struct p2p_proof_result there =
		result_of("0000:03:00.0", "0000:04:00.0", P2P_PROOF_TO_PROVIDER, P2P_PROOF_PROVEN);
	struct p2p_proof_result back = result_of("0000:03:00.0", "0000:04:00.0",
						 P2P_PROOF_FROM_PROVIDER, P2P_PROOF_PROVEN);
	struct p2p_proof_result off_bus =
		result_of("0000:04:00.0", "p2pmem7", P2P_PROOF_TO_PROVIDER, P2P_PROOF_PROVEN);
	struct world newer = usual;
	struct p2p_machine *machine = machine_of(&usual), *second;
	struct p2p_allowed_pair *pairs = (struct p2p_allowed_pair *)1;
	struct p2p_proofs *proofs;
	size_t count = 7;

	(void)state;
	assert_int_equal(p2p_allowed_list(machine, NULL, &pairs, &count, NULL), 0);
	assert_null(pairs);
	assert_int_equal(count, 0);
	record_in(machine, &there);
	record_in(machine, &back);
	record_in(machine, &off_bus);
	proofs = open_results(machine);
	assert_int_equal(p2p_allowed_list(machine, proofs, &pairs, &count, NULL), 0);
	assert_int_equal(count, 1);
	assert_true(pairs[0].recorded);
	assert_false(pairs[0].now);
	assert_int_equal(pairs[0].client.bus, 3);
	assert_int_equal(pairs[0].provider.bus, 4);
	assert_int_equal(pairs[0].proof.state, P2P_PROOF_PROVEN);
	free(pairs);
	p2p_proofs_close(proofs);
	/* Of the second machine one way holds. */
	newer.acs = P2P_ACS_RR;
	second = machine_of(&newer);
	record_in(second, &there);
	proofs = open_results(second);
	assert_int_equal(p2p_allowed_list(second, proofs, &pairs, &count, NULL), 0);
	assert_int_equal(count, 1);
	assert_int_equal(pairs[0].proof.state, P2P_PROOF_VOID);
	assert_int_equal(pairs[0].proof.direction, P2P_PROOF_FROM_PROVIDER);
	assert_string_equal(pairs[0].proof.changed, "ACS of 0000:02:00.0 was none, is RR");
	free(pairs);
	p2p_proofs_close(proofs);
	p2p_machine_free(second);
	p2p_machine_free(machine);
}

static void what_is_no_result(void **state)
{
	struct p2p_machine *machine = machine_of(&usual);
	struct p2p_proofs *proofs = open_results(machine);
	struct p2p_proof_result result =
		result_of("0000:03:00.0", "0000:04:00.0", P2P_PROOF_TO_PROVIDER, P2P_PROOF_VOID);

	(void)state;
	assert_int_equal(p2p_proofs_record(proofs, &result), -EINVAL);
	result.state = P2P_PROOF_NOT_TRIED;
	assert_int_equal(p2p_proofs_record(proofs, &result), -EINVAL);
	result.state = P2P_PROOF_PROVEN;
	result.direction = (enum p2p_proof_direction)2;
	assert_int_equal(p2p_proofs_record(proofs, &result), -EINVAL);
	result.direction = P2P_PROOF_TO_PROVIDER;
	result.size = 0;
	assert_int_equal(p2p_proofs_record(proofs, &result), -EINVAL);
	save(proofs);
	/* There is nothing to say, and no file for it. */
	assert_int_not_equal(access(RESULTS, F_OK), 0);
	p2p_proofs_close(proofs);
	p2p_machine_free(machine);
}

/* One result of three, whose fourth line is damaged or gone. */
static void damage_is_bounded(void **state)
{
	static const char *const lines[] = {
		"state brilliant", "state proven\nstate proven",
		"direction up",    "time -4",
		"bytes many",      "fact acs 0000:02:00.0",
		"provider p2pmem", "client 3:0",
		"damage some",     "color green",
		"fact  = none",    "",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct p2p_machine *machine = machine_of(&usual);
		struct p2p_proof_result from = result_of("0000:03:00.0", "0000:04:00.0",
							 P2P_PROOF_FROM_PROVIDER, P2P_PROOF_PROVEN);
		char *before, *cut, *text;
		struct p2p_proofs *proofs;

		unlink(RESULTS);
		prove(&usual, P2P_PROOF_PROVEN);
		record_in(machine, &from);
		before = read_all();
		cut = strstr(before, "state ");
		assert_true(asprintf(&text, "%.*s%s%s", (int)(cut - before), before, lines[i],
				     strchr(cut, '\n')) > 0);
		write_text(text);
		proofs = open_results(machine);
		assert_int_equal(ask(proofs, P2P_PROOF_TO_PROVIDER).state, P2P_PROOF_NOT_TRIED);
		assert_int_equal(ask(proofs, P2P_PROOF_FROM_PROVIDER).state, P2P_PROOF_PROVEN);
		for (uint32_t j = 1; j < p2p_proofs_warnings(proofs); j++)
			print_error("%s\n", p2p_proofs_warning(proofs, j));
		assert_int_equal(p2p_proofs_warnings(proofs), 1);
		assert_non_null(strstr(p2p_proofs_warning(proofs, 0), RESULTS ": line "));
		p2p_proofs_close(proofs);
		free(text);
		free(before);
		p2p_machine_free(machine);
	}
}

/* A file that is all damage is not read to anybody. */
static void damage_is_told_in_short(void **state)
{
	struct p2p_machine *machine = machine_of(&usual);
	FILE *file = fopen(RESULTS, "w");
	struct p2p_proofs *proofs;

	(void)state;
	assert_non_null(file);
	fprintf(file, "p2pmem-proofs 1\n");
	for (int i = 0; i < 150; i++)
		fprintf(file, "nonsense\n");
	assert_int_equal(fclose(file), 0);
	proofs = open_results(machine);
	assert_int_equal(p2p_proofs_warnings(proofs), 101);
	assert_string_equal(p2p_proofs_warning(proofs, 99),
			    RESULTS ": line 101: is damaged, and belongs to no result");
	assert_string_equal(p2p_proofs_warning(proofs, 100), RESULTS ": and 50 more warnings");
	assert_null(p2p_proofs_warning(proofs, 101));
	p2p_proofs_close(proofs);
	p2p_machine_free(machine);
}

/* Cut anywhere, it has whole results or none, and says so unless it is cut between them. */
static void cut_anywhere(void **state)
{
	struct p2p_machine *machine = machine_of(&usual);
	struct p2p_error error = { .text = "" };
	struct p2p_proofs_options options;
	char *whole;
	size_t head;

	(void)state;
	prove(&usual, P2P_PROOF_PROVEN);
	whole = read_all();
	head = strcspn(whole, "\n");
	p2p_proofs_options_init(&options, sizeof(options));
	options.path = RESULTS;
	for (size_t length = strlen(whole) - 1; length; length--) {
		struct p2p_proofs *proofs;
		int rc;

		whole[length] = '\0';
		write_text(whole);
		rc = p2p_proofs_open(machine, &options, &proofs, &error);
		assert_int_equal(rc, length < head ? -EBADMSG : 0);
		if (rc)
			continue;
		assert_int_equal(ask(proofs, P2P_PROOF_TO_PROVIDER).state, P2P_PROOF_NOT_TRIED);
		assert_int_equal(p2p_proofs_warnings(proofs), length > head + 2);
		p2p_proofs_close(proofs);
	}
	free(whole);
	p2p_machine_free(machine);
}

static void not_ours(void **state)
{
	struct p2p_error error = { .text = "" };

	(void)state;
	write_text("p2pmem-proofs 2\n\nproof\nend\n");
	assert_int_equal(open_error(&error), -EBADMSG);
	assert_non_null(strstr(error.text, "format 2 is newer"));
	write_text("format 1\n");
	assert_int_equal(open_error(&error), -EBADMSG);
	assert_non_null(strstr(error.text, "no file of results"));
	unlink(RESULTS);
	assert_int_equal(mkdir(RESULTS, 0755), 0);
	assert_int_equal(open_error(&error), -EINVAL);
	rmdir(RESULTS);
}

/* What is not understood is not written over. */
static void newer_stays(void **state)
{
	struct p2p_machine *machine = machine_of(&usual);
	struct p2p_proofs *proofs = open_results(machine);
	struct p2p_proof_result result =
		result_of("0000:03:00.0", "0000:04:00.0", P2P_PROOF_TO_PROVIDER, P2P_PROOF_PROVEN);
	struct p2p_error error = { .text = "" };
	char *text;

	(void)state;
	assert_int_equal(p2p_proofs_record(proofs, &result), 0);
	write_text("p2pmem-proofs 2\n");
	assert_int_equal(p2p_proofs_save(proofs, &error), -EBADMSG);
	text = read_all();
	assert_string_equal(text, "p2pmem-proofs 2\n");
	free(text);
	/* Out of the way, the same is saved. */
	unlink(RESULTS);
	save(proofs);
	p2p_proofs_close(proofs);
	changed_is(&usual, "");
	p2p_machine_free(machine);
}

static void write_many(struct p2p_machine *machine, unsigned int writer, unsigned int count)
{
	struct p2p_proof_result result =
		result_of("0000:03:00.0", "p2pmem0", P2P_PROOF_TO_PROVIDER, P2P_PROOF_PROVEN);
	struct p2p_proofs *proofs = open_results(machine);

	for (unsigned int i = 0; i < count; i++) {
		result.provider.index = writer * count + i;
		assert_int_equal(p2p_proofs_record(proofs, &result), 0);
		save(proofs);
	}
	p2p_proofs_close(proofs);
}

/* Neither has read what the other writes. */
static void writers_at_once(void **state)
{
	enum {
		WRITERS = 4,
		EACH = 25
	};
	struct p2p_machine *machine = machine_of(&usual);
	struct p2p_proofs *proofs;
	int status;

	(void)state;
	for (unsigned int i = 0; i < WRITERS; i++) {
		pid_t child = fork();

		assert_int_not_equal(child, -1);
		if (child)
			continue;
		write_many(machine, i, EACH);
		_exit(0);
	}
	for (unsigned int i = 0; i < WRITERS; i++) {
		assert_int_not_equal(wait(&status), -1);
		assert_int_equal(status, 0);
	}
	proofs = open_results(machine);
	assert_int_equal(p2p_proofs_warnings(proofs), 0);
	assert_int_equal(p2p_proofs_count(proofs), WRITERS * EACH);
	p2p_proofs_close(proofs);
	p2p_machine_free(machine);
}

static void a_directory_is_made(void **state)
{
	struct p2p_machine *machine = machine_of(&usual);
	struct p2p_proof_result result =
		result_of("0000:03:00.0", "0000:04:00.0", P2P_PROOF_TO_PROVIDER, P2P_PROOF_PROVEN);
	struct p2p_proofs_options options;
	struct p2p_error error = { .text = "" };
	struct p2p_proofs *proofs;

	(void)state;
	p2p_proofs_options_init(&options, sizeof(options));
	options.path = "var/proofs";
	assert_int_equal(p2p_proofs_open(machine, &options, &proofs, &error), 0);
	assert_int_equal(p2p_proofs_record(proofs, &result), 0);
	save(proofs);
	assert_string_equal(p2p_proofs_path(proofs), "var/proofs");
	p2p_proofs_close(proofs);
	assert_int_equal(unlink("var/proofs"), 0);
	/* Nothing else was left there. */
	assert_int_equal(rmdir("var"), 0);
	p2p_machine_free(machine);
}

static void text_is(struct p2p_proof_result *result, const char *expected)
{
	char *text = p2p_proof_text(result);

	assert_string_equal(text, expected);
	free(text);
}

static void in_words(void **state)
{
	struct p2p_proof_result result =
		result_of("0000:03:00.0", "0000:04:00.0", P2P_PROOF_TO_PROVIDER, P2P_PROOF_PROVEN);

	(void)state;
	text_is(&result, "proven on 2026-11-26 05:30 UTC, with 64 MiB");
	result.state = result.recorded = P2P_PROOF_WRONG;
	result.damage = P2P_DAMAGE_SHIFTED;
	result.text = "by 16 bytes";
	text_is(&result, "wrong (shifted) on 2026-11-26 05:30 UTC: by 16 bytes");
	result.state = P2P_PROOF_VOID;
	result.changed = "the kernel was 7.2, is 7.3";
	text_is(&result, "void: the kernel was 7.2, is 7.3; it was wrong (shifted) on 2026-11-26 "
			 "05:30 UTC");
	p2p_proof_result_init(&result, sizeof(result));
	text_is(&result, "not tried");
	assert_string_equal(p2p_proof_state_name((enum p2p_proof_state)99), "unknown");
	assert_string_equal(p2p_damage_name(P2P_DAMAGE_ORDER), "order");
	assert_string_equal(p2p_damage_name((enum p2p_damage)99), "unknown");
}

#define FRESH(test) cmocka_unit_test_setup(test, start_afresh)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(a_round_trip),
		FRESH(each_fact_voids),
		FRESH(unknown_is_no_value),
		FRESH(each_setting_has_its_own),
		FRESH(few_of_one_pair_are_kept),
		FRESH(the_later_one_counts),
		FRESH(another_kernel_is_asked_about),
		FRESH(another_machine),
		FRESH(forgotten),
		FRESH(allowed_pairs),
		FRESH(what_is_no_result),
		FRESH(damage_is_bounded),
		FRESH(damage_is_told_in_short),
		FRESH(cut_anywhere),
		FRESH(not_ours),
		FRESH(newer_stays),
		FRESH(writers_at_once),
		FRESH(a_directory_is_made),
		FRESH(in_words),
	};

	return cmocka_run_group_tests(tests, enter_workplace, leave_workplace);
}
