# machine: switch
# Below one switch without ACS the payload goes through the first drive's CMB, all of it.
. ./guest.sh

lab mark before
run p2pmem copy /dev/nvme0n1 /dev/nvme1n1
lab mark after
expect 0 'path: peer memory of 0000:03:00.0' 'path proven' \
    'through peer memory  268435456 bytes, of 0000:03:00.0' 'through host memory  0 bytes'
expect_not 'given up'

# README shows this copy; only the numbers may be others, and their units. A slow copy also says
# how far it is.
words() {
    sed '/^ *[0-9]* % /d; s/[0-9][0-9.]*/N/g; s/N [kMG]B/N B/g; s/N:N min/N s/'
}
cat /tmp/err /tmp/out | words >/tmp/said
sed -n '/^    \$ p2pmem copy \/dev\/nvme0n1 \/dev\/nvme1n1$/,/^$/s/^    \([^$]\)/\1/p' README.md | words >/tmp/shown
check "README's copy is not this one" diff /tmp/shown /tmp/said

# The options that choose.
run p2pmem copy --length 8M --strategy host /dev/nvme0n1 /dev/nvme1n1
expect 0 'host memory (as asked)' 'through host memory  8388608 bytes'
run p2pmem copy --length 8M --strategy peer --provider nvme0 --require-p2p --verify \
    --block 256K --depth 3 /dev/nvme0n1 /dev/nvme1n1
expect 0 'through peer memory  8388608 bytes' 'verified  *8388608 bytes'
run p2pmem copy --length 8M --block 48M --require-p2p /dev/nvme0n1 /dev/nvme1n1
expect 0 'through peer memory  8388608'
run p2pmem copy --quiet --length 8M /dev/nvme0n1 /dev/nvme1n1
expect 0
[ ! -s /tmp/out ] && [ ! -s /tmp/err ] || fail "--quiet says something"

run p2pmem copy --json --length 8M --verify /dev/nvme0n1 /dev/nvme1n1
expect 0 '^{"event":"start","format":1' '"event":"proven"' \
    '^{"event":"result","result":"copied","status":0' '"peer_bytes":8388608,"host_bytes":0' \
    '"provider":"0000:03:00.0"'
[ ! -s /tmp/err ] || fail "--json writes to standard error"

# A range somewhere else.
run p2pmem copy --offset 16M --destination-offset 32M --length 4M /dev/nvme0n1 /dev/nvme1n1
expect 0
[ "$(lab-digest /dev/nvme0n1 4 16)" = "$(lab-digest /dev/nvme1n1 4 32)" ] || fail "the range is elsewhere"

# Refused.
before=$(lab-digest /dev/nvme1n1)
run p2pmem copy --provider 0000:04:00.0 /dev/nvme0n1 /dev/nvme1n1
expect 69 '0000:04:00.0 publishes no peer memory'
expect_lines 1
run p2pmem copy --block 128M --require-p2p /dev/nvme0n1 /dev/nvme1n1
expect 64 'too few for a block of 134217728'
run p2pmem copy --require-p2p --length 1000 /dev/nvme0n1 /dev/nvme1n1
expect 64 'not a multiple of 512'
run p2pmem copy /dev/nvme0n1 /dev/nvme0n1
expect 64 'the same or overlap'
run p2pmem copy --destination-offset 4096 /dev/nvme0n1 /dev/nvme1n1
expect 64 'too small'
run p2pmem copy --block 1000 /dev/nvme0n1 /dev/nvme1n1
expect 64 'multiple of 4096'
[ "$before" = "$(lab-digest /dev/nvme1n1)" ] || fail "a refused copy wrote"

# A block that the provider cannot hold is no obstacle for host memory.
run p2pmem copy --block 128M --length 128M /dev/nvme0n1 /dev/nvme1n1
expect 0 'note: peer memory of 0000:03:00.0 has' 'through host memory  134217728 bytes'

# A terminal gets a moving line.
p2pmem copy --length 32M /dev/nvme0n1 /dev/nvme1n1
finish
