// SPDX-License-Identifier: MIT
/*
 * What comes of a pair that was let through for its proof: kept and recorded if all of that was
 * right, and only then; against a stand-in for p2pmem.ko.
 */
#include "sources_support.h"

#include <p2pmem/text.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_module.h"
#include "module/allow.h"
#include "prove/allow.h"
#include "workplace.h"

#define RESULTS "allowed"
#define CLIENT  "0000:00:02.0"
#define MEMORY  "0000:00:03.0"

struct world {
	struct fake_module fake;
	struct p2p_prove prove;
	struct p2p_prove_try tries[P2P_PROOF_DIRECTIONS];
	struct p2p_allow *trial;
	struct p2p_error error;
};

static struct p2p_bdf bdf_of(const char *text)
{
	struct p2p_bdf bdf;

	assert_int_equal(p2p_bdf_parse(text, &bdf), 0);
	return bdf;
}

static void open_results(struct world *world)
{
	struct p2p_proofs_options options;

	p2p_proofs_options_init(&options, sizeof(options));
	options.path = RESULTS;
	assert_int_equal(
		p2p_proofs_open(world->prove.machine, &options, &world->prove.allowed, NULL), 0);
}

static int setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct p2p_memory_tree *memory = p2p_memory_tree_new();

	*state = world;
	unlink(RESULTS);
	fake_open(&world->fake);
	tree_function(memory, "pci0000:00/" CLIENT, "0x010802");
	tree_function(memory, "pci0000:00/" MEMORY, "0x058000");
	world->prove.machine = tree_machine(memory);
	open_results(world);
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	p2p_proofs_close(world->prove.allowed);
	p2p_machine_free(world->prove.machine);
	fake_close(&world->fake);
	free(world);
	return 0;
}

/* A trial that ends so, one way and the other. */
static int run(struct world *world, enum p2p_proof_state there, enum p2p_proof_state back)
{
	world->fake.allow_calls = 0;
	for (int i = 0; i < P2P_PROOF_DIRECTIONS; i++) {
		struct p2p_proof_result *result = &world->tries[i].result;

		p2p_proof_result_init(result, sizeof(*result));
		result->client = p2p_proof_function(bdf_of(CLIENT));
		result->provider = p2p_proof_function(bdf_of(MEMORY));
		result->direction = (enum p2p_proof_direction)i;
		result->state = i == P2P_PROOF_TO_PROVIDER ? there : back;
		result->bytes = 4096;
		world->tries[i].trial.allowed = false;
	}
	assert_int_equal(p2p_allow_try_on(&world->fake.system, bdf_of(CLIENT), bdf_of(MEMORY),
					  &world->trial, &world->error),
			 0);
	return p2p_prove_allow_end(&world->prove, world->tries, world->trial, &world->error);
}

static void expect(struct world *world, bool allowed, uint32_t recorded)
{
	assert_int_equal(world->tries[0].trial.allowed, allowed);
	assert_int_equal(world->tries[1].trial.allowed, allowed);
	/* As others find it. */
	p2p_proofs_close(world->prove.allowed);
	open_results(world);
	assert_int_equal(p2p_proofs_count(world->prove.allowed), recorded);
}

static void kept_when_proven(void **state)
{
	struct world *world = *state;

	assert_int_equal(run(world, P2P_PROOF_PROVEN, P2P_PROOF_PROVEN), 0);
	assert_int_equal(world->fake.allow_calls, 2);
	assert_int_equal(world->fake.allows[1].flags, P2PMEM_ALLOW_KEEP);
	expect(world, true, 2);
}

/* One way wrong or not tried, whichever: nobody is asked to keep it. */
static void not_kept_otherwise(void **state)
{
	struct world *world = *state;

	for (int there = P2P_PROOF_NOT_TRIED; there <= P2P_PROOF_REFUSED; there++)
		for (int back = P2P_PROOF_NOT_TRIED; back <= P2P_PROOF_REFUSED; back++) {
			if (there == P2P_PROOF_PROVEN && back == P2P_PROOF_PROVEN)
				continue;
			assert_int_equal(
				run(world, (enum p2p_proof_state)there, (enum p2p_proof_state)back),
				0);
			assert_int_equal(world->fake.allow_calls, 1);
			expect(world, false, 0);
		}
}

/* What was right once, and is not tried now, can be tried again; what is wrong is forgotten. */
static void wrong_bytes_end_it(void **state)
{
	struct world *world = *state;

	assert_int_equal(run(world, P2P_PROOF_PROVEN, P2P_PROOF_PROVEN), 0);
	expect(world, true, 2);
	assert_int_equal(run(world, P2P_PROOF_PROVEN, P2P_PROOF_NOT_TRIED), 0);
	expect(world, false, 2);
	assert_int_equal(run(world, P2P_PROOF_WRONG, P2P_PROOF_PROVEN), 0);
	expect(world, false, 0);
}

/* The module saw no transfer, or the machine change. */
static void what_the_module_refuses(void **state)
{
	struct world *world = *state;

	world->fake.allow[1] = (struct fake_refusal){ -ENODATA, P2PMEM_WHY_UNPROVEN };
	assert_int_equal(run(world, P2P_PROOF_PROVEN, P2P_PROOF_PROVEN), -ENODATA);
	assert_non_null(strstr(world->error.text, CLIENT " -> " MEMORY ": nothing was mapped"));
	expect(world, false, 0);
}

/* What cannot be recorded is not let through. */
static void what_cannot_be_recorded(void **state)
{
	struct world *world = *state;

	assert_int_equal(mkdir(RESULTS, 0755), 0);
	assert_int_not_equal(run(world, P2P_PROOF_PROVEN, P2P_PROOF_PROVEN), 0);
	assert_int_equal(world->fake.allow_calls, 1);
	assert_false(world->tries[0].trial.allowed);
	assert_int_equal(rmdir(RESULTS), 0);
}

static void memory_on_no_bus(void **state)
{
	struct world *world = *state;

	p2p_proof_result_init(&world->tries[0].result, sizeof(world->tries[0].result));
	world->tries[0].result.client = p2p_proof_function(bdf_of(CLIENT));
	world->trial = (struct p2p_allow *)world;
	assert_int_equal(p2p_prove_allow_begin(world->tries, &world->trial, &world->error),
			 -EOPNOTSUPP);
	assert_null(world->trial);
	assert_non_null(strstr(world->error.text, "on no PCI bus"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(kept_when_proven),        TEST(not_kept_otherwise),
		TEST(wrong_bytes_end_it),      TEST(what_the_module_refuses),
		TEST(what_cannot_be_recorded), TEST(memory_on_no_bus),
	};

	return cmocka_run_group_tests(tests, enter_workplace, leave_workplace);
}
