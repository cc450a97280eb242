# machine: provider.machine
# modules: p2pmem
# The device whose published memory a copy goes through is unplugged: the copy ends well, otherwise.
. ./modules.sh
bar=0000:05:00.0
load p2pmem

run p2pmem publish $bar --bar 2 --pages
expect 0 'with struct pages'
background copy p2pmem copy --provider p2pmem0 --verify /dev/nvme0n1 /dev/nvme1n1
until_says /tmp/copy 'path proven'
lab unplug bar
ended copy 0 'path given up' 'verified  *268435456 bytes'
check 'the drives are equal' same /dev/nvme0n1 /dev/nvme1n1
[ ! -e /dev/p2pmem0 ] || fail "/dev/p2pmem0 is still there"
run p2pmem stat
expect 0 'Nothing is published'
run p2pmem copy --length 8M --provider p2pmem0 /dev/nvme0n1 /dev/nvme1n1
expect 69 'p2pmem0 publishes no peer memory'
check 'the module unloads' rmmod p2pmem
finish
