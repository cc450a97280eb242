// SPDX-License-Identifier: MIT
/*
 * Moves a file or drive to another through peer memory where there is any, and says what happened.
 *
 *     cc mover.c $(pkg-config --cflags --libs p2pmem) -o mover
 *     ./mover SOURCE DESTINATION
 */
#include <inttypes.h>
#include <stdio.h>

#include <p2pmem/copy.h>

static void on_event(void *context, enum p2p_copy_event event, const char *text,
		     const struct p2p_copy_report *report)
{
	(void)context;
	if (event == P2P_COPY_EVENT_PROGRESS)
		fprintf(stderr, "%" PRIu64 " of %" PRIu64 " bytes\r", report->done, report->length);
	else
		fprintf(stderr, "%s\n", text);
}

int main(int argc, char **argv)
{
	struct p2p_error error = { .code = 0 };
	struct p2p_copy_options options;
	struct p2p_copy *copy;
	int rc;

	if (argc != 3) {
		fprintf(stderr, "usage: mover SOURCE DESTINATION\n");
		return 64;
	}
	p2p_copy_options_init(&options, sizeof(options));
	options.source = argv[1];
	options.destination = argv[2];
	options.verify = true;
	options.event = on_event;

	rc = p2p_copy_open(&options, &copy, &error);
	if (!rc) {
		rc = p2p_copy_run(copy, &error);
		printf("%" PRIu64 " bytes through peer memory, %" PRIu64
		       " through host memory, %" PRIu64 " certain\n",
		       p2p_copy_report(copy)->peer_bytes, p2p_copy_report(copy)->host_bytes,
		       p2p_copy_report(copy)->good);
		p2p_copy_close(copy);
	}
	if (rc)
		fprintf(stderr, "%s\n", error.text);
	return rc != 0;
}
