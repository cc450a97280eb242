// SPDX-License-Identifier: MIT
/* Gets the kernel ready, runs the guest, and judges how the run ended. */
#include "boot.h"

#include "arch.h"
#include "control.h"
#include "guest.h"
#include "initrd.h"
#include "process.h"
#include "record.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Runs a script of lab/ that prints one file name. */
static int ask_script(struct lab_args *args, char *path, size_t size, struct lab_error *error)
{
	int status = -1;

	if (args->failed)
		lab_fail(error, "out of memory");
	else
		status = lab_process_output(args->list, path, size, error);
	if (status > 0) /* it has said why on standard error */
		lab_fail(error, "%s failed; see above", args->list[0]);
	lab_args_free(args);
	path[strcspn(path, "\n")] = '\0';
	return status == 0 ? 0 : -1;
}

/* QEMU of a machine that is newer than most Debian's: there may be none, which is nobody's fault.
 */
static int find_qemu(const struct lab_config *config, char *qemu, struct lab_error *error)
{
	const struct lab_arch *arch = config->machine->arch;
	struct lab_args args = { 0 };

	snprintf(qemu, PATH_MAX, "%s", arch->qemu);
	if (!arch->newer_qemu)
		return 0;
	lab_args_add(&args, "%s/emulator", config->directory);
	lab_args_add(&args, "%s", arch->qemu);
	return ask_script(&args, qemu, PATH_MAX, error);
}

/* QEMU adds memory, command line and initramfs. */
static int compile_device_tree(const struct lab_config *config, struct lab_error *error)
{
	const char *source = config->machine->arch->device_tree;
	struct lab_args args = { 0 };
	char output[PATH_MAX];

	if (!source)
		return 0;
	lab_args_add(&args, "dtc");
	lab_args_add(&args, "-Idts");
	lab_args_add(&args, "-Odtb");
	lab_args_add(&args, "-o%s/board.dtb", config->out);
	lab_args_add(&args, "%s/boards/%s", config->directory, source);
	return ask_script(&args, output, sizeof(output), error);
}

/* Unpacked, where lab/unpack-kernel could do that. `kernel`: the directory, then the file in it. */
static void choose_kernel(char *kernel, size_t size)
{
	size_t directory = strlen(kernel);

	snprintf(kernel + directory, size - directory, "/vmlinux");
	if (access(kernel, R_OK))
		snprintf(kernel + directory, size - directory, "/vmlinuz");
}

static void add_words(struct lab_args *args, const char *words)
{
	while (words && *words) {
		int length = (int)strcspn(words, " ");

		lab_args_add(args, "%.*s", length, words);
		words += length + strspn(words + length, " ");
	}
}

static int prepare(const struct lab_config *config, struct lab_files *files,
		   struct lab_error *error)
{
	const struct lab_arch *board = config->machine->arch;
	const char *arch = config->machine->arch->name;
	struct lab_args args = { 0 };
	char base[PATH_MAX];

	lab_args_add(&args, "%s/fetch", config->directory);
	lab_args_add(&args, "%s", arch);
	lab_args_add(&args, "%s", config->kernel);
	if (ask_script(&args, files->kernel, sizeof(files->kernel), error) < 0)
		return -1;
	choose_kernel(files->kernel, sizeof(files->kernel));

	lab_args_add(&args, "%s/initramfs", config->directory);
	lab_args_add(&args, "%s", arch);
	lab_args_add(&args, "%s", config->kernel);
	lab_args_add(&args, "nvme");
	add_words(&args, board->modules);
	for (size_t i = 0; i < config->modules.count; i++)
		lab_args_add(&args, "%s", config->modules.list[i]);
	if (ask_script(&args, base, sizeof(base), error) < 0)
		return -1;
	if (lab_initrd_write(config, base, error) < 0)
		return -1;
	if (lab_record_drives(config, error) < 0 || find_qemu(config, files->qemu, error) < 0)
		return -1;
	return compile_device_tree(config, error);
}

/* The last line QEMU wrote itself; its first is its command line. */
static void last_words(const struct lab_config *config, char *words, size_t size)
{
	char path[PATH_MAX + 32];
	char line[512];
	unsigned int lines = 0;
	FILE *file;

	words[0] = '\0';
	snprintf(path, sizeof(path), "%s/qemu.log", config->out);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		bool whole = strchr(line, '\n') != NULL;

		line[strcspn(line, "\n")] = '\0';
		if (lines > 0 && line[0] != '\0')
			snprintf(words, size, "%.*s", (int)size - 1, line);
		lines += whole;
	}
	fclose(file);
}

static int judge(const struct lab_guest *guest, const struct lab_progress *progress,
		 int qemu_status, struct lab_error *error)
{
	const struct lab_config *config = guest->config;
	char words[256];

	if (guest->stop_signal) {
		lab_fail(error, "ended by signal %d", guest->stop_signal);
		return 128 + guest->stop_signal;
	}
	if (guest->console.complaint[0] != '\0' && !config->allow_oops) {
		lab_fail(error, "the guest's kernel complained: %.160s; see %s/console.log",
			 guest->console.complaint, config->out);
		return LAB_EXIT_BROKEN;
	}
	if (progress->broken[0] != '\0') {
		lab_fail(error, "the run broke: %s", progress->broken);
		return LAB_EXIT_BROKEN;
	}
	if (guest->output_lost) {
		lab_fail(error, "standard output takes no more");
		return LAB_EXIT_BROKEN;
	}
	if (guest->late && !progress->began) {
		lab_fail(error, "the guest did not start the script in %u s; see %s/console.log",
			 config->boot_limit, config->out);
		return LAB_EXIT_BROKEN;
	}
	if (guest->late) {
		lab_fail(error, "the time limit of %u s ended the script; see --time-limit",
			 config->time_limit);
		return LAB_EXIT_LATE;
	}
	if (progress->ended && error->text[0] == '\0')
		return progress->status & 0xff;
	last_words(config, words, sizeof(words));
	lab_fail(error,
		 "QEMU ended (status %d) before the script did%s%s; see %s/qemu.log and "
		 "console.log",
		 qemu_status, words[0] ? ": " : "", words, config->out);
	return LAB_EXIT_BROKEN;
}

int lab_boot(const struct lab_config *config, struct lab_error *error)
{
	struct lab_progress progress = { 0 };
	static struct lab_guest guest; /* too large for the stack */
	struct lab_files files;
	int status;

	if (prepare(config, &files, error) < 0)
		return LAB_EXIT_BROKEN;
	if (lab_guest_start(&guest, config, &files, error) < 0) {
		lab_guest_stop(&guest);
		return LAB_EXIT_BROKEN;
	}
	while (!progress.ended && progress.broken[0] == '\0' && lab_guest_pump(&guest, 60000))
		lab_control_serve(&guest, &progress);
	if (progress.ended)
		lab_guest_quit(&guest);
	status = lab_guest_stop(&guest);
	return judge(&guest, &progress, status, error);
}
