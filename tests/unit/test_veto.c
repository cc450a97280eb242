// SPDX-License-Identifier: MIT
/*
 * --veto: the pairs that are wrong, and the variables that keep others off them, and no other.
 */
#include "sources_support.h"

#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

#include <p2pmem/text.h>

#include "command.h"
#include "exit.h"
#include "veto.h"
#include "workplace.h"

#define SERVER TOPOLOGIES "/xe9680-8xh100.lspci-vvv.txt"

#define GPU   "0000:19:00.0"
#define GPU_2 "0000:3b:00.0"
#define NIC   "0000:1a:00.0"
#define NVME  "0000:18:00.0"

static const struct cli_command command = { .name = "prove" };

static struct p2p_machine *server;
static struct p2p_proofs *proofs;

static int open_server(void **state)
{
	struct p2p_proofs_options options;

	cli_begin(&command);
	if (enter_workplace(state) || p2p_machine_open(SERVER, &server, NULL))
		return -1;
	p2p_proofs_options_init(&options, sizeof(options));
	options.path = "results";
	return p2p_proofs_open(server, &options, &proofs, NULL);
}

static int close_server(void **state)
{
	p2p_proofs_close(proofs);
	p2p_machine_free(server);
	return leave_workplace(state);
}

static void found(const char *client, const char *provider, enum p2p_proof_state state)
{
	struct p2p_proof_result result;

	p2p_proof_result_init(&result, sizeof(result));
	result.client.on_pci = result.provider.on_pci = true;
	assert_int_equal(p2p_bdf_parse(client, &result.client.function), 0);
	assert_int_equal(p2p_bdf_parse(provider, &result.provider.function), 0);
	result.state = state;
	result.damage = P2P_DAMAGE_TORN;
	assert_int_equal(p2p_proofs_record(proofs, &result), 0);
}

static json_t *veto(void)
{
	json_t *object;

	assert_int_equal(cli_veto_write("veto", server, proofs), 0);
	object = json_load_file("veto", JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(object);
	assert_string_equal(json_string_value(json_object_get(object, "kind")), "veto");
	assert_int_equal(json_integer_value(json_object_get(object, "format")), 1);
	return object;
}

static size_t wrong_pairs(const json_t *object)
{
	return json_array_size(json_object_get(object, "wrong"));
}

/* The variables that a shell which sources it exports; all other lines are comments. */
static void environment_is(const char *expected)
{
	FILE *file = fopen("veto.env", "r");
	char line[256], text[512] = "";

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (line[0] == '#')
			continue;
		line[strcspn(line, "\n")] = ' ';
		assert_int_equal(strncmp(line, "export ", 7), 0);
		strncat(text, line + 7, sizeof(text) - strlen(text) - 1);
	}
	assert_int_equal(fclose(file), 0);
	assert_string_equal(text, expected);
}

/* One after the other: each leaves what it recorded. */
static void nothing_is_wrong(void **state)
{
	json_t *object;

	(void)state;
	found(NIC, GPU, P2P_PROOF_PROVEN);
	found(NIC, GPU_2, P2P_PROOF_REFUSED);
	object = veto();
	assert_int_equal(wrong_pairs(object), 0);
	json_decref(object);
	environment_is("");
}

/* Neither library moves a drive's data. */
static void a_drive_concerns_neither(void **state)
{
	json_t *object, *pair;

	(void)state;
	found(NVME, GPU, P2P_PROOF_WRONG);
	object = veto();
	assert_int_equal(wrong_pairs(object), 1);
	pair = json_array_get(json_object_get(object, "wrong"), 0);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(pair, "client"), "address")),
		NVME);
	assert_string_equal(json_string_value(json_object_get(pair, "direction")), "to-provider");
	assert_string_equal(json_string_value(json_object_get(pair, "damage")), "torn");
	json_decref(object);
	environment_is("");
}

static void a_network_device(void **state)
{
	json_t *object;

	(void)state;
	found(NIC, GPU, P2P_PROOF_WRONG);
	object = veto();
	assert_int_equal(wrong_pairs(object), 2);
	assert_int_equal(json_array_size(json_object_get(object, "environment")), 2);
	json_decref(object);
	environment_is("NCCL_NET_GDR_LEVEL=LOC UCX_IB_GPU_DIRECT_RDMA=n ");
}

static void two_gpus(void **state)
{
	(void)state;
	found(NIC, GPU, P2P_PROOF_PROVEN);
	found(GPU, GPU_2, P2P_PROOF_WRONG);
	json_decref(veto());
	environment_is("NCCL_P2P_LEVEL=NVL ");
}

static void nothing_else_is_replaced(void **state)
{
	struct stat node;
	FILE *file;

	(void)state;
	assert_int_equal(symlink("/dev/null", "link"), 0);
	assert_int_not_equal(cli_veto_write("link", server, proofs), 0);
	assert_int_equal(lstat("link", &node), 0);
	assert_true(S_ISLNK(node.st_mode));
	assert_int_equal(mkfifo("pipe", 0600), 0);
	assert_int_not_equal(cli_veto_write("pipe", server, proofs), 0);
	assert_int_equal(lstat("pipe", &node), 0);
	assert_true(S_ISFIFO(node.st_mode));

	file = fopen("app.env", "w");
	assert_non_null(file);
	assert_true(fputs("export SECRET=1\n", file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_not_equal(cli_veto_write("app", server, proofs), 0);
	assert_int_equal(stat("app.env", &node), 0);
	assert_int_equal(node.st_size, strlen("export SECRET=1\n"));

	/* What mktemp made is for it. */
	file = fopen("veto", "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	json_decref(veto());
}

/* What is there is replaced as a whole, and nothing else is left. */
static void no_place_to_write(void **state)
{
	(void)state;
	assert_int_equal(unlink("veto"), 0);
	assert_int_equal(unlink("veto.env"), 0);
	assert_int_not_equal(cli_veto_write("no/such/directory", server, proofs), 0);
	assert_int_not_equal(access("veto", F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_wrong),
		cmocka_unit_test(a_drive_concerns_neither),
		cmocka_unit_test(a_network_device),
		cmocka_unit_test(two_gpus),
		cmocka_unit_test(nothing_else_is_replaced),
		cmocka_unit_test(no_place_to_write),
	};

	return cmocka_run_group_tests(tests, open_server, close_server);
}
