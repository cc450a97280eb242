/* SPDX-License-Identifier: MIT */
/*
 * What the block layer means by its error numbers.
 */
#ifndef P2P_LIB_COPY_IO_ERROR_H
#define P2P_LIB_COPY_IO_ERROR_H

/** Words for a negative errno of an I/O request, as Linux's blk_errors[] (block/blk-core.c) uses
 * it. */
const char *p2p_io_error_text(int code);

#endif
