// SPDX-License-Identifier: MIT
/*
 * The account of bytes, from events as kernels showed them (watch/NAME.trace: text of
 * tracefs's `trace`, and the machine's /proc/iomem), and from such as no kernel should.
 */
#include "harness.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch/account.h"
#include "watch/memory_map.h"
#include "watch/rows.h"

#define SRC "0000:03:00.0"
#define DST "0000:04:00.0"

/* What tests begin with: an account of all, and a machine's memory. */
struct bench {
	struct p2p_watch_account *account;
	struct p2p_watch_memory_map map;
	struct p2p_watch_snapshot snapshot;
	const char *src, *dst; /* a recording's nvme0 and nvme1 */
};

static void open_bench(struct bench *bench, const char *device, bool all)
{
	char devices[1][P2P_WATCH_NAME] = { "" };

	memset(bench, 0, sizeof(*bench));
	if (device)
		snprintf(devices[0], sizeof(devices[0]), "%s", device);
	bench->account = p2p_watch_account_new((const char(*)[P2P_WATCH_NAME])devices,
					       device != NULL, all, NULL, NULL);
	assert_non_null(bench->account);
}

static void close_bench(struct bench *bench)
{
	p2p_watch_rows_drop(&bench->snapshot);
	p2p_watch_account_free(bench->account);
	p2p_watch_memory_map_free(&bench->map);
}

static void happen(struct bench *bench, struct p2p_watch_event event)
{
	assert_int_equal(p2p_watch_account_event(bench->account, &event), 0);
}

static const struct p2p_watch_row *row_of(struct bench *bench, const char *device, int32_t process)
{
	if (!bench->snapshot.rows)
		assert_int_equal(p2p_watch_account_rows(bench->account, &bench->snapshot), 0);
	for (size_t i = 0; i < bench->snapshot.row_count; i++)
		if (!strcmp(bench->snapshot.rows[i].device, device) &&
		    bench->snapshot.rows[i].process == process)
			return &bench->snapshot.rows[i];
	return NULL;
}

static void assert_bytes(const struct p2p_watch_bytes *bytes, uint64_t host, uint64_t peers,
			 uint64_t unseen)
{
	assert_int_equal(bytes->host, host);
	assert_int_equal(bytes->peers, peers);
	assert_int_equal(bytes->unseen, unseen);
	assert_int_equal(bytes->total, host + peers + unseen);
}

/* ---- Events that are made up ---- */

static struct p2p_watch_event command(uint32_t tid, const char *device,
				      enum p2p_watch_direction direction)
{
	struct p2p_watch_event event = { .what = P2P_WATCH_COMMAND,
					 .tid = tid,
					 .direction = direction };

	snprintf(event.device, sizeof(event.device), "%s", device);
	snprintf(event.label, sizeof(event.label), "nvme9");
	return event;
}

static struct p2p_watch_event mapped(uint32_t tid, const char *device,
				     enum p2p_watch_direction direction, uint64_t bytes,
				     const char *provider)
{
	struct p2p_watch_event event = {
		.what = P2P_WATCH_MAP, .tid = tid, .direction = direction, .bytes = bytes
	};

	snprintf(event.device, sizeof(event.device), "%s", device);
	snprintf(event.text, sizeof(event.text), "%s", provider);
	return event;
}

static struct p2p_watch_event chosen(uint32_t tid, const char *device, const char *provider)
{
	struct p2p_watch_event event = { .what = P2P_WATCH_PEER, .tid = tid };

	snprintf(event.device, sizeof(event.device), "%s", device);
	snprintf(event.text, sizeof(event.text), "%s", provider);
	return event;
}

static struct p2p_watch_event issued(uint32_t tid, const char *device,
				     enum p2p_watch_direction direction, uint64_t bytes,
				     uint64_t sector)
{
	struct p2p_watch_event event = { .what = P2P_WATCH_ISSUE,
					 .tid = tid,
					 .direction = direction,
					 .bytes = bytes,
					 .disk = 7,
					 .sector = sector };

	snprintf(event.device, sizeof(event.device), "%s", device);
	snprintf(event.text, sizeof(event.text), "worker");
	return event;
}

static void test_nvme_kinds(void **state)
{
	struct bench bench;
	const struct p2p_watch_row *row;

	(void)state;
	open_bench(&bench, NULL, true);
	/* Host memory; peer memory by bus address; through the host bridge, which is mapped;
	 * nothing seen. */
	happen(&bench, command(5, SRC, P2P_WATCH_READ));
	happen(&bench, mapped(5, SRC, P2P_WATCH_READ, 3000, ""));
	happen(&bench, mapped(5, SRC, P2P_WATCH_READ, 1096, ""));
	happen(&bench, issued(5, SRC, P2P_WATCH_READ, 4096, 0));
	happen(&bench, command(5, SRC, P2P_WATCH_READ));
	happen(&bench, chosen(5, SRC, DST));
	happen(&bench, issued(5, SRC, P2P_WATCH_READ, 8192, 0));
	happen(&bench, command(5, SRC, P2P_WATCH_READ));
	happen(&bench, chosen(5, SRC, DST));
	happen(&bench, mapped(5, SRC, P2P_WATCH_READ, 512, DST));
	happen(&bench, issued(5, SRC, P2P_WATCH_READ, 512, 0));
	happen(&bench, command(5, SRC, P2P_WATCH_READ));
	happen(&bench, issued(5, SRC, P2P_WATCH_READ, 1024, 0));
	row = row_of(&bench, SRC, 5);
	assert_non_null(row);
	assert_string_equal(row->name, "nvme9");
	assert_string_equal(row->command, "worker");
	assert_int_equal(row->requests, 4);
	assert_bytes(&row->read, 4096, 8704, 1024);
	assert_bytes(&row->written, 0, 0, 0);
	assert_int_equal(row->peer_count, 1);
	assert_string_equal(row->peers[0].provider, DST);
	assert_int_equal(row->peers[0].read, 8704);
	assert_int_equal(row->peers[0].written, 0);
	close_bench(&bench);
}

static void test_nvme_begins_anew(void **state)
{
	struct bench bench;

	(void)state;
	open_bench(&bench, NULL, true);
	/* Mapped for a command that was given up; for administration; more than it moves. */
	happen(&bench, command(5, SRC, P2P_WATCH_WRITE));
	happen(&bench, mapped(5, SRC, P2P_WATCH_WRITE, 4096, ""));
	happen(&bench, command(5, SRC, P2P_WATCH_NEITHER));
	happen(&bench, mapped(5, SRC, P2P_WATCH_WRITE, 4096, ""));
	happen(&bench, issued(5, "", P2P_WATCH_NEITHER, 4096, 0));
	happen(&bench, command(5, SRC, P2P_WATCH_WRITE));
	happen(&bench, issued(5, SRC, P2P_WATCH_WRITE, 512, 0));
	happen(&bench, command(5, SRC, P2P_WATCH_WRITE));
	happen(&bench, mapped(5, SRC, P2P_WATCH_WRITE, 4096, ""));
	happen(&bench, issued(5, SRC, P2P_WATCH_WRITE, 1024, 0));
	/* What is mapped for it after that is the next one's. */
	happen(&bench, mapped(5, SRC, P2P_WATCH_WRITE, 4096, ""));
	assert_bytes(&row_of(&bench, SRC, 5)->written, 1024, 0, 512);
	close_bench(&bench);
}

static void test_commands_say_which_way(void **state)
{
	struct bench bench;

	(void)state;
	open_bench(&bench, NULL, true);
	/* A program's own NVMe command has no direction in the block layer. Flushes move nothing.
	 */
	happen(&bench, command(5, SRC, P2P_WATCH_READ));
	happen(&bench, mapped(5, SRC, P2P_WATCH_READ, 4096, ""));
	happen(&bench, issued(5, "", P2P_WATCH_NEITHER, 4096, 0));
	happen(&bench, command(5, SRC, P2P_WATCH_NEITHER));
	happen(&bench, issued(5, SRC, P2P_WATCH_WRITE, 0, 0));
	assert_bytes(&row_of(&bench, SRC, 5)->read, 4096, 0, 0);
	assert_int_equal(row_of(&bench, SRC, 5)->requests, 1);
	close_bench(&bench);
}

static void test_other_drivers(void **state)
{
	struct bench bench;

	(void)state;
	open_bench(&bench, NULL, true);
	/* Mapped once issued, in pieces; then before; then not at all. */
	happen(&bench, issued(5, SRC, P2P_WATCH_READ, 4096, 0));
	happen(&bench, mapped(5, SRC, P2P_WATCH_READ, 3000, ""));
	happen(&bench, mapped(5, SRC, P2P_WATCH_READ, 1096, ""));
	happen(&bench, mapped(5, SRC, P2P_WATCH_READ, 512, ""));
	happen(&bench, issued(5, SRC, P2P_WATCH_READ, 512, 0));
	happen(&bench, issued(5, SRC, P2P_WATCH_READ, 1024, 0));
	/* Another direction and another device are not meant. */
	happen(&bench, mapped(5, SRC, P2P_WATCH_WRITE, 1024, ""));
	happen(&bench, mapped(5, DST, P2P_WATCH_READ, 1024, ""));
	happen(&bench, mapped(6, SRC, P2P_WATCH_READ, 1024, ""));
	assert_bytes(&row_of(&bench, SRC, 5)->read, 4608, 0, 1024);
	close_bench(&bench);
}

static void test_cut_lists(void **state)
{
	struct p2p_watch_event cut = mapped(5, SRC, P2P_WATCH_READ, 4096, DST);
	struct bench bench;

	(void)state;
	cut.rest = true;
	open_bench(&bench, NULL, true);
	happen(&bench, command(5, SRC, P2P_WATCH_READ));
	happen(&bench, cut);
	happen(&bench, issued(5, SRC, P2P_WATCH_READ, 1 << 20, 0));
	happen(&bench, issued(5, SRC, P2P_WATCH_READ, 1 << 20, 0));
	happen(&bench, cut);
	assert_bytes(&row_of(&bench, SRC, 5)->read, 0, 2 << 20, 0);
	close_bench(&bench);
}

static void test_several_memories(void **state)
{
	struct bench bench;
	char name[P2P_WATCH_NAME];

	(void)state;
	open_bench(&bench, NULL, true);
	/* Of two providers nobody knows how much; more memories than fit are unseen; no name is
	 * unknown. */
	happen(&bench, command(5, SRC, P2P_WATCH_READ));
	happen(&bench, chosen(5, SRC, DST));
	happen(&bench, chosen(5, SRC, "0000:05:00.0"));
	happen(&bench, issued(5, SRC, P2P_WATCH_READ, 100, 0));
	happen(&bench, command(5, SRC, P2P_WATCH_READ));
	for (int i = 0; i < 9; i++) {
		snprintf(name, sizeof(name), "0000:0%d:00.0", i);
		happen(&bench, mapped(5, SRC, P2P_WATCH_READ, 10, name));
	}
	happen(&bench, issued(5, SRC, P2P_WATCH_READ, 90, 0));
	happen(&bench, command(5, SRC, P2P_WATCH_READ));
	happen(&bench, chosen(5, SRC, "(fault)"));
	happen(&bench, issued(5, SRC, P2P_WATCH_READ, 7, 0));
	assert_bytes(&row_of(&bench, SRC, 5)->read, 0, 147, 50);
	assert_string_equal(row_of(&bench, SRC, 5)->peers[0].provider, "several");
	assert_string_equal(row_of(&bench, SRC, 5)->peers[5].provider, "unknown");
	close_bench(&bench);
}

static void test_whose_requests(void **state)
{
	struct p2p_watch_event made = {
		.what = P2P_WATCH_SUBMIT, .tid = 40, .disk = 7, .sector = 80
	};
	struct bench bench;

	(void)state;
	open_bench(&bench, NULL, false);
	assert_int_equal(
		p2p_watch_tasks_add(p2p_watch_account_tasks(bench.account), 40, 40, "first"), 0);
	/* 41 is a thread of it, 42 a process that it starts and that becomes another program; 50 a
	 * stranger. */
	happen(&bench, (struct p2p_watch_event){
			       .what = P2P_WATCH_TASK, .tid = 40, .child = 41, .thread = true });
	happen(&bench, (struct p2p_watch_event){ .what = P2P_WATCH_TASK, .tid = 41, .child = 42 });
	happen(&bench,
	       (struct p2p_watch_event){
		       .what = P2P_WATCH_RENAME, .tid = 42, .child = 42, .text = "second" });
	happen(&bench, (struct p2p_watch_event){ .what = P2P_WATCH_TASK, .tid = 50, .child = 51 });
	happen(&bench, issued(41, SRC, P2P_WATCH_READ, 100, 0));
	happen(&bench, issued(42, SRC, P2P_WATCH_READ, 10, 0));
	happen(&bench, issued(50, SRC, P2P_WATCH_READ, 1000, 0));
	happen(&bench, issued(51, SRC, P2P_WATCH_READ, 1000, 0));
	/* A worker issues what 40 made, once. What it maps is for that, or nobody's. */
	happen(&bench, made);
	happen(&bench, issued(50, SRC, P2P_WATCH_READ, 1, 80));
	happen(&bench, mapped(50, SRC, P2P_WATCH_READ, 1, ""));
	happen(&bench, issued(50, SRC, P2P_WATCH_READ, 1, 80));
	assert_bytes(&row_of(&bench, SRC, 40)->read, 1, 0, 100);
	assert_bytes(&row_of(&bench, SRC, 42)->read, 0, 0, 10);
	assert_string_equal(row_of(&bench, SRC, 40)->command, "first");
	assert_string_equal(row_of(&bench, SRC, 42)->command, "second");
	assert_int_equal(bench.snapshot.row_count, 2);
	close_bench(&bench);
}

static void test_numbers_come_again(void **state)
{
	struct bench bench;

	(void)state;
	open_bench(&bench, NULL, false);
	assert_int_equal(p2p_watch_tasks_add(p2p_watch_account_tasks(bench.account), 40, 40, "it"),
			 0);
	happen(&bench, (struct p2p_watch_event){ .what = P2P_WATCH_TASK, .tid = 40, .child = 42 });
	happen(&bench, issued(42, SRC, P2P_WATCH_READ, 10, 0));
	/* 42 has ended; a stranger's child has its number. */
	happen(&bench, (struct p2p_watch_event){ .what = P2P_WATCH_TASK, .tid = 60, .child = 42 });
	happen(&bench, issued(42, SRC, P2P_WATCH_READ, 1000, 0));
	assert_bytes(&row_of(&bench, SRC, 42)->read, 0, 0, 10);
	close_bench(&bench);
}

static void test_chosen_devices(void **state)
{
	struct bench bench;

	(void)state;
	open_bench(&bench, DST, true);
	happen(&bench, issued(5, SRC, P2P_WATCH_READ, 10, 0));
	happen(&bench, issued(5, DST, P2P_WATCH_READ, 20, 0));
	assert_bytes(&row_of(&bench, DST, 5)->read, 0, 0, 20);
	assert_int_equal(bench.snapshot.row_count, 1);
	close_bench(&bench);
}

/* What was mapped before events were lost may have been another request's. */
static void test_gap(void **state)
{
	struct bench bench;

	(void)state;
	open_bench(&bench, NULL, true);
	happen(&bench, command(5, SRC, P2P_WATCH_READ));
	happen(&bench, mapped(5, SRC, P2P_WATCH_READ, 10, ""));
	happen(&bench, (struct p2p_watch_event){
			       .what = P2P_WATCH_SUBMIT, .tid = 40, .disk = 7, .sector = 80 });
	p2p_watch_account_gap(bench.account);
	happen(&bench, issued(5, SRC, P2P_WATCH_READ, 10, 80));
	assert_bytes(&row_of(&bench, SRC, 5)->read, 0, 0, 10);
	close_bench(&bench);
}

/* Any events in any order leave sums that hold, and no memory behind. */
static void test_nonsense(void **state)
{
	struct bench bench;
	uint64_t seed = 1;

	(void)state;
	open_bench(&bench, NULL, true);
	for (int i = 0; i < 200000; i++) {
		struct p2p_watch_event event = { .what = P2P_WATCH_TASK };

		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		event.what = (enum p2p_watch_what)((seed >> 60) % 7);
		event.tid = (seed >> 50) % 8;
		event.child = (seed >> 47) % 8;
		event.thread = seed >> 46 & 1;
		event.rest = (seed >> 40) % 16 == 0;
		event.direction = (enum p2p_watch_direction)((seed >> 38) % 3);
		event.bytes = (seed >> 30) % 4 ? (seed >> 20) % 5000 : 0;
		event.disk = (seed >> 18) % 3;
		event.sector = (seed >> 15) % 4;
		snprintf(event.device, sizeof(event.device), "%s",
			 (const char *const[]){ "", SRC, DST, "x" }[seed >> 13 & 3]);
		snprintf(event.text, sizeof(event.text), "%s",
			 (const char *const[]){ "", SRC, DST, "\x80?" }[seed >> 11 & 3]);
		happen(&bench, event);
		if (seed >> 36 == 1)
			p2p_watch_account_gap(bench.account);
	}
	assert_null(row_of(&bench, "none", 0));
	for (size_t i = 0; i < bench.snapshot.row_count; i++) {
		const struct p2p_watch_row *row = &bench.snapshot.rows[i];

		assert_true(row->read.host + row->read.peers <= row->read.total);
		assert_true(row->written.host + row->written.peers <= row->written.total);
	}
	close_bench(&bench);
}

/* ---- /proc/iomem ---- */

static int read_map(struct p2p_watch_memory_map *map, const char *text)
{
	FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	int rc;

	assert_non_null(file);
	rc = p2p_watch_memory_map_read(map, file);
	fclose(file);
	return rc;
}

static void test_memory_map(void **state)
{
	struct p2p_watch_memory_map map = { .ranges = NULL };

	(void)state;
	assert_int_equal(read_map(&map, "00001000-0009fbff : System RAM\n"
					"000a0000-000bffff : PCI Bus 0000:00\n"
					"c0000000-febfffff : PCI Bus 0000:00\n"
					"  fe000000-fe3fffff : PCI Bus 0000:03\n"
					"    fe000000-fe003fff : 0000:03:00.0\n"
					"      fe000000-fe003fff : nvme\n"
					"100000000-13fffffff : System RAM\n"
					"  100000000-1007fffff : Kernel code\n"
					"8000000000-8003ffffff : 10000:e1:00.0\n"
					"fff : 0000:05:00.0\n"
					"20-10 : System RAM\n"
					"zz-zz : System RAM\n\n : \n"
					"8100000000-8103ffffff : 0000:05:00.0 and more\n"),
			 0);
	assert_string_equal(p2p_watch_memory_map_find(&map, 0x1000)->function, "");
	assert_string_equal(p2p_watch_memory_map_find(&map, 0x13fffffff)->function, "");
	assert_string_equal(p2p_watch_memory_map_find(&map, 0xfe003fff)->function, SRC);
	assert_string_equal(p2p_watch_memory_map_find(&map, 0x8000000000)->function,
			    "10000:e1:00.0");
	assert_null(p2p_watch_memory_map_find(&map, 0xfe004000));
	assert_null(p2p_watch_memory_map_find(&map, 0xa0000));
	assert_null(p2p_watch_memory_map_find(&map, 0x15));
	assert_null(p2p_watch_memory_map_find(&map, 0x8100000000));
	/* Without root. */
	assert_int_equal(read_map(&map, "00000000-00000000 : System RAM\n"), -EACCES);
	assert_int_equal(read_map(&map, "\n"), -EACCES);
	p2p_watch_memory_map_free(&map);
}

/* ---- Recordings ---- */

static const char *value(const char *line, const char *key)
{
	const char *at = strstr(line, key);

	return at ? at + strlen(key) : "";
}

static void word(const char *at, char to[P2P_WATCH_NAME])
{
	snprintf(to, P2P_WATCH_NAME, "%.*s", (int)strcspn(at, "\", \n"), at);
}

static enum p2p_watch_direction way(const char *line)
{
	if (strstr(line, "dir=FROM_DEVICE") || strstr(line, "dir=2"))
		return P2P_WATCH_READ;
	return P2P_WATCH_WRITE;
}

static bool place_of(struct bench *bench, struct p2p_watch_event *event, uint64_t address)
{
	const struct p2p_watch_range *range = p2p_watch_memory_map_find(&bench->map, address);

	assert_non_null(range);
	event->what = P2P_WATCH_MAP;
	snprintf(event->text, sizeof(event->text), "%s", range->function);
	return true;
}

/* "259,0 RS 524288 () 0 + 1024 be,0,4 [p2pmem]" */
static bool request(struct bench *bench, const char *at, struct p2p_watch_event *event)
{
	unsigned int major, minor;
	char flags[16];

	event->what = P2P_WATCH_ISSUE;
	assert_int_equal(sscanf(at, "%u,%u %15s %" SCNu64 " () %" SCNu64, &major, &minor, flags,
				&event->bytes, &event->sector),
			 5);
	event->disk = major << 20 | minor;
	if (event->disk)
		snprintf(event->device, sizeof(event->device), "%s",
			 minor ? bench->dst : bench->src);
	event->direction = flags[0] == 'R'   ? P2P_WATCH_READ
			   : flags[0] == 'W' ? P2P_WATCH_WRITE
					     : P2P_WATCH_NEITHER;
	return true;
}

/* "iou-wrk-136-138     [000] ": the last number. */
static uint32_t task_of(const char *line)
{
	const char *end = strstr(line, " [");

	assert_non_null(end);
	while (*end != '-')
		end--;
	return (uint32_t)strtoul(end + 1, NULL, 10);
}

static bool task(const char *name, const char *at, struct p2p_watch_event *event)
{
	event->what = strncmp(name, "task_newtask", 12) ? P2P_WATCH_RENAME : P2P_WATCH_TASK;
	event->child = (uint32_t)strtoul(value(at, "pid="), NULL, 10);
	event->thread = strtoull(value(at, "clone_flags="), NULL, 16) & 0x10000;
	word(value(at, "newcomm="), event->text);
	return true;
}

/* A line of `trace`: "p2pmem-154  [001] .....  21.602476: NAME: ..."; false: of no interest. */
static bool parse(struct bench *bench, const char *line, struct p2p_watch_event *event)
{
	const char *at = strstr(line, ": "), *name;
	unsigned int major, minor;

	*event = (struct p2p_watch_event){ .tid = task_of(line) };
	assert_non_null(at);
	name = at + 2;
	at = strstr(name, ": ") + 2;
	event->direction = way(line);
	if (!strncmp(name, "task_", 5))
		return task(name, at, event);
	if (!strncmp(name, "block_rq_issue", 14))
		return request(bench, at, event);
	if (!strncmp(name, "block_getrq", 11)) {
		event->what = P2P_WATCH_SUBMIT;
		assert_int_equal(sscanf(at, "%u,%u %*s %" SCNu64, &major, &minor, &event->sector),
				 3);
		event->disk = major << 20 | minor;
		return true;
	}
	if (!strncmp(name, "nvme_setup_cmd", 14)) {
		event->what = P2P_WATCH_COMMAND;
		event->direction = strstr(at, "nvme_cmd_read")     ? P2P_WATCH_READ
				   : strstr(at, "nvme_cmd_write ") ? P2P_WATCH_WRITE
								   : P2P_WATCH_NEITHER;
		snprintf(event->device, sizeof(event->device), "%s",
			 at[4] == '1' ? bench->dst : bench->src);
		return true;
	}
	if (!strncmp(name, "dma_map_phys", 12)) {
		word(at, event->device);
		event->bytes = strtoull(value(at, " size="), NULL, 10);
		return place_of(bench, event, strtoull(value(at, "phys_addr="), NULL, 16));
	}
	word(value(at, "dev=\""), event->device);
	if (!strncmp(name, "iova", 4)) {
		event->bytes = strtoull(value(at, "size="), NULL, 10);
		return place_of(bench, event, strtoull(value(at, "phys="), NULL, 10));
	}
	event->what = P2P_WATCH_PEER;
	word(value(at, "provider=\""), event->text);
	return !strncmp(name, "bus", 3);
}

static void play(struct bench *bench, const char *name, const char *src, const char *dst)
{
	char path[512], line[1024];
	struct p2p_watch_event event;
	FILE *file;

	open_bench(bench, NULL, true);
	bench->src = src;
	bench->dst = dst;
	snprintf(path, sizeof(path), "%s/%s.iomem", RECORDINGS, name);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(p2p_watch_memory_map_read(&bench->map, file), 0);
	fclose(file);
	snprintf(path, sizeof(path), "%s/%s.trace", RECORDINGS, name);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		if (parse(bench, line, &event))
			happen(bench, event);
	fclose(file);
}

/* What two recordings of `p2pmem copy --length 1M` from nvme0 to nvme1, with proof and samples, and
 * of dd have. */
static void test_switch(void **state)
{
	const struct p2p_watch_row *row;
	struct bench bench;

	(void)state;
	play(&bench, "switch", SRC, DST);
	row = row_of(&bench, SRC, 137);
	assert_bytes(&row->read, (512 << 10) + 8192, 1 << 20, 0);
	assert_string_equal(row->peers[0].provider, SRC);
	row = row_of(&bench, DST, 137);
	assert_bytes(&row->read, (1 << 20) + 8192, 0, 0);
	assert_bytes(&row->written, 0, 1 << 20, 0);
	assert_int_equal(row->peers[0].written, 1 << 20);
	assert_bytes(&row_of(&bench, SRC, 139)->read, 128 << 10, 0, 0);
	close_bench(&bench);
}

/* Mapped through an IOMMU, the peer memory too; requests of 128 KiB, some by a worker of the
 * ring's. */
static void test_iommu(void **state)
{
	const char *src = "0000:01:00.0", *dst = "0000:02:00.0";
	const struct p2p_watch_row *row;
	struct bench bench;

	(void)state;
	play(&bench, "two-root-ports-epyc-iommu", src, dst);
	row = row_of(&bench, src, 136);
	assert_bytes(&row->read, (512 << 10) + 8192, 1 << 20, 0);
	row = row_of(&bench, dst, 136);
	assert_bytes(&row->read, (1 << 20) + 8192, 0, 0);
	assert_bytes(&row->written, 0, 1 << 20, 0);
	assert_int_equal(row->peer_count, 1);
	assert_string_equal(row->peers[0].provider, src);
	assert_null(row_of(&bench, src, 138));
	close_bench(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nvme_kinds),
		cmocka_unit_test(test_nvme_begins_anew),
		cmocka_unit_test(test_commands_say_which_way),
		cmocka_unit_test(test_other_drivers),
		cmocka_unit_test(test_cut_lists),
		cmocka_unit_test(test_several_memories),
		cmocka_unit_test(test_whose_requests),
		cmocka_unit_test(test_numbers_come_again),
		cmocka_unit_test(test_chosen_devices),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_memory_map),
		cmocka_unit_test(test_switch),
		cmocka_unit_test(test_iommu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
