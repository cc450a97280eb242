// SPDX-License-Identifier: MIT
/*
 * The kernel's side of a watch: a trace instance and probes.
 */
#include "tracer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tracefs.h>
#include <unistd.h>

#include "decode.h"
#include "instance.h"
#include "text_builder.h"

#define BUFFER       (UINT64_C(4) << 20) /* bytes for each CPU */
#define BUFFERS      (UINT64_C(256) << 20)
#define BUFFER_LEAST (UINT64_C(64) << 10)
#define DEVICES      256

struct p2p_watch_tracer {
	char name[P2P_WATCH_INSTANCE];
	struct tracefs_instance *instance;
	struct tep_handle *events;
	struct p2p_watch_decoder decoder;
	struct p2p_watch_blind blind;
	long cpus;
};

struct probe {
	const char *name, *function, *fetch;
	bool at_return;
};

/*
 * Linux 7.3: struct device begins with its kobject and that with its name, struct p2pdma_provider
 * with its device, struct pci_p2pdma_map_state with the provider, which is there at the return.
 */
static const struct probe bus_probe = {
	.name = "bus",
	.function = "__pci_p2pdma_update_state",
	.fetch = "dev=+0(+0($arg2)):string provider=+0(+0(+0(+0($arg1)))):string",
	.at_return = true,
};
/* dma_iova_link(dev, state, phys, offset, size, dir, attrs) */
static const struct probe iova_probe = {
	.name = "iova",
	.function = "dma_iova_link",
	.fetch = "dev=+0(+0($arg1)):string phys=$arg3:u64 size=$arg5:u64 dir=$arg6:u32",
};

/* What is traced beside the probes. */
static const struct {
	const char *system, *name;
	enum {
		MAP,   /* each kernel has some of these, or none */
		MAYBE, /* there with NVMe drives */
		NEEDED,
	} need;
} traced[] = {
	{ "dma", "dma_map_phys", MAP },      { "dma", "dma_map_page", MAP },
	{ "dma", "dma_map_resource", MAP },  { "dma", "dma_map_sg", MAP },
	{ "nvme", "nvme_setup_cmd", MAYBE }, { "block", "block_rq_issue", NEEDED },
	{ "block", "block_getrq", NEEDED },  { "task", "task_newtask", NEEDED },
	{ "task", "task_rename", NEEDED },
};

#define TRACED (sizeof(traced) / sizeof(traced[0]))

static int fail(struct p2p_error *error, const char *what)
{
	int code = errno ? -errno : -EIO;

	/* Files that lockdown forbids make EPERM, and instances that lack some of theirs EINVAL. */
	if (code == -EPERM || code == -EINVAL)
		return p2p_error_set(
			error, -EPERM,
			"cannot trace: %s is forbidden by the kernel (lockdown, or no "
			"capability): watch needs root on a kernel that is not locked down",
			what);
	return p2p_error_set(error, code == -ENOMEM ? code : -EIO,
			     "cannot trace: %s failed (%s); is there memory for a trace buffer?",
			     what, strerror(-code));
}

/* Whether the kernel has the function. True where nobody knows. */
static bool has_function(const char *function)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	char line[512], name[256];
	bool found = !file;

	while (file && !found && fgets(line, sizeof(line), file))
		found = strstr(line, function) && sscanf(line, "%*s %*s %255s", name) == 1 &&
			!strcmp(name, function);
	if (file)
		fclose(file);
	return found;
}

/* libtracefs would load the formats of whole systems, and all of the kernel's symbols for them. */
static bool load(struct p2p_watch_tracer *tracer, const char *system, const char *event)
{
	int size;
	char *format = tracefs_event_file_read(tracer->instance, system, event, "format", &size);
	bool loaded =
		format && !tep_parse_event(tracer->events, format, (unsigned long)size, system);

	free(format);
	return loaded;
}

/* False: the kernel has no such event, or it is not understood. */
static bool enable(struct p2p_watch_tracer *tracer, const char *system, const char *event)
{
	return tracefs_event_file_exists(tracer->instance, system, event, "enable") &&
	       load(tracer, system, event) &&
	       !tracefs_event_enable(tracer->instance, system, event);
}

/* True: what the function does is seen, or there is no such function that could do it unseen. */
static bool place(struct p2p_watch_tracer *tracer, const struct probe *probe)
{
	int rc = probe->at_return ? tracefs_kretprobe_raw(tracer->name, probe->name,
							  probe->function, probe->fetch)
				  : tracefs_kprobe_raw(tracer->name, probe->name, probe->function,
						       probe->fetch);

	if (rc)
		return !has_function(probe->function);
	return enable(tracer, tracer->name, probe->name);
}

/* In the kernel already, events of other devices are left out: network cards map a lot. */
static void filter(struct p2p_watch_tracer *tracer, const char (*devices)[P2P_WATCH_NAME],
		   size_t count)
{
	struct p2p_text_builder by_device = { .text = NULL }, by_dev = { .text = NULL };
	char *texts[2];

	for (size_t i = 0; i < count; i++) {
		p2p_text_add(&by_device, "%sdevice == \"%s\"", i ? " || " : "", devices[i]);
		p2p_text_add(&by_dev, "%sdev == \"%s\"", i ? " || " : "", devices[i]);
	}
	texts[0] = p2p_text_take(&by_device);
	texts[1] = p2p_text_take(&by_dev);
	/* Without a filter there is only more to read. */
	for (size_t i = 0; texts[0] && i < TRACED; i++)
		if (traced[i].need == MAP)
			tracefs_event_file_write(tracer->instance, traced[i].system, traced[i].name,
						 "filter", texts[0]);
	if (texts[1])
		tracefs_event_file_write(tracer->instance, tracer->name, iova_probe.name, "filter",
					 texts[1]);
	free(texts[0]);
	free(texts[1]);
}

static void filter_all(struct p2p_watch_tracer *tracer)
{
	char(*devices)[P2P_WATCH_NAME] = calloc(DEVICES, sizeof(*devices));
	uint32_t count = devices ? p2p_watch_devices(devices, DEVICES) : 0;

	if (count && count < DEVICES)
		filter(tracer, (const char(*)[P2P_WATCH_NAME])devices, count);
	free(devices);
}

static int enable_events(struct p2p_watch_tracer *tracer, struct p2p_error *error)
{
	tracer->blind.mappings = true;
	for (size_t i = 0; i < TRACED; i++) {
		bool enabled = enable(tracer, traced[i].system, traced[i].name);

		if (enabled && traced[i].need == MAP)
			tracer->blind.mappings = false;
		if (!enabled && traced[i].need == NEEDED)
			return p2p_error_set(error, -EOPNOTSUPP,
					     "cannot trace: this kernel has no event %s:%s that is "
					     "understood (CONFIG_BLK_DEV_IO_TRACE)",
					     traced[i].system, traced[i].name);
	}
	tracer->blind.peers = !place(tracer, &bus_probe);
	tracer->blind.iova = !place(tracer, &iova_probe);
	return 0;
}

static int set_up(struct p2p_watch_tracer *tracer, uint64_t buffer, struct p2p_error *error)
{
	uint64_t most = BUFFERS / (uint64_t)tracer->cpus;

	if (!buffer)
		buffer = most < BUFFER ? most : BUFFER;
	if (buffer < BUFFER_LEAST)
		buffer = BUFFER_LEAST;
	errno = 0;
	tracer->instance = tracefs_instance_create(tracer->name);
	if (!tracer->instance)
		return fail(error, "making a trace instance");
	tracefs_trace_off(tracer->instance);
	if (tracefs_instance_set_buffer_size(tracer->instance, buffer >> 10, -1) < 0)
		return fail(error, "making its buffer");
	if (tracefs_instance_file_write(tracer->instance, "trace_clock", "mono") < 0)
		return fail(error, "setting its clock");
	return 0;
}

static int load_header(struct p2p_watch_tracer *tracer, struct p2p_error *error)
{
	int size, rc = -EIO;
	char *header = tracefs_instance_file_read(NULL, "events/header_page", &size);

	tracer->events = tep_alloc();
	if (tracer->events && header) {
		tep_set_local_bigendian(tracer->events, tep_is_bigendian());
		tep_set_file_bigendian(tracer->events,
				       tep_is_bigendian() ? TEP_BIG_ENDIAN : TEP_LITTLE_ENDIAN);
		tep_set_long_size(tracer->events, sizeof(long));
		tep_set_page_size(tracer->events, (int)sysconf(_SC_PAGESIZE));
		rc = tep_parse_header_page(tracer->events, header, (unsigned long)size,
					   sizeof(long));
	}
	free(header);
	return rc ? p2p_error_set(error, -EIO,
				  "cannot trace: events/header_page in tracefs is not understood")
		  : 0;
}

static int start(struct p2p_watch_tracer *tracer, const char (*devices)[P2P_WATCH_NAME],
		 size_t count, uint64_t buffer, struct p2p_error *error)
{
	int rc = p2p_watch_decoder_init(&tracer->decoder);

	if (rc)
		return p2p_error_set(error, rc == -ENOMEM ? rc : -EACCES,
				     "cannot read addresses from /proc/iomem (%s), so nobody knows "
				     "whose memory is used; watching needs root",
				     strerror(-rc));
	rc = set_up(tracer, buffer, error);
	if (!rc)
		rc = load_header(tracer, error);
	if (!rc)
		rc = enable_events(tracer, error);
	if (rc)
		return rc;
	if (count)
		filter(tracer, devices, count);
	else
		filter_all(tracer);
	errno = 0;
	return tracefs_trace_on(tracer->instance) ? fail(error, "starting it") : 0;
}

int p2p_watch_tracer_open(const char (*devices)[P2P_WATCH_NAME], size_t count, uint64_t buffer,
			  struct p2p_watch_tracer **tracer, struct p2p_error *error)
{
	struct p2p_watch_tracer *opened = calloc(1, sizeof(*opened));
	int rc;

	*tracer = NULL;
	if (!opened)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	/* Its complaints about events' formats are of no use to anybody here. */
	tep_set_loglevel(TEP_LOG_NONE);
	tracefs_set_loglevel(TEP_LOG_NONE);
	opened->cpus = sysconf(_SC_NPROCESSORS_CONF);
	p2p_watch_instance_name(opened->name);
	rc = start(opened, devices, count, buffer, error);
	if (rc)
		p2p_watch_tracer_close(opened);
	else
		*tracer = opened;
	return rc;
}

void p2p_watch_tracer_close(struct p2p_watch_tracer *tracer)
{
	if (!tracer)
		return;
	if (tracer->instance) {
		tracefs_instance_free(tracer->instance);
		p2p_watch_instance_remove(tracer->name);
	}
	if (tracer->events)
		tep_free(tracer->events);
	p2p_watch_decoder_free(&tracer->decoder);
	free(tracer);
}

const struct p2p_watch_blind *p2p_watch_tracer_blind(const struct p2p_watch_tracer *tracer)
{
	return &tracer->blind;
}

/* The number behind `title` in a text of "title: number" lines. */
static uint64_t counted(const char *text, const char *title)
{
	const char *at = strstr(text, title);

	return at ? strtoull(at + strlen(title), NULL, 10) : 0;
}

/* A probe that misses something is not counted: what it would have told is unseen then. */
uint64_t p2p_watch_tracer_lost(const struct p2p_watch_tracer *tracer)
{
	uint64_t lost = 0;
	char name[64];

	for (long cpu = 0; cpu < tracer->cpus; cpu++) {
		char *text;
		int size;

		snprintf(name, sizeof(name), "per_cpu/cpu%ld/stats", cpu);
		text = tracefs_instance_file_read(tracer->instance, name, &size);
		if (text)
			/* "commit overrun" ends the same; it is lost as well. */
			lost += counted(text, "\noverrun: ") + counted(text, "commit overrun: ") +
				counted(text, "dropped events: ");
		free(text);
	}
	return lost;
}

struct reading {
	struct p2p_watch_tracer *tracer;
	p2p_watch_take take;
	void *context;
	int rc;
};

static int take_record(struct tep_event *event, struct tep_record *record, int cpu, void *context)
{
	struct p2p_watch_event decoded[P2P_WATCH_DECODED];
	struct reading *reading = context;
	uint32_t count;

	(void)cpu;
	count = p2p_watch_decode(&reading->tracer->decoder, event, record, decoded);
	for (uint32_t i = 0; i < count && !reading->rc; i++)
		reading->rc = reading->take(reading->context, &decoded[i]);
	return reading->rc;
}

int p2p_watch_tracer_read(struct p2p_watch_tracer *tracer, p2p_watch_take take, void *context,
			  struct p2p_error *error)
{
	struct reading reading = { .tracer = tracer, .take = take, .context = context };

	p2p_watch_decoder_refresh(&tracer->decoder);
	errno = 0;
	if (tracefs_iterate_raw_events(tracer->events, tracer->instance, NULL, 0, take_record,
				       &reading) < 0 &&
	    !reading.rc)
		return fail(error, "reading events");
	return reading.rc;
}
