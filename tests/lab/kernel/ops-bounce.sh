# machine: ops-bounce.machine
# modules: p2pmem p2pmem_odd
# A drive that the rules keep from a BAR, with the kernel's own driver, which would try a refused mapping again for
# ever: the CPU copies instead, each byte is right, counted and said, and a copy does not call it peer-to-peer.
. ./modules.sh
load p2pmem
bar=$(memory_bar)
near=$(drive nvme0n1)
far=$(drive nvme1n1)

# How many functions have drivers, by sysfs; that of the BAR is p2pmem, once it is published.
driven() {
    set -- "$functions"/*/driver
    echo $#
}

# On the machines with an IOMMU both are kept from it.
near_reaches() { [ -z "$(ls /sys/class/iommu)" ]; }

run p2pmem publish "$bar" --bar 2 --pages
expect 0 'with struct pages'

# All sizes, mixed with host memory: right by both ways.
near_is_direct() {
    run p2pmem-guest direct 0 /dev/nvme0n1
    expect 0 'right: 11 requests each way'
    [ "$(wrapped "$near" direct_bytes)" = 1148928 ] ||
        fail "$(wrapped "$near" direct_bytes) bytes are counted as direct"
    [ "$(wrapped "$near" bounced_bytes)" = 0 ] || fail "$near bounces"
    dmesg | grep 'cannot reach p2pmem0' && fail "it says that somebody bounces"
}
! near_reaches || near_is_direct
run p2pmem-guest direct 0 /dev/nvme1n1
expect 0 'right: 11 requests each way'
[ "$(wrapped "$far" direct_bytes)" = 0 ] || fail "$far reaches it"
# Of 11 requests each way 1148928 bytes are of the BAR.
[ "$(wrapped "$far" bounced_bytes)" = 1148928 ] || fail "$(wrapped "$far" bounced_bytes) bytes are counted as bounced"
[ "$(dmesg | grep -c "$far: cannot reach p2pmem0: the CPU copies")" = 1 ] || fail "that is not said, or again and again"

# Where free memory is in pieces that are smaller than what a drive is asked for, there is the reserve.
load p2pmem_odd scatter=4
run p2pmem-guest direct 0 /dev/nvme1n1
expect 0 'right: 11 requests each way'
rmmod p2pmem_odd

run p2pmem stat
expect 0 "^p2pmem0  $far  0 in 0 .* 2297856 in " "^$far  [0-9]*  *0  *0  *2297856\$" \
    "The DMA operations of $(driven) functions are wrapped"
! near_reaches || expect 0 "^p2pmem0  $near  1148928 in .* 0 in 0\$"
run p2pmem stat --json
expect 0 "\"address\": \"$far\"" '"bounced_bytes": 2297856'
run p2pmem doctor --only module --verbose
expect 0 'it has wrapped the DMA operations of' "$far"

# A copy of this is no peer-to-peer.
run p2pmem copy --provider p2pmem0 --require-p2p --length 16M /dev/nvme0n1 /dev/nvme1n1
expect 69 'a device does not reach peer memory' '--require-p2p forbids host memory'
run p2pmem copy --provider p2pmem0 --length 16M /dev/nvme0n1 /dev/nvme1n1
expect 0 'path given up: a device does not reach peer memory' 'through peer memory  0 bytes' \
    'through host memory  16777216 bytes'
check 'the drives are equal' same /dev/nvme0n1 /dev/nvme1n1 16
near_is_proven() {
    run p2pmem copy --provider p2pmem0 --require-p2p --length 16M /dev/nvme0n1 /dev/nvme0n1 --destination-offset 32M
    expect 0 'through peer memory  16777216 bytes'
    run p2pmem prove nvme0 p2pmem0
    expect_not 'the CPU copied between them'
    grep -q proven /tmp/out || fail "a drive that reaches it is not proven"
}
! near_reaches || near_is_proven

# What the CPU copied proves no path; what the drive reached does.
run p2pmem prove nvme1 p2pmem0
grep -q 'the CPU copied between them' /tmp/out || fail "a bounce proves something"

# Taken away while the CPU copies for the drive; what was begun ends, and all is given back.
background user p2pmem-guest direct 0 /dev/nvme1n1 forever
until_says /tmp/user again
run p2pmem unpublish p2pmem0 --force
expect 0 'no driver again'
ended user 1 'E\(NODEV\|FAULT\)'
await 'functions without our ops' nobody_is_wrapped
check 'the module unloads' rmmod p2pmem
finish
