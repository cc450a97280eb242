// SPDX-License-Identifier: MIT
/* /dev/kvm may open and still run no guest, so a short guest is tried once and remembered. */
#include "accel.h"

#include "arch.h"
#include "boot.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROBE_SECONDS 30

/* What the answer depends on: this boot of the host, this QEMU. Empty when there is no QEMU. */
static void describe_host(const struct lab_arch *arch, char *text, size_t size)
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	char boot[64] = "";
	char path[128];
	struct stat qemu = { 0 };

	if (file) {
		if (!fgets(boot, sizeof(boot), file))
			boot[0] = '\0';
		fclose(file);
	}
	boot[strcspn(boot, "\n")] = '\0';
	snprintf(path, sizeof(path), "/usr/bin/%s", arch->qemu);
	text[0] = '\0';
	if (stat(path, &qemu) == 0)
		snprintf(text, size, "%s %lld %lld", boot, (long long)qemu.st_mtime,
			 (long long)qemu.st_size);
}

static void cache_path(const struct lab_arch *arch, char *path, size_t size)
{
	const char *own = getenv("P2PMEM_LAB_CACHE");
	const char *cache = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");

	if (own)
		snprintf(path, size, "%s/kvm-%s", own, arch->name);
	else if (cache)
		snprintf(path, size, "%s/p2pmem/lab/kvm-%s", cache, arch->name);
	else
		snprintf(path, size, "%s/.cache/p2pmem/lab/kvm-%s", home ? home : "", arch->name);
}

/* "yes HOST" or "no HOST" in the cache; -1 when it says nothing about this host. */
static int remembered(const char *path, const char *host)
{
	FILE *file = fopen(path, "re");
	char line[256] = "";
	int answer = -1;

	if (!file)
		return -1;
	if (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "yes ", 4) == 0 && strcmp(line + 4, host) == 0)
			answer = 1;
		if (strncmp(line, "no ", 3) == 0 && strcmp(line + 3, host) == 0)
			answer = 0;
	}
	fclose(file);
	return answer;
}

static void remember(const char *path, const char *host, bool works)
{
	char temporary[PATH_MAX + 32];
	FILE *file;

	snprintf(temporary, sizeof(temporary), "%s.%d", path, (int)getpid());
	file = fopen(temporary, "we");
	if (!file)
		return; /* the next run probes again */
	fprintf(file, "%s %s\n", works ? "yes" : "no", host);
	if (fclose(file) != 0 || rename(temporary, path) < 0)
		unlink(temporary);
}

/* A guest with no devices whose script ends with a status of its own. */
static bool probe(const struct lab_config *config)
{
	static const char text[] = "exit 42\n";
	struct lab_error error = { "" };
	struct lab_config probe = {
		.directory = config->directory,
		.kernel = config->kernel,
		.accelerator = "kvm",
		.boot_limit = PROBE_SECONDS,
		.time_limit = PROBE_SECONDS,
	};
	char machine[64];
	char script[PATH_MAX + 32];
	bool works = false;
	FILE *file;

	snprintf(machine, sizeof(machine), "arch %s\nmemory 512M\n", config->machine->arch->name);
	snprintf(probe.out, sizeof(probe.out), "%s", config->out);
	snprintf(script, sizeof(script), "%s/probe.sh", config->out);
	probe.script = script;
	probe.machine = lab_machine_parse("probe", machine, strlen(machine), NULL, &error);
	file = fopen(script, "we");
	if (file) {
		fputs(text, file);
		if (fclose(file) == 0 && probe.machine)
			works = lab_boot(&probe, &error) == 42;
		unlink(script);
	}
	free(probe.machine);
	return works;
}

const char *lab_accel_choose(const struct lab_config *config)
{
	const struct lab_arch *arch = config->machine->arch;
	char path[PATH_MAX];
	char host[192];
	int works;

	if (arch->board || !lab_arch_is_host(arch) || access("/dev/kvm", R_OK | W_OK) < 0)
		return "tcg";
	describe_host(arch, host, sizeof(host));
	cache_path(arch, path, sizeof(path));
	if (host[0] == '\0')
		return "tcg";
	works = remembered(path, host);
	if (works < 0) {
		works = probe(config);
		remember(path, host, works);
	}
	return works ? "kvm" : "tcg";
}
