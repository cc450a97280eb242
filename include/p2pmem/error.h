/* SPDX-License-Identifier: MIT */
/*
 * The one error style: a function returns 0 or a negative errno, and can leave the sentence that
 * a person needs: what, where, why, and the next step.
 */
#ifndef P2PMEM_ERROR_H
#define P2PMEM_ERROR_H

#include <p2pmem/types.h>

P2P_BEGIN_DECLS

#define P2P_ERROR_TEXT 768

/**
 * What of the caller's own the next step in a sentence concerns: a field of the options that the
 * caller gave, or another function of this library. A program that has an option, a menu or a
 * command for it can name that behind the sentence, as the command p2pmem does; the sentence is
 * whole without.
 */
enum p2p_hint {
	P2P_HINT_NONE,
	P2P_HINT_LENGTH,        /**< p2p_copy_options.length: less than asked for */
	P2P_HINT_FORCE,         /**< p2p_copy_options.force, or that of p2p_unpublish() */
	P2P_HINT_REQUIRE_P2P,   /**< p2p_copy_options.require_p2p rules something out */
	P2P_HINT_PROVIDER,      /**< p2p_copy_options.provider: another, or none */
	P2P_HINT_IN_FLIGHT,     /**< p2p_copy_options.block or .depth: less memory at once */
	P2P_HINT_BLOCK,         /**< p2p_copy_options.block: smaller, or another provider */
	P2P_HINT_PROVIDERS,     /**< p2p_providers_list() tells whose memory it could be */
	P2P_HINT_DOCTOR,        /**< p2p_doctor_examine() tells why there is none; p2p_publish() */
	P2P_HINT_PUBLISHED,     /**< p2p_module_memories() lists what there is */
	P2P_HINT_USERS,         /**< p2p_unpublish() with `force`; p2p_module_stat() */
	P2P_HINT_UNPUBLISH,     /**< p2p_unpublish() */
	P2P_HINT_PUBLISH_BAR,   /**< p2p_publish_options.bar */
	P2P_HINT_PUBLISH_PART,  /**< .offset and .length: a part of the BAR */
	P2P_HINT_PUBLISH_SIZE,  /**< .length: smaller */
	P2P_HINT_PUBLISH_ALL,   /**< .length 0: all up to the end */
	P2P_HINT_PUBLISH_PAGES, /**< .pages: with them */
	P2P_HINT_PUBLISH_ANY,   /**< .pages: also without them */
	P2P_HINT_DRIVER_MEMORY, /**< .driver_memory instead of a BAR */
	P2P_HINT_BESIDE_DRIVER, /**< .beside_driver */
	P2P_HINT_DEVICES,       /**< p2p_fabric_order() lists all that there are */
	P2P_HINT_MACHINE,       /**< `number` of p2p_machine_open_nth(): 1 */
	P2P_HINT_CAPTURE,       /**< p2p_capture_write() makes one */
	P2P_HINT_SCRATCH,       /**< p2p_prove_options.scratch, and its offset and length */
};

struct p2p_error {
	int code;                  /**< the negative errno that was returned too; 0: none */
	enum p2p_hint hint;        /**< what the text's next step concerns */
	char text[P2P_ERROR_TEXT]; /**< one line without a newline, cut when longer */
};

/**
 * Fills in an error. `error` may be NULL, so that a failing function can say
 * `return p2p_error_set(error, -EINVAL, ...)`. A message names what, where, why and the next step.
 * Returns `code`.
 */
int p2p_error_set(struct p2p_error *error, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** Fills in `error` as p2p_error_set() does, with a hint. Returns `code`. */
int p2p_error_set_hint(struct p2p_error *error, int code, enum p2p_hint hint, const char *format,
		       ...) __attribute__((format(printf, 4, 5)));

P2P_END_DECLS

#endif
