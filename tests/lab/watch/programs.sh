# machine: switch
# options: --program /usr/bin/fio --program /usr/bin/script
# p2pmem watch on Debian's fio, whose bytes its .host compares with QEMU's word; on a terminal; and where it
# is ended, killed, flooded or not let.
. ./guest.sh
allocate=/sys/bus/pci/devices/0000:03:00.0/p2pmem/allocate

# fio_with MEMORY: reads one drive and writes the other, 4 MiB each, as two processes at once.
fio_with() {
    run p2pmem watch --json --assert-p2p -- fio --ioengine=io_uring --direct=1 --bs=64k --size=4M --iodepth=4 \
        --mem="$1" --name=reads --filename=/dev/nvme0n1 --rw=randread \
        --name=writes --filename=/dev/nvme1n1 --rw=write
}

lab mark start
fio_with mmapshared:$allocate
expect 0 '"verdict":"held"' '"lost":0' '"provider":"0000:03:00.0","read":4194304,"written":0' \
    '"provider":"0000:03:00.0","read":0,"written":4194304'
figures peers /tmp/err
[ "$(rows /tmp/err | grep -c '"command":"fio"')" = 2 ] || fail "two processes are not two rows"
lab mark peers
fio_with malloc
expect 1 '"verdict":"failed"' 'not peer-to-peer: 8388608 bytes went to or from host memory, 0 are allowed (0 went'
figures host /tmp/err
lab mark host

# interrupted READY OPTION...: watch on a terminal of 130 columns, its screen is /tmp/screen, until READY succeeds
# and Ctrl-C is pressed. Not in the background, where that is ignored.
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
mkfifo /tmp/keys
interrupted() {
    ready=$1
    shift
    : >/tmp/screen
    (
        exec 9>/tmp/keys
        await "$ready" "$ready"
        printf '\003' >&9
    ) &
    status=0
    TERM=xterm script -qefc "stty cols 130; exec p2pmem watch $*" /tmp/screen </tmp/keys >/dev/null 2>&1 || status=$?
    grep -q 'watched: [0-9]* requests' /tmp/screen || fail "no summary after Ctrl-C"
    check "something is left after Ctrl-C" nothing_left
}

# A table, and another after the screen was cleared.
two_tables() {
    [ "$(awk '
        BEGIN { cleared = sprintf("%c[H%c[J", 27, 27) }
        index($0, cleared) { seen = 0 }
        /nvme0.* dd .*MB/ && !seen { seen = 1; tables++ }
        END { print tables + 0 }' /tmp/screen)" -ge 2 ]
}

dd_runs() {
    traces && grep -qx dd /proc/[0-9]*/comm
}

dd if=/dev/nvme0n1 of=/dev/null bs=4k iflag=direct 2>/dev/null &
dd=$!
interrupted two_tables --all
[ $status = 0 ] || fail "Ctrl-C ends a live table with $status"
two_tables || fail "no live table"
kill $dd
# With a command it ends that, and then the watch says what there was.
interrupted dd_runs -- dd if=/dev/nvme0n1 of=/dev/null bs=4k iflag=direct
[ $status = 130 ] || fail "Ctrl-C with a command ends with $status"

# Events that are lost are no proof, whatever was seen. The command holds its watch up.
run p2pmem watch --assert-p2p --slack 1G --buffer 64K -- sh -c "kill -STOP \$PPID
    peer-copy $allocate /dev/nvme0n1 /dev/nvme1n1 1048576
    dd if=/dev/nvme0n1 of=/dev/null bs=4k count=2000 iflag=direct 2>/dev/null; kill -CONT \$PPID"
expect 2 'cannot be told whether this was peer-to-peer: [0-9]* events were lost; try a larger --buffer' 'note: .*lost'
check "something is left after lost events" nothing_left

# Killed together with what would clean up after it: the next one does.
p2pmem watch --all >/dev/null 2>&1 &
watch=$!
await "the instance" traces
guard=$(awk -v parent=$watch '{ sub(/.*\) /, "") } $2 == parent { split(FILENAME, path, "/"); print path[3] }' \
    /proc/[0-9]*/stat 2>/dev/null)
kill -9 $watch "$guard"
wait $watch
! nothing_left || fail "nothing is left of a killed one, so that nothing was tested"
run p2pmem watch -- true
expect 0
check "a killed one's is still there" nothing_left

# A kernel that is locked down, which cannot be taken back.
mount -t securityfs securityfs /sys/kernel/security
echo confidentiality >/sys/kernel/security/lockdown
refuses 77 'the kernel is locked down for confidentiality (lockdown=' p2pmem watch -- true
umount /sys/kernel/security
refuses 77 'cannot trace: .* forbidden by the kernel (lockdown' p2pmem watch -- touch /tmp/ran
[ ! -e /tmp/ran ] || fail "the command ran though nothing watched it"
finish
