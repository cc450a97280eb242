# machine: ops-iommu.machine
# modules: p2pmem p2pmem_odd
# options: --module vfio-pci --module vfio_iommu_type1
# DMA operations around those of stock drivers below an IOMMU, on Linux that has no peer-to-peer pages of its own: what
# is reached by way of the host arrives through the IOMMU, and what is direct goes past it, by the BAR's own address.
# Without a second BAR, nothing is direct.
. ./modules.sh

# Where no CPU is trusted with its host bridges, QEMU's is shown as one of a chipset that is.
trust() { load p2pmem_odd identities=0000:00:00.0=8086:2030; }
distrust() { rmmod p2pmem_odd; }
[ "$(uname -m)" != aarch64 ] || trust
load p2pmem
bar=$(memory_bar 1)
past=$(memory_bar 2)
source=$(drive nvme0n1)
destination=$(drive nvme1n1)
near=$(drive nvme2n1)
engine=$(engine)

faults() { dmesg | grep -c 'DMAR.*fault addr\|DMAR.*DMA \(Read\|Write\)\|AMD-Vi: Event logged\|arm-smmu-v3.*event 0x'; }
translates() { ! grep -q 'iommu=pt\|iommu.passthrough=1' /proc/cmdline; }
publish_pages() { # BDF
    run p2pmem publish "$1" --bar 2 --pages
    expect 0 'with struct pages'
}
# right FILE N: all sizes, and mixed with host memory.
right() {
    run p2pmem-guest direct "$2" "/dev/$1"
    expect 0 'right: 11 requests each way'
}

publish_pages "$bar"
mapped_of "$bar" 2 p2pmem copy --provider "$bar" --require-p2p /dev/nvme0n1 /dev/nvme1n1
expect 0 'path proven' "through peer memory  67108864 bytes, of $bar" 'through host memory  0 bytes'
check 'the drives are equal' same /dev/nvme0n1 /dev/nvme1n1
! translates || [ "$bytes" -ge 134217728 ] || fail "$bytes bytes of the BAR were mapped, not each twice"
[ "$(wrapped "$source" via_host_bytes)" -ge 67108864 ] || fail "the source is not counted as by way of the host"
[ "$(wrapped "$destination" via_host_bytes)" -ge 67108864 ] || fail "nor is the destination"

run p2pmem prove --scratch /dev/nvme1n1:32M+16M nvme1 "$bar"
expect 0 "nvme1n1 -> $bar: proven" "nvme1n1 <- $bar: proven"

already=$(wrapped "$destination" via_host_bytes)
right nvme1n1 0
[ "$(wrapped "$destination" via_host_bytes)" = $((already + 1148928)) ] || fail "bytes by way of the host"
[ "$(wrapped "$destination" bounced_bytes)" = 0 ] || fail "it bounces"

# A drive's driver goes and comes with requests under way.
background holder p2pmem-guest direct 0 /dev/nvme1n1 forever
until_says /tmp/holder again
echo "$destination" >/sys/bus/pci/drivers/nvme/unbind
wait "$holder"
is_wrapped "$destination" && fail "a function without a driver is wrapped"
run dd if=/dev/nvme0n1 of=/dev/null bs=1M count=4 iflag=direct
expect 0
echo "$destination" >/sys/bus/pci/drivers/nvme/bind
await 'the drive' [ -b /dev/nvme1n1 ]
is_wrapped "$destination" || fail "a driver that came later finds ops as ever"
right nvme1n1 0

# Its group gets a domain of another type, which the next driver's function is wrapped for.
change_type() { # TYPE
    echo "$destination" >/sys/bus/pci/drivers/nvme/unbind
    echo "$1" >"$functions/$destination/iommu_group/type" || fail "the IOMMU's domain does not become $1"
    echo "$destination" >/sys/bus/pci/drivers/nvme/bind
    await 'the drive' [ -b /dev/nvme1n1 ]
    is_wrapped "$destination" || fail "a function with a domain of type $1 is not wrapped"
    right nvme1n1 0
    [ "$(wrapped "$destination" via_host_bytes)" = 1148928 ] || fail "bytes by way of the host, with $1"
}
for type in identity DMA; do
    change_type $type
done
[ "$(faults)" = 0 ] || fail "the IOMMU has kept something out"

# Past the IOMMU: QEMU has one at each device, which does not know the BAR's address and says which that was.
goes_past() {
    publish_pages "$past"
    first=$(sed -n '3s/^0x0*\([0-9a-f]*\) .*/\1/p' "$functions/$past/resource")
    if translates; then
        run p2pmem-guest direct 1 /dev/nvme2n1
        expect 1
        [ "$(wrapped "$near" direct_bytes)" -gt 0 ] || fail "that is not counted as direct"
        await "a fault at the BAR's address" eval 'dmesg | grep -q "\(DMAR.*fault addr\|arm-smmu-v3.*\)[[:space:]]0x0*${first%?????}"'
    else
        right nvme2n1 1
        [ "$(wrapped "$near" direct_bytes)" = 1148928 ] || fail "that is not counted as direct"
    fi
    run p2pmem unpublish "$past"
    expect 0
}
[ -z "$past" ] || goes_past
run dd if=/dev/nvme2n1 of=/dev/null bs=1M count=4 iflag=direct
expect 0

# VFIO's own domain is given pages by address: it takes the pages away, and lets nobody have any.
echo vfio-pci >"$functions/$engine/driver_override"
echo "$engine" >/sys/bus/pci/drivers_probe
is_gone() { [ ! -e /dev/p2pmem0 ]; }
await 'the end of the pages' is_gone
dmesg | grep -q 'would take memory of other devices for host memory (wrap-vfio): p2pmem takes it back' ||
    fail "the log does not say why"
await 'functions without our ops' nobody_is_wrapped
run p2pmem publish "$bar" --bar 2 --pages
expect 69 'cannot have struct pages: ' "$engine has an IOMMU domain of VFIO's" 'leaving --pages out'
echo "$engine" >/sys/bus/pci/drivers/vfio-pci/unbind
publish_pages "$bar"
right nvme1n1 0

# Cameras may have buffers that Linux 6.12 would free another way than it made them, once their function is wrapped. A
# driver that is bound anew has none; its function stays wrapped until it is gone.
by_flag() { translates && [ "$(uname -r | cut -d . -f 2)" = 12 ]; }
run p2pmem unpublish "$bar"
expect 0
await 'functions without our ops' nobody_is_wrapped
[ "$(uname -m)" != aarch64 ] || distrust
load p2pmem_odd camera="$near"
bind_anew() {
    run p2pmem publish "$bar" --bar 2 --pages
    expect 69 "while the driver of $near is bound" "echo $near >/sys/bus/pci/drivers/nvme/unbind"
    nobody_is_wrapped || fail "a function stays wrapped after a refusal"
    echo "$near" >/sys/bus/pci/drivers/nvme/unbind
    publish_pages "$bar"
    echo "$near" >/sys/bus/pci/drivers/nvme/bind
    await 'the drive' [ -b /dev/nvme2n1 ]
    is_wrapped "$near" || fail "it is not wrapped when it comes"
    run p2pmem unpublish "$bar"
    expect 0
    await 'no other function wrapped' eval '[ "$(grep -c ^wrapped /sys/kernel/debug/p2pmem/stat)" = 1 ]'
    is_wrapped "$near" || fail "another function than $near stays wrapped"
    run rmmod p2pmem
    expect 1
    publish_pages "$bar"
    right nvme2n1 0
    run p2pmem unpublish "$bar"
    expect 0
    echo "$near" >/sys/bus/pci/drivers/nvme/unbind
    await 'functions without our ops' nobody_is_wrapped
    echo "$near" >/sys/bus/pci/drivers/nvme/bind
    await 'the drive' [ -b /dev/nvme2n1 ]
}
if by_flag; then
    bind_anew
else
    publish_pages "$bar"
fi

unloads() { rmmod p2pmem 2>/dev/null; }
await 'the module unloaded' unloads
run dd if=/dev/nvme1n1 of=/dev/null bs=1M count=4 iflag=direct
expect 0
dmesg | grep '\] \(WARNING\|BUG\): ' && fail "the kernel warns"
finish
