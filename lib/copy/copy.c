// SPDX-License-Identifier: MIT
/*
 * Open, run, close.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "copy/event.h"
#include "copy/move.h"
#include "random.h"
#include "sized.h"

void p2p_copy_options_init(struct p2p_copy_options *options, size_t size)
{
	static const struct p2p_copy_options defaults = {
		.destination_offset = P2P_COPY_SAME_OFFSET,
		.length = P2P_COPY_TO_THE_END,
	};

	p2p_sized_init(options, size, &defaults, sizeof(defaults));
}

static int check_options(const struct p2p_copy_options *options, struct p2p_error *error)
{
	if (!options->source || !options->destination)
		return p2p_error_set(error, -EINVAL,
				     "a copy needs a source and a destination: name both");
	if (options->strategy != P2P_COPY_HOST)
		return 0;
	if (options->require_p2p)
		return p2p_error_set_hint(error, -EINVAL, P2P_HINT_REQUIRE_P2P,
					  "the host strategy and required peer memory are mutually "
					  "exclusive: leave one out");
	if (options->provider)
		return p2p_error_set_hint(error, -EINVAL, P2P_HINT_PROVIDER,
					  "the host strategy and a chosen provider are mutually "
					  "exclusive: leave one out");
	return 0;
}

int p2p_copy_open(const struct p2p_copy_options *options, struct p2p_copy **copy,
		  struct p2p_error *error)
{
	struct p2p_copy_options known;
	struct p2p_copy *opened;
	int rc;

	*copy = NULL;
	p2p_copy_options_init(&known, sizeof(known));
	if (!p2p_sized_copy(&known, options))
		return p2p_error_set(error, -EINVAL,
				     "these options of a copy were not initialized: start from "
				     "p2p_copy_options_init()");
	rc = check_options(&known, error);
	if (rc)
		return rc;
	opened = calloc(1, sizeof(*opened));
	if (!opened)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	opened->options = known;
	opened->source.fd = opened->destination.fd = -1;
	if (known.results) {
		opened->results = strdup(known.results);
		if (!opened->results) {
			free(opened);
			return p2p_error_set(error, -ENOMEM, "out of memory");
		}
	}

	opened->random = p2p_random_start();
	opened->report.comparison =
		known.verify ? P2P_COPY_COMPARES_ALL : P2P_COPY_COMPARES_SAMPLES;

	rc = p2p_file_open_source(&opened->source, known.source, error);
	if (!rc)
		rc = p2p_source_look(&opened->source, error);
	if (!rc)
		rc = p2p_file_open_destination(&opened->destination, known.destination,
					       &opened->source, known.force, error);
	if (!rc)
		rc = p2p_copy_check(opened, error);
	if (!rc)
		rc = p2p_path_providers(opened, error);
	if (!rc)
		rc = p2p_pipeline_open(p2p_copy_ring_depth(opened), &opened->pipeline, error);
	if (!rc && p2p_trust_open(&opened->trust, opened->depth))
		rc = p2p_error_set(error, -ENOMEM, "out of memory");
	if (rc) {
		p2p_copy_close(opened);
		return rc;
	}
	opened->source_fd = opened->source.fd;
	opened->destination_fd = opened->destination.fd;
	*copy = opened;
	return 0;
}

void p2p_copy_close(struct p2p_copy *copy)
{
	if (!copy)
		return;
	p2p_pipeline_close(copy->pipeline);
	p2p_trust_close(&copy->trust);
	p2p_memory_close(copy->memory);
	p2p_memory_close(copy->compared[0]);
	p2p_memory_close(copy->compared[1]);
	p2p_file_close(&copy->destination);
	p2p_file_close(&copy->source);
	for (size_t i = 0; i < copy->provider_count; i++)
		free(copy->providers[i].wrong);
	free(copy->providers);
	free(copy->results_note);
	free(copy->results);
	free(copy);
}

void p2p_copy_stop(struct p2p_copy *copy)
{
	atomic_store(&copy->stop, true);
}

const struct p2p_copy_report *p2p_copy_report(const struct p2p_copy *copy)
{
	return &copy->report;
}

/* What is not made of whole sectors goes through host memory and the page cache. */
static int use_page_cache(struct p2p_copy *copy, struct p2p_error *error)
{
	char text[160];

	copy->source_fd = p2p_file_open_buffered(&copy->source, false);
	copy->destination_fd = p2p_file_open_buffered(&copy->destination, true);
	if (copy->source_fd < 0 || copy->destination_fd < 0)
		return p2p_error_set(
			error, copy->source_fd < 0 ? copy->source_fd : copy->destination_fd,
			"cannot open source or destination a second time, for its page cache");
	snprintf(text, sizeof(text),
		 "the last %" PRIu64 " bytes are not a whole sector: they go buffered through host "
		 "memory",
		 copy->report.length - copy->direct_length);
	if (copy->direct_length)
		p2p_copy_tell(copy, P2P_COPY_EVENT_NOTE, text);
	copy->align = 1;
	if (copy->report.path != P2P_COPY_PATH_PEER)
		return 0;
	p2p_memory_close(copy->memory);
	copy->memory = NULL;
	copy->report.path = P2P_COPY_PATH_HOST;
	copy->report.provider = copy->report.provider_node = NULL;
	return p2p_host_memory_open(copy->block * copy->depth, &copy->memory, error);
}

static void stop_using_page_cache(struct p2p_copy *copy)
{
	if (copy->source_fd >= 0 && copy->source_fd != copy->source.fd)
		close(copy->source_fd);
	if (copy->destination_fd >= 0 && copy->destination_fd != copy->destination.fd)
		close(copy->destination_fd);
	copy->source_fd = copy->source.fd;
	copy->destination_fd = copy->destination.fd;
}

static int move_all(struct p2p_checkpoint *checkpoint, struct p2p_error *error)
{
	struct p2p_copy *copy = checkpoint->copy;
	int rc = p2p_path_open(copy, error);

	if (!rc)
		rc = p2p_copy_move(checkpoint, copy->direct_length, error);
	if (!rc && copy->direct_length < copy->report.length) {
		rc = use_page_cache(copy, error);
		if (!rc)
			rc = p2p_copy_move(checkpoint, copy->report.length, error);
	}
	return rc;
}

/* What did arrive is worth keeping, if it is good. */
static void keep_what_is_good(struct p2p_checkpoint *checkpoint, int rc)
{
	struct p2p_error settling;

	if (rc != -ESTALE && checkpoint->position > checkpoint->copy->report.good)
		rc = p2p_checkpoint_take(checkpoint, &settling);
	if (rc == -ESTALE)
		p2p_checkpoint_forget_all(checkpoint);
}

int p2p_copy_run(struct p2p_copy *copy, struct p2p_error *error)
{
	struct p2p_checkpoint checkpoint;
	int rc;

	p2p_checkpoint_open(&checkpoint, copy);
	rc = move_all(&checkpoint, error);
	if (!rc)
		rc = p2p_copy_touch(copy, error); /* an empty source still makes an empty file */
	if (!rc)
		rc = p2p_source_check(copy, true, error);
	if (rc)
		keep_what_is_good(&checkpoint, rc);
	stop_using_page_cache(copy);
	p2p_checkpoint_close(&checkpoint);

	if (!rc)
		return p2p_copy_finish(copy, error);
	p2p_copy_finish(copy, NULL);
	return rc;
}
