# machine: flaky.machine
# options: --module btrfs --module f2fs --program /sbin/mkfs.btrfs --program /sbin/mkfs.f2fs --program /usr/bin/chattr
# Files on btrfs and f2fs: what is said to have gone through peer memory did, by QEMU's word (the twin); shared
# extents are nobody else's data; and what is good survives a shutdown in mid-copy.
. ./guest.sh
from=/dev/nvme0n1
drive=nvme1n1
size=8388608

bytes() { # WHERE, of the last copy
    sed -n "s/^ *through $1 memory *\([0-9]*\) bytes.*/\1/p" /tmp/out
}

# told NAME COMMAND...: a copy that succeeds; the twin compares its words with QEMU's.
told() {
    name=$1
    shift
    sync
    lab mark "$name-begin"
    run "$@"
    sync
    lab mark "$name-end"
    expect 0
    echo "told $name $(bytes peer) $(bytes host)"
}

to_and_from() { # NAME: /mnt/NAME exists, or is made
    told "to-$1" p2pmem copy --length 8M $from "/mnt/$1"
    check "to $1" cmp -n $size $from "/mnt/$1"
    told "from-$1" p2pmem copy --destination-offset 64M "/mnt/$1" $from
    [ "$(lab-digest "/mnt/$1" 8)" = "$(lab-digest $from 8 64)" ] || fail "from $1"
}

let_go() { umount /mnt 2>/dev/null; }

mkfs.btrfs -q -f /dev/$drive >/dev/null && mount -t btrfs /dev/$drive /mnt || fail "no btrfs"
to_and_from checked # its checksums are made by the CPU
: >/mnt/plain
chattr +C /mnt/plain || fail "no file without copy on write"
to_and_from plain

# Two files with the same extents: who writes one leaves the other alone.
for kind in checked plain; do
    : >/mnt/clone
    [ $kind = checked ] || chattr +C /mnt/clone
    cp --reflink=always /mnt/$kind /mnt/clone || fail "no reflink of $kind"
    run p2pmem copy --offset 16M --destination-offset 1M --length 4M $from /mnt/clone
    expect 0
    [ "$(lab-digest /mnt/clone 4 1)" = "$(lab-digest $from 4 16)" ] || fail "into a clone of $kind"
    [ "$(lab-digest /mnt/clone 1)" = "$(lab-digest $from 1)" ] || fail "beside, in a clone of $kind"
    check "what a clone of $kind shares" cmp -n $size $from /mnt/$kind
    rm /mnt/clone
done
run p2pmem copy --force /mnt/plain /dev/$drive
expect 64 "/mnt/plain lies on /dev/$drive"
run p2pmem copy --length 1M --force /mnt/plain /mnt/plain
expect 64 'the same or overlap'
umount /mnt

mkfs.f2fs -q -f /dev/$drive && mount -t f2fs /dev/$drive /mnt || fail "no f2fs"
to_and_from f2fs
[ "$(bytes peer)" = $size ] || fail "f2fs takes no peer memory"
rm /mnt/f2fs
sync
p2pmem copy --length 40M $from /mnt/part >/tmp/out 2>/tmp/err &
copy=$!
await_window $drive /tmp/err
kill -STOP $copy || fail "it ended before its middle"
fs-shutdown /mnt || fail "f2fs does not shut down"
kill -CONT $copy
command="copy to f2fs, which is shut down"
wait $copy
status=$?
expect 74 'failed'
good=$(sed -n 's/.* is good for \([0-9]*\) bytes.*/\1/p' /tmp/err)
await "unmounting" let_go
mount -t f2fs /dev/$drive /mnt || fail "it does not mount again"
[ "${good:-0}" -gt 0 ] && cmp -n "$good" $from /mnt/part || fail "${good:-no} bytes were said to be good"
[ "$(stat -c %s /mnt/part)" -lt 41943040 ] || fail "a copy that failed looks finished"
finish
