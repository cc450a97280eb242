// SPDX-License-Identifier: GPL-2.0-only
/* Measures once, when it is loaded; the kernel's log has the answers. */
#include "bench.h"

#include <linux/module.h>

static char *client = "";
module_param(client, charp, 0444);
MODULE_PARM_DESC(client, "the PCI function that memory is mapped for, as in 0000:03:00.0");

static int __init bench_init(void)
{
	static const unsigned int percents[] = { 10, 90, 99 };

	for (size_t i = 0; i < ARRAY_SIZE(percents); i++) {
		int error = bench_pool(percents[i]);

		if (error)
			return error;
	}
	return bench_map(client);
}

static void __exit bench_exit(void)
{
}

module_init(bench_init);
module_exit(bench_exit);

MODULE_DESCRIPTION("p2pmem: pool against gen_pool, p2pmem_map_sg() against dma_map_sg()");
MODULE_LICENSE("GPL");
