// SPDX-License-Identifier: MIT
/*
 * p2pmem allow: lets a pair through that the rules refuse, if its proof is good.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include <p2pmem/memory.h>
#include <p2pmem/module.h>
#include <p2pmem/text.h>

#include "allow.h"
#include "commands.h"
#include "exit.h"
#include "json.h"
#include "prove.h"
#include "signals.h"
#include "view.h"

struct arguments {
	struct p2p_prove_options options;
	const char *scratch;
	unsigned int seconds;
	bool all, list, withdraw, json;
};

#define OPTION(field) offsetof(struct arguments, field)

static const struct cli_option options[] = {
	CLI_PROVE_SCRATCH_OPTION(OPTION(scratch), "; drives are proven both\nways only with it"),
	{ "time", 't', CLI_COUNT, OPTION(seconds), "SECONDS", "try each pair for so long, each way",
	  NULL },
	{ "all", 'a', CLI_FLAG, OPTION(all), NULL,
	  "prove anew what was allowed before, and is not now:\nafter a boot, or a change of the "
	  "machine",
	  NULL },
	{ "list", 'l', CLI_FLAG, OPTION(list), NULL,
	  "which pairs were allowed, by which proof, and\nwhether they are now", NULL },
	{ "withdraw", 'w', CLI_FLAG, OPTION(withdraw), NULL, "take it back, and forget its proof",
	  NULL },
	{ "results", 0, CLI_TEXT, OPTION(options.results), "FILE",
	  "keep all results there (default: " P2P_PROOFS_PATH ")", NULL },
	{ "allowed", 0, CLI_TEXT, OPTION(options.allowed), "FILE",
	  "keep what is allowed there (default:\n" P2P_ALLOWED_PATH ")", NULL },
	{ "json", 'j', CLI_FLAG, OPTION(json), NULL, "one JSON object", NULL },
	{ .name = NULL },
};

/* What came of all provers. */
struct session {
	struct cli_prove_session prove;
	bool json;
	json_t *trials;
	bool wrong, refused, not_tried;
};

static const struct p2p_prove_trial *first_of_pair(const struct p2p_prove *prove, uint32_t index)
{
	return p2p_prove_trial(prove, index - index % P2P_PROOF_DIRECTIONS);
}

static void say_pair(const struct p2p_prove_trial *trial)
{
	if (trial->allowed)
		printf("%s is allowed to use memory of %s until the machine changes, the module is "
		       "unloaded, or p2pmem allow --withdraw\n",
		       trial->client, trial->provider);
	else
		printf("%s is not allowed to use memory of %s: only what is proven both ways is\n",
		       trial->client, trial->provider);
}

static void take(struct session *session, const struct p2p_prove_trial *trial)
{
	enum p2p_proof_state state = trial->result->state;

	json_array_append_new(session->trials, cli_prove_trial_json(trial));
	session->wrong |= state == P2P_PROOF_WRONG;
	session->refused |= state == P2P_PROOF_REFUSED;
	session->not_tried |= state == P2P_PROOF_NOT_TRIED || !trial->allowed;
}

static void take_all(struct session *session, const struct p2p_prove *prove)
{
	for (uint32_t i = 0; i < p2p_prove_count(prove); i++) {
		take(session, p2p_prove_trial(prove, i));
		if (!session->json && i % P2P_PROOF_DIRECTIONS == P2P_PROOF_DIRECTIONS - 1)
			say_pair(first_of_pair(prove, i));
	}
}

static int status_of(const struct session *session)
{
	if (session->wrong)
		return CLI_PROVE_WRONG;
	if (session->refused)
		return CLI_PROVE_REFUSED;
	return session->not_tried ? CLI_PROVE_NOT_TRIED : 0;
}

/* Returns the exit status of a failure, or 0: what came of it is in the session. */
static int prove_one(struct session *session, const struct p2p_prove_options *wanted)
{
	struct p2p_error error = { .code = 0 };
	struct p2p_prove *prove;
	int rc = p2p_prove_open(wanted, &prove, &error);

	if (rc)
		return cli_fail(&error);
	rc = cli_prove_run(prove, &error);
	take_all(session, prove);
	p2p_prove_close(prove);
	if (rc != -EINTR)
		return rc ? cli_fail(&error) : 0;
	fprintf(stderr, "p2pmem allow: %s\n", error.text);
	return CLI_SIGNAL_STATUS + cli_prove_caught();
}

/* Those that are let through now need no other proof, unless what they rest on has changed. */
static bool is_to_prove(const struct p2p_allowed_pair *pair)
{
	return pair->recorded && !pair->trial &&
	       (!pair->now || pair->proof.state != P2P_PROOF_PROVEN);
}

/* All are tried, and the first failure is what is told in the end. */
static int prove_recorded(struct session *session, struct p2p_prove_options *wanted)
{
	struct cli_allowed allowed;
	int rc = cli_allowed_open(&allowed, wanted->allowed), failed = 0;

	if (rc)
		return rc;
	for (size_t i = 0; i < allowed.count && !cli_prove_caught(); i++) {
		char client[P2P_BDF_TEXT], provider[P2P_BDF_TEXT];

		if (!is_to_prove(&allowed.pairs[i]))
			continue;
		wanted->client = p2p_bdf_text(allowed.pairs[i].client, client);
		wanted->provider = p2p_bdf_text(allowed.pairs[i].provider, provider);
		rc = prove_one(session, wanted);
		failed = failed ? failed : rc;
	}
	cli_allowed_close(&allowed);
	return failed;
}

/* A failure before anything was tried is an object of its own. */
static int show(const struct session *session, int failed)
{
	if (!session->json)
		return cli_finish();
	if (failed && !json_array_size(session->trials))
		return 0;
	return cli_json_print(json_pack("{s:b, s:O}", "interrupted", cli_prove_caught() != 0,
					"trials", session->trials));
}

static int prove(const struct arguments *arguments, struct p2p_prove_options *wanted)
{
	struct session session = {
		.prove.json = arguments->json,
		.json = arguments->json,
		.trials = json_array(),
	};
	int rc = cli_prove_begin(&session.prove, wanted, arguments->scratch), shown = 0;

	if (!rc)
		rc = arguments->all ? prove_recorded(&session, wanted)
				    : prove_one(&session, wanted);
	cli_prove_end(&session.prove);
	shown = show(&session, rc);
	json_decref(session.trials);
	if (session.wrong)
		return CLI_PROVE_WRONG;
	if (rc)
		return rc;
	return shown ? shown : status_of(&session);
}

/* Taking back. */

/* A device that is gone can be named by its address. */
static int find_function(const char *name, struct p2p_bdf *function)
{
	struct p2p_memory_provider provider;
	struct p2p_error error = { .code = 0 };
	uint32_t index;
	int rc;

	if (!p2p_bdf_parse(name, function))
		return 0;
	if (p2p_module_index(name, &index)) {
		rc = cli_find_function(name, function, &error);
		return rc ? cli_fail(&error) : 0;
	}
	rc = p2p_memory_provider_find(name, &provider, &error);
	if (!rc && !provider.on_pci)
		rc = p2p_error_set(&error, -EINVAL,
				   "%.80s is on no PCI bus, so no rule is about it", name);
	*function = provider.function;
	return rc ? cli_fail(&error) : 0;
}

/* Of the record, then of the module: what is still let through must not look as if it were not. */
static int take_back(struct p2p_proofs *proofs, struct p2p_bdf client, struct p2p_bdf provider,
		     struct p2p_error *error)
{
	struct p2p_error ignored = { .code = 0 };
	int withdrawn = p2p_allow_withdraw(client, provider, error), rc;

	if (withdrawn && withdrawn != -ENOENT && withdrawn != -ENODEV)
		return withdrawn;
	rc = p2p_proofs_forget(proofs, p2p_proof_function(client), p2p_proof_function(provider));
	if (rc == -ENOENT)
		return withdrawn;
	if (rc)
		return p2p_error_set(error, rc, "out of memory");
	*error = ignored;
	return p2p_proofs_save(proofs, error);
}

static int withdraw(const struct arguments *arguments, char **names)
{
	struct p2p_bdf client, provider;
	struct p2p_error error = { .code = 0 };
	struct cli_allowed allowed;
	char from[P2P_BDF_TEXT], to[P2P_BDF_TEXT];
	int rc = find_function(names[0], &client);

	if (!rc)
		rc = find_function(names[1], &provider);
	if (!rc)
		rc = cli_allowed_open(&allowed, arguments->options.allowed);
	if (rc)
		return rc;
	rc = take_back(allowed.proofs, client, provider, &error);
	cli_allowed_close(&allowed);
	if (rc)
		return cli_fail(&error);
	p2p_bdf_text(client, from);
	p2p_bdf_text(provider, to);
	if (arguments->json)
		return cli_json_print(json_pack("{s:s, s:s, s:b}", "client", from, "provider", to,
						"withdrawn", 1));
	printf("%s is not allowed any more to use memory of %s\n", from, to);
	return cli_finish();
}

static int list(const struct arguments *arguments)
{
	struct cli_allowed allowed;
	int rc = cli_allowed_open(&allowed, arguments->options.allowed);

	if (rc)
		return rc;
	rc = cli_allowed_show(&allowed, arguments->json);
	cli_allowed_close(&allowed);
	return rc;
}

static int check(struct arguments *arguments, char **names)
{
	if (arguments->all + arguments->list + arguments->withdraw > 1)
		return cli_fail_with(EX_USAGE, "--all, --list and --withdraw are three things to "
					       "do: give one");
	if ((arguments->all || arguments->list) && names[0])
		return cli_fail_with(EX_USAGE, "--all and --list are about every pair, and one was "
					       "named: give one or the other");
	if (!arguments->all && !arguments->list && (!names[0] || !names[1]))
		return cli_fail_with(EX_USAGE, "name a client and a provider, as in p2pmem allow "
					       "nvme0 0000:05:00.0, or give --all or --list");
	arguments->options.allow = true;
	arguments->options.client = names[0];
	arguments->options.provider = names[0] ? names[1] : NULL;
	arguments->options.duration = arguments->seconds * CLI_PROVE_NS_PER_SECOND;
	return 0;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct arguments arguments = { .all = false };
	int first, rc;

	p2p_prove_options_init(&arguments.options, sizeof(arguments.options));
	rc = cli_parse(command, &arguments, argc, argv, &first);
	if (rc != CLI_GO_ON)
		return rc;
	rc = check(&arguments, argv + first);
	if (rc)
		return rc;
	if (arguments.list)
		return list(&arguments);
	if (arguments.withdraw)
		return withdraw(&arguments, argv + first);
	return prove(&arguments, &arguments.options);
}

const struct cli_command cli_allow_command = {
	.name = "allow",
	.summary = "Let a pair through that the rules refuse, if data prove it",
	.arguments = "CLIENT PROVIDER | --all | --list",
	.details =
		"Where a kernel's rules refuse two devices only because nobody has vouched for "
		"their host bridge,\np2pmem.ko lets them through while they are proven, both "
		"ways, and from then on if every byte was\nright. Exit status: 0 allowed, 1 wrong "
		"bytes, 2 not tried both ways, 3 refused.\n",
	.options = options,
	.positional = 0,
	.optional = 2,
	.json_format = 1,
	.run = run,
};
