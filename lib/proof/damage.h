/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with bytes that arrived wrong. It looks at nothing but them, so it may be asked of
 * any transfer: a copy of real data, a prover's patterns, a memory or a file.
 */
#ifndef P2P_LIB_PROOF_DAMAGE_H
#define P2P_LIB_PROOF_DAMAGE_H

#include <stddef.h>
#include <stdint.h>

#include <p2pmem/proofs.h>

/**
 * Bytes of one stretch, which any number of requests have filled. Where `should` and `before` are
 * the same, `is` tells nothing.
 */
struct p2p_evidence {
	const char *should; /**< what every request together should have brought */
	const char *before; /**< what was there; NULL: the complement of `should` */
	const char *is;
	size_t size;
	size_t block; /**< bytes that one request moved; 0: one moved all */
};

struct p2p_damage_found {
	enum p2p_damage kind;
	size_t first; /**< the first wrong byte */
	size_t wrong; /**< how many are */
	/**
	 * SHIFTED: how much too far they came, negative: too early. MIRRORED: after how many bytes
	 * the same ones follow. SWAPPED: how far the first wrong byte came.
	 */
	int64_t by;
};

/** Names the damage that explains most of the wrong bytes; FOREIGN: none does. */
struct p2p_damage_found p2p_damage_find(const struct p2p_evidence *evidence);

#define P2P_DAMAGE_TEXT 128

/** "shifted by 512 bytes"; "" for none. Returns `text`. */
const char *p2p_damage_describe(const struct p2p_damage_found *found, char text[P2P_DAMAGE_TEXT]);

/** What such a damage usually means, as a clause. */
const char *p2p_damage_meaning(enum p2p_damage kind);

#endif
