// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes a machine odd, as long as it is loaded, by what no emulated one has: what p2pmem.ko must
 * not put DMA ops of its own around, chipsets of the kernel's host-bridge allowlist, and free
 * memory that is all in small pieces.
 */
#include <linux/device.h>
#include <linux/dma-map-ops.h>
#include <linux/err.h>
#include <linux/etherdevice.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/platform_device.h>

static char *untrusted;
module_param(untrusted, charp, 0444);
MODULE_PARM_DESC(untrusted, "a function, as 0000:01:00.0, that the firmware calls external");

static char *ops;
module_param(ops, charp, 0444);
MODULE_PARM_DESC(ops, "a function that has DMA ops of its own");

static bool master;
module_param(master, bool, 0444);
MODULE_PARM_DESC(master, "a network interface of a device on no PCI bus");

static char *camera;
module_param(camera, charp, 0444);
MODULE_PARM_DESC(camera, "a function that has a camera");

static char *identities;
module_param(identities, charp, 0444);
MODULE_PARM_DESC(identities,
		 "functions to show as others, to the kernel and in sysfs: BDF=VENDOR:DEVICE,...");

static unsigned int scatter;
/* The first page of what were free pieces. */
static LIST_HEAD(odd_pages);

/* All are taken before the rest of any comes back, or that would be found again. */
static bool odd_scatter_some(void)
{
	LIST_HEAD(pieces);
	struct page *page;

	while ((page = alloc_pages(GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL, scatter)))
		list_add(&page->lru, &pieces);
	if (list_empty(&pieces))
		return false;
	list_for_each_entry(page, &pieces, lru) {
		split_page(page, scatter);
		for (unsigned int i = 1; i < 1U << scatter; i++)
			__free_page(page + i);
	}
	list_splice(&pieces, &odd_pages);
	return true;
}

/* More than once, as the kernel keeps some free memory back, which is found when there is more. */
static int odd_scatter(const char *value, const struct kernel_param *parameter)
{
	int error = param_set_uint(value, parameter);

	while (!error && odd_scatter_some())
		cond_resched();
	return error;
}

static const struct kernel_param_ops odd_scatter_ops = {
	.set = odd_scatter,
	.get = param_get_uint,
};
module_param_cb(scatter, &odd_scatter_ops, &scatter, 0644);
MODULE_PARM_DESC(scatter, "leave no free memory in one piece of 2^N pages; again with each write");

static struct pci_dev *odd_function;
static struct class odd_class = { .name = "video4linux" };
static struct device *odd_camera;
static const struct dma_map_ops odd_ops;

static struct pci_dev *odd_find(const char *name)
{
	unsigned int domain, bus, device, function;

	if (sscanf(name, "%x:%x:%x.%x", &domain, &bus, &device, &function) != 4)
		return NULL;
	return pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(device, function));
}

static void odd_set(struct pci_dev *pdev, bool odd)
{
	device_lock(&pdev->dev);
	if (untrusted)
		pdev->untrusted = odd;
	else
		set_dma_ops(&pdev->dev, odd ? &odd_ops : NULL);
	device_unlock(&pdev->dev);
}

/* "BDF=VENDOR:DEVICE". The allowlist has ids as Linux has them; registers keep the function's own.
 */
static int odd_identify(const char *text, bool odd)
{
	const char *of = strchr(text, '=');
	unsigned int vendor, device;
	struct pci_dev *pdev;
	u16 ids[2];

	if (!of || sscanf(of, "=%x:%x", &vendor, &device) != 2)
		return -EINVAL;
	pdev = odd_find(text);
	if (!pdev)
		return -ENODEV;
	pci_read_config_word(pdev, PCI_VENDOR_ID, &ids[0]);
	pci_read_config_word(pdev, PCI_DEVICE_ID, &ids[1]);
	pdev->vendor = odd ? vendor : ids[0];
	pdev->device = odd ? device : ids[1];
	pci_dev_put(pdev);
	return 0;
}

static int odd_identify_all(bool odd)
{
	const char *text = identities;
	int error = 0;

	while (text && !error) {
		error = odd_identify(text, odd);
		text = strchr(text, ',');
		if (text)
			text++;
	}
	if (error && odd)
		odd_identify_all(false);
	return error;
}

#ifdef CONFIG_NET

static struct platform_device *odd_device;

static netdev_tx_t odd_drop(struct sk_buff *skb, struct net_device *net)
{
	dev_kfree_skb(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops odd_net_ops = { .ndo_start_xmit = odd_drop };

static int odd_probe(struct platform_device *device)
{
	struct net_device *net = devm_alloc_etherdev(&device->dev, 0);

	if (!net)
		return -ENOMEM;
	SET_NETDEV_DEV(net, &device->dev);
	net->netdev_ops = &odd_net_ops;
	eth_hw_addr_random(net);
	return devm_register_netdev(&device->dev, net);
}

static struct platform_driver odd_driver = { .driver.name = "p2pmem_odd" };

static int odd_add_master(void)
{
	odd_device = platform_create_bundle(&odd_driver, odd_probe, NULL, 0, NULL, 0);
	return PTR_ERR_OR_ZERO(odd_device);
}

static void odd_remove_master(void)
{
	platform_device_unregister(odd_device);
	platform_driver_unregister(&odd_driver);
}

#else

static int odd_add_master(void)
{
	return -EOPNOTSUPP;
}

static void odd_remove_master(void)
{
}

#endif

static int odd_add_camera(void)
{
	int error = class_register(&odd_class);

	if (error)
		return error;
	odd_camera = device_create(&odd_class, &odd_function->dev, 0, NULL, "camera");
	if (!IS_ERR(odd_camera))
		return 0;
	class_unregister(&odd_class);
	return PTR_ERR(odd_camera);
}

static void odd_give_back(void)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &odd_pages, lru) {
		list_del(&page->lru);
		__free_page(page);
	}
}

static int __init odd_start(void)
{
	int error = 0;

	if (identities)
		return odd_identify_all(true);
	if (scatter)
		return 0;
	if (master)
		return odd_add_master();
	odd_function = odd_find(untrusted ? untrusted : ops ? ops : camera ? camera : "");
	if (!odd_function)
		return -ENODEV;
	if (camera)
		error = odd_add_camera();
	else
		odd_set(odd_function, true);
	if (error)
		pci_dev_put(odd_function);
	return error;
}
module_init(odd_start);

static void __exit odd_stop(void)
{
	if (identities) {
		odd_identify_all(false);
	} else if (scatter) {
		odd_give_back();
	} else if (odd_camera) {
		device_unregister(odd_camera);
		class_unregister(&odd_class);
		pci_dev_put(odd_function);
	} else if (odd_function) {
		odd_set(odd_function, false);
		pci_dev_put(odd_function);
	} else {
		odd_remove_master();
	}
}
module_exit(odd_stop);

MODULE_DESCRIPTION("Lab: functions, devices and memory as no emulated machine has them");
MODULE_AUTHOR("The p2pmem project");
MODULE_LICENSE("GPL");
