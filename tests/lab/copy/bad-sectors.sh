# machine: bad-sectors.machine
# Media errors: where, how far the destination is good, and a command that goes on.
. ./guest.sh
half=33554432
run p2pmem copy /dev/nvme0n1 /dev/nvme1n1
expect 74 'path given up' "writing /dev/nvme1n1 in the block at byte $half failed" \
    "is good for $half bytes from offset 0; go on with: p2pmem copy --offset $half /dev/nvme0n1 /dev/nvme1n1\$"
check "what is said to be good is not" same /dev/nvme0n1 /dev/nvme1n1 32

run p2pmem copy --require-p2p /dev/nvme0n1 /dev/nvme1n1
expect 74 'forbids host memory' 'go on with: p2pmem copy .*--require-p2p'

# Past the destination's bad spot the source's own follows.
run p2pmem copy --offset 34M --strategy host --json /dev/nvme0n1 /dev/nvme1n1
expect 74 '"result":"failed","status":74' 'reading /dev/nvme0n1 in the block at byte 50331648' \
    '"good":14680064'
[ "$(lab-digest /dev/nvme0n1 14 34)" = "$(lab-digest /dev/nvme1n1 14 34)" ] || fail "bad good bytes"

run p2pmem copy --offset 49M --verify /dev/nvme0n1 /dev/nvme1n1
expect 0

# Through the page cache a bad sector is noticed when it is flushed, and by the first flush alone: what
# follows must not make good what was lost.
run p2pmem copy --json --offset 31457281 --length 8M /dev/nvme0n1 /dev/nvme1n1
expect 74 'flushing /dev/nvme1n1 failed'
good=$(sed -n 's/.*"good":\([0-9]*\).*/\1/p' /tmp/out)
[ "$good" -le $((half - 31457281)) ] || fail "$good bytes are not good: a bad sector is among them"
finish
