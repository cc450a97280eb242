// SPDX-License-Identifier: MIT
/*
 * The word direct: requests of a drive to and from memory of a device, in pieces of all sizes and
 * mixed with host memory, with known bytes; direct I/O by the kernel's own driver. What is called
 * memory of a device may be the end of one and the beginning of another, which are neighbours by
 * address. And the word pin.
 */
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define ROOM   (1u << 20)
#define PIECES 33

struct piece {
	bool peer;
	size_t at, length;
};

struct request {
	const char *what;
	struct piece pieces[PIECES]; /* up to the first of no length */
};

static const struct request requests[] = {
	{ "a sector", { { true, 0, 512 } } },
	{ "a sector in the middle of a page", { { true, 5120, 512 } } },
	{ "less than a page", { { true, 512, 3584 } } },
	{ "a page", { { true, 8192, 4096 } } },
	{ "a page's bytes in two pages", { { true, 9216, 4096 } } },
	{ "two pages", { { true, 4096, 8192 } } },
	{ "many pages", { { true, 65536, 262144 } } },
	{ "many pages, from the middle of one", { { true, 66048, 261632 } } },
	{ "memory of both, page by page",
	  { { false, 0, 4096 }, { true, 0, 4096 }, { false, 8192, 4096 }, { true, 8192, 8192 } } },
	{ "memory of both, in odd pieces",
	  { { true, 0, 4096 }, { false, 0, 8192 }, { true, 16384, 4096 }, { false, 16384, 512 } } },
	{ "neither of both in one piece",
	  { { true, 3584, 512 }, { true, 8192, 4096 }, { true, 4096, 4096 }, { true, 0, 512 } } },
};

struct stretch {
	int memory;
	uint64_t start; /* in the node's offsets */
	size_t length;
};

struct ends {
	int file;
	struct stretch stretches[2]; /* ROOM bytes together */
	unsigned char *peer, *host;
};

static size_t length_of(const struct request *request)
{
	size_t length = 0;

	for (const struct piece *piece = request->pieces; piece->length; piece++)
		length += piece->length;
	return length;
}

static int vectors_of(const struct ends *ends, const struct request *request, struct iovec *vectors)
{
	int count = 0;

	for (const struct piece *piece = request->pieces; piece->length; piece++)
		vectors[count++] = (struct iovec){
			.iov_base = (piece->peer ? ends->peer : ends->host) + piece->at,
			.iov_len = piece->length,
		};
	return count;
}

typedef ssize_t (*mover)(int file, void *bytes, size_t length, off_t at);

static ssize_t write_at(int file, void *bytes, size_t length, off_t at)
{
	return pwrite(file, bytes, length, at);
}

/* By the node and not by the mapping: what the CPU finds in the device itself. */
static bool by_node(const struct ends *ends, size_t at, unsigned char *bytes, size_t length,
		    mover move)
{
	for (const struct stretch *stretch = ends->stretches; length; stretch++) {
		size_t here = at < stretch->length ? stretch->length - at : 0;

		if (here > length)
			here = length;
		if (here && move(stretch->memory, bytes, here, (off_t)(stretch->start + at)) !=
				    (ssize_t)here)
			return false;
		at = here ? 0 : at - stretch->length;
		bytes += here;
		length -= here;
	}
	return true;
}

static bool put(const struct ends *ends, const struct request *request, unsigned char *bytes)
{
	for (const struct piece *piece = request->pieces; piece->length; piece++) {
		if (!piece->peer)
			memcpy(ends->host + piece->at, bytes, piece->length);
		else if (!by_node(ends, piece->at, bytes, piece->length, write_at))
			return false;
		bytes += piece->length;
	}
	return true;
}

static bool get(const struct ends *ends, const struct request *request, unsigned char *bytes)
{
	for (const struct piece *piece = request->pieces; piece->length; piece++) {
		if (!piece->peer)
			memcpy(bytes, ends->host + piece->at, piece->length);
		else if (!by_node(ends, piece->at, bytes, piece->length, pread))
			return false;
		bytes += piece->length;
	}
	return true;
}

static bool wrong(const struct request *request, const char *doing)
{
	printf("%s %s: %s\n", doing, request->what, errno ? strerrorname_np(errno) : "wrong bytes");
	return false;
}

/* From the drive: of what was there, nothing may be left, and nothing beside it may be touched. */
static bool reads(const struct ends *ends, const struct request *request, unsigned char *bytes,
		  uint64_t seed)
{
	size_t length = length_of(request);
	struct iovec vectors[PIECES];
	int count = vectors_of(ends, request, vectors);

	pattern_fill(bytes, length, seed);
	if (pwrite(ends->file, bytes, length, 0) != (ssize_t)length)
		return wrong(request, "preparing");
	pattern_fill(bytes, length, seed + 1);
	errno = 0;
	if (!put(ends, request, bytes))
		return wrong(request, "preparing");
	if (preadv(ends->file, vectors, count, 0) != (ssize_t)length)
		return wrong(request, "reading");
	if (!get(ends, request, bytes) || pattern_wrong(bytes, length, seed))
		return wrong(request, "reading");
	return true;
}

static bool writes(const struct ends *ends, const struct request *request, unsigned char *bytes,
		   uint64_t seed)
{
	size_t length = length_of(request);
	struct iovec vectors[PIECES];
	int count = vectors_of(ends, request, vectors);

	pattern_fill(bytes, length, seed);
	errno = 0;
	if (!put(ends, request, bytes) || pwritev(ends->file, vectors, count, 0) != (ssize_t)length)
		return wrong(request, "writing");
	memset(bytes, 0, length);
	if (pread(ends->file, bytes, length, 0) != (ssize_t)length ||
	    pattern_wrong(bytes, length, seed))
		return wrong(request, "writing");
	return true;
}

static int open_stretch(struct stretch *stretch, const char *index, uint64_t size, void *at)
{
	struct p2pmem_alloc alloc = { .size = size };

	stretch->memory = open_memory(index);
	if (stretch->memory < 0 || ioctl(stretch->memory, P2PMEM_ALLOC, &alloc) < 0)
		return refused("alloc", alloc.why);
	stretch->start += alloc.offset;
	if (mmap(at, stretch->length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		 stretch->memory, (off_t)stretch->start) == MAP_FAILED)
		return refused("mmap", 0);
	return 0;
}

/* The last `first` bytes of one memory, then the first ones of the other. */
static int open_neighbours(struct ends *ends, const char *one, const char *other, size_t first)
{
	int node = open_memory(one);
	struct p2pmem_info info = { 0 };
	int status;

	if (node < 0 || ioctl(node, P2PMEM_INFO, &info) < 0)
		return refused("info", 0);
	close(node);
	ends->stretches[0] = (struct stretch){ .start = info.size - first, .length = first };
	ends->stretches[1] = (struct stretch){ .length = ROOM - first };
	status = open_stretch(&ends->stretches[0], one, info.size, ends->peer);
	return status ? status : open_stretch(&ends->stretches[1], other, ROOM, ends->peer + first);
}

static int open_ends(struct ends *ends, const char *index, const char *file)
{
	ends->peer = mmap(NULL, ROOM, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ends->host = aligned_alloc(4096, ROOM);
	if (ends->peer == MAP_FAILED || !ends->host)
		return refused("host memory", 0);
	ends->file = file ? open(file, O_RDWR | O_DIRECT | O_CLOEXEC) : -1;
	if (file && ends->file < 0)
		return refused("open", 0);
	if (!index)
		return 0;
	ends->stretches[0].length = ROOM;
	return open_stretch(&ends->stretches[0], index, ROOM, ends->peer);
}

static int open_all(struct ends *ends, int argc, char **argv)
{
	const char *other = option(argc, argv, "and"), *first = option(argc, argv, "first");
	int status = open_ends(ends, other ? NULL : argv[0], argv[1]);

	return status || !other ? status
				: open_neighbours(ends, argv[0], other, number(first ?: "8K"));
}

int word_direct(int argc, char **argv)
{
	unsigned char *bytes = aligned_alloc(4096, ROOM);
	size_t count = sizeof(requests) / sizeof(requests[0]);
	struct ends ends = { .file = -1 };
	int status;

	if (argc < 2 || !bytes)
		return STATUS_USAGE;
	status = open_all(&ends, argc, argv);
	if (status)
		return status;
	do {
		for (size_t i = 0; i < count; i++)
			if (!reads(&ends, &requests[i], bytes, 4 * i + 1) ||
			    !writes(&ends, &requests[i], bytes, 4 * i + 3))
				return STATUS_WRONG;
		printf("right: %zu requests each way\n", count);
	} while (option(argc, argv, "forever") && printf("again\n"));
	return 0;
}

/* Not called a pin, and stays as long as the pipe: nobody can refuse it. */
static int hold_in_pipe(unsigned char *page)
{
	struct iovec vector = { .iov_base = page, .iov_len = 4096 };
	int ends[2];

	if (pipe(ends) < 0 || vmsplice(ends[1], &vector, 1, 0) < 0)
		return refused("hold", 0);
	printf("held\n");
	fflush(stdout);
	return pause();
}

/* A pin for as long as anybody likes: io_uring's fixed buffers. */
int word_pin(int argc, char **argv)
{
	struct io_uring_params parameters = { 0 };
	struct ends ends = { .file = -1 };
	struct iovec vector;
	int status, ring;

	if (argc < 1)
		return STATUS_USAGE;
	status = open_ends(&ends, argv[0], NULL);
	if (status)
		return status;
	if (option(argc, argv, "pipe"))
		return hold_in_pipe(ends.peer);
	ring = (int)syscall(__NR_io_uring_setup, 1, &parameters);
	if (ring < 0)
		return refused("io_uring", 0);
	vector = (struct iovec){ .iov_base = ends.peer, .iov_len = ROOM };
	if (syscall(__NR_io_uring_register, ring, IORING_REGISTER_BUFFERS, &vector, 1) < 0)
		return refused("pin", 0);
	printf("pinned\n");
	return 0;
}
