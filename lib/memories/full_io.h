/* SPDX-License-Identifier: MIT */
/*
 * pread() and pwrite() of everything, or the reason why not: 0 or a negative errno, -EFAULT for an
 * early end.
 */
#ifndef P2P_LIB_FULL_IO_H
#define P2P_LIB_FULL_IO_H

#include <stddef.h>
#include <sys/types.h>

int p2p_read_full(int fd, char *to, size_t size, off_t offset);
int p2p_write_full(int fd, const char *from, size_t size, off_t offset);

#endif
