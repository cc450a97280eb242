# machine: routes-iommu.machine
# modules: p2pmem p2pmem_edu
# Bus addresses pass QEMU's IOMMU, which sits at each device and does not know them: bytes are lost
# where hardware has a switch that delivers them. Through the host they are mapped.
. ./modules.sh
load_all
publish_gpu
run p2pmem-guest verdict "$index" "$(engine 1)"
expect 0 ' direct '
run p2pmem-guest copy host "$index" 5000
expect 1 'wrong: 5000 of 5000'
reaches 1 via-host
finish
