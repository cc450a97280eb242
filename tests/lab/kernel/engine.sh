# machine: accelerator
# modules: p2pmem_edu
# The DMA engine with buffers of the system: lengths, offsets, bad arguments, signals, its removal.
. ./modules.sh
edu=$(engine)
driver=/sys/bus/pci/drivers/p2pmem_edu
heap=host
[ ! -e /dev/dma_heap/system ] || heap=heap # 6.1 has none

# riscv64's board takes no messages, and then the engine is polled.
messages=1
[ "$(uname -m)" != riscv64 ] || messages=0

for interrupts in 1 0; do
    load p2pmem_edu dma_bits=64 interrupts=$interrupts
    grep -q "$edu" /proc/interrupts && used=1 || used=0
    check "interrupts: $used" [ $used = $((interrupts * messages)) ]
    [ $interrupts = 1 ] && all="$heap:host host:host" || all=
    for ends in host:$heap $heap:$heap $all; do
        run p2pmem-guest copy "${ends%:*}" "${ends#*:}" 10001 at=4093
        expect 0 'right: 10001 bytes'
        run p2pmem-guest copy "${ends%:*}" "${ends#*:}" 1
        expect 0 'right: 1 bytes'
    done
    rmmod p2pmem_edu || fail "rmmod"
done

load p2pmem_edu dma_bits=64
run p2pmem-guest copy host $heap 1048577
expect 2 EINVAL
run p2pmem-guest copy host $heap 0
expect 2 EINVAL
run p2pmem-guest bad-copies
expect 0

background copy p2pmem-guest copy host $heap 1M
into_copies
kill $copy
ended copy 143
run p2pmem-guest copy host $heap 100
expect 0 'right: 100 bytes'

for way in unbind remove; do
    background copy p2pmem-guest copy host $heap 1M until-refused
    background other p2pmem-guest copy $heap host 1M until-refused
    until_says /tmp/copy ready
    until_says /tmp/other ready
    into_copies
    case $way in
    unbind) echo "$edu" >$driver/unbind ;;
    remove) echo 1 >"$functions/$edu/remove" ;;
    esac
    ended copy 0 'copy: ENODEV' '^[1-9][0-9]* bytes copied'
    ended other 0 'copy: ENODEV' '^[1-9][0-9]* bytes copied'
    [ ! -e /dev/p2pmem_edu0 ] || fail "the node stays"
    case $way in
    unbind) echo "$edu" >$driver/bind ;;
    remove) echo 1 >/sys/bus/pci/rescan ;;
    esac
    run p2pmem-guest copy host $heap 100
    expect 0 'right: 100 bytes'
done
rmmod p2pmem_edu || fail "rmmod"
run insmod p2pmem_edu.ko dma_bits=65
expect 22
finish
