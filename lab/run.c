// SPDX-License-Identifier: MIT
/* lab-run: boots a machine, runs a script in it, ends with the script's exit status. */
#include "accel.h"
#include "arch.h"
#include "boot.h"
#include "value.h"

#include <errno.h>
#include <ftw.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#define DEFAULT_KERNEL     "7.3"
#define DEFAULT_TIME_LIMIT 120
#define BOOT_LIMIT         1200 /* a boot takes 5 s; of the debug kernel, on a busy machine, 120 */

static const char usage[] =
	"usage: lab/run [OPTION...] MACHINE SCRIPT\n"
	"       lab/shell [OPTION...] MACHINE\n"
	"Boots MACHINE (a file, a name in lab/machines, or - for standard input) and runs SCRIPT "
	"in "
	"it.\n"
	"\n"
	"  --arch ARCH           amd64, arm64, ppc64le, riscv64 (default: the machine's, else "
	"amd64)\n"
	"  --kernel SERIES       such as 6.1, 6.12, 7.3 (default: the machine's, "
	"else " DEFAULT_KERNEL ")\n"
	"  --out DIR             keep output, console.log, trace, marks, maps and images there\n"
	"  --time-limit SECONDS  end the script after that long (default: 120; a shell: never)\n"
	"  --program FILE        put FILE and its libraries into the guest's /usr/bin\n"
	"  --file HOST:GUEST     put a file into the guest\n"
	"  --image ID=FILE       use FILE as the drive ID, in place of a fresh image\n"
	"  --module NAME         load a kernel module before the script starts\n"
	"  --append ARGUMENTS    more kernel arguments; may be given more than once\n"
	"  --memory SIZE         the guest's RAM\n"
	"  --qemu-arg ARGUMENT   one more argument for QEMU\n"
	"  --accelerator NAME    kvm, tcg, or tcg-multi (a thread for each CPU, less reliable);\n"
	"                        default: kvm if a guest really runs on it, else tcg\n"
	"  --allow-oops          a kernel WARNING, BUG or oops does not fail the run\n"
	"  --check               only read the machine file\n"
	"\n"
	"Exit status: the script's own; 124 the time limit ended it; 125 the lab or the kernel "
	"failed.\n";

enum {
	OPT_ARCH = 256,
	OPT_KERNEL,
	OPT_OUT,
	OPT_TIME_LIMIT,
	OPT_PROGRAM,
	OPT_FILE,
	OPT_IMAGE,
	OPT_MODULE,
	OPT_APPEND,
	OPT_MEMORY,
	OPT_QEMU_ARG,
	OPT_ACCELERATOR,
	OPT_ALLOW_OOPS,
	OPT_CHECK,
	OPT_SHELL,
	OPT_HELP,
};

static const struct option long_options[] = {
	{ "arch", required_argument, NULL, OPT_ARCH },
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "out", required_argument, NULL, OPT_OUT },
	{ "time-limit", required_argument, NULL, OPT_TIME_LIMIT },
	{ "program", required_argument, NULL, OPT_PROGRAM },
	{ "file", required_argument, NULL, OPT_FILE },
	{ "image", required_argument, NULL, OPT_IMAGE },
	{ "module", required_argument, NULL, OPT_MODULE },
	{ "append", required_argument, NULL, OPT_APPEND },
	{ "memory", required_argument, NULL, OPT_MEMORY },
	{ "qemu-arg", required_argument, NULL, OPT_QEMU_ARG },
	{ "accelerator", required_argument, NULL, OPT_ACCELERATOR },
	{ "allow-oops", no_argument, NULL, OPT_ALLOW_OOPS },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "shell", no_argument, NULL, OPT_SHELL },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

/* What main() needs besides the run itself. */
struct request {
	struct lab_config config;
	const struct lab_arch *arch; /* NULL: the machine's */
	const char *out;
	uint64_t memory;
	int64_t time_limit; /* -1: not given */
	bool shell;
	bool check;
};

static int complain(const char *option, const char *value, const char *wanted)
{
	fprintf(stderr, "lab: %s%s%s; see lab/run --help\n", option, value, wanted);
	return EX_USAGE;
}

static int take_time_limit(struct request *request, const char *value)
{
	uint64_t seconds;

	if (!lab_value_number(value, &seconds) || seconds > 86400)
		return complain("--time-limit ", value, ": give seconds, 0 (none) to 86400");
	request->time_limit = (int64_t)seconds;
	return 0;
}

static int take_value(struct request *request, int option, const char *value)
{
	struct lab_config *config = &request->config;

	switch (option) {
	case OPT_KERNEL:
		config->kernel = value;
		return 0;
	case OPT_ARCH:
		request->arch = lab_arch_find(value);
		return request->arch ? 0 : complain("--arch ", value, ": see lab/README.md");
	case OPT_OUT:
		request->out = value;
		return 0;
	case OPT_TIME_LIMIT:
		return take_time_limit(request, value);
	case OPT_MEMORY:
		if (lab_value_size(value, &request->memory) && request->memory >= 128 << 20 &&
		    request->memory <= UINT64_C(64) << 30 && request->memory % (1 << 21) == 0)
			return 0;
		return complain("--memory ", value, ": give 128M to 64G");
	case OPT_ACCELERATOR:
		config->accelerator = value;
		if (strcmp(value, "tcg") == 0 || strcmp(value, "tcg-multi") == 0 ||
		    strcmp(value, "kvm") == 0)
			return 0;
		return complain("--accelerator ", value, ": give tcg, tcg-multi or kvm");
	default:
		return EX_USAGE; /* getopt has said why */
	}
}

static struct lab_args *list_of(struct lab_config *config, int option)
{
	switch (option) {
	case OPT_APPEND:
		return &config->appends;
	case OPT_PROGRAM:
		return &config->programs;
	case OPT_FILE:
		return &config->files;
	case OPT_IMAGE:
		return &config->images;
	case OPT_MODULE:
		return &config->modules;
	case OPT_QEMU_ARG:
		return &config->qemu_args;
	default:
		return NULL;
	}
}

static int take_option(struct request *request, int option, const char *value)
{
	struct lab_args *list = list_of(&request->config, option);

	if (list) {
		lab_args_add(list, "%s", value);
		return list->failed ? EX_OSERR : 0;
	}
	switch (option) {
	case OPT_ALLOW_OOPS:
		request->config.allow_oops = true;
		return 0;
	case OPT_CHECK:
		request->check = true;
		return 0;
	case OPT_SHELL:
		request->shell = true;
		return 0;
	default:
		return take_value(request, option, value);
	}
}

/* 0 to go on, else an exit status. */
static int take_options(struct request *request, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "+", long_options, NULL)) != -1) {
		int status;

		if (option == OPT_HELP)
			continue;
		status = take_option(request, option, optarg);
		if (status != 0)
			return status;
	}
	if (argc - optind != (request->shell || request->check ? 1 : 2))
		return complain("give a machine",
				request->shell || request->check ? "" : " and a script", "");
	if (!request->shell && !request->check)
		request->config.script = argv[optind + 1];
	return 0;
}

static bool asks_help(int argc, char **argv)
{
	for (int i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--help") == 0)
			return true;
	}
	return false;
}

static int read_machine(struct request *request, const char *name, struct lab_error *error)
{
	struct lab_config *config = &request->config;
	char directory[PATH_MAX];

	snprintf(directory, sizeof(directory), "%s/machines", config->directory);
	config->machine = lab_machine_read(name, directory, request->arch, error);
	if (!config->machine)
		return -1;
	if (request->memory > 0)
		config->machine->memory = request->memory;
	if (!config->kernel)
		config->kernel =
			config->machine->kernel[0] ? config->machine->kernel : DEFAULT_KERNEL;
	config->boot_limit = BOOT_LIMIT;
	if (request->time_limit >= 0)
		config->time_limit = (unsigned int)request->time_limit;
	else
		config->time_limit = request->shell ? 0 : DEFAULT_TIME_LIMIT;
	return 0;
}

/* "ID=FILE" names a drive of the machine. */
static bool names_drive(const struct lab_machine *machine, const char *image)
{
	const char *end = strchr(image, '=');
	const struct lab_node *node;
	char id[LAB_ID_MAX + 1];

	if (!end || end - image > LAB_ID_MAX)
		return false;
	memcpy(id, image, (size_t)(end - image));
	id[end - image] = '\0';
	node = lab_machine_find(machine, id);
	return node && node->kind == LAB_NVME;
}

static int check_images(const struct lab_config *config, struct lab_error *error)
{
	for (size_t i = 0; i < config->images.count; i++) {
		const char *image = config->images.list[i];

		if (!names_drive(config->machine, image))
			return lab_fail(error,
					"--image %s: give ID=FILE, ID an nvme of the machine",
					image);
	}
	return 0;
}

static int check_files(const struct lab_config *config, struct lab_error *error)
{
	for (size_t i = 0; i < config->files.count; i++) {
		const char *host = config->files.list[i];
		const char *guest = strrchr(host, ':');

		if (!guest || guest == host || guest[1] != '/')
			return lab_fail(error, "--file %s: give HOST:GUEST, GUEST absolute", host);
	}
	return 0;
}

/* The run's directory. */

static int make_directory(struct request *request, struct lab_error *error)
{
	char *out = request->config.out;
	const char *tmp = getenv("TMPDIR");
	char marks[PATH_MAX + 32];

	if (!request->out) {
		snprintf(out, PATH_MAX, "%s/p2pmem-lab.XXXXXX", tmp ? tmp : "/tmp");
		return mkdtemp(out) ? 0 : lab_fail(error, "%s: %s", out, strerror(errno));
	}
	if (mkdir(request->out, 0777) < 0 && errno != EEXIST)
		return lab_fail(error, "%s: %s", request->out, strerror(errno));
	if (!realpath(request->out, out))
		return lab_fail(error, "%s: %s", request->out, strerror(errno));
	request->config.trace = true;
	snprintf(marks, sizeof(marks), "%s/marks", out); /* an earlier run's */
	if (unlink(marks) < 0 && errno != ENOENT)
		return lab_fail(error, "%s: %s", marks, strerror(errno));
	return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

static int remove_all_but_logs(const char *path, const struct stat *status, int type,
			       struct FTW *where)
{
	const char *name = path + where->base;

	(void)status;
	if (type == FTW_DP || strcmp(name, "console.log") == 0 || strcmp(name, "qemu.log") == 0)
		return 0;
	return remove(path);
}

/* A failed run's logs stay, as its message names them. */
static void clean_directory(const struct request *request, int status)
{
	char initrd[PATH_MAX + 32];

	if (request->config.out[0] == '\0')
		return;
	if (request->out) {
		snprintf(initrd, sizeof(initrd), "%s/initrd.img", request->config.out);
		unlink(initrd);
		return;
	}
	nftw(request->config.out, status == LAB_EXIT_BROKEN ? remove_all_but_logs : remove_entry,
	     16, FTW_DEPTH | FTW_PHYS);
}

/* A shell gets every key, as the guest's terminal gives them their meaning. */
static int boot_on_terminal(const struct lab_config *config, struct lab_error *error)
{
	struct termios saved;
	struct termios raw;
	bool terminal = config->script == NULL && tcgetattr(0, &saved) == 0;
	int status;

	if (terminal) {
		raw = saved;
		cfmakeraw(&raw);
		tcsetattr(0, TCSANOW, &raw);
	}
	status = lab_boot(config, error);
	if (terminal)
		tcsetattr(0, TCSANOW, &saved);
	return status;
}

static int run(struct request *request, const char *machine, struct lab_error *error)
{
	struct lab_config *config = &request->config;
	int status;

	if (read_machine(request, machine, error) < 0)
		return EX_DATAERR;
	if (request->check)
		return 0;
	if (check_images(config, error) < 0 || check_files(config, error) < 0)
		return EX_USAGE;
	if (config->script && access(config->script, R_OK) < 0) {
		lab_fail(error, "%s: %s", config->script, strerror(errno));
		return EX_NOINPUT;
	}
	if (make_directory(request, error) < 0)
		return EX_CANTCREAT;
	if (!config->accelerator)
		config->accelerator = config->machine->counts ? "tcg" : lab_accel_choose(config);
	status = boot_on_terminal(config, error);
	clean_directory(request, status);
	return status;
}

int main(int argc, char **argv)
{
	struct request request = { .time_limit = -1 };
	struct lab_error error = { "" };
	const char *directory = getenv("P2PMEM_LAB_DIR");
	int status;

	if (asks_help(argc, argv)) {
		fputs(usage, stdout);
		return 0;
	}
	request.config.directory = directory ? directory : LAB_DIR;
	status = take_options(&request, argc, argv);
	if (status == 0) {
		status = run(&request, argv[optind], &error);
		if (error.text[0] != '\0')
			fprintf(stderr, "lab: %s\n", error.text);
	}
	free(request.config.machine);
	lab_args_free(&request.config.appends);
	lab_args_free(&request.config.programs);
	lab_args_free(&request.config.files);
	lab_args_free(&request.config.images);
	lab_args_free(&request.config.modules);
	lab_args_free(&request.config.qemu_args);
	return status;
}
