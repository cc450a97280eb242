// SPDX-License-Identifier: MIT
/*
 * Writes a capture: what the sysfs source read of a machine, as a tar.gz of the same layout, and
 * a file of the platform's facts. The same machine gives the same bytes: there is no date in it.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "platform.h"
#include "replace.h"
#include "source.h"
#include "tree_record.h"
#include "unpack.h"

static const char *yes_no(enum p2p_known known)
{
	return known == P2P_PRESENT ? "yes" : known == P2P_ABSENT ? "no" : "unknown";
}

static void fact(FILE *file, const char *key, const char *value)
{
	if (value)
		fprintf(file, "%s %s\n", key, value);
}

/* The manifest; docs in p2pmem-capture-format(5). The text is the caller's to free, or NULL. */
static char *manifest(const struct p2p_machine *machine, bool complete, size_t *size)
{
	const struct p2p_machine_facts *platform = &machine->platform;
	char *text = NULL;
	FILE *file = open_memstream(&text, size);

	if (!file)
		return NULL;
	fprintf(file, "format %d\n", P2P_MANIFEST_FORMAT);
	fact(file, "kernel", platform->kernel_release);
	fact(file, "arch", platform->arch);
	fprintf(file, "root %s\ncomplete %s\nhypervisor %s\n", yes_no(platform->root),
		complete ? "yes" : "no", yes_no(platform->hypervisor));
	fact(file, "cpu-vendor", platform->cpu_vendor);
	fact(file, "cpu-name", platform->cpu_name);
	if (platform->cpu_family >= 0)
		fprintf(file, "cpu-family %d\n", platform->cpu_family);
	if (platform->cpu_model >= 0)
		fprintf(file, "cpu-model %d\n", platform->cpu_model);
	fact(file, "command-line", platform->command_line);
	for (uint32_t i = 0; i < machine->option_count; i++)
		fprintf(file, "option %s=%s\n", machine->options[i].name,
			machine->options[i].value);
	if (fclose(file)) {
		free(text);
		return NULL;
	}
	return text;
}

static int write_entry(struct archive *archive, const struct p2p_entry *from)
{
	struct archive_entry *entry = archive_entry_new();
	bool fine;

	if (!entry)
		return -ENOMEM;
	archive_entry_set_pathname(entry, from->path);
	archive_entry_set_mtime(entry, 0, 0);
	archive_entry_set_perm(entry, from->kind == P2P_ENTRY_DIRECTORY ? 0755 : 0644);
	archive_entry_set_filetype(entry, from->kind == P2P_ENTRY_DIRECTORY ? AE_IFDIR
					  : from->kind == P2P_ENTRY_LINK    ? AE_IFLNK
									    : AE_IFREG);
	if (from->kind == P2P_ENTRY_LINK)
		archive_entry_set_symlink(entry, from->blob.data);
	if (from->kind == P2P_ENTRY_FILE)
		archive_entry_set_size(entry, (la_int64_t)from->blob.size);
	/* It warns of a name that is not UTF-8, and writes it as it is. */
	fine = archive_write_header(archive, entry) >= ARCHIVE_WARN;
	if (fine && from->kind == P2P_ENTRY_FILE && from->blob.size)
		fine = archive_write_data(archive, from->blob.data, from->blob.size) ==
		       (la_ssize_t)from->blob.size;
	archive_entry_free(entry);
	return fine ? 0 : -EIO;
}

static int write_all(struct archive *archive, int file, const struct p2p_memory_tree *memory)
{
	archive_write_set_format_pax_restricted(archive);
	archive_write_add_filter_gzip(archive);
	/* gzip's head has a time, too. */
	archive_write_set_filter_option(archive, "gzip", "timestamp", NULL);
	if (archive_write_open_fd(archive, file) != ARCHIVE_OK)
		return -EIO;
	for (size_t i = 0; i < memory->count; i++) {
		int rc = write_entry(archive, &memory->entries[i]);

		if (rc)
			return rc;
	}
	return archive_write_close(archive) == ARCHIVE_OK ? 0 : -EIO;
}

static int write_archive(int file, const struct p2p_memory_tree *memory, const char *path,
			 struct p2p_error *error)
{
	struct archive *archive = archive_write_new();
	int rc;

	if (!archive)
		return p2p_error_set(error, -ENOMEM, "%s: out of memory", path);
	rc = write_all(archive, file, memory);
	if (rc)
		p2p_error_set(error, rc, "%s: cannot write it: %s", path,
			      archive_error_string(archive) ? archive_error_string(archive)
							    : strerror(-rc));
	archive_write_free(archive);
	return rc;
}

/* Under another name first, so that a file there is replaced by a whole one or not at all. */
static int write_file(const struct p2p_memory_tree *memory, const char *path,
		      struct p2p_error *error)
{
	char temporary[PATH_MAX];
	int file = p2p_replace_begin(path, temporary), rc;

	if (file < 0)
		return p2p_error_set(error, file, "%s: cannot create a file there: %s", path,
				     strerror(-file));
	rc = write_archive(file, memory, path, error);
	if (!rc) {
		rc = p2p_replace_commit(file, temporary, path);
		if (rc)
			p2p_error_set(error, rc, "%s: cannot finish it: %s", path, strerror(-rc));
	}
	close(file);
	if (rc)
		unlink(temporary);
	return rc;
}

/* The tree of a source; other formats lack most of what a capture is for. */
static int open_source(const char *source, struct p2p_tree *tree, struct p2p_error *error)
{
	struct p2p_input input = { .path = source };
	struct p2p_blob blob;
	struct stat about;
	int rc;

	if (!source)
		return p2p_tree_open_dir("/", tree, error);
	if (!stat(source, &about) && S_ISDIR(about.st_mode))
		return p2p_tree_open_dir(source, tree, error);
	rc = p2p_file_read(source, P2P_FILE_MAX, &blob, error);
	if (rc)
		return rc;
	input.data = blob.data;
	input.size = blob.size;
	if (p2p_is_packed(&input))
		rc = p2p_tree_open_archive_bytes(source, blob.data, blob.size, tree, error);
	else
		rc = p2p_error_set(
			error, -EINVAL,
			"%s: not a sysfs tree, so there is nothing to capture; use the file "
			"itself as the source",
			source);
	free(blob.data);
	return rc;
}

static int add_manifest(struct p2p_recorder *recorder, const struct p2p_machine *machine)
{
	size_t size;
	char *text = manifest(machine, machine->complete, &size);
	int rc = -ENOMEM;

	if (text)
		rc = p2p_memory_tree_add(recorder->memory, P2P_ENTRY_FILE, P2P_MANIFEST, text,
					 size);
	free(text);
	return rc;
}

static int record(struct p2p_recorder *recorder, const char *source, struct p2p_error *error)
{
	struct p2p_tree tree = p2p_recorder_tree(recorder);
	const char *name = source ? source : "live";
	struct p2p_machine *machine;
	int rc;

	if (p2p_build_new(source ? "sysfs" : "live", &machine))
		return p2p_error_set(error, -ENOMEM, "%s: out of memory", name);
	rc = p2p_sysfs_read(name, &tree, !source, machine, error);
	if (!rc)
		rc = p2p_build_finish(machine, error);
	if (!rc && (add_manifest(recorder, machine) || recorder->out_of_memory))
		rc = p2p_error_set(error, -ENOMEM, "%s: out of memory", name);
	p2p_machine_free(machine);
	return rc;
}

int p2p_capture_write(const char *path, const char *source, struct p2p_error *error)
{
	struct p2p_recorder recorder = { .memory = p2p_memory_tree_new() };
	struct p2p_tree from;
	int rc;

	if (!recorder.memory)
		return p2p_error_set(error, -ENOMEM, "%s: out of memory", path);
	rc = open_source(source, &from, error);
	if (!rc) {
		recorder.from = &from;
		rc = record(&recorder, source, error);
		p2p_tree_close(&from);
	}
	if (!rc) {
		p2p_memory_tree_seal(recorder.memory);
		rc = write_file(recorder.memory, path, error);
	}
	p2p_memory_tree_free(recorder.memory);
	return rc;
}
