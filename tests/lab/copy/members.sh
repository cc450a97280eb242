# machine: members.machine
# options: --module raid0
# A striped source: the first chunk is the provider's own, and right; every second one is another drive's,
# and wrong without an error. What proves one member says nothing about the other.
. ./guest.sh
provider=/dev/nvme0n1
printf 'o\nn\np\n1\n2048\n67583\nn\np\n2\n67584\n200000\nw\n' | fdisk $provider >/dev/null 2>&1
until [ -b ${provider}p2 ]; do sleep 0.1; done

# An array without metadata, by sysfs: chunks of 512 KiB.
stripe 524288 nvme0n1p1 nvme1n1
size=$(($(cat /sys/block/md0/size) * 512))
[ $size -ge 33554432 ] || fail "the array has $size bytes"

# One slot: after the first block, which is the provider's own and stays, nothing but the comparison of
# everything can find it.
run p2pmem copy --depth 1 --length 32M /dev/md0 ${provider}p2
expect 0 'note: several PCI functions move' 'path given up: .*found wrong bytes' \
    'through peer memory  524288 bytes' 'through host memory  33030144 bytes'
check "wrong bytes from a striped source" same /dev/md0 ${provider}p2 32

# Here the second slot's proof does, at the latest.
dd if=/dev/zero of=${provider}p2 bs=1M count=32 oflag=direct 2>/dev/null
run p2pmem copy --json --length 32M --require-p2p /dev/md0 ${provider}p2
expect 74 '"result":"failed"' '"comparison":"all-of-several-functions"'
good=$(sed -n 's/.*"good":\([0-9]*\).*/\1/p' /tmp/out)
check "$good bytes are not good" cmp -s -n "$good" /dev/md0 ${provider}p2
finish
