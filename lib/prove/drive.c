// SPDX-License-Identifier: MIT
/*
 * A drive as client: its storage is a range of scratch, or all that it holds, read only.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <p2pmem/text.h>

#include "blockdev/directory.h"
#include "blockdev/functions.h"
#include "copy/io_error.h"
#include "copy/ring.h"
#include "memories/full_io.h"
#include "prove/clients.h"
#include "prove/scratch.h"
#include "round.h"
#include "sysfs.h"

#define DEPTH     32u
#define TICK_NS   100000000u
#define LARGEST   (UINT64_C(4) << 20)
#define MEMORY_OF 4u /* places in memory, as NVMe has them: dwords */

#define QEMU_VENDOR 0x1b36u
#define QEMU_NVME   0x0010u

struct drive {
	struct p2p_prove_client client;
	int fd;
	bool own_fd;
	uint64_t start; /* of the storage */
	struct p2p_ring *ring;
};

static struct drive *drive_of(struct p2p_prove_client *client)
{
	return (struct drive *)client;
}

/* Finding them. */

static void ignore(dev_t device, void *context)
{
	(void)device;
	(void)context;
}

static bool describe(const char *name, struct p2p_prove_found *found)
{
	char directory[PATH_MAX];
	struct p2p_functions functions;
	uint64_t sectors;

	snprintf(directory, sizeof(directory), "/sys/block/%s", name);
	if (snprintf(found->name, sizeof(found->name), "%s", name) >= (int)sizeof(found->name) ||
	    p2p_block_device_of(directory, &found->device) ||
	    p2p_sysfs_u64(&sectors, "%s/size", directory) || !sectors ||
	    p2p_block_slaves(directory, ignore, NULL))
		return false;
	p2p_blockdev_functions(found->device, &functions);
	if (functions.count != 1) /* of several any may take the next request */
		return false;
	found->function = functions.bdf[0];
	return true;
}

static int list_drives(struct p2p_prove_list *list)
{
	DIR *blocks = opendir("/sys/block");
	struct dirent *entry;
	int rc = 0;

	while (!rc && blocks && (entry = readdir(blocks))) {
		struct p2p_prove_found found = { .kind = &p2p_prove_drives };

		if (entry->d_name[0] != '.' && describe(entry->d_name, &found))
			rc = p2p_prove_list_add(list, &found);
	}
	if (blocks)
		closedir(blocks);
	return rc;
}

/* Moving. */

/* Direct I/O wants aligned memory, which the caller's need not be. */
static int open_bounce(const struct p2p_prove_client *client, uint64_t at, size_t length,
		       struct p2p_memory **memory)
{
	if (at + length > client->storage)
		return -EINVAL;
	return p2p_host_memory_open(length, memory, NULL);
}

static int put(struct p2p_prove_client *client, uint64_t at, const char *from, size_t length)
{
	struct p2p_memory *memory;
	int rc = client->writable ? open_bounce(client, at, length, &memory) : -EROFS;

	if (rc)
		return rc;
	memcpy(memory->base, from, length);
	rc = p2p_write_full(drive_of(client)->fd, memory->base, length,
			    (off_t)(drive_of(client)->start + at));
	p2p_memory_close(memory);
	return rc;
}

static int get(struct p2p_prove_client *client, uint64_t at, char *to, size_t length)
{
	struct p2p_memory *memory;
	int rc = open_bounce(client, at, length, &memory);

	if (rc)
		return rc;
	rc = p2p_read_full(drive_of(client)->fd, memory->base, length,
			   (off_t)(drive_of(client)->start + at));
	if (!rc)
		memcpy(to, memory->base, length);
	p2p_memory_close(memory);
	return rc;
}

/* The state of one request. */
struct running {
	const struct p2p_prove_request *request;
	uint32_t moved;
};

struct flight {
	struct drive *drive;
	const struct p2p_prove_move *move;
	bool writing;
	struct running *running; /* one for each request */
	size_t begun, ended;
	int rc; /* the first failure */
};

static void begin(struct flight *flight, struct running *running)
{
	struct drive *drive = flight->drive;
	const struct p2p_prove_request *request = running->request;
	char *place = flight->move->memory->base + request->place + running->moved;
	uint64_t at = drive->start + request->at + running->moved;
	uint32_t left = request->length - running->moved;

	if (flight->writing)
		p2p_ring_write(drive->ring, drive->fd, place, left, at, running);
	else
		p2p_ring_read(drive->ring, drive->fd, place, left, at, running);
}

static void end(struct flight *flight, int rc)
{
	flight->ended++;
	if (rc && !flight->rc)
		flight->rc = rc;
}

static void take(struct flight *flight, struct running *running, int got)
{
	if (got == -EINTR || got == -EAGAIN) {
		begin(flight, running);
		return;
	}
	if (got <= 0) {
		end(flight, got ? got : -EIO);
		return;
	}
	running->moved += (uint32_t)got;
	if (running->moved == running->request->length)
		end(flight, 0);
	else if (running->moved % flight->drive->client.unit)
		end(flight, -EIO);
	else
		begin(flight, running);
}

static void begin_some(struct flight *flight)
{
	const struct p2p_prove_move *move = flight->move;
	unsigned int depth = move->depth < DEPTH ? move->depth : DEPTH;

	while (flight->begun < move->count && flight->begun - flight->ended < depth &&
	       !flight->rc && !atomic_load(move->stop)) {
		struct running *running = &flight->running[flight->begun];

		running->request = &move->requests[flight->begun++];
		begin(flight, running);
	}
}

static int fly(struct flight *flight)
{
	int rc = 0, got;
	void *running;

	for (begin_some(flight); flight->ended < flight->begun; begin_some(flight)) {
		rc = p2p_ring_wait(flight->drive->ring, TICK_NS);
		if (rc && rc != -EAGAIN) {
			p2p_ring_abandon(flight->drive->ring);
			return rc;
		}
		while (p2p_ring_reap(flight->drive->ring, &running, &got))
			take(flight, running, got);
	}
	if (!flight->rc && flight->ended < flight->move->count)
		return -EINTR;
	return flight->rc;
}

static int move_all(struct p2p_prove_client *client, const struct p2p_prove_move *move,
		    bool writing)
{
	struct flight flight = { .drive = drive_of(client), .move = move, .writing = writing };
	int rc;

	for (size_t i = 0; i < move->count; i++)
		if (move->requests[i].at + move->requests[i].length > client->storage)
			return -EINVAL;
	if (writing && !client->writable)
		return -EROFS;
	if (!move->count)
		return 0;
	flight.running = calloc(move->count, sizeof(*flight.running));
	if (!flight.running)
		return -ENOMEM;
	rc = fly(&flight);
	free(flight.running);
	return rc;
}

/* A drive is read: its DMA writes the memory. */
static int to_memory(struct p2p_prove_client *client, const struct p2p_prove_move *move)
{
	return move_all(client, move, false);
}

static int from_memory(struct p2p_prove_client *client, const struct p2p_prove_move *move)
{
	return move_all(client, move, true);
}

static void close_drive(struct p2p_prove_client *client)
{
	struct drive *drive = drive_of(client);

	p2p_ring_close(drive->ring);
	if (drive->own_fd && drive->fd >= 0)
		close(drive->fd);
	free(drive);
}

static const struct p2p_prove_client_ops ops = {
	.put = put,
	.get = get,
	.to_memory = to_memory,
	.from_memory = from_memory,
	.close = close_drive,
};

/* Opening. */

/* What statx(2) says of direct I/O's memory; where it does not, whole sectors always serve. */
static uint32_t memory_align(int fd, uint32_t unit)
{
#ifdef STATX_DIOALIGN
	struct statx facts;

	if (!statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &facts) &&
	    (facts.stx_mask & STATX_DIOALIGN) && facts.stx_dio_mem_align)
		return facts.stx_dio_mem_align < MEMORY_OF ? MEMORY_OF : facts.stx_dio_mem_align;
#endif
	(void)fd;
	return unit;
}

/*
 * QEMU's DMA helpers (dma_blk_cb() in softmmu/dma-helpers.c of 7.2) lose bytes of pieces that are
 * no whole sectors when they go to another device's BAR, which is no RAM to them. A page boundary
 * after such a place makes such pieces. That would be said of each emulated pair.
 */
static bool is_emulated(struct p2p_bdf function)
{
	char address[P2P_BDF_TEXT];
	uint64_t vendor, device;

	p2p_bdf_text(function, address);
	return !p2p_sysfs_u64(&vendor, "/sys/bus/pci/devices/%s/vendor", address) &&
	       !p2p_sysfs_u64(&device, "/sys/bus/pci/devices/%s/device", address) &&
	       vendor == QEMU_VENDOR && device == QEMU_NVME;
}

static void set_memory_align(struct drive *drive, struct p2p_bdf function)
{
	struct p2p_prove_client *client = &drive->client;

	client->memory_align = memory_align(drive->fd, client->unit);
	if (client->memory_align >= client->unit || !is_emulated(function))
		return;
	client->memory_align = client->unit;
	client->left_out =
		"places that are no whole sector were left out, since QEMU's drives lose "
		"bytes there";
}

static uint32_t largest_request(dev_t device, uint32_t unit)
{
	uint64_t kilobytes;

	if (p2p_sysfs_u64(&kilobytes, "/sys/dev/block/%u:%u/queue/max_sectors_kb", major(device),
			  minor(device)) ||
	    kilobytes > LARGEST >> 10)
		return (uint32_t)LARGEST;
	return (uint32_t)round_down(kilobytes << 10, unit);
}

static int open_read_only(struct drive *drive, const struct p2p_prove_found *found,
			  struct p2p_error *error)
{
	int flags, sector = 0;

	drive->fd = p2p_block_open(found->device);
	drive->own_fd = true;
	if (drive->fd < 0) {
		p2p_error_set(error, drive->fd, "cannot open %s: %s%s", found->name,
			      strerror(-drive->fd),
			      drive->fd == -EACCES ? ": run as root, or ask for access to it" : "");
		return drive->fd;
	}
	flags = fcntl(drive->fd, F_GETFL);
	if (ioctl(drive->fd, BLKGETSIZE64, &drive->client.storage) ||
	    ioctl(drive->fd, BLKSSZGET, &sector) || flags < 0 ||
	    fcntl(drive->fd, F_SETFL, flags | O_DIRECT))
		return p2p_error_set(error, -errno, "cannot read %s by direct I/O: %s", found->name,
				     strerror(errno));
	drive->client.unit = (uint32_t)sector;
	return 0;
}

static void use_scratch(struct drive *drive, const struct p2p_prove_scratch *scratch)
{
	drive->fd = scratch->file.fd;
	drive->start = scratch->offset;
	drive->client.storage = scratch->length;
	drive->client.unit = scratch->file.align;
	drive->client.writable = true;
}

static int open_drive(const struct p2p_prove_found *found, const struct p2p_prove_scratch *scratch,
		      struct p2p_prove_client **client, struct p2p_error *error)
{
	struct drive *drive = calloc(1, sizeof(*drive));
	int rc = 0;

	*client = NULL;
	if (!drive)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	drive->client.ops = &ops;
	drive->client.needs_pages = true;
	drive->client.in_background = true;
	drive->client.depth = DEPTH;
	if (scratch)
		use_scratch(drive, scratch);
	else
		rc = open_read_only(drive, found, error);
	if (!rc) {
		set_memory_align(drive, found->function);
		drive->client.largest = largest_request(found->device, drive->client.unit);
		rc = p2p_ring_open(DEPTH, &drive->ring);
		if (rc)
			p2p_error_set(error, rc, "cannot use io_uring: %s", strerror(-rc));
	}
	if (rc) {
		close_drive(&drive->client);
		return rc;
	}
	*client = &drive->client;
	return 0;
}

const struct p2p_prove_kind p2p_prove_drives = {
	.list = list_drives,
	.open = open_drive,
};
