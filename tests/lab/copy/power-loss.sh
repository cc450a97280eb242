# machine: third-provides.machine
# options: --module ext4 --program /sbin/mke2fs
# What is on the medium when a file system is shut down as by a power failure: after success everything, after an
# interruption what was said to be good, after a kill no file that looks finished.
. ./guest.sh
from=/dev/nvme0n1
drive=nvme1n1
length=$((80 * 1048576 + 1)) # no whole sector

let_go() { umount /mnt 2>/dev/null; }

# The requests of a killed program may outlive it.
lose_power() {
    check "no shutdown" fs-shutdown /mnt
    await "unmounting" let_go
    mount -t ext4 /dev/$drive /mnt || fail "it does not mount again"
}

size() { stat -c %s "$1"; }

# in_the_middle SIGNAL FILE: a copy to the file is ended by the signal, and then the power fails.
in_the_middle() {
    p2pmem copy --length $length $from "$2" >/tmp/out 2>/tmp/err &
    await_window $drive /tmp/err
    kill "-$1" $!
    wait $!
    lose_power
}

/usr/bin/mke2fs -q -F -t ext4 /dev/$drive && mount -t ext4 /dev/$drive /mnt || fail "no ext4"
head -c 1000001 $from >/tmp/source
# A longer file's old end must not be back.
dd if=/dev/zero of=/mnt/old bs=1M count=4 2>/dev/null
sync
for name in new old; do
    run p2pmem copy /tmp/source /mnt/$name
    expect 0
    lose_power
    cmp /tmp/source /mnt/$name || fail "$name is not whole: $(size /mnt/$name) bytes"
done

in_the_middle TERM /mnt/part
good=$(sed -n 's/.* is good for \([0-9]*\) bytes.*/\1/p' /tmp/err)
[ "$good" -gt 0 ] && [ "$(size /mnt/part)" -ge "$good" ] && [ "$(size /mnt/part)" -lt $length ] &&
    cmp -n "$good" $from /mnt/part || fail "$good bytes were said to be good, of $(size /mnt/part)"
run p2pmem copy --offset "$good" --length $((length - good)) $from /mnt/part
expect 0
lose_power
[ "$(size /mnt/part)" = $length ] && cmp -n $length $from /mnt/part || fail "gone on, and lost"
rm /mnt/part

in_the_middle KILL /mnt/killed
[ ! -e /mnt/killed ] || [ "$(size /mnt/killed)" -lt $length ] || fail "a killed copy looks finished"
finish
