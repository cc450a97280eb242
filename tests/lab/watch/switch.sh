# machine: switch
# What p2pmem watch says of a copy, of dd and of two processes at once; its .host compares that with QEMU's
# word, byte for byte. And what it leaves behind: nothing.
. ./guest.sh
allocate=/sys/bus/pci/devices/0000:03:00.0/p2pmem/allocate

lab mark start
run p2pmem watch --json --assert-p2p -- peer-copy $allocate /dev/nvme0n1 /dev/nvme1n1 4194304
expect 0 '"verdict":"held"' '"lost":0' '"command":"peer-copy"' '"provider":"0000:03:00.0","read":4194304,"written":0' \
    '"provider":"0000:03:00.0","read":0,"written":4194304' '"notes":\[\]'
figures peer /tmp/err
lab mark peer
run p2pmem watch --json --device nvme1,nvme0n1 --assert-p2p --slack 1M -- p2pmem copy --quiet --length 2M /dev/nvme0n1 /dev/nvme1n1
expect 1 '"verdict":"failed"' 'not peer-to-peer: [1-9][0-9]* bytes .* 1048576 are allowed (4194304 went to or from peers)'
figures copy /tmp/err
lab mark copy
run p2pmem watch --json -- sh -c 'dd if=/dev/nvme0n1 of=/dev/null bs=64k count=32 iflag=direct 2>/dev/null &
    dd if=/dev/zero of=/dev/nvme1n1 bs=5k count=40 oflag=direct 2>/dev/null; wait'
expect 0 '"assertion":null'
figures two /tmp/err
rows /tmp/err >/tmp/rows
[ "$(wc -l </tmp/rows)" = 2 ] && [ "$(grep -c '"command":"dd"' /tmp/rows)" = 2 ] || fail "two processes are not two rows"
lab mark two
# Through the page cache, by the kernel's threads: all processes.
run p2pmem watch --all --json -- sh -c 'dd if=/dev/zero of=/dev/nvme1n1 bs=1M count=1; cat /dev/nvme0n1 | head -c 300000 >/dev/null; sync' 
expect 0
figures cached /tmp/err
lab mark cached
# Statuses are the command's.
run p2pmem watch -- sh -c 'echo out; exit 7'
expect 7 '0 requests'
prints 'out\n'
run p2pmem watch -- sh -c 'kill -TERM $$'
expect 143
run p2pmem watch --assert-p2p -- sh -c 'exit 3'
expect 3
expect_not 'peer-to-peer'
run p2pmem watch --assert-p2p -- true
expect 2 'no bytes to or from peers were seen'
run p2pmem watch -- no-such-program
expect 127 'cannot run no-such-program: No such file'
run p2pmem watch -- /etc
expect 126 'cannot run /etc: Permission denied'
refuses 66 'there is no process 99999' p2pmem watch --pid 99999

# A process that runs already, until it ends; a table with what was asked for.
dd if=/dev/nvme0n1 of=/dev/null bs=4k iflag=direct 2>/dev/null &
dd=$!
p2pmem watch --pid $dd --interval 1 >/tmp/table 2>&1 &
watch=$!
await "rows of the process" grep -q "nvme0.*dd" /tmp/table
kill $dd
wait $watch || fail "watching a process ends with $?"
grep -q 'watched: [1-9][0-9]* requests' /tmp/table || fail "no summary"

# Events that are lost are counted, and nothing is asserted of them.
p2pmem watch --all --json --buffer 64K >/tmp/lossy 2>&1 &
watch=$!
await "the instance" traces
kill -STOP $watch
dd if=/dev/nvme0n1 of=/dev/null bs=4k count=1500 iflag=direct 2>/dev/null
kill -CONT $watch
kill -TERM $watch
wait $watch || fail "SIGTERM ends it with $?"
grep -q '"code":"lost"' /tmp/lossy && ! grep -q '"lost":0' /tmp/lossy || {
    fail "nothing was lost"
    cat /tmp/lossy
}
check "an instance or probes are left" nothing_left

# Killed in the middle: another process removes what it leaves.
p2pmem watch --all >/dev/null 2>&1 &
watch=$!
await "the instance" traces
kill -9 $watch
await "nothing left of a killed one" nothing_left
# Without that one, the next does. (A process that is gone: 1's number, another start.)
mkdir $tracing/instances/p2pmem_watch_1_7_0
echo 'p:p2pmem_watch_1_8_0/iova dma_iova_link' >>$tracing/kprobe_events
run p2pmem watch -- true
expect 0
check "what others left is still there" nothing_left

echo 'nobody:x:65534:65534::/:/bin/sh' >>/etc/passwd
refuses 77 'watching needs root' su nobody -c 'p2pmem watch -- true'
# Below debugfs it would appear by itself.
for mount in $(awk '$3 == "tracefs" || $3 == "debugfs" { print $2 }' /proc/mounts); do
    umount "$mount"
done
refuses 69 'tracefs is not mounted; mount it with: mount -t tracefs' p2pmem watch -- true
finish
