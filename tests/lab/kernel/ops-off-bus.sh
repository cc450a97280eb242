# machine: ops-off-bus.machine
# modules: p2pmem p2pmem_link p2pmem_odd
# options: --module virtio_pci --module virtio-rng
# Memory that is on no PCI bus, with pages: the drives' stock driver reaches it by the address that the memory's own
# driver gives, and where that is not its CPU address the CPU copies.
. ./modules.sh
load p2pmem
range='start=0x30000000 size=0x1000000 pages=1'
near=$(drive nvme0n1)

# link OPTION...
link() {
    # shellcheck disable=SC2086 # words
    load p2pmem_link $range "$@"
    until_there /dev/p2pmem0
}

unlink() {
    rmmod p2pmem_link || fail "p2pmem_link.ko does not unload"
    await 'functions without our ops' nobody_is_wrapped
}

# goes WAY OPTION...: 1148928 bytes of 11 requests each way are of the memory; the CPU looks at the other side.
goes() {
    way=$1
    shift
    link "$@"
    is_wrapped "$near" || fail "the drive's function is not wrapped"
    run p2pmem-guest direct 0 /dev/nvme0n1
    expect 0 'right: 11 requests each way'
    for other in direct_bytes via_host_bytes bounced_bytes; do
        should=0
        [ $other != "$way" ] || should=1148928
        [ "$(counter 0 $other)" = $should ] || fail "$*: $(counter 0 $other) $other and not $should"
    done
}

lab mark before
goes direct_bytes answer=direct
lab mark after
run p2pmem stat
expect 0 "^p2pmem0  $near  1148928 in "
run p2pmem copy --provider p2pmem0 --require-p2p --length 16M /dev/nvme0n1 /dev/nvme1n1
expect 0 'through peer memory  16777216 bytes'
check 'the drives are equal' same /dev/nvme0n1 /dev/nvme1n1 16
run p2pmem-guest pin 0
expect 2 'pin: E\(FAULT\|OPNOTSUPP\)'
run p2pmem unpublish p2pmem0 # only its driver can
expect 69 'on no PCI bus'
unlink
goes direct_bytes answer=direct cached=0
unlink
goes via_host_bytes answer=via-host
unlink
goes bounced_bytes answer=unreachable
dmesg | grep -q "$near: cannot reach p2pmem0: the CPU copies" || fail "that it bounces is not said"
unlink
goes bounced_bytes answer=direct shift=4096
unlink

# Its driver goes, and so do those who have it, with requests under way.
for how in direct unreachable; do
    link answer=$how
    background user p2pmem-guest direct 0 /dev/nvme0n1 forever
    until_says /tmp/user again
    unlink
    ended user 1 'E\(NODEV\|FAULT\)'
    link answer=$how
    background holder p2pmem-guest direct 0 /dev/nvme0n1 forever
    until_says /tmp/holder again
    kill -9 "$holder"
    unlink
done

# A page is held on: its driver goes, and nobody else gets the range until that has ended.
link answer=direct
background holder p2pmem-guest pin 0 pipe
until_says /tmp/holder held
rmmod p2pmem_link || fail "p2pmem_link.ko does not unload"
dmesg | grep -q 'removed, but devices have not let go of it' || fail "the log does not name what is held"
nobody_is_wrapped && fail "functions are unwrapped while a page is held"
# shellcheck disable=SC2086 # words
run insmod p2pmem_link.ko $range
expect 16
kill -9 "$holder"
# shellcheck disable=SC2086 # words
loads() { insmod p2pmem_link.ko $range answer=direct 2>/dev/null; }
await 'the range' loads
unlink

# Refused, and the log says why; without pages it is provided.
load p2pmem_odd ops="$near"
# shellcheck disable=SC2086 # words
run insmod p2pmem_link.ko $range
expect 95
dmesg | grep -q "no pages at 0x30000000: wrap-ops ($near)" || fail "the log does not say why there are no pages"
[ ! -e /dev/p2pmem0 ] || fail "/dev/p2pmem0 is there after a refusal"
rmmod p2pmem_odd
run insmod p2pmem_link.ko start=0x30100000 size=0x100000 pages=1
expect 22
await 'functions without our ops' nobody_is_wrapped
link pages=0
nobody_is_wrapped || fail "memory without pages has functions wrapped"
unlink

# Who comes later and cannot be wrapped takes it away; its driver finds it gone.
link answer=direct
background user p2pmem-guest direct 0 /dev/nvme0n1 forever
until_says /tmp/user again
device='"driver": "virtio-rng-pci", "id": "bad", "bus": "rp2", "disable-legacy": "on"'
lab qmp "{\"execute\": \"device_add\", \"arguments\": {$device}}" >/tmp/qmp
is_gone() { [ ! -e /dev/p2pmem0 ]; }
await 'the end of the pages' is_gone
ended user 1 'E\(NODEV\|FAULT\)'
dmesg | grep -q 'would take memory of other devices for host memory (wrap-virtio): p2pmem takes it back' ||
    fail "the log does not say why"
await 'functions without our ops' nobody_is_wrapped
unlink
lab unplug bad
goes direct_bytes answer=direct
unlink
check 'the module unloads' rmmod p2pmem
finish
