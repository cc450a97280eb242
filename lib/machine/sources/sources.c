// SPDX-License-Identifier: MIT
/*
 * Which source reads a path.
 */
#include "source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "models.h"
#include "tidy.h"
#include "unpack.h"

/* In the order they are asked: the surest signs first. */
static const struct p2p_source *const sources[] = {
	&p2p_source_hwloc,
	&p2p_source_nccl,
	&p2p_source_udev,
	&p2p_source_lspci,
};

static int finish(int rc, struct p2p_machine *machine, struct p2p_machine **result,
		  struct p2p_error *error)
{
	if (!rc)
		rc = p2p_build_finish(machine, error);
	if (!rc)
		p2p_models_name(machine, NULL);
	p2p_models_done(machine);
	if (rc) {
		p2p_machine_free(machine);
		machine = NULL;
	}
	*result = machine;
	return rc;
}

static int start(const char *name, const char *path, struct p2p_machine **machine,
		 struct p2p_error *error)
{
	if (p2p_build_new(name, machine))
		return p2p_error_set(error, -ENOMEM, "%s: out of memory", path);
	return 0;
}

static int read_text(const struct p2p_input *input, struct p2p_machine **machine,
		     struct p2p_error *error)
{
	struct p2p_machine *new;
	int rc;

	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		if (!sources[i]->detect(input))
			continue;
		rc = start(sources[i]->name, input->path, &new, error);
		if (rc)
			return rc;
		return finish(sources[i]->read(input, new, error), new, machine, error);
	}
	return p2p_not_understood(input, error);
}

static int read_untidy(const struct p2p_input *input, struct p2p_machine **machine,
		       struct p2p_error *error)
{
	struct p2p_input tidy = *input;
	struct p2p_blob blob;
	int rc = p2p_tidy(input, &blob);

	if (rc)
		return p2p_error_set(error, rc, "%s: out of memory", input->path);
	if (blob.data) {
		tidy.data = blob.data;
		tidy.size = blob.size;
	}
	rc = read_text(&tidy, machine, error);
	free(blob.data);
	return rc;
}

static int read_packed_tree(const struct p2p_input *input, struct p2p_machine **machine,
			    struct p2p_error *error)
{
	struct p2p_machine *new;
	struct p2p_tree tree;
	int rc = p2p_tree_open_archive_bytes(input->path, input->data, input->size, &tree, error);

	if (rc)
		return rc;
	rc = start("sysfs", input->path, &new, error);
	if (!rc)
		rc = finish(p2p_sysfs_read(input->path, &tree, false, new, error), new, machine,
			    error);
	p2p_tree_close(&tree);
	return rc;
}

static int read_packed(const struct p2p_input *input, struct p2p_machine **machine,
		       struct p2p_error *error)
{
	struct p2p_input unpacked = *input;
	struct p2p_blob text;
	int rc = p2p_packed_text(input, &text, error);

	if (rc)
		return rc;
	if (!text.data)
		return read_packed_tree(input, machine, error);
	unpacked.data = text.data;
	unpacked.size = text.size;
	rc = read_untidy(&unpacked, machine, error);
	free(text.data);
	return rc;
}

int p2p_machine_read(const struct p2p_input *input, struct p2p_machine **machine,
		     struct p2p_error *error)
{
	*machine = NULL;
	return p2p_is_packed(input) ? read_packed(input, machine, error)
				    : read_untidy(input, machine, error);
}

static int open_tree(const char *path, const char *name, bool live, struct p2p_machine **machine,
		     struct p2p_error *error)
{
	struct p2p_machine *new;
	struct p2p_tree tree;
	int rc = p2p_tree_open_dir(path, &tree, error);

	if (rc)
		return rc;
	rc = start(name, path, &new, error);
	if (!rc)
		rc = finish(p2p_sysfs_read(path, &tree, live, new, error), new, machine, error);
	p2p_tree_close(&tree);
	return rc;
}

int p2p_machine_open(const char *path, struct p2p_machine **machine, struct p2p_error *error)
{
	return p2p_machine_open_nth(path, 1, machine, error);
}

int p2p_machine_open_nth(const char *path, unsigned int number, struct p2p_machine **machine,
			 struct p2p_error *error)
{
	struct p2p_input input = { .path = path, .machine = number };
	struct p2p_blob blob;
	struct stat about;
	int rc;

	*machine = NULL;
	if (!path)
		return open_tree("/", "live", true, machine, error);
	if (!stat(path, &about) && S_ISDIR(about.st_mode))
		return open_tree(path, "sysfs", false, machine, error);
	rc = p2p_file_read(path, P2P_FILE_MAX, &blob, error);
	if (rc)
		return rc;
	input.data = blob.data;
	input.size = blob.size;
	rc = p2p_machine_read(&input, machine, error);
	free(blob.data);
	return rc;
}
