#!/bin/sh
# SPDX-License-Identifier: MIT
# One boot of the switch machine: output, status, files, modules, the guest's lab command, and the
# witness against traffic that is known.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
echo 'carried' >"$work/carried"
cat >"$work/script" <<'EOF'
echo out
echo err >&2
printf 'a\rb\n'
[ -t 1 ] && echo terminal
cat /data/carried
grep -o 'first=1 second=2 third=3' /proc/cmdline
readlink /dev/lab/src
readlink /dev/lab/dst
lab-witness --help | head -n 1
cat /sys/bus/pci/devices/*/p2pmem/size
grep -c '^ext4 ' /proc/modules
mke2fs /dev/nvme1n1 >/dev/null 2>&1 && mount -t ext4 /dev/nvme1n1 /mnt && echo mounted && umount /mnt
while :; do echo noise; usleep 500; done >/dev/kmsg &
noise=$!
pids=
for i in 1 2 3 4; do
    lab qmp '{"execute":"query-status"}' >/tmp/answer$i &
    pids="$pids $!"
done
wait $pids
kill $noise
cat /tmp/answer* | sort -u | grep -c '"status":"running"'
lab qmp '{"execute":"no-such"}'
lab mark 'two words'
lab no-such 2>/dev/null || echo "refused $?"
peer=$(echo /sys/bus/pci/devices/*/p2pmem/allocate)
lab mark host
dd if=/dev/nvme0n1 of=/dev/nvme1n1 bs=64k count=16 iflag=direct oflag=direct 2>/dev/null
lab mark peer
peer-copy "$peer" /dev/nvme0n1 /dev/nvme1n1 262144 || echo "peer-copy $?"
lab mark back
dd if=/dev/nvme0n1 of=/dev/null bs=4k count=1 iflag=direct 2>/dev/null
dd if=/dev/nvme1n1 of=/dev/null bs=4k skip=1 count=2 iflag=direct 2>/dev/null
lab mark last
lab map by-hand
printf 'no newline'
exit 3
EOF
truncate -s 256M "$work/own.img"
run lab --out "$work/run" --module ext4 --image dst="$work/own.img" --file "$work/carried:/data/carried" \
    --append 'first=1 second=2' --append third=3 --program "$LAB_WITNESS" --program "$PEER_COPY" switch "$work/script"
expect 3
prints 'out\nerr\na\rb\nterminal\ncarried\nfirst=1 second=2 third=3\n/dev/nvme0n1\n/dev/nvme1n1
usage: lab-witness [OPTION...] DIR\n67108864\n1\nmounted\n1
lab qmp: The command no-such has not been found
lab mark: name '"'two words'"': give letters, digits, '"'-', '_', '.'"', at most 64
refused 64\nno newline'
[ ! -s "$work/err" ] || fail "messages of a good run"
cmp -s "$work/out" "$work/run/output" || fail "OUT/output differs from the output"
check 'a log of Linux 7' grep -q 'Linux version 7\.' "$work/run/console.log"
check 'noise in the log' grep -q 'noise' "$work/run/console.log"
[ -s "$work/run/map.by-hand" ] || fail "lab map saved no map"
[ -s "$work/run/pci.by-hand" ] || fail "lab map saved no PCI functions"
cmp -n 1048576 "$work/run/src.img" "$work/own.img" || fail "the drive's own image was not written"
[ ! -e "$work/run/dst.img" ] || fail "a drive with an image of its own got a fresh one"
[ ! -e "$work/run/initrd.img" ] || fail "OUT/initrd.img was left"

witness() { # FROM TO
    run "$LAB_WITNESS" --from "$1" --to "$2" --source 1 --destination 2 "$work/run"
}
witness host peer
prints 'bytes from mark host to mark peer
drive 1 (src)\n  read into\n         1048576  host RAM
drive 2 (dst)\n  written from\n         1048576  host RAM
payload bytes that entered host RAM: 2097152
  read from the source to host RAM only: 1048576
  written to the destination from host RAM: 1048576
written to the destination from peer memory: 0
read again into host RAM for proof: 0\n'
witness peer back
prints 'bytes from mark peer to mark back
drive 1 (src)\n  read into\n          262144  its own controller memory buffer
drive 2 (dst)\n  written from\n          262144  src'"'"'s memory
payload bytes that entered host RAM: 0
  read from the source to host RAM only: 0
  written to the destination from host RAM: 0
written to the destination from peer memory: 262144
read again into host RAM for proof: 0\n'
witness peer last
says_line 'payload bytes that entered host RAM: 0'
says_line 'read again into host RAM for proof: 12288'
run "$LAB_WITNESS" --json --from peer --to last --source 1 --destination 2 "$work/run"
says_line '    "host_ram_proof": 12288'
run "$LAB_WITNESS" --from nowhere "$work/run"
expect 66
says "map.nowhere"
finish
