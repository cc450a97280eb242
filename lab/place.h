/* SPDX-License-Identifier: MIT */
/* Where the devices of a machine sit on their buses. */
#ifndef LAB_PLACE_H
#define LAB_PLACE_H

#include "machine.h"

/**
 * lab_place_all() - give a slot to every device whose line has no addr=, and check the others.
 * @machine: the whole tree
 * @name: of the file, for messages
 * @error: "FILE:LINE: ..." when two want the same place, or none is left
 *
 * Return: 0 or -1.
 */
int lab_place_all(struct lab_machine *machine, const char *name, struct lab_error *error);

#endif
