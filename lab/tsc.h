/* SPDX-License-Identifier: MIT */
/* How fast this machine's time stamp counter goes, which is also what an emulated CPU reads. */
#ifndef LAB_TSC_H
#define LAB_TSC_H

#include <stdint.h>

/** lab_tsc_khz() - kHz, measured in some 50 ms; 0: this machine has no such counter. */
uint64_t lab_tsc_khz(void);

#endif
