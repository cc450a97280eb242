# machine: ops-swap.machine
# modules: p2pmem
# Swap on a drive whose function is wrapped: what was pushed out comes back right, while memory is published, used and
# taken back all the time.
. ./modules.sh
load p2pmem
bar=$(memory_bar)
swap=$(drive nvme1n1)
mkswap /dev/nvme1n1 >/dev/null || fail "no swap space"
swapon /dev/nvme1n1 || fail "no swap"
mkdir -p /mnt
mount -t tmpfs -o size=400M none /mnt || fail "no tmpfs"

swapped() { awk -v what="$1" '$1 == what { print $2 * 4096 }' /proc/vmstat; }
mapped() { wrapped "$swap" normal_bytes; }

# With so little memory there may be none for it: then nothing is changed, and later there is.
publishes() {
    p2pmem publish "$bar" --bar 2 --pages >/tmp/published 2>&1 ||
        { grep -q 'host memory in one piece\|Cannot allocate memory' /tmp/published || fail "$(cat /tmp/published)"; [ $failed != 0 ]; }
}
publish_pages() {
    await 'memory for pages' publishes
    [ $failed = 0 ] || finish
}

# Linux 6.1 has no direct reads of tmpfs, which lab-digest would do.
md5sum </dev/nvme0n1 >/tmp/should

# 256 MiB to memory that holds half of it, and back.
work_on_swap() {
    while [ ! -e /tmp/enough ]; do
        dd if=/dev/nvme0n1 of=/mnt/file bs=1M iflag=direct 2>/dev/null || echo "writing fails"
        echo filled
        md5sum </mnt/file >/tmp/is
        cmp -s /tmp/is /tmp/should || echo "wrong bytes"
        rm /mnt/file
        echo round
    done
}

# One round all of it wrapped.
publish_pages
background swapper work_on_swap
until_says /tmp/swapper round
[ "$(swapped pswpout)" -gt 100000000 ] || fail "$(swapped pswpout) bytes were pushed out: this tests nothing"
[ "$(mapped)" -gt 100000000 ] || fail "$(mapped) bytes of swap are the wrapped function's"
run p2pmem unpublish "$bar"
expect 0

# Then ops come and go below.
rounds() { grep -c round /tmp/swapper; }
before=$(rounds)
times=0
while [ "$(rounds)" -lt $((before + 2)) ] || [ $times -lt 6 ]; do
    publish_pages
    run p2pmem-guest direct 0 /dev/nvme2n1
    expect 0 'right: 11 requests each way'
    run p2pmem unpublish "$bar"
    expect 0
    [ $((times % 2)) = 0 ] || await 'functions without our ops' nobody_is_wrapped
    times=$((times + 1))
    [ $failed = 0 ] || break
done
touch /tmp/enough
wait "$swapper"
grep -v 'round\|filled' /tmp/swapper && fail "memory that was pushed out to a wrapped drive"
umount /mnt
swapoff /dev/nvme1n1 || fail "swap does not end"
dmesg | grep -i 'I/O error\|swap.*error' && fail "errors of the drives"
check 'the module unloads' rmmod p2pmem
finish
