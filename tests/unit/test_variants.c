// SPDX-License-Identifier: MIT
/*
 * The promise "no guesses": whatever is lost of a dump on its way, each verdict is the whole
 * dump's or unknown, each distance the whole dump's or unknown. Run with a count of variants, a
 * seed and the first of them; without, a few: a seed that was reported is 1000003 times the test's
 * seed, and the number of the variant.
 */
#include <p2pmem/text.h>
#include "sources_support.h"
#include "variants.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <p2pmem/route.h>

#define VARIANTS 1500u
#define DUMPS    6u

static const struct p2p_platform platforms[] = {
	{ .arch = P2P_ARCH_UNKNOWN },
	{ .arch = P2P_ARCH_X86, .cpu_vendor = P2P_CPU_OTHER },
};
#define POLICIES  2u
#define PLATFORMS (sizeof(platforms) / sizeof(platforms[0]))

static unsigned int variants = VARIANTS;
static unsigned int first;
static uint64_t seed = 1;

struct dump {
	char *text;
	size_t size;
	struct p2p_machine *machine;
	struct p2p_router *router[POLICIES][PLATFORMS];
};

/* The newest of Linux, and the hardware, which is the last of all. */
static const struct p2p_policy *policy(unsigned int index)
{
	uint32_t count;
	const struct p2p_policy *all = p2p_policies(&count);

	return &all[count - 2 + index];
}

static char *read_all(const char *name, size_t *size)
{
	struct stat about;
	char path[512], *text;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", TOPOLOGIES, name);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &about), 0);
	text = malloc((size_t)about.st_size + 1);
	*size = fread(text, 1, (size_t)about.st_size, file);
	text[*size] = '\0';
	fclose(file);
	return text;
}

static void routers(const struct p2p_machine *machine,
		    struct p2p_router *router[POLICIES][PLATFORMS])
{
	for (unsigned int i = 0; i < POLICIES; i++)
		for (unsigned int j = 0; j < PLATFORMS; j++)
			assert_int_equal(p2p_router_new(p2p_machine_fabric(machine), policy(i),
							&platforms[j], &router[i][j]),
					 0);
}

static void free_routers(struct p2p_router *router[POLICIES][PLATFORMS])
{
	for (unsigned int i = 0; i < POLICIES; i++)
		for (unsigned int j = 0; j < PLATFORMS; j++)
			p2p_router_free(router[i][j]);
}

static void finish_dump(struct dump *dump)
{
	dump->machine = read_text_of(dump->text, dump->size);
	routers(dump->machine, dump->router);
}

/* Head lines with numbers instead of names, so that no list is searched 50,000 times. */
static void number_head(FILE *out, const struct p2p_machine *machine, const char *line)
{
	struct p2p_span rest = p2p_span(line);
	const struct p2p_node_info *info;
	const char *revision = strstr(line, " (rev ");
	struct p2p_bdf bdf;

	assert_true(p2p_span_bdf(&rest, &bdf));
	if (!revision)
		revision = strstr(line, " (prog-if ");
	info = p2p_fabric_info(p2p_machine_fabric(machine),
			       p2p_fabric_find(p2p_machine_fabric(machine), bdf));
	/* Two ids have the Broadcom switch's name: any will do here. */
	fprintf(out, "%.7s %04x: %04x:%04x%s\n", line, info->class_code >> 8,
		info->vendor == P2P_ID_UNKNOWN ? 0x1000 : info->vendor,
		info->device == P2P_ID_UNKNOWN ? 0xc030 : info->device, revision ? revision : "");
}

/* Two root buses of a server: a switch without redirect, and one with. */
static bool in_sample(const char *line)
{
	unsigned long bus = strtoul(line, NULL, 16);

	return (bus >= 0x15 && bus <= 0x1a) || (bus >= 0x80 && bus <= 0x84);
}

static void server(struct dump *dump)
{
	size_t size;
	char *text = read_all("xe9680-8xh100.lspci-vvv.txt", &size);
	struct p2p_machine *machine = read_text_of(text, size);
	FILE *out = open_memstream(&dump->text, &dump->size);
	struct text_lines lines;
	bool inside = false;

	lines_split(&lines, text, size);
	for (size_t i = 0; i < lines.count; i++) {
		const char *line = lines.line[i];
		bool head = line[0] && line[0] != '\t' && line[0] != ' ';

		if (head)
			inside = in_sample(line);
		if (inside && head)
			number_head(out, machine, line);
		else if (inside)
			fprintf(out, "%s\n", line);
	}
	fclose(out);
	lines_free(&lines);
	p2p_machine_free(machine);
	free(text);
	finish_dump(dump);
}

/* Made by hand: a desktop's two GPUs below a switch. Some of its ports are set to redirect. */
static void desktop(struct dump *dump, unsigned int redirecting)
{
	static const char redirected[] = { 'R', 'e', 'q', 'R', 'e', 'd', 'i', 'r', '+', ' ', 'C',
					   'm', 'p', 'l', 't', 'R', 'e', 'd', 'i', 'r', '+' };
	size_t size;
	char *all = read_all("pasted/list-then-vvv.txt", &size);
	char *at = strchr(strstr(all, "sudo lspci"), '\n') + 1;

	dump->text = strdup(at);
	dump->size = strlen(at);
	free(all);
	at = dump->text;
	for (unsigned int port = 0; (at = strstr(at, "ACSCtl:")); port++, at++)
		if (redirecting >> port & 1)
			memcpy(strstr(at, "ReqRedir-"), redirected, sizeof(redirected));
	finish_dump(dump);
}

struct trial {
	const struct dump *dump;
	struct p2p_machine *machine;
	struct p2p_router *router[POLICIES][PLATFORMS];
	char what[256];
	uint64_t seed;
	uint64_t known, asked;
};

static bool agrees(const struct p2p_route *whole, const struct p2p_route *part)
{
	if (whole->verdict != P2P_VERDICT_UNKNOWN &&
	    !(part->possible & P2P_POSSIBLE(whole->verdict)))
		return false;
	if (!(part->possible & whole->possible))
		return false;
	if (whole->verdict == P2P_VERDICT_UNREACHABLE || part->verdict == P2P_VERDICT_UNREACHABLE)
		return true;
	return part->distance == -1 || part->distance == whole->distance || whole->distance == -1;
}

static void report(const struct trial *trial, const char *text, p2p_node client, p2p_node provider,
		   const struct p2p_route *whole, const struct p2p_route *part)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(trial->machine);
	char a[P2P_BDF_TEXT], b[P2P_BDF_TEXT];
	char name[64];
	FILE *file;

	snprintf(name, sizeof(name), "variant-%llu.txt", (unsigned long long)trial->seed);
	print_error("seed %llu, %s: %s -> %s: whole %s %d, variant %s (set %x) %d; see %s\n",
		    (unsigned long long)trial->seed, trial->what,
		    p2p_bdf_text(p2p_fabric_info(fabric, client)->bdf, a),
		    p2p_bdf_text(p2p_fabric_info(fabric, provider)->bdf, b),
		    p2p_verdict_name(whole->verdict), whole->distance,
		    p2p_verdict_name(part->verdict), part->possible, part->distance, name);
	file = fopen(name, "w");
	if (file) {
		fputs(text, file);
		fclose(file);
	}
}

/* False when a pair disagrees. */
static bool compare_pair(struct trial *trial, const char *text, p2p_node client, p2p_node provider)
{
	const struct p2p_fabric *part = p2p_machine_fabric(trial->machine);
	const struct p2p_fabric *whole = p2p_machine_fabric(trial->dump->machine);
	p2p_node a = p2p_fabric_find(whole, p2p_fabric_info(part, client)->bdf);
	p2p_node b = p2p_fabric_find(whole, p2p_fabric_info(part, provider)->bdf);

	if (a == P2P_NO_NODE || b == P2P_NO_NODE)
		return true;
	for (unsigned int i = 0; i < POLICIES * PLATFORMS; i++) {
		struct p2p_route expected, got;

		p2p_route_find(trial->dump->router[i / PLATFORMS][i % PLATFORMS], a, b, &expected);
		p2p_route_find(trial->router[i / PLATFORMS][i % PLATFORMS], client, provider, &got);
		trial->asked++;
		trial->known += got.verdict != P2P_VERDICT_UNKNOWN;
		if (agrees(&expected, &got))
			continue;
		report(trial, text, client, provider, &expected, &got);
		return false;
	}
	return true;
}

static bool compare(struct trial *trial, const char *text)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(trial->machine);
	uint32_t count = p2p_fabric_count(fabric);

	for (p2p_node client = 0; client < count; client++) {
		for (p2p_node provider = 0; provider < count; provider++) {
			if (p2p_route_check(fabric, client, provider))
				continue;
			if (!compare_pair(trial, text, client, provider))
				return false;
		}
	}
	return true;
}

static bool vary(struct trial *trial)
{
	struct p2p_error error = { .text = "" };
	struct text_lines lines;
	uint64_t at = trial->seed;
	bool right = true;
	char *text;
	size_t size;

	lines_split(&lines, trial->dump->text, trial->dump->size);
	lines_vary(&lines, &at, trial->what, sizeof(trial->what));
	text = lines_join(&lines, &size);
	/* An error says that it was not understood: no verdict, so no wrong one. */
	if (!read_bytes(text, size, &trial->machine, &error)) {
		routers(trial->machine, trial->router);
		right = compare(trial, text);
		free_routers(trial->router);
		p2p_machine_free(trial->machine);
	}
	free(text);
	lines_free(&lines);
	return right;
}

static void variants_agree(void **state)
{
	struct dump dumps[DUMPS];
	struct trial trial = { .known = 0 };
	unsigned int wrong = 0;

	(void)state;
	server(&dumps[0]);
	for (unsigned int i = 1; i < DUMPS; i++)
		desktop(&dumps[i], i * 11);
	for (unsigned int i = first; i < variants && wrong < 10; i++) {
		trial.dump = &dumps[i % DUMPS];
		trial.seed = seed * 1000003u + i;
		wrong += !vary(&trial);
	}
	/* A judge that never hears a verdict would be content with anything. */
	print_message("%.1f %% of %llu verdicts known\n",
		      100.0 * (double)trial.known / (double)trial.asked,
		      (unsigned long long)trial.asked);
	assert_int_equal(wrong, 0);
	assert_true(trial.known > trial.asked / 4);
	for (unsigned int i = 0; i < DUMPS; i++) {
		free_routers(dumps[i].router);
		p2p_machine_free(dumps[i].machine);
		free(dumps[i].text);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(variants_agree) };

	if (argc > 1)
		variants = (unsigned int)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 10);
	if (argc > 3)
		first = (unsigned int)strtoul(argv[3], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
