# machine: two-root-ports-epyc-iommu
# Behind an IOMMU, and through the host bridge: mapped by dma_iova_link(), in requests of 128 KiB.
. ./guest.sh
allocate=/sys/bus/pci/devices/0000:01:00.0/p2pmem/allocate

run p2pmem watch --json --assert-p2p -- peer-copy $allocate /dev/nvme0n1 /dev/nvme1n1 4194304
expect 0 '"verdict":"held"' '"lost":0' '"provider":"0000:01:00.0","read":4194304,"written":0' \
    '"provider":"0000:01:00.0","read":0,"written":4194304' '"notes":\[\]'
# A list of many pieces.
run p2pmem watch --json -- dd if=/dev/nvme0n1 of=/dev/nvme1n1 bs=1M count=4 iflag=direct oflag=direct
expect 0 '"read":{"total":4194304,"host":4194304,"peers":0,"unseen":0}' \
    '"written":{"total":4194304,"host":4194304,"peers":0,"unseen":0}'
finish
