/* SPDX-License-Identifier: MIT */
/*
 * What cmocka.h needs before it.
 */
#ifndef P2P_TESTS_UNIT_HARNESS_H
#define P2P_TESTS_UNIT_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
