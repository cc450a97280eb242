# machine: ops-off-bus.machine
# modules: p2pmem p2pmem_link
# A suspend, up to the devices and back, with pages published and used: a BAR's go before programs are frozen, those of
# memory on no PCI bus stay; the drives' functions, which are wrapped all the time, work after it.
. ./modules.sh
load p2pmem
near=$(drive nvme0n1)
bar=$(memory_bar)

# suspends UP_TO: and comes back by itself.
suspends() {
    echo "$1" >/sys/power/pm_test
    echo mem >/sys/power/state || fail "suspend"
}

[ -e /sys/power/pm_test ] || fail "this kernel has no test of suspends"
for up_to in freezer devices; do
    run p2pmem publish "$bar" --bar 2 --pages
    expect 0 'with struct pages'
    background user p2pmem-guest direct 0 /dev/nvme0n1 forever
    until_says /tmp/user again
    suspends $up_to
    if [ -e /dev/p2pmem0 ]; then
        fail "a BAR's memory outlives a suspend"
        finish
    fi
    ended user 1 'E\(NODEV\|FAULT\|INTR\)'
    await 'functions without our ops' nobody_is_wrapped
    run dd if=/dev/nvme0n1 of=/dev/null bs=1M count=4 iflag=direct
    expect 0
done

# The drives sleep and wake wrapped, with requests under way before and after.
load p2pmem_link start=0x30000000 size=0x1000000 pages=1 answer=direct
until_there /dev/p2pmem0
run p2pmem publish "$bar" --bar 2 --pages
expect 0 'with struct pages'
background user p2pmem-guest direct 0 /dev/nvme0n1 forever
until_says /tmp/user again
for up_to in freezer devices; do
    suspends $up_to
    [ ! -e /dev/p2pmem1 ] || fail "a BAR's memory outlives a suspend"
    is_wrapped "$near" || fail "a drive is not wrapped after a suspend"
    before=$(grep -c again /tmp/user)
    await 'requests after a suspend' eval '[ "$(grep -c again /tmp/user)" -gt $((before + 1)) ] || ! kill -0 $user'
    kill -0 "$user" 2>/dev/null || fail "$(tail -n 3 /tmp/user)"
done
[ "$(counter 0 bounced_bytes)" = 0 ] || fail "$(counter 0 bounced_bytes) bytes bounce after a suspend"
kill -9 "$user"
run p2pmem-guest direct 0 /dev/nvme1n1
expect 0 'right: 11 requests each way'
rmmod p2pmem_link || fail "p2pmem_link.ko does not unload"
await 'functions without our ops' nobody_is_wrapped
dmesg | grep -i 'I/O error\|nvme.*timeout' && fail "errors of the drives"
check 'the module unloads' rmmod p2pmem
finish
