# machine: switch
# options: --module ext4 --module loop --module dm-mod --module sd_mod --module scsi_debug --program /sbin/mke2fs --program /sbin/dmsetup
# Copies that would destroy what they read, whatever the names (host-side: tests/command/ground.sh),
# and direct I/O that is none, beside drives that could do better.
. ./guest.sh
disk=/dev/nvme0n1
mkdir -p /mnt /tmp/parts

# More parts than a list of 32 ranges holds: each loop device counts three times.
i=0
while [ $i -lt 14 ]; do
    truncate -s 4M /tmp/parts/$i
    loop=$(losetup -f)
    losetup "$loop" /tmp/parts/$i
    echo "$((i * 8192)) 8192 linear $loop 0"
    i=$((i + 1))
done >/tmp/table
DM_DISABLE_UDEV=1 dmsetup create many </tmp/table || fail "no dm device"
for loop in $(awk '{ print $4 }' /tmp/table); do
    run p2pmem copy --length 1M --force /dev/mapper/many "$loop"
    expect 64 'the same or overlap'
done
run p2pmem copy --length 1M /dev/mapper/many /tmp/parts/13
expect 64 'the same or overlap'
DM_DISABLE_UDEV=1 dmsetup remove many

# One unit that two controllers lead to: two names, two numbers, one worldwide id.
cd /sys/bus/pseudo/drivers/scsi_debug || fail "no scsi_debug"
echo 0 >vpd_use_hostno
echo 1 >add_host
echo 1 >add_host
cd /root
until [ "$(cat /sys/block/sd*/device/wwid | wc -l)" = 3 ]; do sleep 0.2; done
units=
for wwid in /sys/block/sd*/device/wwid; do
    unit=${wwid#/sys/block/}
    units="$units $(cat "$wwid") ${unit%%/*}"
done
twins=$(echo "$units" | xargs -n 2 | awk '{ if (seen[$1]) { print seen[$1], $2; exit } seen[$1] = $2 }')
a=/dev/${twins% *}
b=/dev/${twins#* }
[ -b "$a" ] && [ -b "$b" ] && [ "$a" != "$b" ] || fail "no twins:$units"
run p2pmem copy "$a" "$b"
expect 64 'the same or overlap, in .* and .*, which are one drive: '
run p2pmem copy --force --length 1M "$a" "$b"
expect 64 'the same or overlap'
run p2pmem copy --offset 1M --length 1M --destination-offset 4M "$a" "$b"
expect 0
/usr/bin/mke2fs -q -t ext4 "$a" && mount -t ext4 "$a" /mnt || fail "no ext4 on $a"
run p2pmem copy --length 1M $disk "$b"
expect 69 "$b is mounted at /mnt"
dd if=/dev/urandom of=/mnt/f bs=1M count=1 2>/dev/null
run p2pmem copy --force /mnt/f "$b"
expect 64 "/mnt/f lies on $b"
umount /mnt

# A limit on files is no limit on drives, nor on what passes between the CPU and peer memory.
run sh -c "ulimit -f 64; exec p2pmem copy --require-p2p --length 4M $disk /dev/nvme1n1"
expect 0 'through peer memory  4194304 bytes'
check "under a limit on files" same $disk /dev/nvme1n1 4

# A file system that takes O_DIRECT and means the page cache.
/usr/bin/mke2fs -q -F -t ext4 /dev/nvme1n1 && mount -t ext4 -o data=journal /dev/nvme1n1 /mnt || fail "no data=journal"
run p2pmem copy --require-p2p --length 4M $disk /mnt/j
expect 69 'without direct I/O on that file'
[ ! -e /mnt/j ] || fail "a refused copy left a file"
run p2pmem copy --length 4M $disk /mnt/j
expect 0 'path: host memory (.*without direct I/O' 'through peer memory  0 bytes'
check "data=journal" cmp -n 4194304 $disk /mnt/j
run p2pmem copy --require-p2p /mnt/j /dev/nvme0n1
expect 69 'without direct I/O on that file'
umount /mnt
/usr/bin/mke2fs -q -F -t ext3 /dev/nvme1n1 && mount -t ext4 /dev/nvme1n1 /mnt || fail "no ext3"
run p2pmem copy --require-p2p --length 4M $disk /mnt/j
expect 69 'a file without extents'
run p2pmem copy --length 4M $disk /mnt/j
expect 0 'through peer memory  0 bytes'
run p2pmem copy --require-p2p --length 4M /mnt/j $disk
expect 0 'through peer memory  4194304 bytes'
finish
