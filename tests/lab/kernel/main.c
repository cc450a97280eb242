// SPDX-License-Identifier: MIT
/* p2pmem-guest: uses p2pmem.ko and p2pmem_edu.ko as programs do, for the tests in the lab. */
#include "words.h"

#include <stdio.h>
#include <string.h>

static const char usage[] =
	"usage: p2pmem-guest WORD ARGUMENT...\n"
	"  publish BDF [bar=N] [offset=B] [size=B] [pages] [driver] [beside] [wrap]\n"
	"                                                           prints N of /dev/p2pmemN\n"
	"  unpublish N [force]\n"
	"  info N\n"
	"  verdict N BDF|all\n"
	"  alloc N LENGTH [alignment=B] [flags=F] [again=TIMES]       how many there was room for\n"
	"  copy FROM TO LENGTH [seed=S] [at=B] [engine=N] [mapped]\n"
	"       [until-refused] [hold]\n"
	"       FROM and TO: host, heap (a system dma-buf), or N of /dev/p2pmemN\n"
	"  use N                    all ways to use it, until its device goes away\n"
	"  bad-copies               arguments that the engine must refuse\n"
	"  hammer N PROCESSES SECONDS\n"
	"  find FILE LENGTH [seed=S]    where in a file of memory the bytes of `copy` are\n"
	"  race N SECONDS           threads that allocate, and free each other's\n"
	"  read-only N              an allocation by a dma-buf that is open for reading only\n"
	"  direct N FILE [forever] [and=M] [first=8K]\n"
	"                           requests of all sizes, mixed with host memory; FILE's data is "
	"lost;\n"
	"                           of memory that begins in N, which M follows by address\n"
	"  pin N [pipe]             a long-term pin of its pages; or a page is held by a pipe "
	"until killed\n"
	"  vfio N BDF               what VFIO must not map for that function\n";

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} words[] = {
	{ "publish", word_publish },
	{ "unpublish", word_unpublish },
	{ "info", word_info },
	{ "verdict", word_verdict },
	{ "alloc", word_alloc },
	{ "copy", word_copy },
	{ "use", word_use },
	{ "hammer", word_hammer },
	{ "bad-copies", word_bad_copies },
	{ "find", word_find },
	{ "race", word_race },
	{ "read-only", word_read_only },
	{ "vfio", word_vfio },
	{ "direct", word_direct },
	{ "pin", word_pin },
};

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0); /* scripts wait for lines of a program that goes on */
	for (size_t i = 0; argc > 1 && i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(argv[1], words[i].name) == 0)
			return words[i].run(argc - 2, argv + 2);
	}
	fputs(usage, stderr);
	return STATUS_USAGE;
}
