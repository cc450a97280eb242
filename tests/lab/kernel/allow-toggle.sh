# machine: ops-bounce.machine
# modules: p2pmem
# Linux 7.3's own P2PDMA is told of an allowed pair by probes, which come and go while drives work, with and without memory
# of devices; so do the pair, its client's driver, the memory and the module.
. ./modules.sh
load p2pmem
bar=$(memory_bar)
far=$(drive nvme1n1)
times=$(sed -n 's/.* times=\([0-9]*\).*/\1/p' /proc/cmdline)
# The kernel's list of what is probed; a kernel without it has none.
is_told() { grep -q __pci_p2pdma_update_state /sys/kernel/tracing/enabled_functions; }
nothing_is_probed() { ! grep -q "__pci_p2pdma_update_state\|dma_map_phys\|dma_iova_link" /sys/kernel/tracing/enabled_functions; }
mount -t tracefs tracefs /sys/kernel/tracing
[ -r /sys/kernel/tracing/enabled_functions ] || fail "nobody says what is probed"

allow() {
    run p2pmem allow --scratch /dev/nvme1n1:32M+8M nvme1 p2pmem0
    expect 0 "nvme1n1 is allowed to use memory of $bar"
}

# The other drive is written and read, as long as this runs.
head -c 4096k /dev/urandom >/tmp/should
work() {
    while [ ! -e /tmp/enough ]; do
        dd if=/tmp/should of=/dev/nvme0n1 bs=64k oflag=direct 2>/dev/null || echo "writing fails"
        dd if=/dev/nvme0n1 of=/tmp/is bs=64k count=64 iflag=direct 2>/dev/null || echo "reading fails"
        cmp -s /tmp/is /tmp/should || echo "wrong bytes"
        echo round
    done
}
background worker work

run p2pmem publish "$bar" --bar 2 --pages
expect 0 'with struct pages'
check 'nothing is probed' nothing_is_probed
for i in $(seq "${times:-2}"); do
    allow
    check 'the kernel is told' is_told
    background reader p2pmem-guest direct 0 /dev/nvme1n1 forever
    until_says /tmp/reader again
    run p2pmem allow --withdraw nvme1 p2pmem0
    expect 0 'not allowed any more'
    ended reader 1 ': EINVAL'
    # Now and then the next one comes before the last one has been undone.
    [ $((i % 2)) = 0 ] || await 'the end of all probes' nothing_is_probed
    [ $failed = 0 ] || finish
done

# The memory goes while it is used by who is allowed, and the module after it: nothing is left.
allow
kill_holder "$bar" /dev/nvme1n1
check 'it is let through' is_let_through "$far" "$bar"
check 'the module unloads' rmmod p2pmem
check 'nothing is probed' nothing_is_probed
load p2pmem
check 'nobody is let through' nobody_is_let_through

touch /tmp/enough
ended worker 0 '^round'
grep -v round /tmp/worker && fail "the other drive"
check 'the module unloads' rmmod p2pmem
no_leaks
finish
