// SPDX-License-Identifier: MIT
/*
 * Trees made up in memory, for what no capture at hand has: offsets, virtual functions, VMD,
 * published memory, IOMMU groups, damage.
 */
#include "sources_support.h"

#include "machine/sources/config_space.h"
#include "machine/sources/platform.h"

#define PORT "pci0000:00/0000:00:01.0"
#define NVME PORT "/0000:03:00.0"

/* 64 bytes of a bridge with a memory window at bus address 80000000-80ffffff. */
static void add_bridge_config(struct p2p_memory_tree *memory, const char *path)
{
	uint8_t config[64] = { 0x86, 0x80, 0x2a, 0x35, 0, 0, 0x10 };

	config[0x0a] = 0x04;
	config[0x0b] = 0x06;
	config[0x0e] = 0x01;
	config[0x19] = 0x03;
	config[0x1a] = 0x04;
	config[0x21] = 0x80;
	config[0x22] = 0xf0;
	config[0x23] = 0x80;
	assert_int_equal(p2p_memory_tree_add(memory, P2P_ENTRY_FILE, path, config, sizeof(config)),
			 0);
}

static void add_bar_config(struct p2p_memory_tree *memory, const char *path, uint32_t bar)
{
	uint8_t config[64] = { 0x4d, 0x14, 0x0a, 0xa8, 0, 0, 0x10 };

	config[0x0a] = 0x08;
	config[0x0b] = 0x01;
	for (unsigned int i = 0; i < sizeof(bar); i++)
		config[0x10 + i] = (uint8_t)(bar >> 8 * i);
	assert_int_equal(p2p_memory_tree_add(memory, P2P_ENTRY_FILE, path, config, sizeof(config)),
			 0);
}

#define NO_RESOURCE    "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
#define NO_RESOURCES_6 NO_RESOURCE NO_RESOURCE NO_RESOURCE NO_RESOURCE NO_RESOURCE NO_RESOURCE

/* A pseries guest: CPU 200080000000 is bus 80000000. */
static struct p2p_memory_tree *offset_machine(void)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();

	tree_function(memory, PORT, "0x060400\n");
	tree_function(memory, NVME, "0x010802\n");
	tree_function(memory, PORT "/0000:03:00.1", "0x010802\n");
	add_bridge_config(memory, "sys/devices/" PORT "/config");
	add_bar_config(memory, "sys/devices/" NVME "/config", 0x80000004);
	add_bar_config(memory, "sys/devices/" PORT "/0000:03:00.1/config", 0);
	/* 17 lines: BARs, ROM, SR-IOV, then I/O, memory and prefetchable window. */
	tree_file(memory, "sys/devices/" PORT "/resource",
		  NO_RESOURCES_6 NO_RESOURCES_6 NO_RESOURCE NO_RESOURCE
		  "0x0000200080000000 0x0000200080ffffff 0x0000000000040200\n" NO_RESOURCE
			  NO_RESOURCE);
	tree_file(memory, "sys/devices/" NVME "/resource",
		  "0x0000200080000000 0x0000200080003fff 0x0000000000140204\n" NO_RESOURCES_6);
	/* A virtual function: no BAR register of its own. */
	tree_file(memory, "sys/devices/" PORT "/0000:03:00.1/resource",
		  "0x0000200080010000 0x0000200080013fff 0x0000000000140204\n" NO_RESOURCES_6);
	tree_link(memory, "sys/devices/" PORT "/0000:03:00.1/physfn", "../0000:03:00.0");
	return memory;
}

static void offset_without_iomem(void **state)
{
	struct p2p_machine *machine = tree_machine(offset_machine());
	const struct p2p_node_info *port = info_of(machine, "0000:00:01.0");
	const struct p2p_node_info *nvme = info_of(machine, "0000:03:00.0");
	const struct p2p_node_info *vf = info_of(machine, "0000:03:00.1");
	const struct p2p_range *windows;
	uint32_t count;

	(void)state;
	assert_int_equal(port->window[1].cpu.value, 0x200080000000);
	assert_int_equal(port->window[1].bus.value, 0x80000000);
	assert_int_equal(nvme->bar[0].cpu.value, 0x200080000000);
	assert_int_equal(nvme->bar[0].bus.value, 0x80000000);
	assert_int_equal(nvme->bar[0].size, 0x4000);
	assert_true(vf->bar[0].bus_known);
	assert_int_equal(vf->bar[0].bus.value, 0x80010000);
	assert_int_equal(device_of(machine, "0000:03:00.1")->physical_function,
			 node_of(machine, "0000:03:00.0"));
	/* Only what the port's window proves. */
	windows = p2p_fabric_windows(p2p_machine_fabric(machine), parent_of(machine, "00:01.0"),
				     &count);
	assert_int_equal(count, 1);
	assert_int_equal(windows[0].cpu.value, 0x200080000000);
	assert_int_equal(windows[0].bus.value, 0x80000000);
	assert_int_equal(windows[0].size, 0x1000000);
	p2p_machine_free(machine);
}

static void offset_with_iomem(void **state)
{
	struct p2p_memory_tree *memory = offset_machine();
	struct p2p_machine *machine;
	const struct p2p_range *windows;
	uint32_t count;

	(void)state;
	tree_file(memory, "proc/iomem",
		  "00000000-ffffffff : System RAM\n"
		  "200080000000-2000ffffffff : PCI Bus 0000:00\n"
		  "  200080000000-200080ffffff : PCI Bus 0000:03\n"
		  "210000000000-21ffffffffff : PCI Bus 0000:00\n");
	machine = tree_machine(memory);
	windows = p2p_fabric_windows(p2p_machine_fabric(machine), parent_of(machine, "00:01.0"),
				     &count);
	assert_int_equal(count, 2);
	assert_int_equal(windows[0].size, 0x80000000);
	assert_int_equal(windows[0].bus.value, 0x80000000);
	/* Nothing in the second one tells its offset. */
	assert_true(windows[1].cpu_known && !windows[1].bus_known);
	p2p_machine_free(machine);
}

/* Not root: iomem is there, and all zeros. */
static void iomem_of_zeros(void **state)
{
	struct p2p_memory_tree *memory = offset_machine();
	struct p2p_machine *machine;
	uint32_t count;

	(void)state;
	tree_file(memory, "proc/iomem", "00000000-00000000 : PCI Bus 0000:00\n");
	machine = tree_machine(memory);
	p2p_fabric_windows(p2p_machine_fabric(machine), parent_of(machine, "00:01.0"), &count);
	assert_int_equal(count, 1);
	p2p_machine_free(machine);
}

/* A range that ends beyond 64 bits, and one that disagrees with another about the offset. */
static void impossible_windows(void **state)
{
	struct p2p_memory_tree *memory = offset_machine();
	struct p2p_machine *machine;

	(void)state;
	tree_function(memory, "pci0000:00/0000:00:02.0", "0x010802\n");
	add_bar_config(memory, "sys/devices/pci0000:00/0000:00:02.0/config", 0x70000004);
	tree_file(memory, "sys/devices/pci0000:00/0000:00:02.0/resource",
		  "0x0000200090000000 0x0000200090003fff 0x0000000000140204\n" NO_RESOURCES_6);
	tree_file(memory, "proc/iomem",
		  "200080000000-2000ffffffff : PCI Bus 0000:00\n"
		  "fffffffffffff000-ffffffffffffffff : PCI Bus 0000:00\n");
	machine = tree_machine(memory);
	assert_true(has_warning(machine, "is unknown: BARs disagree about it"));
	assert_false(info_of(machine, "0000:03:00.1")->bar[0].bus_known);
	p2p_machine_free(machine);
}

/* A host bridge's node: I/O, 32-bit memory with an offset, 64-bit memory without; parent: 2 words.
 */
#define NODE "sys/firmware/devicetree/base/pci@800000020000000"
#define IO_RANGE                                                                                   \
	"\x01\0\0\0"                                                                               \
	"\0\0\0\0"                                                                                 \
	"\0\0\0\0"                                                                                 \
	"\0\0\x20\0"                                                                               \
	"\0\0\0\0"                                                                                 \
	"\0\0\0\0"                                                                                 \
	"\0\x01\0\0"
#define LOW_RANGE                                                                                  \
	"\x02\0\0\0"                                                                               \
	"\0\0\0\0"                                                                                 \
	"\x80\0\0\0"                                                                               \
	"\0\0\x20\0"                                                                               \
	"\x80\0\0\0"                                                                               \
	"\0\0\0\0"                                                                                 \
	"\x80\0\0\0"
#define HIGH_RANGE                                                                                 \
	"\x43\0\0\0"                                                                               \
	"\0\0\x21\0"                                                                               \
	"\0\0\0\0"                                                                                 \
	"\0\0\x21\0"                                                                               \
	"\0\0\0\0"                                                                                 \
	"\0\0\1\0"                                                                                 \
	"\0\0\0\0"

static struct p2p_memory_tree *device_tree_machine(const char *ranges, size_t size)
{
	struct p2p_memory_tree *memory = offset_machine();

	tree_link(memory, "sys/class/pci_bus/0000:00", "../../devices/pci0000:00/pci_bus/0000:00");
	tree_link(memory, "sys/devices/pci0000:00/pci_bus/0000:00/of_node",
		  "../../../../firmware/devicetree/base/pci@800000020000000");
	assert_int_equal(p2p_memory_tree_add(memory, P2P_ENTRY_FILE, NODE "/ranges", ranges, size),
			 0);
	assert_int_equal(p2p_memory_tree_add(memory, P2P_ENTRY_FILE,
					     "sys/firmware/devicetree/base/#address-cells",
					     "\0\0\0\2", 4),
			 0);
	return memory;
}

/* Whole windows with both addresses, without root, and whether or not a BAR is in them. */
static void device_tree(void **state)
{
	static const char ranges[] = IO_RANGE LOW_RANGE HIGH_RANGE;
	struct p2p_machine *machine = tree_machine(device_tree_machine(ranges, sizeof(ranges) - 1));
	const struct p2p_range *windows;
	uint32_t count;

	(void)state;
	windows = p2p_fabric_windows(p2p_machine_fabric(machine), parent_of(machine, "00:01.0"),
				     &count);
	assert_int_equal(count, 2);
	assert_int_equal(windows[0].cpu.value, 0x200080000000);
	assert_int_equal(windows[0].bus.value, 0x80000000);
	assert_int_equal(windows[0].size, 0x80000000);
	assert_int_equal(windows[0].flags, P2P_RANGE_MEMORY);
	assert_int_equal(windows[1].cpu.value, 0x210000000000);
	assert_int_equal(windows[1].bus.value, 0x210000000000);
	assert_int_equal(windows[1].flags, P2P_RANGE_MEMORY | P2P_RANGE_PREFETCH | P2P_RANGE_64BIT);
	assert_int_equal(p2p_machine_warnings(machine), 0);
	p2p_machine_free(machine);
}

/* What POWER's own firmware says of the 64-bit window: half of a whole one, less what Linux keeps.
 */
static void opal_window(void **state)
{
	static const char m64[] = "\0\0\x21\0"
				  "\0\0\0\0"
				  "\0\0\x30\0"
				  "\0\0\0\0"
				  "\0\0\1\0"
				  "\0\0\0\0";
	static const char ranges[] = LOW_RANGE;

	(void)state;
	for (size_t size = 0; size < sizeof(m64); size += sizeof(m64) / 2) {
		struct p2p_memory_tree *memory = device_tree_machine(ranges, sizeof(ranges) - 1);
		bool whole = size == sizeof(m64) - 1;
		const struct p2p_range *windows;
		struct p2p_machine *machine;
		uint32_t count;

		assert_int_equal(p2p_memory_tree_add(memory, P2P_ENTRY_FILE,
						     NODE "/ibm,opal-m64-window", m64, size),
				 0);
		assert_int_equal(p2p_memory_tree_add(memory, P2P_ENTRY_FILE,
						     NODE "/ibm,opal-num-pes", "\0\0\1\0", 4),
				 0);
		machine = tree_machine(memory);
		windows = p2p_fabric_windows(p2p_machine_fabric(machine),
					     parent_of(machine, "00:01.0"), &count);
		assert_int_equal(count, whole ? 2 : 1);
		assert_int_equal(has_warning(machine, "is no window of a host bridge"), !whole);
		if (whole) {
			assert_int_equal(windows[1].cpu.value, 0x300000000000);
			assert_int_equal(windows[1].bus.value, 0x210000000000);
			assert_int_equal(windows[1].size, 0x10000000000 / 256 * 254);
		}
		p2p_machine_free(machine);
	}
}

/* What no firmware should say: each is told, and nothing is derived from it. */
static void bad_device_tree(void **state)
{
	static const char half[] = LOW_RANGE "\x02\0\0";
	static const char space[] = "\x1e\0\0\0"
				    "\0\0\0\0"
				    "\x80\0\0\0"
				    "\0\0\x20\0"
				    "\x80\0\0\0"
				    "\0\0\0\0"
				    "\x80\0\0\0";
	static const char overlapping[] = LOW_RANGE "\x03\0\0\0"
						    "\0\0\x21\0"
						    "\0\0\0\0"
						    "\0\0\x20\0"
						    "\xf0\0\0\0"
						    "\0\0\0\0"
						    "\x80\0\0\0";
	static const char beyond[] = "\x02\0\0\0"
				     "\0\0\0\0"
				     "\x90\0\0\0"
				     "\0\0\x20\0"
				     "\x80\0\0\0"
				     "\0\0\0\0"
				     "\x80\0\0\0";
	static const char wraps[] = LOW_RANGE "\x03\0\0\0"
					      "\xff\xff\xff\xff"
					      "\xff\0\0\0"
					      "\0\0\x30\0"
					      "\0\0\0\0"
					      "\0\0\0\1"
					      "\0\0\0\0";
	static const char other[] = "\x02\0\0\0"
				    "\0\0\0\0"
				    "\0\0\0\0"
				    "\0\0\x20\0"
				    "\x80\0\0\0"
				    "\0\0\0\0"
				    "\x80\0\0\0";
	static const struct {
		const char *ranges;
		size_t size;
		const char *warning;
	} cases[] = {
		{ half, sizeof(half) - 1, "not all of it is windows of a host bridge" },
		{ space, sizeof(space) - 1, "not all of it is windows of a host bridge" },
		{ overlapping, sizeof(overlapping) - 1, "another window overlaps it" },
		{ beyond, sizeof(beyond) - 1, "a 32-bit window cannot be above 4 GiB" },
		{ wraps, sizeof(wraps) - 1, "is impossible; left out" },
		{ other, sizeof(other) - 1, "BARs disagree about it" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct p2p_machine *machine =
			tree_machine(device_tree_machine(cases[i].ranges, cases[i].size));

		if (!has_warning(machine, cases[i].warning))
			fail_msg("case %zu: no '%s'", i, cases[i].warning);
		p2p_machine_free(machine);
	}
}

/*
 * Prefetchable by today's flag, by an old kernel's (mic0 of the 2n8c capture has 0x12120c), by the
 * register's own low bits alone, and not at all.
 */
static void prefetchable_bars(void **state)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();
	struct p2p_machine *machine;
	const struct p2p_range *bar;

	(void)state;
	tree_function(memory, "pci0000:00/0000:00:02.0", "0x0b4000\n");
	tree_file(memory, "sys/devices/pci0000:00/0000:00:02.0/resource",
		  "0x000003b000000000 0x000003b1ffffffff 0x0000000000142204\n"
		  "0x000003bc00000000 0x000003bdffffffff 0x0000000000121204\n"
		  "0x000003be00000000 0x000003beffffffff 0x000000000012020c\n"
		  "0x00000000ec000000 0x00000000ec01ffff 0x0000000000120204\n"
		  "0x000000000000ec00 0x000000000000ec1f 0x0000000000040109\n" NO_RESOURCE);
	machine = tree_machine(memory);
	bar = info_of(machine, "0000:00:02.0")->bar;
	for (unsigned int i = 0; i < 3; i++)
		assert_true(bar[i].flags & P2P_RANGE_PREFETCH);
	assert_false(bar[3].flags & P2P_RANGE_PREFETCH);
	assert_false(bar[4].flags & P2P_RANGE_PREFETCH);
	p2p_machine_free(machine);
}

static void vmd_root(void **state)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();
	struct p2p_machine *machine;
	p2p_node root;

	(void)state;
	tree_function(memory, "pci0000:00/0000:00:0e.0", "0x010400\n");
	tree_function(memory, "pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0", "0x060400\n");
	tree_function(memory, "pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0/10000:e1:00.0",
		      "0x010802\n");
	machine = tree_machine(memory);
	root = parent_of(machine, "10000:e0:06.0");
	assert_int_equal(p2p_fabric_info(p2p_machine_fabric(machine), root)->kind,
			 P2P_KIND_HOST_BRIDGE);
	assert_int_equal(p2p_fabric_info(p2p_machine_fabric(machine), root)->bdf.domain, 0x10000);
	assert_int_equal(parent_of(machine, "10000:e1:00.0"), node_of(machine, "10000:e0:06.0"));
	p2p_machine_free(machine);
}

static void facts(void **state)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();
	const struct p2p_device *device;
	struct p2p_machine *machine;

	(void)state;
	tree_function(memory, PORT, "0x060400\n");
	tree_function(memory, NVME, "0x010802\n");
	tree_file(memory, "sys/devices/" NVME "/numa_node", "-1\n");
	tree_file(memory, "sys/devices/" NVME "/label", "Slot 7\n");
	tree_file(memory, "sys/devices/" NVME "/p2pmem/size", "67108864\n");
	tree_file(memory, "sys/devices/" NVME "/p2pmem/available", "4096\n");
	tree_file(memory, "sys/devices/" NVME "/p2pmem/published", "1\n");
	tree_file(memory, "sys/devices/" NVME "/max_link_speed", "16.0 GT/s PCIe\n");
	tree_file(memory, "sys/devices/" NVME "/max_link_width", "4\n");
	tree_file(memory, "sys/devices/" NVME "/current_link_speed", "8.0 GT/s PCIe\n");
	tree_file(memory, "sys/devices/" NVME "/current_link_width", "2\n");
	tree_link(memory, "sys/devices/" NVME "/driver", "../../../../bus/pci/drivers/nvme");
	tree_link(memory, "sys/devices/" NVME "/iommu_group", "../../../../kernel/iommu_groups/9");
	tree_file(memory, "sys/kernel/iommu_groups/9/type", "DMA-FQ\n");
	tree_file(memory, "sys/bus/pci/slots/12/address", "0000:03:00\n");
	tree_file(memory, "proc/cpuinfo",
		  "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 1\n"
		  "model name\t: AMD EPYC 7763\nflags\t\t: fpu hypervisor lm\n\nprocessor\t: 1\n");
	tree_file(memory, "proc/cmdline",
		  "root=/dev/sda1 pci=disable_acs_redir=pci:10b5:8747 password=x iommu=pt\n");
	tree_file(memory, "proc/sys/kernel/osrelease", "6.12.0-test\n");
	tree_file(memory, "boot/config-6.12.0-test",
		  "CONFIG_ZONE_DEVICE=y\n# CONFIG_PCI_P2PDMA is not set\nCONFIG_VFIO=m\n");
	machine = tree_machine(memory);
	device = device_of(machine, "0000:03:00.0");
	assert_int_equal(info_of(machine, "0000:03:00.0")->numa_node, P2P_NUMA_UNKNOWN);
	assert_int_equal(info_of(machine, "0000:03:00.0")->link.speed, 8000);
	assert_int_equal(info_of(machine, "0000:03:00.0")->link.max_width, 4);
	assert_string_equal(device->label, "Slot 7");
	assert_string_equal(device->driver, "nvme");
	assert_string_equal(device->slot, "12");
	assert_int_equal(device->memory.known, P2P_PRESENT);
	assert_int_equal(device->memory.size, 64 << 20);
	assert_true(device->memory.published);
	assert_int_equal(device_of(machine, "0000:00:01.0")->memory.known, P2P_UNKNOWN);
	assert_string_equal(p2p_machine_group_type(machine, 9), "DMA-FQ");
	assert_null(p2p_machine_group_type(machine, 8));
	assert_int_equal(p2p_machine_facts(machine)->cpu_family, 25);
	assert_int_equal(p2p_machine_facts(machine)->hypervisor, P2P_PRESENT);
	assert_string_equal(p2p_machine_facts(machine)->command_line,
			    "pci=disable_acs_redir=pci:10b5:8747 iommu=pt");
	assert_string_equal(p2p_machine_config(machine, "CONFIG_PCI_P2PDMA"), "n");
	assert_string_equal(p2p_machine_config(machine, "CONFIG_VFIO"), "m");
	assert_null(p2p_machine_config(machine, "CONFIG_NO_SUCH"));
	p2p_machine_free(machine);
}

static void damage(void **state)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();
	struct p2p_machine *machine;

	(void)state;
	tree_function(memory, PORT, "0x0604");
	tree_function(memory, NVME, "nonsense");
	tree_link(memory, "sys/bus/pci/devices/not-an-address", "../../../devices/x");
	tree_link(memory, "sys/bus/pci/devices/0000:09:00.0", "../../../../../../etc/passwd");
	tree_file(memory, "sys/devices/" NVME "/config", "short");
	tree_file(memory, "sys/devices/" NVME "/resource", "0x1 0x2\n");
	tree_file(memory, "sys/devices/" NVME "/numa_node", "99999999999999999999\n");
	tree_link(memory, "sys/devices/" NVME "/driver", "");
	tree_link(memory, "sys/devices/" NVME "/iommu_group", "../../../../kernel/iommu_groups/x");
	machine = tree_machine(memory);
	assert_true(has_warning(machine, "not-an-address: no PCI address"));
	assert_true(has_warning(machine, "0000:03:00.0: config is cut short"));
	assert_true(has_warning(machine, "0000:03:00.0: resource line 1 is malformed"));
	assert_int_equal(info_of(machine, "0000:03:00.0")->numa_node, P2P_NUMA_UNKNOWN);
	assert_int_equal(info_of(machine, "0000:03:00.0")->class_code, UINT32_MAX);
	assert_int_equal(info_of(machine, "0000:03:00.0")->kind, P2P_KIND_ENDPOINT);
	p2p_machine_free(machine);
}

/* Two functions, each below the other. */
static void impossible_tree(void **state)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();
	struct p2p_error error = { .text = "" };
	struct p2p_machine *machine;

	(void)state;
	tree_link(memory, "sys/bus/pci/devices/0000:01:00.0",
		  "../../../devices/pci0000:00/0000:02:00.0/0000:01:00.0");
	tree_link(memory, "sys/bus/pci/devices/0000:02:00.0",
		  "../../../devices/pci0000:00/0000:01:00.0/0000:02:00.0");
	tree_file(memory, "sys/devices/pci0000:00/0000:02:00.0/0000:01:00.0/class", "0x060400");
	tree_file(memory, "sys/devices/pci0000:00/0000:01:00.0/0000:02:00.0/class", "0x060400");
	assert_int_equal(read_tree(memory, &machine, &error), -EBADMSG);
	assert_non_null(strstr(error.text, "lies below itself"));
}

static void no_pci(void **state)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();
	struct p2p_error error = { .text = "" };
	struct p2p_machine *machine;

	(void)state;
	tree_file(memory, "proc/cmdline", "x");
	assert_int_equal(read_tree(memory, &machine, &error), -EBADMSG);
	assert_non_null(strstr(error.text, "no sys/bus/pci/devices"));
}

static void manifests(void **state)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();
	struct p2p_error error = { .text = "" };
	struct p2p_machine *machine;

	(void)state;
	tree_function(memory, PORT, "0x060400");
	tree_file(memory, P2P_MANIFEST,
		  "format 1\nkernel 6.12.1\nroot no\ncomplete yes\nnew-key of a later format\n"
		  "option CONFIG_PCI_P2PDMA=y\n");
	machine = tree_machine(memory);
	assert_string_equal(p2p_machine_source(machine), "capture");
	assert_int_equal(p2p_machine_facts(machine)->root, P2P_ABSENT);
	assert_int_equal(p2p_machine_facts(machine)->iommu, P2P_ABSENT);
	assert_int_equal(device_of(machine, "0000:00:01.0")->driver_known, P2P_ABSENT);
	assert_int_equal(device_of(machine, "0000:00:01.0")->memory.known, P2P_ABSENT);
	assert_string_equal(p2p_machine_config(machine, "CONFIG_PCI_P2PDMA"), "y");
	assert_null(p2p_machine_config(machine, "CONFIG_VFIO"));
	p2p_machine_free(machine);

	/* Taken in a container that shows no PCI: replays as that, and knows nothing absent. */
	memory = p2p_memory_tree_new();
	tree_file(memory, P2P_MANIFEST, "format 1\ncomplete yes\n");
	machine = tree_machine(memory);
	assert_true(has_warning(machine, "no /sys/bus/pci/devices"));
	assert_int_equal(p2p_machine_facts(machine)->iommu, P2P_UNKNOWN);
	p2p_machine_free(machine);

	memory = p2p_memory_tree_new();
	tree_file(memory, P2P_MANIFEST, "format 99\n");
	tree_function(memory, PORT, "0x060400");
	machine = tree_machine(memory);
	assert_true(has_warning(machine, "format 99 is newer"));
	p2p_machine_free(machine);

	memory = p2p_memory_tree_new();
	tree_file(memory, P2P_MANIFEST, "rubbish\n");
	assert_int_equal(read_tree(memory, &machine, &error), -EBADMSG);
	assert_non_null(strstr(error.text, "line 1"));
}

/*
 * Config space is read in steps, 256, 1024 and 4096 bytes: ACS is found in each of them, and its
 * absence where the list ends. A root port; PCI Express at 40h, extended list from 100h.
 */
static void acs_wherever_it_is(void **state)
{
	static const size_t places[] = { 0x100, 0x3f8, 0x3fc, 0x400, 0xff8, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct p2p_memory_tree *memory = p2p_memory_tree_new();
		uint8_t config[P2P_CONFIG_PCIE] = { 0x86, 0x80, 0x2a, 0x35, 0, 0, 0x10 };
		size_t at = places[i];
		struct p2p_machine *machine;

		config[0x0a] = 0x04;
		config[0x0b] = 0x06;
		config[0x0e] = 0x01;
		config[0x34] = 0x40;
		config[0x40] = 0x10;
		config[0x42] = 0x42;  /* version 2, root port */
		config[0x100] = 0x01; /* advanced error reporting, unless ACS itself is here */
		config[0x102] = (uint8_t)(0x01 | (at & 0xf) << 4);
		config[0x103] = (uint8_t)(at >> 4);
		if (at) {
			config[at] = 0x0d;
			config[at + 2] = 0x01;
			config[at + 3] = 0;
			config[at + 4] = 0x1f;
			config[at + 6] = 0x1d;
		}
		tree_function(memory, PORT, "0x060400\n");
		assert_int_equal(p2p_memory_tree_add(memory, P2P_ENTRY_FILE,
						     "sys/devices/" PORT "/config", config,
						     sizeof(config)),
				 0);
		machine = tree_machine(memory);
		assert_int_equal(info_of(machine, "0000:00:01.0")->acs.known,
				 at ? P2P_PRESENT : P2P_ABSENT);
		assert_int_equal(info_of(machine, "0000:00:01.0")->acs.control, at ? 0x1d : 0);
		p2p_machine_free(machine);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offset_without_iomem),
		cmocka_unit_test(device_tree),
		cmocka_unit_test(opal_window),
		cmocka_unit_test(bad_device_tree),
		cmocka_unit_test(offset_with_iomem),
		cmocka_unit_test(iomem_of_zeros),
		cmocka_unit_test(impossible_windows),
		cmocka_unit_test(acs_wherever_it_is),
		cmocka_unit_test(prefetchable_bars),
		cmocka_unit_test(vmd_root),
		cmocka_unit_test(facts),
		cmocka_unit_test(damage),
		cmocka_unit_test(impossible_tree),
		cmocka_unit_test(no_pci),
		cmocka_unit_test(manifests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
