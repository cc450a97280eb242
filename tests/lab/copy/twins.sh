# machine: twins.machine
# options: --module ext4 --program /sbin/mke2fs
# One NVMe namespace behind two controllers: by two names it is still one drive, and by one name with two
# functions behind it all that peer memory carries is compared.
. ./guest.sh
one=/dev/nvme0n1
other=/dev/nvme1n1
provider=/dev/nvme2n1
await "both names of a drive" test -b $other
await "the third drive" test -b $provider
[ "$(cat /sys/block/nvme0n1/wwid)" = "$(cat /sys/block/nvme1n1/wwid)" ] || fail "no twins"

run p2pmem copy $one $other
expect 64 'the same or overlap, in .* and .*, which are one drive: '
run p2pmem copy --force --length 1M $other $one
expect 64 'the same or overlap'
run p2pmem copy --force --offset 1M --length 2M --destination-offset 2M $one $other
expect 64 'the same or overlap'
before=$(lab-digest $one 4 8)
run p2pmem copy --offset 1M --length 1M --destination-offset 4M $one $other
expect 0
[ "$(lab-digest $one 1 1)" = "$(lab-digest $one 1 4)" ] || fail "a copy within the drive did not arrive"
[ "$(lab-digest $one 4 8)" = "$before" ] || fail "a copy within the drive reached further"

/usr/bin/mke2fs -q -t ext4 $one && mount -t ext4 $one /mnt || fail "no ext4"
run p2pmem copy $provider $other
expect 69 "$other is mounted at /mnt"
dd if=/dev/urandom of=/mnt/f bs=1M count=1 2>/dev/null
run p2pmem copy --force /mnt/f $other
expect 64 "/mnt/f lies on $other"
umount /mnt

# The same drive by one name, with a path through each controller.
rmmod nvme nvme_core || fail "the driver stays"
modprobe nvme_core multipath=Y
[ "$(cat /sys/module/nvme_core/parameters/multipath)" = Y ] || fail "no multipath"
modprobe nvme
drive() { # its name, by the serial number
    for disk in /sys/block/nvme*n1; do
        read -r serial <"$disk/device/serial"
        [ "$(cat "$disk/hidden")" = 0 ] && [ "$serial" = "$1" ] && echo "/dev/${disk##*/}" && return
    done
    return 1
}
both_paths() {
    [ "$(cat /sys/block/nvme*c*n1/hidden 2>/dev/null | wc -l)" -ge 2 ] && drive one && drive provider
}
await "two paths to one drive" both_paths >/dev/null || finish
one=$(drive one)
provider=$(drive provider)
run p2pmem copy --json "$one" "$provider"
expect 0 'several PCI functions move' '"comparison":"all-of-several-functions"'
check "through both controllers" same "$one" "$provider"
run p2pmem copy --json "$provider" "$one"
expect 0 '"comparison":"all-of-several-functions"'
finish
