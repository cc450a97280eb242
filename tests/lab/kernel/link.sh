# machine: link.machine
# modules: p2pmem p2pmem_edu p2pmem_link
# A provider on no PCI bus, with its own DMA ops: each answer, its driver's removal while in use.
. ./modules.sh
load_all
range="start=0x30000000 size=0x1000000"
edu=$(engine)

for range_in_use in 'start=0x10000000 size=0x1000000' 'start=0x30000000 size=0' ''; do
    # shellcheck disable=SC2086
    run insmod p2pmem_link.ko $range_in_use
    expect 16 # EBUSY
done
# shellcheck disable=SC2086
run insmod p2pmem_link.ko $range answer=perhaps
expect 22
for bad in 'start=0x30000800 size=0x800000' 'start=0x30000000 size=0x800'; do
    # shellcheck disable=SC2086
    run insmod p2pmem_link.ko $bad
    expect 22
done

for answer in direct via-host; do
    # shellcheck disable=SC2086
    load p2pmem_link $range answer=$answer
    until_there /dev/p2pmem0
    check "it is on no PCI bus" [ ! -e /sys/class/p2pmem/p2pmem0/device ]
    run p2pmem-guest verdict 0 "$edu"
    expect 0 " $answer"
    for ends in host:0 0:host 0:0; do
        run p2pmem-guest copy "${ends%:*}" "${ends#*:}" 9001 at=4097
        expect 0 'right: 9001 bytes'
    done
    run p2pmem-guest copy host 0 9001 mapped
    expect 0 'right: 9001 bytes'
    way=$(echo $answer | tr - _)_bytes
    check "stat does not count $way" [ "$(counter 0 "$way")" -gt 0 ]
    run p2pmem-guest unpublish 0 force # only its driver can
    expect 2 ENODEV

    background user p2pmem-guest use 0
    background writer p2pmem-guest copy host 0 1M until-refused
    until_says /tmp/user ready
    until_says /tmp/writer ready
    into_copies
    rmmod p2pmem_link || fail "p2pmem_link.ko does not unload"
    ended user 0 '^told$'
    ended writer 0 'copy: ENODEV' '^[1-9][0-9]* bytes copied'
    check "/dev/p2pmem0 is left" [ ! -e /dev/p2pmem0 ]
done

# shellcheck disable=SC2086
load p2pmem_link $range answer=unreachable
until_there /dev/p2pmem0
run p2pmem-guest copy host 0 5000
expect 2 'copy: EREMOTE$' '^0 bytes copied'
check "stat does not count it" [ "$(counter 0 unreachable)" -gt 0 ]
rmmod p2pmem_link || fail "p2pmem_link.ko does not unload"
finish
