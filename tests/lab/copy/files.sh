# machine: switch
# options: --module ext4 --module loop --program /sbin/mke2fs
# Files on ext4 through peer memory, and every destination that is in use.
. ./guest.sh
disk=/dev/nvme0n1
/usr/bin/mke2fs -q -t ext4 /dev/nvme1n1 && mkdir -p /mnt && mount -t ext4 /dev/nvme1n1 /mnt || fail "no ext4"
dd if=/dev/urandom of=/mnt/a bs=1M count=24 2>/dev/null
head -c 1000001 /dev/urandom >/mnt/odd
sync

# Files: the drive below the file system does the DMA.
run p2pmem copy --require-p2p --verify /mnt/a /mnt/b
expect 0 'through peer memory  25165824 bytes' 'through host memory  0 bytes'
check "file to file" cmp /mnt/a /mnt/b
run p2pmem copy --require-p2p /mnt/odd /mnt/b
expect 0 'through peer memory  1000001 bytes'
check "an odd length, over a longer file" cmp /mnt/odd /mnt/b
head -c 3000000 /dev/urandom >/mnt/sparse
truncate -s 50000001 /mnt/sparse
run p2pmem copy --require-p2p /mnt/sparse /mnt/b
expect 0 'holes  *4[67]'
check "a sparse tail" cmp /mnt/sparse /mnt/b
[ "$(stat -c %b /mnt/b)" -lt 7000 ] || fail "the hole was filled"
head -c 65 /dev/urandom >/mnt/tiny
run p2pmem copy --require-p2p /mnt/tiny /mnt/b
expect 0 'through peer memory  65 bytes'
check "a tiny file" cmp /mnt/tiny /mnt/b

# Between files and devices.
run p2pmem copy --require-p2p --length 16M $disk /mnt/image
expect 0 'through peer memory  16777216 bytes'
image=$(lab-digest /mnt/image)
[ "$image" = "$(lab-digest $disk 16)" ] || fail "device to file"
before=$(lab-digest $disk 200 1)
run p2pmem copy /mnt/odd $disk
expect 0 'note: the last [0-9]* bytes are not a whole sector' 'through host memory  [0-9]\{2,3\} bytes'
check "file to device" cmp -n 1000001 /mnt/odd $disk
[ "$before" = "$(lab-digest $disk 200 1)" ] || fail "bytes after the file's end were written"
run p2pmem copy --require-p2p /mnt/odd $disk
expect 64 'not a multiple of [0-9]* bytes'
run p2pmem copy $disk /mnt/image
expect 74 'has no room for 268435456 bytes'
[ "$image" = "$(lab-digest /mnt/image)" ] || fail "a refused copy cut the file"
run p2pmem copy $disk /mnt/new
expect 74 'has no room'
[ ! -e /mnt/new ] || fail "a refused copy left a file"

# File systems without a PCI device below.
run p2pmem copy --verify /mnt/odd /tmp/odd
expect 0 'host memory (.*)'
check "to a file system in memory" cmp /mnt/odd /tmp/odd
run p2pmem copy --require-p2p /mnt/odd /tmp/odd
expect 69 'cannot serve'

# In use.
sync
before=$(lab-digest /dev/nvme1n1)
run p2pmem copy $disk /dev/nvme1n1
expect 69 'destination /dev/nvme1n1 is mounted at /mnt: .*--force'
expect_lines 1
run p2pmem copy --force /mnt/a /dev/nvme1n1
expect 64 '/mnt/a lies on /dev/nvme1n1'
[ "$before" = "$(lab-digest /dev/nvme1n1)" ] || fail "a refused copy wrote"
run p2pmem copy --length 1M /dev/nvme1n1 /mnt/part
expect 64 '/mnt/part lies on /dev/nvme1n1'
[ ! -e /mnt/part ] || fail "a refused copy left a file"
run p2pmem copy --length 1M --force /dev/nvme1n1 /mnt/part
expect 0

losetup /dev/loop0 /mnt/a
run p2pmem copy /dev/loop0 /mnt/a
expect 64 'the same or overlap'
run p2pmem copy /mnt/a /dev/loop0
expect 64 'the same or overlap'
run p2pmem copy /dev/loop0 /mnt/b
expect 0 "no PCI device moves the source's or the destination's bytes"
check "from a loop device" cmp /mnt/a /mnt/b
losetup -d /dev/loop0

# Partitions and their disk.
printf 'o\nn\np\n1\n2048\n100000\nn\np\n2\n100352\n200000\nw\n' | fdisk $disk >/dev/null 2>&1
await "${disk}p2" [ -b ${disk}p2 ]
run p2pmem copy ${disk}p1 $disk
expect 64 'the same or overlap'
run p2pmem copy --length 1M $disk ${disk}p1
expect 0
run p2pmem copy --length 2M $disk ${disk}p1
expect 64 'the same or overlap'
run p2pmem copy --length 8M --require-p2p ${disk}p1 ${disk}p2
expect 0
check "partition to partition" same ${disk}p1 ${disk}p2 8
mkswap ${disk}p2 >/dev/null && swapon ${disk}p2
run p2pmem copy --length 1M ${disk}p1 ${disk}p2
expect 69 'in use as swap'
run p2pmem copy /mnt/a $disk
expect 69 'in use'
swapoff ${disk}p2

# No rights.
echo 'nobody:x:65534:65534::/:/bin/sh' >>/etc/passwd
chmod 600 /mnt/a
for pair in "/mnt/a /tmp/n" "$disk /tmp/n" "/mnt/odd $disk"; do
    run su nobody -c "p2pmem copy $pair"
    expect 77 'Permission denied: run as root'
    expect_lines 1
done
chmod 666 $disk /dev/nvme1n1
run su nobody -c "p2pmem copy --require-p2p --length 1M ${disk} /dev/nvme1n1 --force"
expect 77 'no permission to allocate peer memory of 0000:03:00.0'

# Forced onto a mounted device, the last thing its file system sees.
run p2pmem copy --force --length 4M --offset 128M $disk /dev/nvme1n1
expect 0
finish
