# machine: accelerator
# modules: p2pmem p2pmem_edu p2pmem_selftest
# Nothing waits for ever: neither a driver that prepares itself while its function is plugged in, nor
# the removal of memory that an importer does not let go of; that stays claimed until it does.
. ./modules.sh
load_p2pmem
gpu=$(memory_bar)
edu=$(engine)

# The machine is another when the first of them is probed.
run insmod /root/p2pmem_selftest.ko bind=1
expect 0
echo 1 >"$functions/$gpu/remove"
echo 1 >"$functions/$edu/remove"
echo 1234 11e8 >/sys/bus/pci/drivers/p2pmem_selftest/new_id
echo 1af4 1110 >/sys/bus/pci/drivers/p2pmem_selftest/new_id
background rescan sh -c 'echo 1 >/sys/bus/pci/rescan; echo rescanned'
until_says /tmp/rescan rescanned
[ $failed = 0 ] || finish
check "both are probed" [ "$(dmesg | grep -c 'p2pmem_selftest: probed')" = 2 ]
rmmod p2pmem_selftest
load p2pmem_edu dma_bits=64 clings=Y

# It has mapped what it writes to, and keeps that.
clinger() {
    background writer p2pmem-guest copy host "$index" 4K
    await "the engine has mapped it" is_mapped
}

is_mapped() {
    [ "$(counter "$index" direct_bytes)" != 0 ]
}

# Before 7.1 nobody promises to unmap, and an importer that is not known is refused.
publish_gpu
case $(uname -r) in
6.*)
    run p2pmem-guest copy host "$index" 100 # at once: nothing is mapped
    expect 2 'copy: EOPNOTSUPP$'
    run p2pmem-guest unpublish "$index"
    expect 0
    rmmod p2pmem
    load p2pmem importers=edu_moved,edu_clings
    publish_gpu
    ;;
esac

end_clinger() {
    kill "$writer"
    wait "$writer"
}

# That is once the clinger has gone, a second or so after it.
try_publish() {
    p2pmem-guest publish "$gpu" bar=2 >/tmp/out
}
until_published() {
    await "the memory is free again" try_publish
    index=$(cat /tmp/out)
}

clinger
run p2pmem-guest unpublish "$index" force
expect 2 'ETIMEDOUT held$'
dmesg | grep -q "p2pmem$index: .* stays claimed" || fail "the log does not say it"
dmesg | grep -q "p2pmem$index: $edu has a dma-buf of it" || fail "the log does not name the importer"
run p2pmem-guest publish "$gpu" bar=2
expect 2 'EBUSY held$'
run rmmod p2pmem
expect 1
end_clinger
until_published

# Unplugged: neither it nor another one gets the address while somebody writes there.
before=$(sed -n 3p "$functions/$gpu/resource")
clinger
echo 1 >"$functions/$gpu/remove"
echo 1 >/sys/bus/pci/rescan
until_there "$functions/$gpu"
check "the clinger is there" kill -0 "$writer"
check "the address is somebody's again" [ "$(sed -n 3p "$functions/$gpu/resource")" != "$before" ]
end_clinger
is_let_go_of() {
    ! grep -q 'not let go of' /proc/iomem
}
await "the range is let go of" is_let_go_of
echo 1 >"$functions/$gpu/remove"
echo 1 >/sys/bus/pci/rescan
until_there "$functions/$gpu"
publish_gpu
echo N >/sys/module/p2pmem_edu/parameters/clings
run p2pmem-guest copy host "$index" 100
expect 0 'right'
run p2pmem-guest unpublish "$index"
expect 0
rmmod p2pmem_edu
check "p2pmem stays" rmmod p2pmem
finish
