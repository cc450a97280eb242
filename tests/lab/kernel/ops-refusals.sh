# machine: ops-refusals.machine
# modules: p2pmem p2pmem_odd
# options: --module virtio_pci --module virtio-rng
# Where DMA operations cannot be put around those of all devices, no page is made, and the reason said; what comes
# later and cannot be wrapped takes the pages away again.
. ./modules.sh
load p2pmem
bar=$(memory_bar)
near=$(drive nvme0n1)

# refused PATTERN...: with pages; nothing is changed, and without pages it works.
refused() {
    run p2pmem publish "$bar" --bar 2 --pages
    expect 69 'cannot have struct pages: ' 'leaving --pages out' "$@"
    expect_lines 1
    nobody_is_wrapped || fail "a function stays wrapped after a refusal"
    [ ! -e /dev/p2pmem0 ] || fail "/dev/p2pmem0 is there after a refusal"
}

# Only who asks for pages by name has anybody's operations wrapped.
run p2pmem publish "$bar" --bar 2
expect 0 'without struct pages' 'note: .*CONFIG_PCI_P2PDMA' 'have DMA operations wrapped'
nobody_is_wrapped || fail "it wraps unasked"
run p2pmem unpublish p2pmem0
expect 0
take "$bar"
run p2pmem-guest publish "$bar" bar=2 pages
expect 2 'EOPNOTSUPP no-p2pdma'
run p2pmem publish "$bar" --bar 2 --size 1M --pages
expect 69 'multiples of 2 MiB'
await 'functions without our ops' nobody_is_wrapped

load p2pmem_odd untrusted="$near"
refused "$near is behind an external port"
rmmod p2pmem_odd
load p2pmem_odd ops="$near"
refused "$near has DMA operations of its own"
rmmod p2pmem_odd
# The debug kernel has no network.
master_is_refused() {
    load p2pmem_odd master=1
    refused 'on no PCI bus'
    dmesg | grep -q 'p2pmem makes no pages: this moves bytes' || fail "the log does not name it"
    rmmod p2pmem_odd
}
[ ! -d /sys/class/net ] || master_is_refused

# Memory in one piece, to bounce through: 2 MiB do; without them nothing is changed.
load p2pmem_odd scatter=10
run p2pmem publish "$bar" --bar 2 --pages
expect 0 'with struct pages'
run p2pmem unpublish "$bar"
expect 0
await 'functions without our ops' nobody_is_wrapped
rmmod p2pmem_odd
load p2pmem_odd scatter=9
# What the kernel has made free by moving others' pages is scattered, too.
none_in_one_piece() {
    run p2pmem publish "$bar" --bar 2 --pages
    [ "$status" = 0 ] || return 0
    p2pmem unpublish "$bar" >/dev/null
    await 'functions without our ops' nobody_is_wrapped
    echo 9 >/sys/module/p2pmem_odd/parameters/scatter
    return 1
}
await 'no memory in one piece' none_in_one_piece
expect 71 'cannot have struct pages now: 2 MiB of host memory in one piece' 'leaving --pages out'
expect_lines 1
nobody_is_wrapped || fail "a function stays wrapped without memory"
rmmod p2pmem_odd

# One that uses the DMA API may come; one that does not, may not.
plug() { # ID OPTION
    arguments="\"driver\": \"virtio-rng-pci\", \"id\": \"$1\", \"bus\": \"rp1\", \"disable-legacy\": \"on\"$2"
    lab qmp "{\"execute\": \"device_add\", \"arguments\": {$arguments}}" >/tmp/qmp
}
virtio() { ls -d /sys/bus/pci/drivers/virtio-pci/0000:* 2>/dev/null; }
is_virtio() { [ -n "$(virtio)" ]; }
run p2pmem publish "$bar" --bar 2 --pages
expect 0 'with struct pages'
plug good ', "iommu_platform": true'
await 'a virtio device' is_virtio
is_wrapped "$(basename "$(virtio)")" || fail "it is not wrapped"
[ -e /dev/p2pmem0 ] || fail "it takes the pages away"
lab unplug good
[ -e /dev/p2pmem0 ] || fail "its end takes the pages away"

plug bad ''
await 'a virtio device' is_virtio
is_gone() { [ ! -e /dev/p2pmem0 ]; }
await 'the end of the pages' is_gone
dmesg | grep -q 'would take memory of other devices for host memory (wrap-virtio): p2pmem takes it back' ||
    fail "the log does not say why"
await 'functions without our ops' nobody_is_wrapped
refused 'the virtio device 0000:..:00.0 does not use the DMA API'
basename "$(virtio)" >/sys/bus/pci/drivers/virtio-pci/unbind
run p2pmem publish "$bar" --bar 2 --pages
expect 0 'with struct pages'

# The module goes with what it has published.
check 'the module unloads' rmmod p2pmem
run dd if=/dev/nvme0n1 of=/dev/null bs=1M count=4 iflag=direct
expect 0
finish
