// SPDX-License-Identifier: MIT
/*
 * What each public function that takes a caller's struct, or gives an object away, does with what
 * an older or newer program gives it, and with what is not right: an error, and nothing in its
 * result. Sanitizers look on.
 */
#include "harness.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <p2pmem/acs.h>
#include <p2pmem/copy.h>
#include <p2pmem/doctor.h>
#include <p2pmem/explain.h>
#include <p2pmem/kernels.h>
#include <p2pmem/memory.h>
#include <p2pmem/module.h>
#include <p2pmem/prove.h>
#include <p2pmem/providers.h>
#include <p2pmem/text.h>
#include <p2pmem/topology.h>
#include <p2pmem/watch.h>

#define MACHINE TOPOLOGIES "/xe9680-8xh100.lspci-vvv.txt"
#define NOWHERE "/nonexistent/p2pmem"

static struct p2p_machine *machine;
static struct p2p_router *router;
static p2p_node client, provider;

/* A result before a call that must set it. */
static void *const stale = (void *)1;

static int read_machine(void **state)
{
	(void)state;
	if (p2p_machine_open(MACHINE, &machine, NULL) ||
	    p2p_machine_router(machine, NULL, &router, NULL, NULL))
		return -1;
	return p2p_machine_find(machine, "18:00.0", &client, NULL) ||
	       p2p_machine_find(machine, "19:00.0", &provider, NULL);
}

static int free_machine(void **state)
{
	(void)state;
	p2p_router_free(router);
	p2p_machine_free(machine);
	return 0;
}

typedef void init_function(void *to, size_t size);

/* As programs call them: each function's own type of pointer. */
#define INIT(type, function)                                                                       \
	static void function##_any(void *to, size_t size)                                          \
	{                                                                                          \
		struct type *typed = to;                                                           \
		function(typed, size);                                                             \
	}
INIT(p2p_copy_options, p2p_copy_options_init)
INIT(p2p_doctor_request, p2p_doctor_request_init)
INIT(p2p_explain_options, p2p_explain_options_init)
INIT(p2p_providers_request, p2p_providers_request_init)
INIT(p2p_publish_options, p2p_publish_options_init)
INIT(p2p_publication, p2p_publication_init)
INIT(p2p_unpublication, p2p_unpublication_init)
INIT(p2p_watch_options, p2p_watch_options_init)

static const struct {
	init_function *init;
	size_t size;
} inits[] = {
	{ p2p_copy_options_init_any, sizeof(struct p2p_copy_options) },
	{ p2p_doctor_request_init_any, sizeof(struct p2p_doctor_request) },
	{ p2p_explain_options_init_any, sizeof(struct p2p_explain_options) },
	{ p2p_providers_request_init_any, sizeof(struct p2p_providers_request) },
	{ p2p_publish_options_init_any, sizeof(struct p2p_publish_options) },
	{ p2p_publication_init_any, sizeof(struct p2p_publication) },
	{ p2p_unpublication_init_any, sizeof(struct p2p_unpublication) },
	{ p2p_watch_options_init_any, sizeof(struct p2p_watch_options) },
};

/* An older program's struct is not overrun; what a newer one has more is zero. */
static void structs_of_other_sizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(inits) / sizeof(inits[0]); i++) {
		size_t newer = inits[i].size + 64;

		for (size_t size = sizeof(size_t); size <= newer; size += 8) {
			unsigned char *object = malloc(size);
			size_t said;

			assert_non_null(object);
			memset(object, 0xa5, size);
			inits[i].init(object, size);
			memcpy(&said, object, sizeof(said));
			assert_int_equal(said, size);
			for (size_t at = inits[i].size; at < size; at++)
				assert_int_equal(object[at], 0);
			free(object);
		}
	}
}

/* Nobody called the init function. */
static void structs_not_initialized(void **state)
{
	struct p2p_copy_options copy_options = { .size = 0 };
	struct p2p_doctor_request examination = { .size = 0 };
	struct p2p_explain_options explain_options = { .size = 0 };
	struct p2p_providers_request listing = { .size = 0 };
	struct p2p_publish_options publish_options = { .size = 0 };
	struct p2p_publication publication = { .size = 0 };
	struct p2p_unpublication done = { .size = 0 };
	struct p2p_watch_options watch_options = { .size = 0 };
	struct p2p_watch *watch = stale;
	struct p2p_prove_options prove_options = { .size = 0 };
	struct p2p_prove *prove = stale;
	struct p2p_bdf nobody = { .domain = 0xffffffff };
	struct p2p_copy *copy = stale;
	struct p2p_doctor *doctor = stale;
	struct p2p_explanation *explanation = stale;
	struct p2p_provider_info *providers = stale;
	struct p2p_error error;
	uint32_t count = 1;

	(void)state;
	assert_int_equal(p2p_copy_open(&copy_options, &copy, &error), -EINVAL);
	assert_null(copy);
	assert_int_equal(error.code, -EINVAL);
	assert_int_equal(p2p_doctor_examine(&examination, &doctor, &error), -EINVAL);
	assert_null(doctor);
	assert_int_equal(p2p_explain(machine, router, client, provider, &explain_options,
				     &explanation, NULL),
			 -EINVAL);
	assert_null(explanation);
	assert_int_equal(p2p_providers_list(&listing, &providers, &count), -EINVAL);
	assert_null(providers);
	assert_int_equal(count, 0);
	assert_int_equal(p2p_watch_open(&watch_options, &watch, &error), -EINVAL);
	assert_null(watch);
	assert_int_equal(p2p_prove_open(&prove_options, &prove, &error), -EINVAL);
	assert_null(prove);
	p2p_prove_close(NULL);
	assert_int_equal(p2p_publish(&publish_options, &publication, NULL), -EINVAL);
	p2p_publish_options_init(&publish_options, sizeof(publish_options));
	assert_int_equal(p2p_publish(&publish_options, &publication, &error), -EINVAL);
	assert_int_equal(p2p_unpublish(UINT32_MAX, false, &done, &error), -EINVAL);
	assert_int_equal(p2p_unpublish_function(nobody, false, &done, &error), -EINVAL);
}

/* Initialized, and what must be filled in was not. */
static void requests_without_a_machine(void **state)
{
	struct p2p_doctor_request examination;
	struct p2p_providers_request listing;
	struct p2p_copy_options copy_options;
	struct p2p_doctor *doctor = stale;
	struct p2p_provider_info *providers = stale;
	struct p2p_copy *copy = stale;
	struct p2p_error error;
	uint32_t count = 1;

	(void)state;
	p2p_doctor_request_init(&examination, sizeof(examination));
	assert_int_equal(p2p_doctor_examine(&examination, &doctor, &error), -EINVAL);
	assert_null(doctor);
	examination.machine = machine;
	assert_int_equal(p2p_doctor_examine(&examination, &doctor, &error), -EINVAL);
	assert_null(doctor);
	p2p_providers_request_init(&listing, sizeof(listing));
	assert_int_equal(p2p_providers_list(&listing, &providers, &count), -EINVAL);
	assert_null(providers);
	p2p_copy_options_init(&copy_options, sizeof(copy_options));
	assert_int_equal(p2p_copy_open(&copy_options, &copy, &error), -EINVAL);
	assert_null(copy);
}

static void nodes_that_are_none(void **state)
{
	const p2p_node bad[] = { P2P_NO_NODE, p2p_fabric_count(p2p_machine_fabric(machine)) };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct p2p_explanation *explanation = stale;
		struct p2p_error error;
		struct p2p_route route;
		struct p2p_path path;
		uint32_t count = 1;

		assert_int_equal(
			p2p_explain(machine, router, bad[i], provider, NULL, &explanation, &error),
			-EINVAL);
		assert_null(explanation);
		assert_int_equal(error.code, -EINVAL);
		assert_int_equal(p2p_route_find(router, client, bad[i], &route), -EINVAL);
		assert_int_equal(p2p_path_find(router, bad[i], provider, &path), -EINVAL);
		assert_null(p2p_machine_device(machine, bad[i]));
		p2p_machine_names(machine, bad[i], &count);
		assert_int_equal(count, 0);
		assert_null(p2p_providers_find(NULL, 0, bad[i]));
	}
	assert_null(p2p_machine_warning(machine, p2p_machine_warnings(machine)));
}

static void names_that_are_none(void **state)
{
	struct p2p_machine *nothing = stale;
	struct p2p_router *no_router = stale;
	struct p2p_selection *selection = stale;
	struct p2p_kernel kernel;
	enum p2p_policy_fit fit;
	struct p2p_error error;
	p2p_node node = 0;

	(void)state;
	assert_int_equal(p2p_machine_open(NOWHERE, &nothing, &error), -ENOENT);
	assert_null(nothing);
	nothing = stale;
	assert_int_equal(p2p_machine_open_nth(MACHINE, 2, &nothing, &error), -EINVAL);
	assert_null(nothing);
	assert_int_equal(p2p_machine_router(machine, "no kernel", &no_router, &fit, &error),
			 -EINVAL);
	assert_null(no_router);
	assert_int_equal(p2p_machine_find(machine, "", &node, NULL), -EINVAL);
	assert_int_equal(node, P2P_NO_NODE);
	assert_int_equal(p2p_select(machine, "nonsense", P2P_ROLE_CLIENT, &selection, &error),
			 -ENOENT);
	assert_null(selection);
	assert_int_equal(p2p_kernel_find("no kernel", &kernel), -EINVAL);
	assert_int_equal(p2p_capture_write(NOWHERE "/c.tar.gz", NOWHERE, &error), -ENOENT);
}

static void memories_that_are_none(void **state)
{
	struct p2p_memory_provider host;
	struct p2p_memory *memory = stale;
	struct p2p_memory_verdict *verdict = stale;
	struct p2p_bdf function = { .domain = 0 };
	char byte = 0;
	int fd = 0;

	(void)state;
	assert_int_equal(p2p_memory_provider_find("host", &host, NULL), 0);
	assert_int_equal(p2p_memory_open(&host, 0, 0, &memory, NULL), -EINVAL);
	assert_null(memory);
	memory = stale;
	assert_int_equal(p2p_memory_open(&host, 1, ~0u, &memory, NULL), -EINVAL);
	assert_null(memory);
	memory = stale;
	assert_int_equal(p2p_memory_open(&host, SIZE_MAX / 2, 0, &memory, NULL), -ENOMEM);
	assert_null(memory);
	assert_int_equal(p2p_memory_open(&host, 1, P2P_MEMORY_FOR_IO, &memory, NULL), 0);
	assert_int_equal(p2p_memory_load(memory, p2p_memory_size(memory), &byte, 1), -EINVAL);
	assert_int_equal(p2p_memory_store(memory, SIZE_MAX, &byte, 2), -EINVAL);
	assert_int_equal(p2p_memory_export(memory, &fd, NULL), -EOPNOTSUPP);
	assert_int_equal(fd, -1);
	assert_int_equal(p2p_memory_ask(memory, function, &verdict, NULL), -EOPNOTSUPP);
	assert_null(verdict);
	p2p_memory_close(memory);
}

static void frees_nothing(void **state)
{
	(void)state;
	p2p_copy_close(NULL);
	p2p_doctor_free(NULL);
	p2p_equivalence_free(NULL);
	p2p_explanation_free(NULL);
	p2p_fabric_builder_free(NULL);
	p2p_fabric_free(NULL);
	p2p_folded_tree_free(NULL);
	p2p_machine_free(NULL);
	p2p_memory_close(NULL);
	p2p_memory_verdict_free(NULL);
	p2p_module_stat_free(NULL);
	p2p_router_free(NULL);
	p2p_selection_free(NULL);
}

/* Numbers of a newer library, or of no library. */
static void words_of_unknown_numbers(void **state)
{
	const int numbers[] = { 1000, -1 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int number = numbers[i];

		assert_non_null(p2p_acs_quirk_name((enum p2p_acs_quirk)number));
		assert_non_null(p2p_caution_name((enum p2p_caution_code)number));
		assert_non_null(p2p_device_kind_name((enum p2p_device_kind)number));
		assert_non_null(p2p_hop_name((enum p2p_hop_action)number));
		assert_non_null(p2p_kind_name((enum p2p_kind)number));
		assert_non_null(p2p_policy_fit_name((enum p2p_policy_fit)number));
		assert_non_null(p2p_provider_reason_name((enum p2p_provider_reason)number));
		assert_non_null(p2p_provider_state_name((enum p2p_provider_state)number));
		assert_non_null(p2p_reason_name((enum p2p_reason_code)number));
		assert_non_null(p2p_remedy_name((enum p2p_remedy_code)number));
		assert_non_null(p2p_severity_name((enum p2p_severity)number));
		assert_non_null(p2p_verdict_text((enum p2p_verdict)number));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(structs_of_other_sizes),
		cmocka_unit_test(structs_not_initialized),
		cmocka_unit_test(requests_without_a_machine),
		cmocka_unit_test(nodes_that_are_none),
		cmocka_unit_test(names_that_are_none),
		cmocka_unit_test(memories_that_are_none),
		cmocka_unit_test(frees_nothing),
		cmocka_unit_test(words_of_unknown_numbers),
	};

	return cmocka_run_group_tests(tests, read_machine, free_machine);
}
