// SPDX-License-Identifier: MIT
/*
 * oracle-machine SEED [arm64|riscv64]: prints a random machine file for the lab, the same one for
 * the same seed. Its shapes are those that a verdict depends on: host bridges, root ports, switches
 * of up to three levels, functions of one device, ports with and without ACS, ACS as the kernel's
 * own options and an IOMMU set it, CPUs that pass or not, host bridges with and without a place on
 * the allowlist.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define DEVICES_MAX 40 /* once so many are there nothing more is added; a boot stays quick */
#define DRIVES_MAX  2  /* each takes the guest some time to bind */
#define LEVELS_MAX  3  /* of switches */
#define WAY_MAX     128
#define TEXT_MAX    400

/* Part of the kernel's command line; what finds no room is left out whole. */
struct text {
	char bytes[TEXT_MAX];
	size_t length;
};

struct generator {
	const char *arch; /* NULL: amd64 */
	uint64_t state;
	unsigned int devices;
	unsigned int drives;
	struct text config_acs;
	struct text disable_acs;
	struct text identities;
};

/* A device's place: its depth in the file, and the kernel's name for its way from the root bus. */
struct place {
	unsigned int depth;
	unsigned int level; /* of switches above it */
	char path[WAY_MAX];
};

/* SplitMix64: any seed gives a good sequence. */
static uint64_t draw(struct generator *generator)
{
	uint64_t value = generator->state += UINT64_C(0x9e3779b97f4a7c15);

	value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
	return value ^ (value >> 31);
}

static unsigned int below(struct generator *generator, unsigned int end)
{
	return (unsigned int)(draw(generator) % end);
}

static bool chance(struct generator *generator, unsigned int percent)
{
	return below(generator, 100) < percent;
}

static void add_text(struct text *text, const char *separator, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void add_text(struct text *text, const char *separator, const char *format, ...)
{
	char part[WAY_MAX + 32];
	va_list args;
	int length;

	va_start(args, format);
	vsnprintf(part, sizeof(part), format, args);
	va_end(args);
	length = snprintf(text->bytes + text->length, TEXT_MAX - text->length, "%s%s",
			  text->length ? separator : "", part);
	if (length > 0 && text->length + (size_t)length < TEXT_MAX)
		text->length += (size_t)length;
	else
		text->bytes[text->length] = '\0';
}

/* "WORD dN addr=S.F[ multifunction]", to which the caller adds options and the line's end. */
static void begin_device(struct generator *generator, const struct place *place, const char *word,
			 unsigned int slot, unsigned int function, bool several)
{
	printf("%*s%s d%u addr=%x.%x%s", (int)place->depth * 2, "", word, generator->devices++,
	       slot, function, several ? " multifunction" : "");
}

static void endpoint(struct generator *generator, const struct place *place, unsigned int slot,
		     unsigned int function, bool several)
{
	unsigned int kind = below(generator, 10);

	if (kind < 2 && generator->drives < DRIVES_MAX) {
		generator->drives++;
		begin_device(generator, place, "nvme", slot, function, several);
		printf(" size=1M%s\n", chance(generator, 50) ? " cmb=2M" : "");
	} else if (kind < 5) {
		begin_device(generator, place, "dma-engine", slot, function, several);
		printf("\n");
	} else {
		begin_device(generator, place, "memory-bar", slot, function, several);
		printf(" size=2M\n"); /* there can be pages */
	}
}

/* One device of one to three functions. */
static void endpoints(struct generator *generator, const struct place *place, unsigned int slot)
{
	unsigned int count = chance(generator, 30) ? 2 + below(generator, 2) : 1;
	unsigned int function = 0;

	for (unsigned int i = 0; i < count; i++) {
		endpoint(generator, place, slot, function, count > 1 && i == 0);
		function += 1 + below(generator, 3);
	}
}

/* Seven bits, Direct Translated down to Source Validation, each to be set, cleared or left. */
static void set_acs(struct generator *generator, const char *path)
{
	char bits[8];

	for (unsigned int i = 0; i < 7; i++)
		bits[i] = "01x"[below(generator, 3)];
	bits[7] = '\0';
	add_text(&generator->config_acs, ";", "%s@%s", bits, path);
}

static void place_below(const struct place *place, struct place *under, unsigned int slot,
			unsigned int function)
{
	*under = *place;
	under->depth++;
	snprintf(under->path + strlen(under->path), sizeof(under->path) - strlen(under->path),
		 "%s%02x.%x", strchr(under->path, '.') ? "/" : ":", slot, function);
}

static void below_port(struct generator *generator, const struct place *place);

static void port(struct generator *generator, const struct place *place, const char *word,
		 unsigned int slot, unsigned int function, bool several)
{
	bool root = strcmp(word, "root-port") == 0;
	bool acs = chance(generator, 60);
	struct place under;

	begin_device(generator, place, word, slot, function, several);
	printf("%s\n", root ? (acs ? "" : " no-acs") : (acs ? " acs" : ""));
	place_below(place, &under, slot, function);
	if (acs && chance(generator, 30))
		set_acs(generator, under.path);
	if (acs && chance(generator, 30))
		add_text(&generator->disable_acs, ";", "%s", under.path);
	below_port(generator, &under);
}

/* Ports on one bus; some of them functions of one device. Returns the next free slot. */
static unsigned int ports(struct generator *generator, const struct place *place, const char *word,
			  unsigned int slot, unsigned int count)
{
	bool several = count > 1 && chance(generator, 20);

	for (unsigned int i = 0; i < count; i++) {
		port(generator, place, word, slot, several ? i : 0, several && i == 0);
		if (!several)
			slot += 1 + below(generator, 3);
	}
	return slot + several;
}

static void below_port(struct generator *generator, const struct place *place)
{
	struct place under;

	if (generator->devices >= DEVICES_MAX || chance(generator, 5))
		return;
	if (place->level == LEVELS_MAX || chance(generator, place->level ? 60 : 25)) {
		endpoints(generator, place, 0);
		return;
	}
	printf("%*sswitch d%u\n", (int)place->depth * 2, "", generator->devices++);
	place_below(place, &under, 0, 0);
	under.level++;
	ports(generator, &under, "port", below(generator, 2), 1 + below(generator, 4));
}

/* What a root bus holds from this slot on. Returns the next free slot. */
static unsigned int root_bus(struct generator *generator, const struct place *place,
			     unsigned int slot)
{
	bool chipset = place->depth == 0; /* QEMU lets a pxb bus hold bridges only */

	if (chipset && chance(generator, 25))
		endpoints(generator, place, slot++);
	slot = ports(generator, place, "root-port", slot, 1 + below(generator, 4));
	if (chipset && chance(generator, 25))
		endpoints(generator, place, slot++);
	return slot;
}

/*
 * Ids that drivers/pci/p2pdma.c's allowlist has in several ways, and some that it does not have:
 * listed between any two host bridges, within one only, by vendor, not at all.
 */
static void identify(struct generator *generator, unsigned int bus, unsigned int slot)
{
	static const char *const ids[] = { "8086:3c00", "8086:2f01", "8086:09a2",
					   "8086:2030", "8086:0b25", "1ae0:0001",
					   "10de:2f95", "10de:2f94", "8086:3c02" };

	if (chance(generator, 80))
		add_text(&generator->identities, ",", "0000:%02x:%02x.0=%s", bus, slot,
			 ids[below(generator, ARRAY_SIZE(ids))]);
}

/* The first device on its bus is at 00.0 or not: whether it speaks for the host bridge. */
static void host_bridge(struct generator *generator, unsigned int index, unsigned int slot)
{
	unsigned int bus = 0x40 * (index + 1);
	unsigned int first = below(generator, 3);
	struct place place = { .depth = 0 };

	begin_device(generator, &place, "host-bridge", slot, 0, false);
	printf(" bus=%u\n", bus);
	place.depth = 1;
	snprintf(place.path, sizeof(place.path), "%02x", bus);
	identify(generator, bus, first);
	root_bus(generator, &place, first);
}

/*
 * Zen, whose CPU rule passes everything, and those it does not fit: Intel, an older AMD, Hygon.
 * Few are Zen, as nothing is refused there. (Opteron_G5, family 15h, does not boot Linux 7.3 in
 * QEMU 7.2 without KVM.)
 */
static const char *cpu(struct generator *generator)
{
	static const char *const models[] = { "EPYC",
					      "EPYC-Milan",
					      "Skylake-Server-v4",
					      "Skylake-Server-v4",
					      "Icelake-Server-v3",
					      "Icelake-Server-v3",
					      "Opteron_G3",
					      "Dhyana" };

	return models[below(generator, ARRAY_SIZE(models))];
}

static void print_option(const char *name, const struct text *value)
{
	if (value->length > 0)
		printf(" %s=%s", name, value->bytes);
}

static void print_append(const struct generator *generator, bool iommu, bool headless)
{
	/* QEMU's riscv64 has none. */
	if (iommu && !generator->arch)
		printf("iommu intel\n");
	else if (iommu && strcmp(generator->arch, "arm64") == 0)
		printf("iommu smmuv3\n");
	printf("append panic=-1%s",
	       iommu && !generator->arch ? " intel_iommu=on" : ""); /* never empty */
	print_option("pci=disable_acs_redir", &generator->disable_acs);
	print_option("pci=config_acs", &generator->config_acs);
	/* For the guest's script: to remove, so that another device is its root bus's first. */
	if (headless)
		printf(" p2p_oracle.remove=0000:00:00.0");
	print_option("p2p_oracle.identities", &generator->identities);
	printf("\n");
}

static void machine(struct generator *generator)
{
	struct place place = { .path = "00" };
	bool headless = chance(generator, 25);
	unsigned int bridges = chance(generator, 60) ? 1 + below(generator, 3) : 0;
	unsigned int slot;

	printf("cpu %s\ncpus 1\nmemory 256M\n", cpu(generator));
	if (generator->arch) /* QEMU's device tree of these boards has no further ones */
		bridges = 0;
	slot = 1 + below(generator, 3);
	identify(generator, 0, headless ? slot : 0);
	slot = root_bus(generator, &place, slot);
	for (unsigned int i = 0; i < bridges; i++)
		host_bridge(generator, i, slot++);
	print_append(generator, chance(generator, 40), headless);
}

int main(int argc, char **argv)
{
	struct generator generator = { 0 };
	char *end = NULL;

	if (argc == 3 && (strcmp(argv[2], "arm64") == 0 || strcmp(argv[2], "riscv64") == 0))
		generator.arch = argv[2];
	if (argc == 2 || generator.arch)
		generator.state = strtoull(argv[1], &end, 10);
	if (!end || end == argv[1] || *end != '\0' || *argv[1] == '-') {
		fprintf(stderr,
			"oracle-machine: give one seed, a number, and maybe arm64 or riscv64\n");
		return EX_USAGE;
	}
	printf("# seed %" PRIu64 "\n", generator.state);
	machine(&generator);
	return 0;
}
