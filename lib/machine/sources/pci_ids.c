// SPDX-License-Identifier: MIT
/*
 * Names of PCI ids. The file is read once and indexed by vendor and by device: a server has
 * hundreds of functions that its own list does not know, and each is looked for in ours. Names of
 * devices are searched in the text itself.
 *
 * Format (from the file's own head): "VVVV  vendor", below it "\tDDDD  device", below that
 * "\t\tSSSS DDDD  subsystem"; "C BB  class", below it "\tSS  subclass".
 */
#include "pci_ids.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "file.h"
#include "grow.h"

#define LIST_MAX (16u << 20)

struct vendor {
	uint16_t id;
	bool sorted; /* its devices are, as they are in every list that is published */
	struct p2p_span name;
	struct p2p_span devices; /* the lines below it */
	size_t first, count;     /* of them in `devices` of the list */
};

struct device {
	uint16_t id;
	uint32_t line; /* where it begins in the list: LIST_MAX fits */
};

struct p2p_pci_ids {
	struct p2p_blob list;
	struct vendor *vendors; /* by id */
	uint32_t count, room;
	struct device *devices; /* as the list has them */
	uint32_t device_count, device_room;
	size_t *by_name; /* indices into vendors */
	struct p2p_span classes;
};

/* "XXXX  name" after its tabs. */
static bool split_line(struct p2p_span line, unsigned int digits, uint64_t *id,
		       struct p2p_span *name)
{
	const char *start = line.text;

	if (!p2p_span_hex(&line, digits, id) || line.text - start != (ptrdiff_t)digits ||
	    !p2p_span_skip(&line, "  "))
		return false;
	*name = p2p_span_trim(line);
	return true;
}

static bool add_vendor(struct p2p_pci_ids *ids, uint16_t id, struct p2p_span name)
{
	if (!p2p_grow((void **)&ids->vendors, ids->count, &ids->room, sizeof(*ids->vendors)))
		return false;
	ids->vendors[ids->count++] = (struct vendor){
		.id = id,
		.sorted = true,
		.name = name,
		.first = ids->device_count,
	};
	return true;
}

/* "\tDDDD  device", of the vendor that was added last. */
static bool add_device(struct p2p_pci_ids *ids, struct p2p_span line)
{
	struct vendor *vendor = ids->count ? &ids->vendors[ids->count - 1] : NULL;
	struct p2p_span name, text = { line.text + 1, line.length - 1 };
	struct device *device;
	uint64_t id;

	/* A line that is no vendor's ended the last one's all the same. */
	if (!vendor || vendor->devices.text || p2p_span_starts(text, "\t") ||
	    !split_line(text, 4, &id, &name))
		return true;
	if (!p2p_grow((void **)&ids->devices, ids->device_count, &ids->device_room,
		      sizeof(*ids->devices)))
		return false;
	device = &ids->devices[ids->device_count++];
	*device = (struct device){ (uint16_t)id, (uint32_t)(line.text - ids->list.data) };
	vendor->sorted &= !vendor->count || device[-1].id < device->id;
	vendor->count++;
	return true;
}

static void end_vendor(struct p2p_pci_ids *ids, const char *end)
{
	struct vendor *last;

	if (!ids->count)
		return;
	last = &ids->vendors[ids->count - 1];
	if (!last->devices.text) {
		last->devices.text = last->name.text + last->name.length;
		last->devices.length = (size_t)(end - last->devices.text);
	}
}

static int compare_vendors(const void *a, const void *b)
{
	const struct vendor *left = a, *right = b;

	return left->id < right->id ? -1 : left->id > right->id;
}

static int compare_spans(struct p2p_span a, struct p2p_span b)
{
	size_t shorter = a.length < b.length ? a.length : b.length;
	int order = memcmp(a.text, b.text, shorter);

	return order ? order : a.length < b.length ? -1 : a.length > b.length;
}

static int compare_names(const void *a, const void *b, void *context)
{
	const struct vendor *vendors = context;

	return compare_spans(vendors[*(const size_t *)a].name, vendors[*(const size_t *)b].name);
}

static bool sort_vendors(struct p2p_pci_ids *ids)
{
	if (!ids->count)
		return true;
	qsort(ids->vendors, ids->count, sizeof(*ids->vendors), compare_vendors);
	ids->by_name = reallocarray(NULL, ids->count, sizeof(*ids->by_name));
	if (!ids->by_name)
		return false;
	for (size_t i = 0; i < ids->count; i++)
		ids->by_name[i] = i;
	qsort_r(ids->by_name, ids->count, sizeof(*ids->by_name), compare_names, ids->vendors);
	return true;
}

static bool index_list(struct p2p_pci_ids *ids)
{
	struct p2p_span rest = { ids->list.data, ids->list.size }, line, name;
	uint64_t id;

	while (p2p_span_line(&rest, &line, NULL)) {
		if (line.length && line.text[0] == '\t' && !add_device(ids, line))
			return false;
		if (!line.length || line.text[0] == '\t' || line.text[0] == '#')
			continue;
		end_vendor(ids, line.text);
		if (p2p_span_starts(line, "C ")) {
			ids->classes.text = line.text;
			ids->classes.length = line.length + rest.length + 1;
			if (ids->classes.text + ids->classes.length >
			    ids->list.data + ids->list.size)
				ids->classes.length--;
			break;
		}
		if (split_line(line, 4, &id, &name) && !add_vendor(ids, (uint16_t)id, name))
			return false;
	}
	end_vendor(ids, rest.text);
	return sort_vendors(ids);
}

int p2p_pci_ids_open(const char *path, struct p2p_pci_ids **ids)
{
	static const char *const places[] = {
		"/usr/share/misc/pci.ids",   /* Debian */
		"/usr/share/hwdata/pci.ids", /* Fedora, SUSE, Arch */
		"/usr/share/pci.ids",
	};
	struct p2p_pci_ids *new = calloc(1, sizeof(*new));
	int rc = -ENOENT;

	*ids = NULL;
	if (!new)
		return -ENOMEM;
	if (path)
		rc = p2p_file_read(path, LIST_MAX, &new->list, NULL);
	for (size_t i = 0; !path && rc && i < sizeof(places) / sizeof(places[0]); i++)
		rc = p2p_file_read(places[i], LIST_MAX, &new->list, NULL);
	if (!rc && !index_list(new))
		rc = -ENOMEM;
	if (rc) {
		p2p_pci_ids_free(new);
		return rc;
	}
	*ids = new;
	return 0;
}

void p2p_pci_ids_free(struct p2p_pci_ids *ids)
{
	if (!ids)
		return;
	free(ids->vendors);
	free(ids->by_name);
	free(ids->devices);
	free(ids->list.data);
	free(ids);
}

static const struct vendor *find_vendor(const struct p2p_pci_ids *ids, uint16_t id)
{
	struct vendor key = { .id = id };

	if (!ids || !ids->count)
		return NULL;
	return bsearch(&key, ids->vendors, ids->count, sizeof(key), compare_vendors);
}

struct p2p_span p2p_pci_ids_vendor(const struct p2p_pci_ids *ids, uint16_t vendor)
{
	const struct vendor *found = find_vendor(ids, vendor);

	return found ? found->name : (struct p2p_span){ NULL, 0 };
}

static int compare_devices(const void *a, const void *b)
{
	const struct device *left = a, *right = b;

	return left->id - right->id;
}

/* Of several with one id the first. */
static const struct device *find_device(const struct p2p_pci_ids *ids, const struct vendor *vendor,
					uint16_t id)
{
	struct device key = { .id = id };
	const struct device *first;

	if (!vendor || !vendor->count)
		return NULL;
	first = ids->devices + vendor->first;
	if (vendor->sorted)
		return bsearch(&key, first, vendor->count, sizeof(key), compare_devices);
	for (size_t i = 0; i < vendor->count; i++)
		if (first[i].id == id)
			return &first[i];
	return NULL;
}

struct p2p_span p2p_pci_ids_device(const struct p2p_pci_ids *ids, uint16_t vendor, uint16_t device)
{
	const struct device *found = find_device(ids, find_vendor(ids, vendor), device);
	struct p2p_span rest, line, name = { NULL, 0 };
	uint64_t id;

	if (!found)
		return name;
	rest = (struct p2p_span){ ids->list.data + found->line + 1,
				  ids->list.size - found->line - 1 };
	if (p2p_span_line(&rest, &line, NULL))
		split_line(line, 4, &id, &name);
	return name;
}

bool p2p_pci_ids_model(const struct p2p_pci_ids *ids, uint16_t vendor, uint16_t device, char *text,
		       size_t size)
{
	struct p2p_span maker = p2p_pci_ids_vendor(ids, vendor);
	struct p2p_span name = p2p_pci_ids_device(ids, vendor, device);

	if (!maker.text || vendor == P2P_ID_UNKNOWN)
		return false;
	if (name.text)
		snprintf(text, size, "%.*s %.*s", (int)maker.length, maker.text, (int)name.length,
			 name.text);
	else
		snprintf(text, size, "%.*s Device %04x", (int)maker.length, maker.text, device);
	return true;
}

/* lspci prints an id that its list does not have as "Device 09a2". */
static bool parse_nameless(struct p2p_span text, uint16_t *id)
{
	uint64_t value;

	if (!p2p_span_skip(&text, "Device ") || text.length != 4 ||
	    !p2p_span_hex(&text, 4, &value) || text.length)
		return false;
	*id = (uint16_t)value;
	return true;
}

/* What an answer is before any candidate, and after two different ones. */
#define NONE    UINT32_MAX
#define SEVERAL (UINT32_MAX - 1)

static void offer(uint32_t *answer, uint32_t candidate)
{
	if (*answer == NONE)
		*answer = candidate;
	else if (*answer != candidate)
		*answer = SEVERAL;
}

static uint16_t settled(uint32_t answer)
{
	return answer <= 0xffff ? (uint16_t)answer : P2P_ID_UNKNOWN;
}

/* Every line that ends in the name, whatever device or subsystem it is of. */
static uint32_t device_by_name(const struct vendor *vendor, struct p2p_span name)
{
	struct p2p_span rest = vendor->devices;
	uint32_t answer = NONE;
	const char *found;
	uint64_t id;

	while (name.length && rest.length >= name.length &&
	       (found = memmem(rest.text, rest.length, name.text, name.length))) {
		const char *end = found + name.length;
		struct p2p_span before = { found - 6, 6 };

		/* Before the name: "\n\tDDDD  ". The list begins with the vendor's own line. */
		if (found - vendor->devices.text >= 8 && found[-7] == '\t' && found[-8] == '\n' &&
		    p2p_span_hex(&before, 4, &id) && p2p_span_is(before, "  ") &&
		    (end == rest.text + rest.length || *end == '\n' || *end == '\r'))
			offer(&answer, (uint32_t)id);
		rest.length -= (size_t)(found + 1 - rest.text);
		rest.text = found + 1;
	}
	return answer;
}

/* The first place in by_name whose name is not before `name`. */
static size_t name_place(const struct p2p_pci_ids *ids, struct p2p_span name)
{
	size_t low = 0, high = ids->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_spans(ids->vendors[ids->by_name[middle]].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* What a text may mean: the vendor part can end at any blank, and vendors can share a name. */
struct reading {
	uint32_t vendor, device; /* offers */
	uint32_t vendor_only;
};

/* An id, NONE or SEVERAL. */
typedef uint32_t resolve_device(const struct p2p_pci_ids *ids, const struct vendor *vendor,
				struct p2p_span name, void *context);

static void read_names(const struct p2p_pci_ids *ids, struct p2p_span text, resolve_device *resolve,
		       void *context, struct reading *reading)
{
	for (size_t length = 1; length < text.length; length++) {
		struct p2p_span name = { text.text, length };
		struct p2p_span rest = { text.text + length + 1, text.length - length - 1 };

		if (text.text[length] != ' ')
			continue;
		for (size_t i = name_place(ids, name); i < ids->count; i++) {
			const struct vendor *vendor = &ids->vendors[ids->by_name[i]];
			uint32_t device;

			if (compare_spans(vendor->name, name))
				break;
			offer(&reading->vendor_only, vendor->id);
			device = resolve(ids, vendor, rest, context);
			if (device == NONE)
				continue;
			offer(&reading->vendor, vendor->id);
			offer(&reading->device, device);
		}
	}
}

static void settle(const struct reading *reading, uint16_t *vendor, uint16_t *device)
{
	*vendor = settled(reading->vendor != NONE ? reading->vendor : reading->vendor_only);
	*device = *vendor == P2P_ID_UNKNOWN ? P2P_ID_UNKNOWN : settled(reading->device);
}

static uint32_t resolve_function(const struct p2p_pci_ids *ids, const struct vendor *vendor,
				 struct p2p_span name, void *context)
{
	uint16_t id;

	(void)ids;
	(void)context;
	return parse_nameless(name, &id) ? id : device_by_name(vendor, name);
}

void p2p_pci_ids_parse_device(const struct p2p_pci_ids *ids, struct p2p_span text, uint16_t *vendor,
			      uint16_t *device)
{
	struct reading reading = { NONE, NONE, NONE };

	*vendor = *device = P2P_ID_UNKNOWN;
	if (!ids)
		return;
	read_names(ids, text, resolve_function, NULL, &reading);
	settle(&reading, vendor, device);
}

struct owner {
	uint16_t vendor, device;
};

/*
 * libpci names a subsystem by the function's own subsystem lines, or by the function's name when
 * the ids are the function's own (names-hash.c, pci_lookup_name).
 */
static uint32_t resolve_subsystem(const struct p2p_pci_ids *ids, const struct vendor *vendor,
				  struct p2p_span name, void *context)
{
	const struct owner *owner = context;
	struct p2p_span rest, line, own;
	uint32_t answer = NONE;
	uint16_t id;

	if (parse_nameless(name, &id))
		return id;
	own = p2p_pci_ids_device(ids, owner->vendor, owner->device);
	if (!own.text)
		return NONE;
	if (vendor->id == owner->vendor && !compare_spans(own, name))
		offer(&answer, owner->device);
	rest = find_vendor(ids, owner->vendor)->devices;
	rest.length -= (size_t)(own.text - rest.text);
	rest.text = own.text;
	p2p_span_line(&rest, &line, NULL);
	while (p2p_span_line(&rest, &line, NULL)) {
		uint64_t subvendor, subdevice;

		if (p2p_span_starts(line, "#"))
			continue;
		if (!p2p_span_skip(&line, "\t\t"))
			break;
		if (p2p_span_hex(&line, 4, &subvendor) && p2p_span_skip(&line, " ") &&
		    split_line(line, 4, &subdevice, &line) && subvendor == vendor->id &&
		    !compare_spans(line, name))
			offer(&answer, (uint32_t)subdevice);
	}
	return answer;
}

void p2p_pci_ids_parse_subsystem(const struct p2p_pci_ids *ids, struct p2p_span text,
				 uint16_t vendor, uint16_t device, uint16_t *subsystem_vendor,
				 uint16_t *subsystem_device)
{
	struct reading reading = { NONE, NONE, NONE };
	struct owner owner = { vendor, device };

	*subsystem_vendor = *subsystem_device = P2P_ID_UNKNOWN;
	if (!ids)
		return;
	read_names(ids, text, resolve_subsystem, &owner, &reading);
	settle(&reading, subsystem_vendor, subsystem_device);
}

uint32_t p2p_pci_ids_parse_class(const struct p2p_pci_ids *ids, struct p2p_span text)
{
	struct p2p_span rest, line, name;
	uint32_t answer = NONE;
	uint64_t base = 0, sub;

	if (!ids)
		return UINT32_MAX;
	rest = ids->classes;
	while (p2p_span_line(&rest, &line, NULL)) {
		if (p2p_span_skip(&line, "C ")) {
			if (!split_line(line, 2, &base, &name))
				base = 0;
		} else if (p2p_span_skip(&line, "\t") && split_line(line, 2, &sub, &name) &&
			   !compare_spans(name, text)) {
			offer(&answer, (uint32_t)(base << 8 | sub));
		}
	}
	return answer <= 0xffff ? answer : UINT32_MAX;
}
