# machine: accelerator
# modules: p2pmem p2pmem_edu
# Hot-unplug of the memory, then of the engine, while in use; what is plugged in again works.
. ./modules.sh
load_all
times=$(sed -n 's/.* times=\([0-9]*\).*/\1/p' /proc/cmdline)

plug() { # ID DRIVER BUS OPTION
    lab qmp "{\"execute\":\"device_add\",\"arguments\":{\"id\":\"$1\",\"driver\":\"$2\",\"bus\":\"$3\",$4}}" ||
        fail "$1 cannot be plugged in"
}

memory_bar_there() {
    [ -n "$(memory_bar)" ]
}

for round in $(seq "${times:-1}"); do
    use_gpu
    lab unplug gpu0
    ended user 0 '^told$'
    engine_told
    check "/dev/p2pmem$index is left" [ ! -e "/dev/p2pmem$index" ]
    # Its old memory cannot be plugged in twice.
    lab qmp "{\"execute\":\"object-add\",\"arguments\":{\"id\":\"bar$round\",\"qom-type\":\"memory-backend-ram\",\"size\":67108864}}" ||
        fail "no memory for gpu0"
    plug gpu0 ivshmem-plain dn1 "\"memdev\":\"bar$round\""
    await "gpu0's function" memory_bar_there

    use_gpu
    lab unplug edu0
    engine_told
    kill "$user"
    wait "$user"
    run p2pmem-guest unpublish "$index"
    expect 0
    plug edu0 edu dn2 '"dma_mask":9223372036854775807'
    until_there /dev/p2pmem_edu0
done
finish
