# machine: vfio.machine
# modules: p2pmem
# options: --module vfio-pci --module vfio_iommu_type1
# VFIO lets a DMA engine write to a piece, and never says when it lets go: until then it is nobody's.
. ./modules.sh
load p2pmem
gpu=$(memory_bar)
take "$gpu"
publish "$gpu" bar=2
engine=$(engine)
echo vfio-pci >"$functions/$engine/driver_override"
echo "$engine" >/sys/bus/pci/drivers_probe

background held p2pmem-guest vfio "$index" "$engine"
until_says /tmp/held 'given back'
grep -q '^right: 2048 bytes' /tmp/held || fail "the engine's bytes: $(cat /tmp/held)"
grep -q '^a mapping that is not for VFIO: EFAULT' /tmp/held || fail "VFIO took an ordinary mapping"

sleep 1 # what should not happen may take a moment
check "given back, and VFIO has it" [ "$(available "$index")" = $((16777216 - 65536)) ]
run p2pmem-guest alloc "$index" 16M
expect 2 'full'

run p2pmem-guest unpublish "$index" force
expect 0
run p2pmem-guest publish "$gpu" bar=2
expect 2 'EBUSY held'
run p2pmem-guest publish "$gpu" bar=2 offset=8388608
expect 0
run p2pmem-guest unpublish "$out" force
expect 0
run rmmod p2pmem
expect 1

kill "$held"
wait "$held" || true
publish_whole() {
    p2pmem-guest publish "$gpu" bar=2 >/tmp/out
}
await "the piece that VFIO had" publish_whole # the kernel may close a process's files after its end
index=$(cat /tmp/out)
until_there "/dev/p2pmem$index"
check "VFIO let go" [ "$(available "$index")" = 16777216 ]
run p2pmem-guest unpublish "$index"
expect 0
run rmmod p2pmem
expect 0
finish
