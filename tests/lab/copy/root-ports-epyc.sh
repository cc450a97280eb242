# machine: two-root-ports-epyc
# This CPU forwards between root ports: peer memory, proven.
. ./guest.sh
run p2pmem copy --require-p2p --verify --length 32M /dev/nvme0n1 /dev/nvme1n1
expect 0 'path proven' 'through peer memory  33554432 bytes' 'through host memory  0 bytes'
check "wrong bytes" same /dev/nvme0n1 /dev/nvme1n1 32
run p2pmem prove --results "$work/proofs" --scratch /dev/nvme1n1:0+8M nvme1 nvme0
expect 0 'nvme1n1 -> 0000:01:00.0: proven' 'nvme1n1 <- 0000:01:00.0: proven'
finish
