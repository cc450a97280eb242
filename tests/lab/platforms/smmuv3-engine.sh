# machine: smmuv3.machine
# modules: p2pmem p2pmem_edu p2pmem_odd
# A DMA engine and lent memory below an SMMU that translates: as with drives (smmuv3.sh), what goes through a host bridge
# that Linux trusts is mapped and arrives, and what is direct QEMU's SMMU keeps out.
. ./modules.sh
load p2pmem_odd identities=0000:00:00.0=8086:2030
load_all
publish_gpu
reaches 1 via-host
dmesg | grep 'arm-smmu-v3.*event' && fail "the SMMU has kept something out"
run p2pmem-guest verdict "$index" "$(engine 1)"
expect 0 ' direct '
run p2pmem-guest copy host "$index" 5000
expect 1 'wrong: 5000 of 5000'
dmesg | grep -q "arm-smmu-v3.*event 0x10" || fail "the SMMU has kept nothing out"
run p2pmem-guest unpublish "$index"
expect 0
finish
