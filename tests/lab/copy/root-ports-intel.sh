# machine: two-root-ports-intel
# The kernel refuses this host bridge: said aloud, and the bytes arrive through host memory.
. ./guest.sh
run p2pmem copy --verify --length 32M /dev/nvme0n1 /dev/nvme1n1
expect 0 'path given up: writing /dev/nvme1n1 from peer memory of 0000:01:00.0 failed: the kernel refuses' \
    'path: host memory' 'through peer memory  0 bytes' 'verified'
check "wrong bytes" same /dev/nvme0n1 /dev/nvme1n1 32
dd if=/dev/zero of=/dev/nvme1n1 bs=1M count=8 oflag=direct 2>/dev/null
before=$(lab-digest /dev/nvme1n1 32)
run p2pmem copy --require-p2p --length 32M /dev/nvme0n1 /dev/nvme1n1
expect 69 'forbids host memory'
[ "$before" = "$(lab-digest /dev/nvme1n1 32)" ] || fail "a refused copy wrote"
run p2pmem copy --quiet --length 8M /dev/nvme0n1 /dev/nvme1n1
expect 0 'path given up'

run p2pmem prove --results "$work/proofs" --scratch /dev/nvme1n1:0+8M nvme1 nvme0
expect 3 'nvme1n1 -> 0000:01:00.0: refused' 'nvme1n1 <- 0000:01:00.0: refused' 'the kernel refuses this pair'
[ "$(grep -c '^state refused' "$work/proofs")" = 2 ] || fail "two refused directions are not what is kept"
run p2pmem prove --all --results "$work/proofs" --scratch /dev/nvme1n1:0+8M
expect 0 '^nvme0n1   D+\.' '^nvme1n1   -xx'
finish
