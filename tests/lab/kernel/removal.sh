# machine: accelerator
# modules: p2pmem p2pmem_edu
# The device or the module goes while its memory is mapped by the CPU, exported, and written and
# read by a DMA engine. All are told, again and again, and nothing is left behind.
. ./modules.sh
load_all
gpu=$(memory_bar)
edu=$(engine)
slot=$(readlink -f "$functions/$gpu/..")
times=$(sed -n 's/.* times=\([0-9]*\).*/\1/p' /proc/cmdline)
times=${times:-1} # with the first round 10 removals

ended_all() {
    ended user 0 '^told$'
    engine_told
    [ ! -e "/dev/p2pmem$index" ] || fail "/dev/p2pmem$index stays"
}

# KiB that the kernel has in use for its structures, once everybody is gone.
in_use() {
    awk '/^(SUnreclaim|VmallocUsed):/ { sum += $2 } END { print sum }' /proc/meminfo
}

unbind() {
    use_gpu
    echo "$gpu" >/sys/bus/pci/drivers/p2pmem/unbind
    ended_all
}

remove() {
    use_gpu
    echo 1 >"$functions/$gpu/remove"
    ended_all
    echo 1 >/sys/bus/pci/rescan
}

unpublish() {
    use_gpu
    run p2pmem-guest unpublish "$index" force
    expect 0
    ended_all
}

# The engine goes, the memory stays.
engine_leaves() {
    use_gpu
    echo "$edu" >/sys/bus/pci/drivers/p2pmem_edu/unbind
    engine_told
    run p2pmem-guest unpublish "$index"
    expect 2 'EBUSY in-use'
    run p2pmem-guest unpublish "$index" force
    expect 0
    ended user 0 '^told$'
    echo "$edu" >/sys/bus/pci/drivers/p2pmem_edu/bind
}

# Programs keep the module in memory, so that they are told by the device; then it can go.
module() {
    use_gpu
    run rmmod p2pmem
    expect 1
    echo "$gpu" >/sys/bus/pci/drivers/p2pmem/unbind
    ended_all
    rmmod p2pmem || fail "p2pmem.ko does not unload"
    load_p2pmem
}

round() {
    for way in unbind remove unpublish engine_leaves module; do
        $way
        [ $failed = 0 ] || finish
    done
}

round # caches fill
sleep 1 # what RCU frees
before=$(in_use)
for i in $(seq "$times"); do
    round
    [ $((i % 10)) != 0 ] || echo "$i rounds: $(in_use) KiB in use by the kernel, $before before"
done
# Less than 2 KiB for each of five removals; 2 MiB come and go by themselves, and some leave late, by RCU.
little_left() {
    left=$(($(in_use) - before))
    [ $left -lt $((2048 + times * 8)) ]
}
await "what was left behind, $(($(in_use) - before)) KiB, given back" little_left
finish
