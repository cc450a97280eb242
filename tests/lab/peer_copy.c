// SPDX-License-Identifier: MIT
/*
 * Runs in the guest: moves bytes from one drive to another through published peer memory, the
 * simplest way there is, as known traffic for the witness.
 *
 * peer-copy ALLOCATE SOURCE DESTINATION BYTES: ALLOCATE is a p2pmem/allocate file of sysfs.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	size_t bytes = argc == 5 ? strtoul(argv[4], NULL, 10) : 0;
	int memory = argc == 5 ? open(argv[1], O_RDWR | O_CLOEXEC) : -1;
	int source = argc == 5 ? open(argv[2], O_RDONLY | O_DIRECT | O_CLOEXEC) : -1;
	int destination = argc == 5 ? open(argv[3], O_WRONLY | O_DIRECT | O_CLOEXEC) : -1;
	void *peer;

	if (memory < 0 || source < 0 || destination < 0) {
		fprintf(stderr, "usage: peer-copy ALLOCATE SOURCE DESTINATION BYTES\n");
		return 64;
	}
	peer = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	if (peer == MAP_FAILED) {
		perror("mmap");
		return 69;
	}
	if (pread(source, peer, bytes, 0) != (ssize_t)bytes ||
	    pwrite(destination, peer, bytes, 0) != (ssize_t)bytes) {
		perror("read, write");
		return 74;
	}
	return 0;
}
