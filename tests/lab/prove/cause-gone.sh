# machine: switch-intel-iommu
# Wrong bytes, because an IOMMU translates for the client. Without that the result is void, and the pair is proven anew.
. ./guest.sh
mkdir -p /var/lib
client=/sys/bus/pci/devices/0000:04:00.0

run p2pmem prove --scratch /dev/nvme1n1:0+8M nvme1 nvme0
expect 1 'nvme1n1 -> 0000:03:00.0: WRONG' 'nvme1n1 <- 0000:03:00.0: WRONG'
run p2pmem check nvme1 nvme0
expect 0 'data to the provider: wrong' 'data from the provider: wrong'

# Documentation/ABI/testing/sysfs-kernel-iommu_groups: the type changes while no driver is bound.
echo 0000:04:00.0 >/sys/bus/pci/drivers/nvme/unbind
echo identity >$client/iommu_group/type || fail "the domain stays as it is"
echo 0000:04:00.0 >/sys/bus/pci/drivers/nvme/bind
await "the drive" test -b /dev/nvme1n1

run p2pmem check nvme1 nvme0
expect 0 'data to the provider: void: .*0000:04:00.0 was DMA.*, is identity' 'data from the provider: void: '
run p2pmem prove --scratch /dev/nvme1n1:0+8M nvme1 nvme0
expect 0 'nvme1n1 -> 0000:03:00.0: proven' 'nvme1n1 <- 0000:03:00.0: proven'
run p2pmem check nvme1 nvme0
expect 0 'data to the provider: proven' 'data from the provider: proven'
expect_not 'void'
finish
