// SPDX-License-Identifier: MIT
/* The word copy: the DMA engine moves known bytes, and the CPU reads them on the other side. */
#include "place.h"
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct copy {
	struct place from, to;
	unsigned char *bytes; /* what the CPU wrote or read last */
	size_t whole;         /* of each place: what is copied, and what must stay as it was */
	size_t at;            /* where in both places the copy begins */
	size_t length;
	uint64_t seed;
	int engine;
};

/* The destination begins as the complement: no byte can be right by accident. */
static bool prepare(struct copy *copy)
{
	pattern_fill(copy->bytes, copy->whole, copy->seed);
	if (!place_write(&copy->from, copy->bytes))
		return false;
	for (size_t i = 0; i < copy->whole; i++)
		copy->bytes[i] = (unsigned char)~copy->bytes[i];
	return place_write(&copy->to, copy->bytes);
}

static int move(struct copy *copy, uint64_t *copied)
{
	struct p2pmem_edu_copy request = {
		.source = place_end(&copy->from, copy->at),
		.destination = place_end(&copy->to, copy->at),
		.length = copy->length,
	};
	int rc = ioctl(copy->engine, P2PMEM_EDU_COPY, &request);

	*copied = request.copied;
	return rc;
}

/* Back to the pattern where nothing was copied: what differs then is wrong, wherever it is. */
static int check(struct copy *copy)
{
	size_t wrong;

	if (!place_read(&copy->to, copy->bytes))
		return refused("read", 0);
	for (size_t i = 0; i < copy->whole; i++) {
		if (i < copy->at || i >= copy->at + copy->length)
			copy->bytes[i] = (unsigned char)~copy->bytes[i];
	}
	wrong = pattern_wrong(copy->bytes, copy->whole, copy->seed);
	if (wrong > 0) {
		printf("wrong: %zu of %zu bytes\n", wrong, copy->whole);
		return STATUS_WRONG;
	}
	printf("right: %zu bytes\n", copy->length);
	return 0;
}

static int move_once(struct copy *copy)
{
	uint64_t copied;

	if (!prepare(copy))
		return refused("write", 0);
	if (move(copy, &copied) < 0) {
		int status = refused("copy", 0);

		printf("%llu bytes copied before\n", (unsigned long long)copied);
		return status;
	}
	return check(copy);
}

/*
 * One that is refused at once is no test of one that is interrupted: so at first one piece, and
 * then copies that take so long that the refusal comes in the middle.
 */
static int move_until_refused(struct copy *copy)
{
	size_t whole = copy->length;
	uint64_t copied;

	copy->length = 1;
	if (move(copy, &copied) < 0)
		return refused("first copy", 0);
	printf("ready\n");
	copy->length = whole;
	while (move(copy, &copied) == 0)
		continue;
	refused("copy", 0);
	printf("%llu bytes copied before\n", (unsigned long long)copied);
	return 0;
}

static int open_and_move(struct copy *copy, int argc, char **argv)
{
	bool mapped = option(argc, argv, "mapped");
	int status = place_open(&copy->from, argv[0], copy->whole, mapped);

	if (status == 0)
		status = place_open(&copy->to, argv[1], copy->whole, mapped);
	if (status != 0)
		return status;
	status = option(argc, argv, "until-refused") ? move_until_refused(copy) : move_once(copy);
	if (status == 0 && option(argc, argv, "hold"))
		pause();
	return status;
}

int word_copy(int argc, char **argv)
{
	const char *seed = option(argc, argv, "seed");
	const char *at = option(argc, argv, "at");
	const char *engine = option(argc, argv, "engine");
	struct copy copy = { .seed = seed ? number(seed) : 1, .at = at ? number(at) : 0 };
	char path[64];
	int status;

	if (argc < 3)
		return STATUS_USAGE;
	snprintf(path, sizeof(path), "/dev/p2pmem_edu%s", engine ? engine : "0");
	copy.engine = open(path, O_RDWR | O_CLOEXEC);
	if (copy.engine < 0)
		return refused("engine", 0);
	copy.length = number(argv[2]);
	copy.whole = copy.at + copy.length + copy.at;
	copy.bytes = malloc(copy.whole);
	status = copy.bytes ? open_and_move(&copy, argc, argv) : refused("malloc", 0);
	free(copy.bytes);
	return status;
}
