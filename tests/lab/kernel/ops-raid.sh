# machine: ops-bounce.machine
# modules: p2pmem
# options: --module raid0 --module raid1
# Arrays over two drives whose functions are wrapped, of which one reaches the memory and one does not: md splits and
# clones requests, and each part goes the way of its own drive.
. ./modules.sh
load p2pmem
bar=$(memory_bar)
near=$(drive nvme0n1)
far=$(drive nvme1n1)

# publishes with fresh counters.
publish_pages() {
    run p2pmem publish "$bar" --bar 2 --pages
    expect 0 'with struct pages'
}

take_back() {
    run p2pmem unpublish "$bar"
    expect 0
    await 'functions without our ops' nobody_is_wrapped
}

end_array() {
    echo clear >/sys/block/md0/md/array_state || fail "the array does not end"
    await 'no array' [ ! -e /sys/block/md0/md/level ]
}

# Each byte of the 11 requests each way, 1148928, is one drive's; small chunks, so that a piece is of both.
for chunk in 4096 65536; do
    stripe $chunk nvme0n1 nvme1n1
    publish_pages
    run p2pmem-guest direct 0 /dev/md0
    expect 0 'right: 11 requests each way'
    reached=$(wrapped "$near" direct_bytes)
    copied=$(wrapped "$far" bounced_bytes)
    [ "$reached" -gt 300000 ] || fail "$reached bytes of the array are reached"
    [ "$copied" -gt 300000 ] || fail "$copied bytes of the array are copied"
    [ $((reached + copied)) = 1148928 ] || fail "$reached and $copied bytes are not 1148928"
    [ "$(wrapped "$near" bounced_bytes)$(wrapped "$far" direct_bytes)" = 00 ] || fail "a part went the other drive's way"
    take_back
    end_array
done

# Both write all, one of them reads: 574464 bytes three times.
dd if=/dev/nvme0n1 of=/dev/nvme1n1 bs=1M count=32 2>/dev/null
array raid1 65536 nvme0n1 nvme1n1
publish_pages
run p2pmem-guest direct 0 /dev/md0
expect 0 'right: 11 requests each way'
reached=$(wrapped "$near" direct_bytes)
copied=$(wrapped "$far" bounced_bytes)
[ "$reached" -ge 574464 ] || fail "$reached bytes of the mirror are reached"
[ "$copied" -ge 574464 ] || fail "$copied bytes of the mirror are copied"
[ $((reached + copied)) = $((3 * 574464)) ] || fail "$reached and $copied bytes are not three times 574464"

# It goes while the array works.
[ $failed = 0 ] || finish
background user p2pmem-guest direct 0 /dev/md0 forever
until_says /tmp/user again
run p2pmem unpublish "$bar" --force
expect 0
ended user 1 'E\(NODEV\|FAULT\)'
await 'functions without our ops' nobody_is_wrapped
end_array
check 'the mirror is one' same /dev/nvme0n1 /dev/nvme1n1 32
check 'the module unloads' rmmod p2pmem
finish
