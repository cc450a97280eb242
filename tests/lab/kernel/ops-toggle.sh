# machine: provider.machine
# modules: p2pmem
# options: --module ext4 --program /sbin/mke2fs
# DMA operations around those of the drives' stock driver come and go while the drives work, on Linux that has no
# peer-to-peer pages of its own; so do drives, holders, the module and the memory's device.
. ./modules.sh
load p2pmem
bar=0000:05:00.0
used=$(drive nvme2n1)
times=$(sed -n 's/.* times=\([0-9]*\).*/\1/p' /proc/cmdline)
times=${times:-5}

publish_pages() {
    run p2pmem publish $bar --bar 2 --pages
    expect 0 'with struct pages'
}

# A file system on one drive, reads of another, as long as this runs.
/usr/bin/mke2fs -q -t ext4 /dev/nvme1n1 && mkdir -p /mnt && mount -t ext4 /dev/nvme1n1 /mnt || fail "no ext4"
lab-digest /dev/nvme0n1 16 >/tmp/should
work_on_files() {
    while [ ! -e /tmp/enough ]; do
        dd if=/dev/nvme0n1 of=/mnt/copy bs=256k count=64 iflag=direct conv=fsync 2>/dev/null || echo "writing fails"
        echo 3 >/proc/sys/vm/drop_caches
        lab-digest /mnt/copy >/tmp/is
        cmp -s /tmp/is /tmp/should || echo "wrong bytes"
        rm /mnt/copy
        echo round
    done
}
background files work_on_files

for i in $(seq "$times"); do
    publish_pages
    is_wrapped "$(drive nvme0n1)" || fail "a drive's function is not wrapped"
    run p2pmem-guest direct 0 /dev/nvme2n1
    expect 0 right
    run p2pmem unpublish $bar
    expect 0
    # Now and then the next one comes before the last one has been undone.
    [ $((i % 2)) = 0 ] || await 'functions without our ops' nobody_is_wrapped
    [ $failed = 0 ] || finish
done

publish_pages
kill_holder $bar /dev/nvme2n1

# A drive's driver goes with requests under way, and comes back: to a function that is wrapped.
publish_pages
background holder p2pmem-guest direct 0 /dev/nvme2n1 forever
until_says /tmp/holder again
echo "$used" >/sys/bus/pci/drivers/nvme/unbind
wait "$holder"
is_wrapped "$used" && fail "a function without a driver is wrapped"
echo "$used" >/sys/bus/pci/drivers/nvme/bind
await 'the drive' [ -b /dev/nvme2n1 ]
is_wrapped "$used" || fail "a driver that came later finds ops as ever"
run p2pmem-guest direct 0 /dev/nvme2n1
expect 0 right

# A long-term pin would hold up every removal. Linux 6.1 lets io_uring have no mapping of a file, and others have it.
run p2pmem-guest pin 0
expect 2 'pin: E\(FAULT\|OPNOTSUPP\)'

# The module goes, and takes all that is published with it; not if somebody has some.
background holder p2pmem-guest direct 0 /dev/nvme2n1 forever
until_says /tmp/holder again
run rmmod p2pmem
expect 1
kill -9 "$holder"
unloads() { rmmod p2pmem 2>/dev/null; }
await 'the module unloaded' unloads
run p2pmem-guest direct 0 /dev/nvme2n1
expect 2 'alloc: ENOENT'
load p2pmem

# The memory's device is unplugged with requests under way; what is gone cannot be a page's any more.
publish_pages
background holder p2pmem-guest direct 0 /dev/nvme2n1 forever
until_says /tmp/holder again
lab unplug bar
wait "$holder"
await 'functions without our ops' nobody_is_wrapped
check 'the module unloads' rmmod p2pmem

before=$(grep -c round /tmp/files)
await 'the files written once more' eval '[ "$(grep -c round /tmp/files)" -gt $((before + 1)) ]'
touch /tmp/enough
wait "$files"
grep -v round /tmp/files && fail "files on a drive whose function was wrapped"
umount /mnt || fail "umount"
mount -t ext4 /dev/nvme1n1 /mnt || fail "it does not mount again"
dmesg | grep -i 'ext4.*error\|I/O error.*nvme[01]' && fail "errors of the drives"
finish
