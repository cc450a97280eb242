// SPDX-License-Identifier: MIT
/* The word bad-copies: arguments that the DMA engine's driver must refuse, each with its errno. */
#include "../../../lab/modules/edu/p2pmem_edu.h"
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define LENGTH 4096

static unsigned char source[LENGTH], destination[LENGTH];

static struct p2pmem_edu_copy good_copy(void)
{
	return (struct p2pmem_edu_copy){
		.source = { .fd = -1, .at = (uintptr_t)source },
		.destination = { .fd = -1, .at = (uintptr_t)destination },
		.length = LENGTH,
	};
}

static bool expect(int engine, const char *what, struct p2pmem_edu_copy copy, int wanted)
{
	int rc = ioctl(engine, P2PMEM_EDU_COPY, &copy);

	if (rc < 0 && errno == wanted && copy.copied == 0)
		return true;
	printf("%s: returned %d, errno %s, not %s; %llu copied\n", what, rc,
	       rc < 0 ? strerrorname_np(errno) : "-", strerrorname_np(wanted), copy.copied);
	return false;
}

#define REFUSES(field, value, wanted)                                                              \
	do {                                                                                       \
		struct p2pmem_edu_copy copy = good_copy();                                         \
                                                                                                   \
		copy.field = (value);                                                              \
		good &= expect(engine, #field " = " #value, copy, wanted);                         \
	} while (0)

int word_bad_copies(int argc, char **argv)
{
	int engine = open("/dev/p2pmem_edu0", O_RDWR | O_CLOEXEC);
	int file = open("/dev/zero", O_RDWR | O_CLOEXEC);
	void *readable = mmap(NULL, LENGTH, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool good = true;

	(void)argc;
	(void)argv;
	if (engine < 0 || file < 0 || readable == MAP_FAILED)
		return refused("open", 0);
	REFUSES(flags, 1, EINVAL);
	REFUSES(reserved, 1, EINVAL);
	REFUSES(length, 0, EINVAL);
	REFUSES(length, UINT64_MAX, EINVAL);
	REFUSES(source.kind, 2, EINVAL);
	REFUSES(destination.kind, UINT32_MAX, EINVAL);
	REFUSES(source.fd, 0, EINVAL); /* host memory has none */
	REFUSES(source.kind, P2PMEM_EDU_DMABUF, EBADF);
	REFUSES(source.at, 0, EFAULT);
	REFUSES(source.at, UINT64_MAX - LENGTH / 2, EFAULT);
	REFUSES(destination.at, UINT64_C(0xffff888000000000), EFAULT); /* the kernel's own */
	REFUSES(destination.at, (uintptr_t)readable, EFAULT);
	REFUSES(source, ((struct p2pmem_edu_end){ P2PMEM_EDU_DMABUF, file, 0 }), EINVAL);
	if (ioctl(engine, P2PMEM_EDU_COPY, NULL) == 0 || errno != EFAULT)
		good = false;
	if (ioctl(engine, P2PMEM_EDU_COPY + 1, NULL) == 0 || errno != ENOTTY)
		good = false;
	return good ? 0 : STATUS_WRONG;
}
