# machine: link-iommu.machine
# modules: p2pmem p2pmem_edu p2pmem_link
# A provider on no PCI bus below an IOMMU: what is mapped arrives, also beside a memory BAR.
. ./modules.sh
load_all
load p2pmem_link start=0x30000000 size=0x1000000 answer=via-host
until_there /dev/p2pmem0
for ends in host:0 0:host 0:0; do
    run p2pmem-guest copy "${ends%:*}" "${ends#*:}" 9001 at=4097
    expect 0 'right: 9001 bytes'
done
publish_gpu
run p2pmem-guest copy 0 "$index" 9001 engine=1
expect 0 'right: 9001 bytes'
finish
