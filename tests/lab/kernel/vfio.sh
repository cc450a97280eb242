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
echo "$engine" >/sys/bus/pci/drivers/vfio-pci/unbind

# Whoever has an IOMMU may be given pages by VFIO; where pages would take DMA ops of ours there are none.
run p2pmem-guest unpublish "$index"
expect 0
run p2pmem-guest publish "$gpu" bar=2 pages wrap
case $(uname -r) in
6.*) expect 2 'publish: EOPNOTSUPP wrap-iommu$' ;;
*)
    expect 0
    run p2pmem-guest unpublish "$(cat /tmp/out)"
    expect 0
    ;;
esac
publish "$gpu" bar=2

check "all is back" [ "$(available "$index")" = 16777216 ]
run p2pmem-guest unpublish "$index"
expect 0
run rmmod p2pmem
expect 0
finish
