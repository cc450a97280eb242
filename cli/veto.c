// SPDX-License-Identifier: MIT
/*
 * --veto: what other software can read, so that it keeps off pairs that bring wrong bytes.
 *
 * The variables, as their makers describe them; none of them knows single pairs:
 *   NCCL_P2P_LEVEL=NVL          NCCL uses GPUs' memory from other GPUs over NVLink only
 *   NCCL_NET_GDR_LEVEL=LOC      NCCL never lets a network device use a GPU's memory
 *       docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html
 *   UCX_IB_GPU_DIRECT_RDMA=n    UCX's InfiniBand and RoCE transports do not use a GPU's memory
 *       openucx/ucx, src/uct/ib/base/ib_md.c
 */
#include "veto.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <p2pmem/topology.h>

#include "exit.h"
#include "json.h"
#include "results.h"

#define VETO_FORMAT 1

/* What the ends of a wrong pair are to NCCL and UCX. */
enum pairing {
	GPU_GPU,
	GPU_NETWORK,
	PAIRINGS,
	NEITHER = PAIRINGS,
};

static const struct variable {
	enum pairing pairing;
	const char *name, *value, *effect;
} variables[] = {
	{ GPU_GPU, "NCCL_P2P_LEVEL", "NVL",
	  "NCCL uses memory of one GPU from another over NVLink only, for all GPUs" },
	{ GPU_NETWORK, "NCCL_NET_GDR_LEVEL", "LOC",
	  "NCCL lets no network device use memory of a GPU" },
	{ GPU_NETWORK, "UCX_IB_GPU_DIRECT_RDMA", "n",
	  "UCX lets no InfiniBand or RoCE device use memory of a GPU" },
};
#define VARIABLES (sizeof(variables) / sizeof(variables[0]))

struct veto {
	const struct p2p_machine *machine;
	const struct p2p_proofs *proofs;
	bool paired[PAIRINGS + 1]; /* of the wrong pairs */
};

static bool is(const struct veto *veto, struct p2p_proof_end end, enum p2p_device_kind kind)
{
	p2p_node node = p2p_proof_end_node(veto->machine, end);

	return node != P2P_NO_NODE && p2p_device_kind(veto->machine, node) == kind;
}

static bool is_network(const struct veto *veto, struct p2p_proof_end end)
{
	return is(veto, end, P2P_DEVICE_NETWORK) || is(veto, end, P2P_DEVICE_INFINIBAND);
}

static bool is_gpu(const struct veto *veto, struct p2p_proof_end end)
{
	return is(veto, end, P2P_DEVICE_GPU);
}

static enum pairing pairing_of(const struct veto *veto, const struct p2p_proof_result *result)
{
	if (is_gpu(veto, result->client) && is_gpu(veto, result->provider))
		return GPU_GPU;
	if ((is_gpu(veto, result->client) && is_network(veto, result->provider)) ||
	    (is_network(veto, result->client) && is_gpu(veto, result->provider)))
		return GPU_NETWORK;
	return NEITHER;
}

static bool get_wrong(const struct veto *veto, uint32_t index, struct p2p_proof_result *result)
{
	p2p_proof_result_init(result, sizeof(*result));
	return !p2p_proofs_get(veto->proofs, index, result) && result->state == P2P_PROOF_WRONG;
}

/* What is on no PCI bus has the name of its memory alone. */
static json_t *end_json(const struct veto *veto, struct p2p_proof_end end)
{
	p2p_node node = p2p_proof_end_node(veto->machine, end);
	char name[P2P_PROOF_END_TEXT];

	if (node != P2P_NO_NODE)
		return cli_json_device(veto->machine, node);
	return json_pack("{s:s}", "memory", p2p_proof_end_text(end, name));
}

static json_t *pair_json(const struct veto *veto, const struct p2p_proof_result *result)
{
	json_t *pair = cli_result_json(result);
	json_t *ends = json_pack("{s:o, s:o, s:s}", "client", end_json(veto, result->client),
				 "provider", end_json(veto, result->provider), "direction",
				 p2p_proof_direction_name(result->direction));

	if (pair && ends && !json_object_update_new(pair, ends))
		return pair;
	json_decref(pair);
	return NULL;
}

static json_t *wrong_json(struct veto *veto)
{
	struct p2p_proof_result result;
	json_t *list = json_array();

	for (uint32_t i = 0; i < p2p_proofs_count(veto->proofs); i++) {
		if (!get_wrong(veto, i, &result))
			continue;
		veto->paired[pairing_of(veto, &result)] = true;
		if (json_array_append_new(list, pair_json(veto, &result))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *environment_json(const struct veto *veto)
{
	json_t *list = json_array();

	for (size_t i = 0; i < VARIABLES; i++)
		if (veto->paired[variables[i].pairing])
			json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "name",
							      variables[i].name, "value",
							      variables[i].value, "effect",
							      variables[i].effect));
	return list;
}

static char *list_text(struct veto *veto)
{
	json_t *wrong = wrong_json(veto), *object;
	char *bare, *text = NULL;

	object = cli_json_envelope(
		cli_running(), VETO_FORMAT,
		json_pack("{s:s, s:o, s:o, s:o}", "kind", "veto", "kernel",
			  cli_json_text(p2p_machine_facts(veto->machine)->kernel_release), "wrong",
			  wrong, "environment", environment_json(veto)));
	bare = object ? json_dumps(object, JSON_INDENT(2)) : NULL;
	if (bare && asprintf(&text, "%s\n", bare) < 0)
		text = NULL;
	free(bare);
	json_decref(object);
	return text;
}

static void add_pairs(const struct veto *veto, FILE *file)
{
	struct p2p_proof_result result;
	char client[P2P_PROOF_END_TEXT], provider[P2P_PROOF_END_TEXT];
	bool any = false;

	for (uint32_t i = 0; i < p2p_proofs_count(veto->proofs); i++) {
		if (!get_wrong(veto, i, &result))
			continue;
		any = true;
		fprintf(file, "# %s, %s: %s wrong bytes, %s%s\n",
			p2p_proof_end_text(result.client, client),
			p2p_proof_end_text(result.provider, provider),
			p2p_proof_direction_name(result.direction), p2p_damage_name(result.damage),
			pairing_of(veto, &result) == NEITHER
				? "; no variable of NCCL or UCX concerns it"
				: "");
	}
	if (!any)
		fprintf(file, "# No pair is recorded to bring wrong bytes.\n");
}

static char *environment_text(const struct veto *veto)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return NULL;
	fprintf(file, "# By p2pmem %s, for a shell. Pairs that bring wrong bytes:\n", P2P_VERSION);
	add_pairs(veto, file);
	for (size_t i = 0; i < VARIABLES; i++)
		if (veto->paired[variables[i].pairing])
			fprintf(file, "# %s\nexport %s=%s\n", variables[i].effect,
				variables[i].name, variables[i].value);
	if (veto->paired[GPU_GPU])
		fprintf(file, "# UCX has no such variable for two GPUs; where UCX_TLS lists "
			      "transports, leave out cuda_ipc.\n");
	if (!fclose(file))
		return text;
	free(text);
	return NULL;
}

/*
 * What is there and is replaced: a list of before, or an empty file. A device's node would become
 * a file, as would /dev/stdout; and FILE.env may be the variables of somebody else.
 */
static int check_place(const char *path, const char *begin)
{
	char found[64] = "";
	struct stat about;
	ssize_t length;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);

	if (fd < 0)
		return errno == ENOENT ? 0 : errno == ELOOP || errno == ENXIO ? -EEXIST : -errno;
	length = fstat(fd, &about) || !S_ISREG(about.st_mode) ? -1
							      : read(fd, found, sizeof(found) - 1);
	close(fd);
	return !length || (length > 0 && !strncmp(found, begin, strlen(begin))) ? 0 : -EEXIST;
}

/* Whole or not at all: somebody may read it at any time. */
static int replace(const char *path, const char *text)
{
	char *beside;
	FILE *file;
	int fd, rc = 0;

	if (asprintf(&beside, "%s.%d", path, (int)getpid()) < 0)
		return -ENOMEM;
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file) {
		rc = -errno;
	} else {
		if (fputs(text, file) == EOF || fflush(file) || fsync(fd))
			rc = -errno;
		if (fclose(file) && !rc)
			rc = -errno;
		if (!rc && rename(beside, path))
			rc = -errno;
		if (rc)
			unlink(beside);
	}
	free(beside);
	return rc;
}

static int put(const char *path, const char *ending, const char *begin, char *text)
{
	struct p2p_error error = { .code = 0 };
	char *whole;
	int rc = -ENOMEM;

	if (text && asprintf(&whole, "%s%s", path, ending) >= 0) {
		rc = check_place(whole, begin);
		if (!rc)
			rc = replace(whole, text);
		if (rc == -EEXIST)
			p2p_error_set(&error, rc,
				      "--veto: %s is there and is no file that p2pmem prove "
				      "wrote: name another, or remove it",
				      whole);
		else if (rc)
			p2p_error_set(&error, rc, "--veto: %s: cannot write it: %s", whole,
				      strerror(-rc));
		free(whole);
	}
	free(text);
	if (rc == -ENOMEM)
		return cli_fail_memory();
	return rc ? cli_fail(&error) : 0;
}

int cli_veto_write(const char *path, const struct p2p_machine *machine,
		   const struct p2p_proofs *proofs)
{
	struct veto veto = { .machine = machine, .proofs = proofs };
	int status = put(path, "", "{", list_text(&veto));

	return status ? status : put(path, ".env", "# By p2pmem ", environment_text(&veto));
}

int cli_veto_write_live(const char *path, const char *results)
{
	struct p2p_error error = { .code = 0 };
	struct p2p_proofs_options options;
	struct p2p_machine *machine;
	struct p2p_proofs *proofs;
	int status;

	p2p_proofs_options_init(&options, sizeof(options));
	options.path = results;
	if (p2p_machine_open(NULL, &machine, &error))
		return cli_fail(&error);
	if (p2p_proofs_open(machine, &options, &proofs, &error))
		status = cli_fail(&error);
	else
		status = cli_veto_write(path, machine, proofs);
	p2p_proofs_close(proofs);
	p2p_machine_free(machine);
	return status;
}
