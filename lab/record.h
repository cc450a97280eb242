/* SPDX-License-Identifier: MIT */
/* Writes down moments of a run: where the trace stood, and what QEMU's memory looked like. */
#ifndef LAB_RECORD_H
#define LAB_RECORD_H

#include "guest.h"

/**
 * lab_record_map() - save QEMU's own view of memory and PCI as OUT/map.NAME and OUT/pci.NAME
 * ("info mtree -f" as text, "query-pci" as JSON).
 */
int lab_record_map(struct lab_guest *guest, const char *name, struct lab_error *error);

/** lab_record_mark() - lab_record_map(), and a line "NAME OFFSET-IN-TRACE" in OUT/marks. */
int lab_record_mark(struct lab_guest *guest, const char *name, struct lab_error *error);

/** lab_record_drives() - write OUT/drives: a line "NSID ID" for each drive. */
int lab_record_drives(const struct lab_config *config, struct lab_error *error);

#endif
