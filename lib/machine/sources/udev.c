// SPDX-License-Identifier: MIT
/*
 * `udevadm info --export-db`: for each device of the machine its path in /sys and what udev knows
 * of it.
 *
 *     P: /devices/pci0000:00/0000:00:01.0/0000:01:00.0
 *     E: DEVPATH=...
 *     E: SUBSYSTEM=pci
 *     E: DRIVER=nvme
 *     E: MODALIAS=pci:v00008086d0000464Dsv000017AAsd000022E7bc06sc04i00
 *
 * It is put into a tree as /sys has it, which the sysfs source then reads.
 */
#include <errno.h>
#include <stdio.h>

#include "source.h"
#include "span.h"
#include "tree_memory.h"

struct device {
	struct p2p_span path, subsystem, driver, modalias, class;
};

struct reading {
	struct p2p_memory_tree *memory;
	int rc;
};

static void add(struct reading *reading, enum p2p_entry_kind kind, const char *path,
		struct p2p_span data)
{
	if (!reading->rc && data.text)
		reading->rc =
			p2p_memory_tree_add(reading->memory, kind, path, data.text, data.length);
}

static void add_attribute(struct reading *reading, const struct device *device, const char *name,
			  struct p2p_span value)
{
	char path[P2P_TREE_PATH];

	if (snprintf(path, sizeof(path), "sys%.*s/%s", (int)device->path.length, device->path.text,
		     name) < (int)sizeof(path))
		add(reading, P2P_ENTRY_FILE, path, value);
}

static struct p2p_span last_component(struct p2p_span path)
{
	struct p2p_span after = p2p_span_after(path, "/");

	for (; after.text; after = p2p_span_after(path, "/"))
		path = after;
	return path;
}

static void add_link(struct reading *reading, const struct device *device, const char *directory,
		     unsigned int levels)
{
	struct p2p_span name = last_component(device->path);
	char path[P2P_TREE_PATH], target[P2P_TREE_PATH];
	int length;

	if (snprintf(path, sizeof(path), "sys/%s/%.*s", directory, (int)name.length, name.text) >=
	    (int)sizeof(path))
		return;
	length = snprintf(target, sizeof(target), "%s%.*s", levels == 3 ? "../../.." : "../..",
			  (int)device->path.length, device->path.text);
	if (length < (int)sizeof(target))
		add(reading, P2P_ENTRY_LINK, path, (struct p2p_span){ target, (size_t)length });
}

static void add_driver(struct reading *reading, const struct device *device)
{
	char path[P2P_TREE_PATH], target[P2P_TREE_PATH];
	int length;

	length = snprintf(path, sizeof(path), "sys%.*s/driver", (int)device->path.length,
			  device->path.text);
	if (length >= (int)sizeof(path))
		return;
	length = snprintf(target, sizeof(target), "../../../bus/pci/drivers/%.*s",
			  (int)device->driver.length, device->driver.text);
	if (length < (int)sizeof(target))
		add(reading, P2P_ENTRY_LINK, path, (struct p2p_span){ target, (size_t)length });
}

/* "E: PCI_CLASS=60400" */
static void add_class(struct reading *reading, const struct device *device)
{
	char value[16];
	uint64_t class;
	struct p2p_span text = device->class;

	if (!text.text || !p2p_span_hex(&text, 6, &class) || text.length)
		return;
	snprintf(value, sizeof(value), "0x%06x", (unsigned int)class);
	add_attribute(reading, device, "class", p2p_span(value));
}

static void end_device(struct reading *reading, struct device *device)
{
	if (device->path.text && p2p_span_is(device->subsystem, "pci")) {
		add_link(reading, device, "bus/pci/devices", 3);
		add_attribute(reading, device, "modalias", device->modalias);
		add_class(reading, device);
		if (device->driver.text)
			add_driver(reading, device);
	} else if (device->path.text && p2p_span_is(device->subsystem, "net")) {
		add_link(reading, device, "class/net", 2);
	} else if (device->path.text && p2p_span_is(device->subsystem, "block")) {
		add_link(reading, device, "class/block", 2);
	} else if (device->path.text && p2p_span_is(device->subsystem, "nvme")) {
		add_link(reading, device, "class/nvme", 2);
	} else if (device->path.text && p2p_span_is(device->subsystem, "infiniband")) {
		add_link(reading, device, "class/infiniband", 2);
	}
	*device = (struct device){ .path = { NULL, 0 } };
}

static void read_property(struct device *device, struct p2p_span line)
{
	if (p2p_span_skip(&line, "SUBSYSTEM="))
		device->subsystem = line;
	else if (p2p_span_skip(&line, "DRIVER="))
		device->driver = line;
	else if (p2p_span_skip(&line, "MODALIAS="))
		device->modalias = line;
	else if (p2p_span_skip(&line, "PCI_CLASS="))
		device->class = line;
}

static void read_lines(struct reading *reading, const struct p2p_input *input)
{
	struct p2p_span text = { input->data, input->size }, line;
	struct device device = { .path = { NULL, 0 } };

	while (!reading->rc && p2p_span_line(&text, &line, NULL)) {
		line = p2p_span_trim(line);
		if (p2p_span_skip(&line, "P: ")) {
			end_device(reading, &device);
			if (p2p_span_starts(line, "/devices/") && !p2p_span_after(line, "..").text)
				device.path = line;
		} else if (p2p_span_skip(&line, "E: ")) {
			read_property(&device, line);
		} else if (!line.length) {
			end_device(reading, &device);
		}
	}
	end_device(reading, &device);
}

static bool detect(const struct p2p_input *input)
{
	struct p2p_span text = { input->data, input->size };

	return p2p_span_after(text, "P: /devices/pci").text &&
	       p2p_span_after(text, "E: SUBSYSTEM=pci").text;
}

static int read_udev(const struct p2p_input *input, struct p2p_machine *machine,
		     struct p2p_error *error)
{
	struct reading reading = { .memory = p2p_memory_tree_new() };
	struct p2p_tree tree;
	int rc;

	if (!reading.memory)
		return p2p_error_set(error, -ENOMEM, "%s: out of memory", input->path);
	read_lines(&reading, input);
	if (reading.rc) {
		p2p_memory_tree_free(reading.memory);
		return p2p_error_set(error, reading.rc, "%s: out of memory", input->path);
	}
	p2p_memory_tree_seal(reading.memory);
	tree = p2p_memory_tree_open(reading.memory);
	rc = p2p_sysfs_read(input->path, &tree, false, machine, error);
	p2p_tree_close(&tree);
	/* A part of the database shows a part of the machine. */
	p2p_fabric_set_partial(machine->builder);
	return rc;
}

const struct p2p_source p2p_source_udev = {
	.name = "udev",
	.detect = detect,
	.read = read_udev,
};
