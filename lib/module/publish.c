// SPDX-License-Identifier: MIT
/*
 * Publishing memory of a device: bind p2pmem where nothing is bound, ask, undo what failed.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <p2pmem/text.h>

#include "module/binding.h"
#include "module/memories.h"
#include "module/publish.h"
#include "module/refusal.h"
#include "module/no_pages.h"
#include "sized.h"
#include "sysfs.h"

static int check(const struct p2p_publish_options *options, struct p2p_error *error)
{
	if (options->bar >= P2P_BARS)
		return p2p_error_set(error, -EINVAL,
				     "there is no BAR %u: a function has BARs 0 to %d",
				     options->bar, P2P_BARS - 1);
	if (!options->driver_memory)
		return 0;
	if (options->beside_driver)
		return p2p_error_set_hint(error, -EINVAL, P2P_HINT_BESIDE_DRIVER,
					  "choose one: what a driver publishes cannot be published "
					  "beside it");
	if (options->bar || options->offset)
		return p2p_error_set(error, -EINVAL,
				     "memory of a driver has neither a BAR nor an offset to "
				     "choose: leave them out");
	if (options->pages == P2P_PUBLISH_NO_PAGES)
		return p2p_error_set(error, -EINVAL,
				     "memory that a driver publishes always has struct pages: "
				     "publish it with them");
	return 0;
}

/* Sees that the function has a driver; `*bound`: p2pmem was bound for that. */
static int ensure_driver(const struct p2p_system *system, const struct p2p_publish_options *options,
			 bool *bound, struct p2p_error *error)
{
	char driver[P2P_DRIVER_NAME], bdf[P2P_BDF_TEXT];
	int rc = p2p_driver_of(system, options->function, driver);

	if (rc == -ENODEV)
		return p2p_publish_refused(system, options, rc, P2PMEM_WHY_NO_FUNCTION, NULL,
					   error);
	if (!rc)
		return 0;
	if (options->driver_memory)
		return p2p_error_set_hint(
			error, rc, P2P_HINT_PUBLISH_BAR,
			"%s has no driver, so none that publishes memory: bind its "
			"driver, or publish a BAR",
			p2p_bdf_text(options->function, bdf));
	rc = p2p_binding_make(system, options->function, error);
	*bound = !rc;
	return rc;
}

static int ask(const struct p2p_system *system, int control,
	       const struct p2p_publish_options *options, uint32_t flags,
	       struct p2pmem_publish *request)
{
	*request = (struct p2pmem_publish){
		.function = p2p_module_function(options->function),
		.bar = options->bar,
		.flags = flags,
		.offset = options->offset,
		.size = options->length,
	};
	return system->control(system, control, P2PMEM_PUBLISH, request);
}

/* Pages at any price, ops around those of other devices included, only if they were asked for. */
static uint32_t flags_of(const struct p2p_publish_options *options)
{
	uint32_t flags = options->beside_driver ? P2PMEM_PUBLISH_BESIDE : 0;

	if (options->driver_memory)
		flags |= P2PMEM_PUBLISH_DRIVER;
	else if (options->pages == P2P_PUBLISH_PAGES)
		flags |= P2PMEM_PUBLISH_PAGES | P2PMEM_PUBLISH_WRAP;
	else if (options->pages != P2P_PUBLISH_NO_PAGES)
		flags |= P2PMEM_PUBLISH_PAGES;
	return flags;
}

static void explain_no_pages(struct p2p_publication *publication, unsigned int why)
{
	publication->no_pages = p2pmem_why_name(why);
	publication->hint = p2p_no_pages_hint(why);
	snprintf(publication->text, sizeof(publication->text),
		 "without struct pages, which O_DIRECT needs: %s; %s", p2p_no_pages_text(why),
		 p2p_no_pages_remedy(why));
}

static int publish(const struct p2p_system *system, int control,
		   const struct p2p_publish_options *options, struct p2p_publication *publication,
		   struct p2p_error *error)
{
	struct p2pmem_publish request;
	unsigned int no_pages = P2PMEM_WHY_NONE;
	uint32_t flags = flags_of(options);
	int rc = ask(system, control, options, flags, &request);

	/* A module of before ABI 3 does not know it. */
	if (rc == -EINVAL && flags & P2PMEM_PUBLISH_WRAP && !request.why)
		rc = ask(system, control, options, flags & ~P2PMEM_PUBLISH_WRAP, &request);
	if (rc && flags & P2PMEM_PUBLISH_PAGES && p2p_no_pages_is_why(request.why) &&
	    options->pages == P2P_PUBLISH_PAGES_IF_POSSIBLE) {
		no_pages = request.why;
		rc = ask(system, control, options, flags & ~P2PMEM_PUBLISH_PAGES, &request);
	}
	if (rc)
		return p2p_publish_refused(system, options, rc, request.why, &request.culprit,
					   error);

	if (no_pages)
		explain_no_pages(publication, no_pages);
	if (p2p_module_memory_read(system, request.index, &publication->memory))
		return p2p_error_set(error, -ENODEV,
				     "/dev/p2pmem%" PRIu32
				     " was published and is gone again: its device was removed, "
				     "or somebody else unpublished it",
				     request.index);
	return 0;
}

/* All that is free, if no size was asked for: the kernel has a pool of it, the module takes a
 * part of it. */
static int choose_size(const struct p2p_system *system, struct p2p_publish_options *options,
		       struct p2p_error *error)
{
	char bdf[P2P_BDF_TEXT];

	if (!options->driver_memory || options->length)
		return 0;
	if (!p2p_sysfs_u64(&options->length, "%s/sys/bus/pci/devices/%s/p2pmem/available",
			   system->root, p2p_bdf_text(options->function, bdf)) &&
	    options->length)
		return 0;
	return p2p_publish_refused(system, options, -ENOENT, P2PMEM_WHY_DRIVER_MEMORY, NULL, error);
}

int p2p_publish_on(const struct p2p_system *system, const struct p2p_publish_options *options,
		   struct p2p_publication *publication, struct p2p_error *error)
{
	struct p2p_publish_options chosen = *options;
	int control, rc = check(options, error);
	bool ended;

	p2p_publication_init(publication, sizeof(*publication));
	if (rc)
		return rc;
	control = p2p_control_open(system, error);
	if (control < 0)
		return control;
	rc = ensure_driver(system, options, &publication->bound, error);
	if (!rc)
		rc = choose_size(system, &chosen, error);
	if (!rc)
		rc = publish(system, control, &chosen, publication, error);
	if (rc && publication->bound)
		p2p_binding_end(system, options->function, &ended, NULL);
	publication->bound = publication->bound && !rc;
	close(control);
	return rc;
}

void p2p_publish_options_init(struct p2p_publish_options *options, size_t size)
{
	static const struct p2p_publish_options defaults = { .bar = 0 };

	p2p_sized_init(options, size, &defaults, sizeof(defaults));
}

void p2p_publication_init(struct p2p_publication *publication, size_t size)
{
	static const struct p2p_publication empty = { .bound = false };

	p2p_sized_init(publication, size, &empty, sizeof(empty));
}

int p2p_publish(const struct p2p_publish_options *options, struct p2p_publication *publication,
		struct p2p_error *error)
{
	struct p2p_publish_options known;
	struct p2p_publication done;
	int rc;

	p2p_publish_options_init(&known, sizeof(known));
	p2p_publication_init(&done, sizeof(done));
	if (!p2p_sized_copy(&known, options) || !p2p_sized_copy(publication, &done))
		return p2p_error_set(
			error, -EINVAL,
			"these options or this publication were not initialized: start "
			"from p2p_publish_options_init() and p2p_publication_init()");
	rc = p2p_publish_on(&p2p_this_system, &known, &done, error);
	p2p_sized_copy(publication, &done);
	return rc;
}
