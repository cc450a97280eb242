/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Routes: how a client's request reaches a provider under a policy, and why.
 *
 * A router holds one fabric's facts as one policy sees them. It is made once and then only read,
 * but for p2p_router_allow(): any number of threads may ask it without locking. The fabric must
 * outlive it.
 *
 * Where facts are unknown, all verdicts that they allow are computed. If only one is left it is
 * the verdict, whatever is unknown; else the verdict is unknown. Nothing is guessed.
 *
 * Linux policies follow calc_map_type_and_dist() and host_bridge_whitelist() in
 * drivers/pci/p2pdma.c: also where they differ from the wires (every ACS redirect on the path
 * counts, both ends' own included; a device that has redirect set reaches itself by the host).
 */
#ifndef P2PMEM_ROUTE_H
#define P2PMEM_ROUTE_H

#include <p2pmem/fabric.h>
#include <p2pmem/policy.h>

P2P_BEGIN_DECLS

enum p2p_verdict {
	P2P_VERDICT_UNKNOWN = 0,
	P2P_VERDICT_DIRECT,      /**< below a common port, by bus address */
	P2P_VERDICT_VIA_HOST,    /**< through one or two host bridges */
	P2P_VERDICT_UNREACHABLE, /**< the policy refuses */
};

/** Gives a stable word. Returns "unknown", "direct", "via-host" or "unreachable". */
const char *p2p_verdict_name(enum p2p_verdict verdict);

#define P2P_POSSIBLE(verdict) (1u << (verdict))

struct p2p_route {
	enum p2p_verdict verdict;
	uint8_t possible; /**< P2P_POSSIBLE() of each verdict that the known facts allow */
	/**
	 * Hops as Linux counts them, -1 when unreachable. The same for all possible verdicts but
	 * that one, so an unknown verdict has it too. -1 also for devices on no bus, where ports
	 * that are not shown may lie between them, and where the rules of several kernels are
	 * possible that count differently.
	 */
	int32_t distance;
	p2p_node common; /**< the port (or function) above both, or P2P_NO_NODE */
};

struct p2p_router;

/**
 * Prepares a policy's answers for a fabric. `platform` is copied; NULL: nothing is known of it.
 * The memory comes from the fabric's allocator. Returns 0 or -ENOMEM.
 */
int p2p_router_new(const struct p2p_fabric *fabric, const struct p2p_policy *policy,
		   const struct p2p_platform *platform, struct p2p_router **router);

/** Frees a router. NULL is allowed. */
void p2p_router_free(struct p2p_router *router);

/** Tells whose rules a router answers by. Returns the policy that it was made of. */
const struct p2p_policy *p2p_router_policy(const struct p2p_router *router);

/**
 * Tells whether two nodes can be client and provider. Returns 0, or -EINVAL: no such node, or a
 * host bridge. PCI bridges can: a switch port may have memory and DMA of its own.
 */
int p2p_route_check(const struct p2p_fabric *fabric, p2p_node client, p2p_node provider);

/**
 * Finds the verdict on one ordered pair. Allocates nothing. Returns what p2p_route_check() returns.
 */
int p2p_route_find(const struct p2p_router *router, p2p_node client, p2p_node provider,
		   struct p2p_route *route);

/** What speaks for or against a verdict. The names are stable, the numbers are not. */
enum p2p_reason_code {
	P2P_REASON_SAME_FUNCTION,    /**< node is both client and provider */
	P2P_REASON_COMMON_PORT,      /**< node is above both */
	P2P_REASON_NO_COMMON_PORT,   /**< the ways meet only in host bridge `node` */
	P2P_REASON_TWO_HOST_BRIDGES, /**< node: the client's; other: the provider's */
	P2P_REASON_ACS_REDIRECT,     /**< node has `bits` set */
	P2P_REASON_ACS_EGRESS,       /**< node has `bits` set: may block; its vector was not read */
	P2P_REASON_ACS_UNKNOWN,      /**< ACS of node could not be read; it may redirect */
	P2P_REASON_ACS_QUIRK,        /**< node has quirk number `bits` (enum p2p_acs_quirk) */
	P2P_REASON_CPU_ALLOWS,       /**< the CPU rule passes every host bridge */
	P2P_REASON_CPU_UNKNOWN,      /**< the CPU is not known, and the rule would decide */
	P2P_REASON_BRIDGE_LISTED,    /**< host bridge `node` is on the allowlist through `other` */
	P2P_REASON_BRIDGE_NOT_LISTED, /**< `other` is first on the root bus, and not on the list */
	P2P_REASON_BRIDGE_SAME_ONLY,  /**< listed through `other`, but not between two of them */
	P2P_REASON_BRIDGE_NO_KEY, /**< `other`, first on the root bus, is neither 00.0 nor root port
				   */
	P2P_REASON_BRIDGE_UNKNOWN, /**< what is first on the root bus (other, if any) is not known
				    */
	P2P_REASON_FORWARDING_NOT_PROMISED, /**< a root complex need not forward: PCIe 1.3.1 */
	P2P_REASON_OFF_BUS,                 /**< node is on no PCI bus */
	P2P_REASON_PARENT_UNKNOWN,   /**< what is above node (an `unplaced` host bridge's bus, or a
				      * function with a `gap`) is not shown: ports may be there */
	P2P_REASON_HOST_NEVER,       /**< these rules let nothing through a host bridge */
	P2P_REASON_IOMMU_REFUSES,    /**< these rules let nothing through while an IOMMU is on */
	P2P_REASON_IOMMU_UNKNOWN,    /**< whether one is on is not known, and would decide */
	P2P_REASON_REDIRECT_REFUSED, /**< these rules refuse what is redirected below `node` */
	P2P_REASON_RULES_UNREAD, /**< this kernel's rules were not read, and known ones differ; the
				    reasons that follow are those of the newest */
	P2P_REASON_NO_SUPPORT,   /**< a kernel without peer-to-peer support */
	P2P_REASON_ALLOWED,      /**< p2p_router_allow() of client `node` and provider `other`:
				  * whatever rules refuse them, these two pass through the host */
};

/** Gives a stable word. Returns "acs-redirect" for P2P_REASON_ACS_REDIRECT and so on. */
const char *p2p_reason_name(enum p2p_reason_code code);

struct p2p_reason {
	enum p2p_reason_code code;
	p2p_node node;
	p2p_node other; /**< P2P_NO_NODE where the code names none */
	uint16_t bits;
};

/** Where the ways up from two nodes meet. */
struct p2p_meeting {
	p2p_node node;        /**< a host bridge too, or above all of them: the fabric's count */
	p2p_node from_client; /**< child of `node` on the path; P2P_NO_NODE: the client is `node` */
	p2p_node from_provider; /**< the same for the provider */
	/**
	 * They may meet further down, in a port that the source does not show: the nodes below
	 * `from_client` and `from_provider`, these included, are on the path in any case.
	 */
	bool loose;
};

/**
 * A request's path: from the client up to `client_top`, and down from `provider_top`. Found once;
 * hops, reasons and ceiling are read off it, while its router lives.
 */
struct p2p_path {
	const struct p2p_router *router;
	p2p_node client, provider;
	struct p2p_route route;
	bool on_bus;  /**< false: one of them is on no bus, and what follows is not set */
	bool host;    /**< the host may be asked: the tops are host bridges, maybe two */
	bool allowed; /**< p2p_router_allow(): the host is not asked, and lets it through */
	struct p2p_meeting meeting;
	p2p_node client_top; /**< unless the host is asked both tops are where the ways meet */
	p2p_node provider_top;
};

/**
 * Finds the path of a request and its verdict. Allocates nothing. Returns what p2p_route_check()
 * returns.
 */
int p2p_path_find(const struct p2p_router *router, p2p_node client, p2p_node provider,
		  struct p2p_path *path);

/**
 * Lists all reasons of the verdict: where the ways meet, then ACS from the client up and down to
 * the provider, then the CPU and the host bridges when the host is on the path. Writes the first
 * `room` to `reasons`. Returns how many there are in all.
 */
uint32_t p2p_path_reasons(const struct p2p_path *path, struct p2p_reason *reasons, uint32_t room);

/**
 * Tells whether nothing but a list of host bridges, or of CPUs, keeps the two apart: rules which
 * say that nobody has vouched for this machine, not that it fails. Where anything else stands in
 * the way, or could, data cannot prove it harmless. Returns true for an unreachable pair that
 * p2p_router_allow() takes.
 */
bool p2p_path_allowable(const struct p2p_path *path);

/** How many pairs one router allows. */
#define P2P_ROUTER_ALLOWS 100

/**
 * Allows a pair that the rules refuse: from now on its verdict is `via-host`, with the reason
 * P2P_REASON_ALLOWED. Nobody may be changing the same router; others may be asking it, and know
 * when this returns or, at latest, with their next question.
 *
 * Returns 0, also where it is allowed already; what p2p_route_check() returns; -EALREADY: the rules
 * do not refuse it; -EOPNOTSUPP: it is not p2p_path_allowable(); -ENOSPC: no room for more.
 */
int p2p_router_allow(struct p2p_router *router, p2p_node client, p2p_node provider);

/**
 * Undoes p2p_router_allow(), with its rules for callers. Before another pair is allowed, all who
 * were asking must have got their answer. Nothing happens where the pair is not allowed.
 */
void p2p_router_disallow(struct p2p_router *router, p2p_node client, p2p_node provider);

/** What a hop does to the request. */
enum p2p_hop_action {
	P2P_HOP_START,    /**< the client sends it */
	P2P_HOP_UP,       /**< forwards it up */
	P2P_HOP_REDIRECT, /**< sends it up to the host because of ACS `bits` */
	P2P_HOP_TURN,     /**< turns it around */
	P2P_HOP_HOST,     /**< host bridge: takes it in and sends it back down */
	P2P_HOP_CROSS,    /**< host bridge: hands it to another host bridge, the next hop */
	P2P_HOP_REFUSED,  /**< host bridge: the policy does not let it through */
	P2P_HOP_UNSURE,   /**< what happens here depends on what is unknown */
	P2P_HOP_DOWN,     /**< forwards it down */
	P2P_HOP_END,      /**< the provider */
};

/**
 * Gives a stable word. Returns "start", "up", "redirect", "turn", "host", "cross", "refused",
 * "unsure", "down" or "end".
 */
const char *p2p_hop_name(enum p2p_hop_action action);

struct p2p_hop {
	p2p_node node;
	enum p2p_hop_action action;
	/** Active ACS bits that the policy counts, here also when they do nothing. */
	uint16_t bits;
};

/**
 * Lists the hops of a path, client first. Where the host may be asked, the path through it; else by
 * the common port. Writes the first `room` to `hops`. Returns how many there are in all: none for
 * a device on no bus.
 */
uint32_t p2p_path_hops(const struct p2p_path *path, struct p2p_hop *hops, uint32_t room);

/**
 * Works out what a link can carry one way after encoding (8b/10b, 128b/130b, 242 of 256 bytes of a
 * flit), before packet headers. Returns MB/s (10^6 bytes); 0: unknown.
 */
uint32_t p2p_link_bandwidth(const struct p2p_link *link);

struct p2p_ceiling {
	uint32_t bandwidth; /**< MB/s of the narrowest link, 0: unknown */
	p2p_node node;      /**< below the narrowest link, or below the first unknown one */
	uint32_t links;     /**< how many links are on the path; 0: it never leaves one chip */
};

/** Finds the narrowest link on the path that p2p_path_hops() gives. */
void p2p_path_ceiling(const struct p2p_path *path, struct p2p_ceiling *ceiling);

P2P_END_DECLS

#endif
