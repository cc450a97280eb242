/* SPDX-License-Identifier: MIT */
/*
 * Next steps that this library itself offers. An answer's text says what to do; the step says by
 * which of its functions, and about what, so that a program can offer it in its own words: the
 * command p2pmem as another of its commands, a graphical one as a button.
 */
#ifndef P2PMEM_STEP_H
#define P2PMEM_STEP_H

#include <p2pmem/fabric.h>

P2P_BEGIN_DECLS

enum p2p_step_code {
	P2P_STEP_NONE,
	P2P_STEP_PROVE,             /**< move data that way, and look at them: p2p_prove_run() */
	P2P_STEP_READ_AS_ROOT,      /**< read this machine again, as root */
	P2P_STEP_CAPTURE,           /**< as root there: p2p_capture_write(), and read that */
	P2P_STEP_EXAMINE_HOST,      /**< p2p_doctor_examine() on the host of this guest */
	P2P_STEP_EXPLAIN_HOST,      /**< p2p_explain() there, about the same devices */
	P2P_STEP_WHY_NOT_PUBLISHED, /**< p2p_doctor_examine() tells why a driver publishes nothing
				     */
	P2P_STEP_NAME_KERNEL,       /**< say whose rules decide: p2p_policy_find() */
	P2P_STEP_PUBLISH_BAR,       /**< p2p_publish() of `bar` of `node` */
	P2P_STEP_PUBLISH_DRIVERS,   /**< p2p_publish() of what the driver of `node` has set up */
	P2P_STEP_PUBLISH_ANY,       /**< p2p_publish() of some device's BAR */
	P2P_STEP_LIST_PROVIDERS,    /**< p2p_providers_list() tells whose memory it could be */
	P2P_STEP_LIST_USERS,        /**< p2p_module_stat() tells who has what is published */
	P2P_STEP_ALLOW,      /**< prove a pair anew that was allowed: p2p_prove_options.allow */
	P2P_STEP_ALLOW_PAIR, /**< prove and allow this pair: likewise */
	P2P_STEP_LIST_PAIRS, /**< p2p_route_find() for every pair */
};

struct p2p_step {
	enum p2p_step_code code;
	p2p_node node; /**< of P2P_STEP_PUBLISH_BAR and P2P_STEP_PUBLISH_DRIVERS */
	int bar;       /**< of P2P_STEP_PUBLISH_BAR */
};

/** Something to do: in words, and by which of the library's functions, if by one. */
struct p2p_advice {
	char *text; /**< a sentence without a full stop */
	struct p2p_step step;
};

P2P_END_DECLS

#endif
