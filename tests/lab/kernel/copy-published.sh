# machine: provider.machine
# modules: p2pmem
# A drive's bytes go to another drive through a BAR that p2pmem.ko has published, all of them.
# Linux 6.1 and 6.12 do it with DMA operations around those of the drives' stock driver.
. ./modules.sh
bar=0000:05:00.0
load p2pmem

run p2pmem publish $bar --bar 2 --pages
expect 0 '/dev/p2pmem0: 64 MiB' 'with struct pages'
lab mark before
run p2pmem copy --provider $bar /dev/nvme0n1 /dev/nvme1n1
lab mark after
expect 0 'path: peer memory of 0000:05:00.0, /dev/p2pmem0 (source direct, distance 4;' \
    'path proven' 'through peer memory  268435456 bytes, of 0000:05:00.0' \
    'through host memory  0 bytes'
expect_not 'given up'
check 'the drives are equal' same /dev/nvme0n1 /dev/nvme1n1
run p2pmem prove --results "$work/proofs" --scratch /dev/nvme1n1:0+8M nvme1 p2pmem0
expect 0 'nvme1n1 -> 0000:05:00.0: proven' 'nvme1n1 <- 0000:05:00.0: proven'

# By any name; JSON says which.
run p2pmem copy --length 8M --provider p2pmem0 --require-p2p --verify /dev/nvme0n1 /dev/nvme1n1
expect 0 'verified  *8388608 bytes'
run p2pmem copy --length 8M --provider /dev/p2pmem0 --json /dev/nvme0n1 /dev/nvme1n1
expect 0 '"provider":"0000:05:00.0","provider_node":"/dev/p2pmem0"' '"host_bytes":0'
run p2pmem copy --length 8M --provider p2pmem7 /dev/nvme0n1 /dev/nvme1n1
expect 69 'p2pmem7 publishes no peer memory'

# A small limit gives fewer blocks, then smaller ones; a page more is for what watches the memory.
echo 1M >/sys/class/p2pmem/p2pmem0/limit 2>/dev/null && fail "a limit with a suffix"
echo 1052672 >/sys/class/p2pmem/p2pmem0/limit
run p2pmem copy --length 8M --provider p2pmem0 --require-p2p --json /dev/nvme0n1 /dev/nvme1n1
expect 0 '"depth":2,' '"host_bytes":0'
echo 69632 >/sys/class/p2pmem/p2pmem0/limit
run p2pmem copy --length 8M --provider p2pmem0 --require-p2p --json /dev/nvme0n1 /dev/nvme1n1
expect 0 '"depth":1,' '"block":65536' '"host_bytes":0'
echo 4096 >/sys/class/p2pmem/p2pmem0/limit
run p2pmem copy --length 8M --provider p2pmem0 --require-p2p /dev/nvme0n1 /dev/nvme1n1
expect 71 'has 4096 bytes free or allowed'

# Memory of a driver: its own way is the first as long as something is left there.
driver_memory() {
    run p2pmem publish nvme2 --driver-memory --size 16M
    expect 0 '/dev/p2pmem1: 16 MiB of 0000:06:00.0'
    run p2pmem copy --length 8M --provider nvme2 --json /dev/nvme0n1 /dev/nvme1n1
    expect 0 '"provider_node":"/sys/bus/pci/devices/0000:06:00.0/p2pmem/allocate"'
    run p2pmem copy --length 8M --provider p2pmem1 --json /dev/nvme0n1 /dev/nvme1n1
    expect 0 '"provider":"0000:06:00.0","provider_node":"/dev/p2pmem1"'
    run p2pmem providers
    expect 0 '06:00.0  nvme .* 64 MiB, 47.9 MiB free'
    expect_not 'p2pmem1'
    run p2pmem unpublish p2pmem1
    expect 0
}
[ ! -e /sys/bus/pci/devices/0000:06:00.0/p2pmem ] || driver_memory

# While a copy has memory, it is only taken away by force; the copy then ends well, otherwise.
echo 67108864 >/sys/class/p2pmem/p2pmem0/limit
background copy p2pmem copy --provider p2pmem0 --verify /dev/nvme0n1 /dev/nvme1n1
until_says /tmp/copy 'path proven'
run p2pmem unpublish p2pmem0
expect 69 'in use' '--force'
run p2pmem unpublish p2pmem0 --force
expect 0 'no driver again'
ended copy 0 'path given up' 'verified  *268435456 bytes'
check 'the drives are equal' same /dev/nvme0n1 /dev/nvme1n1
check 'the module unloads' rmmod p2pmem
finish
