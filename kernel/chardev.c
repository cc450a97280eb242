// SPDX-License-Identifier: GPL-2.0-only
/*
 * The class, its attributes and device numbers. What an open file can do is in file.c.
 */
#include "chardev.h"

#include "file.h"

#include <linux/idr.h>
#include <linux/module.h>

#define CHARDEVS 4096

static dev_t first_number;
static DEFINE_IDA(numbers);

static struct p2pmem *p2pmem_chardev_from_device(struct device *dev)
{
	return container_of(dev, struct p2pmem, dev);
}

static ssize_t bar_show(struct device *dev, struct device_attribute *attribute, char *text)
{
	return sysfs_emit(text, "%u\n", p2pmem_chardev_from_device(dev)->bar);
}
static DEVICE_ATTR_RO(bar);

static ssize_t offset_show(struct device *dev, struct device_attribute *attribute, char *text)
{
	return sysfs_emit(text, "%llu\n", p2pmem_chardev_from_device(dev)->bar_offset);
}
static DEVICE_ATTR_RO(offset);

static ssize_t size_show(struct device *dev, struct device_attribute *attribute, char *text)
{
	return sysfs_emit(text, "%llu\n", p2pmem_chardev_from_device(dev)->provider.size);
}
static DEVICE_ATTR_RO(size);

static ssize_t page_backed_show(struct device *dev, struct device_attribute *attribute, char *text)
{
	return sysfs_emit(text, "%u\n", !!p2pmem_chardev_from_device(dev)->pages);
}
static DEVICE_ATTR_RO(page_backed);

static u64 p2pmem_chardev_read_locked(struct p2pmem *memory, const u64 *number)
{
	u64 value;

	mutex_lock(&memory->lock);
	value = *number;
	mutex_unlock(&memory->lock);
	return value;
}

static ssize_t available_show(struct device *dev, struct device_attribute *attribute, char *text)
{
	struct p2pmem *memory = p2pmem_chardev_from_device(dev);

	return sysfs_emit(text, "%llu\n",
			  memory->provider.size -
				  p2pmem_chardev_read_locked(memory, &memory->allocated));
}
static DEVICE_ATTR_RO(available);

static ssize_t high_water_show(struct device *dev, struct device_attribute *attribute, char *text)
{
	struct p2pmem *memory = p2pmem_chardev_from_device(dev);

	return sysfs_emit(text, "%llu\n", p2pmem_chardev_read_locked(memory, &memory->high_water));
}
static DEVICE_ATTR_RO(high_water);

static ssize_t allocations_show(struct device *dev, struct device_attribute *attribute, char *text)
{
	struct p2pmem *memory = p2pmem_chardev_from_device(dev);

	return sysfs_emit(text, "%llu\n",
			  p2pmem_chardev_read_locked(memory, &memory->total_allocations));
}
static DEVICE_ATTR_RO(allocations);

static ssize_t limit_show(struct device *dev, struct device_attribute *attribute, char *text)
{
	struct p2pmem *memory = p2pmem_chardev_from_device(dev);

	return sysfs_emit(text, "%llu\n", p2pmem_chardev_read_locked(memory, &memory->limit));
}

static ssize_t limit_store(struct device *dev, struct device_attribute *attribute, const char *text,
			   size_t length)
{
	struct p2pmem *memory = p2pmem_chardev_from_device(dev);
	u64 limit;
	int error = kstrtou64(text, 0, &limit);

	if (error)
		return error;
	mutex_lock(&memory->lock);
	memory->limit = min(limit, memory->provider.size);
	mutex_unlock(&memory->lock);
	return length;
}
static DEVICE_ATTR_RW(limit);

static struct attribute *attributes[] = {
	&dev_attr_bar.attr,         &dev_attr_offset.attr,    &dev_attr_size.attr,
	&dev_attr_page_backed.attr, &dev_attr_available.attr, &dev_attr_high_water.attr,
	&dev_attr_allocations.attr, &dev_attr_limit.attr,     NULL,
};

/* What is on no PCI bus has no BAR. */
static umode_t p2pmem_chardev_is_visible(struct kobject *kobject, struct attribute *attribute,
					 int number)
{
	bool of_bar = attribute == &dev_attr_bar.attr || attribute == &dev_attr_offset.attr;

	return of_bar && !p2pmem_chardev_from_device(kobj_to_dev(kobject))->pdev ? 0
										 : attribute->mode;
}

static const struct attribute_group group = { .attrs = attributes,
					      .is_visible = p2pmem_chardev_is_visible };
static const struct attribute_group *groups[] = { &group, NULL };

struct class p2pmem_class = {
	.name = "p2pmem",
	.dev_groups = groups,
};

int p2pmem_chardevs_start(void)
{
	int error = alloc_chrdev_region(&first_number, 0, CHARDEVS, "p2pmem");

	if (error)
		return error;
	error = class_register(&p2pmem_class);
	if (error)
		unregister_chrdev_region(first_number, CHARDEVS);
	return error;
}

void p2pmem_chardevs_stop(void)
{
	class_unregister(&p2pmem_class);
	unregister_chrdev_region(first_number, CHARDEVS);
	ida_destroy(&numbers);
}

static int p2pmem_chardev_take_number(struct p2pmem *memory)
{
	int number = ida_alloc_max(&numbers, CHARDEVS - 1, GFP_KERNEL);
	int error;

	if (number < 0)
		return number;
	memory->dev.devt = first_number + number;
	error = dev_set_name(&memory->dev, "p2pmem%d", number);
	if (error)
		p2pmem_chardev_release(memory);
	return error;
}

void p2pmem_chardev_release(struct p2pmem *memory)
{
	ida_free(&numbers, p2pmem_index(memory));
}

/*
 * Not below its function in sysfs: there p2pdma.c has a directory of the same name as the class.
 * The usual link says whose it is.
 */
static int p2pmem_chardev_show(struct p2pmem *memory, struct device *parent)
{
	int error;

	dev_set_uevent_suppress(&memory->dev, true);
	error = cdev_device_add(&memory->cdev, &memory->dev);
	if (error || !parent)
		return error;
	error = sysfs_create_link(&memory->dev.kobj, &parent->kobj, "device");
	if (error)
		cdev_device_del(&memory->cdev, &memory->dev);
	return error;
}

int p2pmem_chardev_add(struct p2pmem *memory, struct device *parent)
{
	int error = p2pmem_chardev_take_number(memory);

	if (error)
		return error;
	cdev_init(&memory->cdev, &p2pmem_file_operations);
	memory->cdev.owner = THIS_MODULE;
	error = p2pmem_chardev_show(memory, parent);
	if (error)
		p2pmem_chardev_release(memory);
	return error;
}

void p2pmem_chardev_announce(struct p2pmem *memory)
{
	dev_set_uevent_suppress(&memory->dev, false);
	kobject_uevent(&memory->dev.kobj, KOBJ_ADD);
}

void p2pmem_chardev_remove(struct p2pmem *memory)
{
	cdev_device_del(&memory->cdev, &memory->dev);
}
