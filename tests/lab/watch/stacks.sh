# machine: switch
# options: --module raid0 --module ext4 --program /sbin/mke2fs
# Below a file of ext4 and below an array, requests are the drives' and still their process's.
. ./guest.sh

# of FIELD: the sum of it over rows of dd.
of() {
    grep '"event":"result"' /tmp/err | sed 's/{"device"/\n&/g' | grep '"command":"dd"' |
        sed "s/.*\"$1\":{\"total\":\([0-9]*\),\"host\":\([0-9]*\),.*/\1 \2/" | awk '{ a += $1; b += $2 } END { print a + 0, b + 0 }'
}

/usr/bin/mke2fs -q -t ext4 /dev/nvme1n1 && mkdir -p /mnt && mount -t ext4 /dev/nvme1n1 /mnt || fail "no ext4"
dd if=/dev/zero of=/mnt/file bs=64k count=32 2>/dev/null
sync
run p2pmem watch --json -- dd if=/mnt/file of=/dev/null bs=64k iflag=direct
expect 0
[ "$(of read)" = "2097152 2097152" ] || fail "a file's bytes are $(of read)"
umount /mnt

# An array without metadata, by sysfs: chunks of 64 KiB. One member is a partition.
printf 'o\nn\np\n1\n2048\n67583\nw\n' | fdisk /dev/nvme0n1 >/dev/null 2>&1
await "the partition" test -b /dev/nvme0n1p1
stripe 65536 nvme0n1p1 nvme1n1
# Whoever opens it first reads its partition table.
dd if=/dev/md0 of=/dev/null bs=4k count=1 2>/dev/null
run p2pmem watch --json -- dd if=/dev/md0 of=/dev/null bs=256k count=8 iflag=direct
expect 0 '"name":"nvme0"' '"name":"nvme1"'
[ "$(of read)" = "2097152 2097152" ] || fail "an array's bytes are $(of read)"
finish
