/* SPDX-License-Identifier: MIT */
/*
 * What every command that looks at a machine shares: which machine, whose rules, JSON or text.
 */
#ifndef P2P_CLI_VIEW_H
#define P2P_CLI_VIEW_H

#include <jansson.h>

#include <p2pmem/machine.h>
#include <p2pmem/module.h>
#include <p2pmem/policy.h>
#include <p2pmem/route.h>

#include "options.h"
#include <p2pmem/providers.h>

struct cli_view_arguments {
	const char *source;   /**< NULL: this machine */
	unsigned int machine; /**< which of several in a text; 0: the first */
	const char *kernel;   /**< a release, or "hardware"; NULL: the machine's own kernel */
	bool json;
	bool unjudged; /**< the command judges nothing: whose rules is not worth a note */
};

/* NOLINTBEGIN(bugprone-macro-parentheses): a type and a member cannot have them. */
/** Rows for a command's option table whose target has `struct cli_view_arguments FIELD`. */
#define CLI_VIEW_OPTIONS(type, field)                                                              \
	{ "source", 's',                                                                           \
	  CLI_TEXT, offsetof(type, field.source),                                                  \
	  "PATH",   "a capture, sysfs tree, lspci text or topology XML\ninstead of this machine",  \
	  NULL },                                                                                  \
		{ "machine", 0,                                                                    \
		  CLI_COUNT, offsetof(type, field.machine),                                        \
		  "N",       "which of several machines in a text (default: the first)",           \
		  NULL },                                                                          \
		{ "kernel",                                                                        \
		  'k',                                                                             \
		  CLI_TEXT,                                                                        \
		  offsetof(type, field.kernel),                                                    \
		  "VERSION",                                                                       \
		  "whose rules: a kernel release, as uname -r\nprints it, or hardware (default: "  \
		  "the machine's)",                                                                \
		  NULL },                                                                          \
	{                                                                                          \
		"json", 'j', CLI_FLAG, offsetof(type, field.json), NULL, "one JSON object", NULL   \
	}
/* NOLINTEND(bugprone-macro-parentheses) */

struct cli_view {
	struct p2p_machine *machine;
	const struct p2p_fabric *fabric;
	const struct p2p_policy *policy;
	enum p2p_policy_fit fit;
	const char *asked;           /**< the release that `policy` stands for */
	struct p2p_router *router;   /**< answers under `policy` */
	struct p2p_router *hardware; /**< what the wires would do */
	/** What p2pmem.ko publishes: of the running machine only, and none when it is not loaded.
	 */
	struct p2p_module_memory *memories;
	size_t memory_count;
};

/**
 * Opens the machine and its routers. Warnings of the source, and a policy that is only near the
 * kernel asked for, are said on stderr (in JSON mode they are in the object). Returns 0, or the
 * exit status after the error was said; `view` needs closing only after 0.
 */
int cli_view_open(struct cli_view *view, const struct cli_view_arguments *arguments);
void cli_view_close(struct cli_view *view);

/**
 * What the JSON of every command that looks at a machine begins with: source, policy (name, kernel
 * asked for, fit), warnings and machine, as p2pmem(1) describes them. The caller adds to it.
 */
json_t *cli_view_json(const struct cli_view *view);

/** Who provides memory, or could, as p2p_providers_list() has it; the caller frees `*providers`.
 */
int cli_view_providers(const struct cli_view *view, p2p_node client,
		       struct p2p_provider_info **providers, uint32_t *count);

/** Finds the function of the running machine that `name` means: 0 or a negative errno. */
int cli_find_function(const char *name, struct p2p_bdf *function, struct p2p_error *error);

#endif
