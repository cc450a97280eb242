/* SPDX-License-Identifier: MIT */
/* A running QEMU: its process, the guest's three lines, and QMP. */
#ifndef LAB_GUEST_H
#define LAB_GUEST_H

#include "arch.h"
#include "config.h"
#include "console.h"

#include <jansson.h>
#include <stdint.h>

#define LAB_CONTROL_BYTES 65536
#define LAB_QMP_BYTES     ((size_t)4 << 20)

struct lab_guest {
	const struct lab_config *config;
	int qemu; /* process id */
	int line[LAB_LINES];
	int qmp;
	int signals;      /* signalfd of what ends the run */
	int input;        /* the user's keyboard for a shell, or -1 */
	int output;       /* OUT/output */
	int64_t deadline; /* monotonic milliseconds, INT64_MAX for none */
	struct lab_console console;

	char control[LAB_CONTROL_BYTES]; /* request bytes not yet served */
	size_t control_used;
	char *replies; /* QMP bytes not yet read as JSON */
	size_t replies_used;
	json_t *reply; /* the reply to request number serial, once it came */
	int serial;

	int stop_signal;  /* that the user ended the run with, 0 while not */
	bool late;        /* the time limit passed */
	bool closed;      /* QEMU has closed its lines: it ended */
	bool output_lost; /* standard output takes no more */
};

/**
 * lab_guest_start() - start QEMU.
 * @guest: zeroed; to be given to lab_guest_stop() also after an error
 * @config: the run; OUT/initrd.img is there
 * @files: the kernel image, and which QEMU
 * @error: what is missing
 *
 * Return: 0 or -1.
 */
int lab_guest_start(struct lab_guest *guest, const struct lab_config *config,
		    const struct lab_files *files, struct lab_error *error);

/**
 * lab_guest_pump() - wait until something comes, and pass it on: output to standard output and
 * OUT/output, the kernel's log to OUT/console.log, requests and QMP replies to their buffers.
 * @timeout: milliseconds at most
 *
 * Return: false when the run is over: QEMU closed, the time limit, a signal.
 */
bool lab_guest_pump(struct lab_guest *guest, int timeout);

/**
 * lab_guest_qmp() - execute one command on QMP; the guest's output goes on meanwhile.
 * @command: an object with "execute"; its "id" is replaced; the reference is taken
 *
 * Return: the reply, {"return": ...} or {"error": ...}, owned by the caller; NULL when none came
 * in five minutes or the run is over.
 */
json_t *lab_guest_qmp(struct lab_guest *guest, json_t *command);

/**
 * lab_guest_ask() - the same, for the value that the command returns.
 *
 * Return: the value, owned by the caller; NULL with QEMU's own words in @error.
 */
json_t *lab_guest_ask(struct lab_guest *guest, json_t *command, struct lab_error *error);

/** lab_guest_quit() - have QEMU end, and pass on what is still on the lines. */
void lab_guest_quit(struct lab_guest *guest);

/** lab_guest_stop() - end QEMU if it still runs and free all. Return: its exit status or -1. */
int lab_guest_stop(struct lab_guest *guest);

/** lab_now() - monotonic milliseconds. */
int64_t lab_now(void);

#endif
