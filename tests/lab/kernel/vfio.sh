# machine: vfio.machine
# modules: p2pmem
# options: --module vfio-pci --module vfio_iommu_type1
# VFIO never says when it lets go of an address, so it gets none; nor is memory of a function that it
# has asked for as if its driver had a pool of it.
. ./modules.sh
load_p2pmem
gpu=$(memory_bar)
take "$gpu"
publish "$gpu" bar=2
engine=$(engine)
echo vfio-pci >"$functions/$engine/driver_override"
echo "$engine" >/sys/bus/pci/drivers_probe

run p2pmem-guest vfio "$index" "$engine"
expect 0 '^kept out' '^alloc: EOPNOTSUPP vfio' '^a mapping: EFAULT' '^a mapping of a dma-buf: EFAULT'

# Of a driver without pool; vfio-pci is one that p2pdma.c knows, since 6.19.
run p2pmem-guest publish "$engine" driver size=64K
expect 2 'publish: E[A-Z]* \(driver-memory\|no-p2pdma\)$'
run p2pmem-guest publish "$engine" driver
expect 2 'publish: EINVAL range$'
run p2pmem-guest publish "$engine" bar=0
expect 2 'publish: EBUSY driver-bound$'

# Where pages would take DMA ops of ours, VFIO would give them to its device without asking these.
run p2pmem-guest unpublish "$index"
expect 0
case $(uname -r) in
6.*)
    run p2pmem-guest publish "$gpu" bar=2 pages wrap
    expect 2 'publish: EOPNOTSUPP wrap-vfio$'
    ;;
esac
echo "$engine" >/sys/bus/pci/drivers/vfio-pci/unbind
run p2pmem-guest publish "$gpu" bar=2 pages wrap
expect 0
run p2pmem-guest unpublish "$(cat /tmp/out)"
expect 0
publish "$gpu" bar=2

check "all is back" [ "$(available "$index")" = 16777216 ]
run p2pmem-guest unpublish "$index"
expect 0
run rmmod p2pmem
expect 0
finish
