// SPDX-License-Identifier: MIT
/* A run's initramfs: the cached one, then an archive with what belongs to this run alone. */
#include "initrd.h"

#include "arch.h"
#include "cpio.h"
#include "process.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#define LDD_OUTPUT 65536

/* The size of the user's terminal, so that what draws itself there fits. */
static struct winsize terminal_size(void)
{
	struct winsize size = { 0 };

	if (ioctl(1, TIOCGWINSZ, &size) < 0 || size.ws_row == 0 || size.ws_col == 0)
		size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	return size;
}

/* The settings that guest/init and guest/lab read, in the shell's syntax. */
static int add_settings(struct lab_cpio *cpio, const struct lab_config *config,
			struct lab_error *error)
{
	const struct lab_arch *arch = config->machine->arch;
	struct winsize size = terminal_size();
	char modules[1024] = "";
	char text[2048];
	size_t used = 0;

	for (size_t i = 0; i < config->modules.count; i++) {
		used += (size_t)snprintf(modules + used, sizeof(modules) - used, "%s ",
					 config->modules.list[i]);
		if (used >= sizeof(modules))
			return lab_fail(error, "too many --module");
	}
	snprintf(text, sizeof(text),
		 "LAB_TERMINAL=/dev/%s\nLAB_CONTROL=/dev/%s\nLAB_MODE=%s\nLAB_DRIVES=%u\n"
		 "LAB_ROWS=%u\nLAB_COLUMNS=%u\nLAB_MODULES='%s'\nLAB_BOARD_MODULES='%s'\n",
		 arch->tty[LAB_TERMINAL], arch->tty[LAB_CONTROL],
		 config->script ? "script" : "shell",
		 config->machine->drives + config->machine->twins, size.ws_row, size.ws_col,
		 modules, arch->modules ? arch->modules : "");
	return lab_cpio_text(cpio, "lab/env", 0644, text, error);
}

/* One line of ldd's: "NAME => PATH (ADDRESS)" or "PATH (ADDRESS)"; NULL when it names no file. */
static char *library_path(char *line)
{
	char *path = strchr(line, '/');
	char *end;

	if (!path)
		return NULL;
	end = strstr(path, " (");
	if (end)
		*end = '\0';
	return path;
}

/*
 * The libraries go where the program looks for them: at the same paths as on the host. ldd fails on
 * a static program, which needs none.
 */
static int add_libraries(struct lab_cpio *cpio, char *program, struct lab_error *error)
{
	char ldd[] = "ldd";
	char *argv[] = { ldd, program, NULL };
	char output[LDD_OUTPUT];
	char *save = NULL;
	int status = lab_process_output(argv, output, sizeof(output), error);

	if (status < 0)
		return -1;
	if (status > 0)
		return 0;
	for (char *line = strtok_r(output, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *path = library_path(line);

		if (strstr(line, "not found"))
			return lab_fail(error, "--program %s: library%s", program, line);
		if (path && lab_cpio_copy(cpio, path, 0755, path, error) < 0)
			return -1;
	}
	return 0;
}

/* The same for a program that this machine cannot run: lines "HOST-PATH GUEST-PATH". */
static int add_foreign_libraries(struct lab_cpio *cpio, const struct lab_config *config,
				 char *program, struct lab_error *error)
{
	char script[PATH_MAX + 16], arch[16], output[LDD_OUTPUT];
	char *argv[] = { script, arch, program, NULL };
	char *save = NULL;
	int status;

	snprintf(script, sizeof(script), "%s/libraries", config->directory);
	snprintf(arch, sizeof(arch), "%s", config->machine->arch->name);
	status = lab_process_output(argv, output, sizeof(output), error);
	if (status > 0) /* it has said why on standard error */
		return lab_fail(error, "%s failed; see above", script);
	if (status < 0)
		return -1;
	for (char *line = strtok_r(output, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *guest = strchr(line, ' ');

		if (!guest)
			return lab_fail(error, "%s printed '%.200s'", script, line);
		*guest++ = '\0';
		if (lab_cpio_copy(cpio, guest, 0755, line, error) < 0)
			return -1;
	}
	return 0;
}

static int add_programs(struct lab_cpio *cpio, const struct lab_config *config,
			struct lab_error *error)
{
	bool own = lab_arch_is_host(config->machine->arch);

	for (size_t i = 0; i < config->programs.count; i++) {
		char *path = config->programs.list[i];
		const char *slash = strrchr(path, '/');
		char name[PATH_MAX];

		snprintf(name, sizeof(name), "usr/bin/%s", slash ? slash + 1 : path);
		if (lab_cpio_copy(cpio, name, 0755, path, error) < 0)
			return -1;
		if ((own ? add_libraries(cpio, path, error)
			 : add_foreign_libraries(cpio, config, path, error)) < 0)
			return -1;
	}
	return 0;
}

static int add_files(struct lab_cpio *cpio, const struct lab_config *config,
		     struct lab_error *error)
{
	for (size_t i = 0; i < config->files.count; i++) {
		char *host = config->files.list[i];
		char *guest = strrchr(host, ':'); /* run.c has checked that it is there */

		*guest = '\0';
		if (lab_cpio_copy(cpio, guest + 1, 0, host, error) < 0)
			return -1;
		*guest = ':';
	}
	return 0;
}

static int add_guest(struct lab_cpio *cpio, const struct lab_config *config,
		     struct lab_error *error)
{
	const char *board = config->machine->arch->script;
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/guest/init", config->directory);
	if (lab_cpio_copy(cpio, "init", 0755, path, error) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/guest/lab", config->directory);
	if (lab_cpio_copy(cpio, "usr/bin/lab", 0755, path, error) < 0)
		return -1;
	if (config->script && lab_cpio_copy(cpio, "lab/script", 0644, config->script, error) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/boards/%s", config->directory, board ? board : "");
	if (board && lab_cpio_copy(cpio, "lab/board", 0644, path, error) < 0)
		return -1;
	return add_settings(cpio, config, error);
}

int lab_initrd_write(const struct lab_config *config, const char *base, struct lab_error *error)
{
	char path[PATH_MAX + 32];
	struct lab_cpio cpio = { 0 };
	int rc = -1;

	snprintf(path, sizeof(path), "%s/initrd.img", config->out);
	cpio.file = fopen(path, "we");
	if (!cpio.file)
		return lab_fail(error, "%s: %s", path, strerror(errno));
	if (lab_cpio_append(&cpio, base, error) < 0)
		goto out;
	if (add_guest(&cpio, config, error) < 0)
		goto out;
	if (add_programs(&cpio, config, error) < 0 || add_files(&cpio, config, error) < 0)
		goto out;
	rc = lab_cpio_end(&cpio, error);
out:
	fclose(cpio.file);
	return rc;
}
