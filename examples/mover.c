// SPDX-License-Identifier: MIT
/* cc mover.c $(pkg-config --cflags --libs p2pmem) -o mover && ./mover SOURCE DESTINATION */
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
	struct p2p_error error = { .text = "usage: mover SOURCE DESTINATION" };
	struct p2p_copy_options options;
	struct p2p_copy *copy = NULL;
	int failed;

	p2p_copy_options_init(&options, sizeof(options));
	options.source = argc == 3 ? argv[1] : NULL;
	options.destination = argc == 3 ? argv[2] : NULL;
	options.event = on_event;
	failed = argc != 3 || p2p_copy_open(&options, &copy, &error) || p2p_copy_run(copy, &error);
	if (failed)
		fprintf(stderr, "%s\n", error.text);
	if (copy)
		printf("%" PRIu64 " bytes by peer memory, %" PRIu64 " by host memory, %" PRIu64
		       " certain\n",
		       p2p_copy_report(copy)->peer_bytes, p2p_copy_report(copy)->host_bytes,
		       p2p_copy_report(copy)->good);
	p2p_copy_close(copy);
	return failed;
}
