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
run_lab --out "$work/out" --module ext4 --image dst="$work/own.img" --file "$work/carried:/data/carried" \
    --program "$LAB_WITNESS" --program "$PEER_COPY" switch "$work/script"
expect_status 3
expect_stdout 'out\nerr\na\rb\nterminal\ncarried\n/dev/nvme0n1\n/dev/nvme1n1
usage: lab-witness [OPTION...] DIR\n67108864\n1\nmounted\n1
lab qmp: The command no-such has not been found
lab mark: name '"'two words'"': give letters, digits, '"'-', '_', '.'"', at most 64
refused 64\nno newline'
[ ! -s "$work/stderr" ] || fail "messages of a good run"
cmp -s "$work/stdout" "$work/out/output" || fail "OUT/output differs from the output"
expect_in "$work/out/console.log" 'Linux version 7\.'
expect_in "$work/out/console.log" 'noise'
[ -s "$work/out/map.by-hand" ] || fail "lab map saved no map"
[ -s "$work/out/pci.by-hand" ] || fail "lab map saved no PCI functions"
cmp -n 1048576 "$work/out/src.img" "$work/own.img" || fail "the drive's own image was not written"
[ ! -e "$work/out/dst.img" ] || fail "a drive with an image of its own got a fresh one"
[ ! -e "$work/out/initrd.img" ] || fail "OUT/initrd.img was left"

witness() { # FROM TO
    "$LAB_WITNESS" --from "$1" --to "$2" --source 1 --destination 2 "$work/out" >"$work/stdout"
}
witness host peer
expect_stdout 'bytes from mark host to mark peer
drive 1 (src)\n  read into\n         1048576  host RAM
drive 2 (dst)\n  written from\n         1048576  host RAM
payload bytes that entered host RAM: 2097152
  read from the source to host RAM only: 1048576
  written to the destination from host RAM: 1048576
written to the destination from peer memory: 0
read again into host RAM for proof: 0\n'
witness peer back
expect_stdout 'bytes from mark peer to mark back
drive 1 (src)\n  read into\n          262144  its own controller memory buffer
drive 2 (dst)\n  written from\n          262144  src'"'"'s memory
payload bytes that entered host RAM: 0
  read from the source to host RAM only: 0
  written to the destination from host RAM: 0
written to the destination from peer memory: 262144
read again into host RAM for proof: 0\n'
witness peer last
expect_line 'payload bytes that entered host RAM: 0'
expect_line 'read again into host RAM for proof: 12288'
"$LAB_WITNESS" --json --from peer --to last --source 1 --destination 2 "$work/out" >"$work/stdout"
expect_line '    "host_ram_proof": 12288'
status=0
"$LAB_WITNESS" --from nowhere "$work/out" 2>"$work/stderr" || status=$?
expect_status 66
expect_stderr "map.nowhere"
