#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/command/check.sh: what p2pmem check, matrix and kernels answer, and how they refuse.
set -eu
# shellcheck source=tests/expect.sh
. "$(dirname "$0")/../expect.sh"
server=$TOPOLOGIES/xe9680-8xh100.lspci-vvv.txt

# A GPU and a NIC below one switch, exit 0; the verdict is in the first line.
run p2pmem check --source "$server" 19:00.0 1a:00.0
expect 0
head -n 1 "$work/out" | grep -q '^0000:19:00.0 (.*) -> 0000:1a:00.0 (.*): direct, distance 4$' ||
    fail "first line"
says 'at most 63.0 GB/s: 32 GT/s x16, the link above 0000:19:00.0'
# No colour where there is no terminal.
! grep -q "$(printf '\033')" "$work/out" || fail "escapes in a file"
# Redirecting ports, each named whole.
run p2pmem check --source "$server" --kernel 6.1 83:00.0 86:00.0
expect 0
says '        pci=disable_acs_redir=0000:82:00.0;0000:82:03.0'
# 7e is on no list, and Intel's root ports show whose CPU it is: refused.
run p2pmem check --source "$server" --kernel 6.12 7e:00.3 19:00.0
expect 1
says ': unreachable'
# E5 host bridges, 3c00: listed, but not between two of them; Intel, so refused.
run p2pmem check --source "$TOPOLOGIES/2n8c-dax-nvme-mic.sysfs.tar.bz2" nvme0n1 mic0
expect 1
says ': unreachable'
says 'is allowed between its own ports only'
# What exit status 0 takes.
run p2pmem check --require direct --source "$server" 19:00.0 1a:00.0
expect 0
run p2pmem check --require direct --source "$server" 17:00.0 84:00.0
expect 1
run p2pmem check --require reachable --source "$server" 17:00.0 84:00.0
expect 0
run p2pmem check -r direct --source "$server" --kernel 6.12 7e:00.3 19:00.0
expect 1
refuses 64 'use reachable, direct' p2pmem check --require fast --source "$server" 19:00.0 1a:00.0
# lspci text does not tell of IOMMU domains, published memory or hypervisors: unknown, and no warning.
run p2pmem check --fail-on warning --source "$server" 19:00.0 1a:00.0
expect 0
says '  unknown: whether 0000:1a:00.0 provides memory could not be read'
run p2pmem check --fail-on unknown --source "$server" 19:00.0 1a:00.0
expect 2
# The second host bridge refuses; nothing behind it sees the request.
run p2pmem check --source "$TOPOLOGIES/2n8c-dax-nvme-mic.sysfs.tar.bz2" nvme0n1 mic0
expect 1
grep -A1 '^  0000:83:00.0 (mic0, ' "$work/out" | grep -q '^ *is not reached$' || fail "path behind a refusal"
run p2pmem check --source "$server" 19:00.0 19:00.0
expect 0
says 'direct, distance 0'
# A port can be asked; the note tells what is below it.
run p2pmem check --source "$server" 17:00.0 1a:00.0
expect 0
says '  note: 0000:17:00.0 (switch downstream port) carries others'

run p2pmem check --json --source "$server" 17:00.0 84:00.0

expect 0
expect_lines 0
says '"verdict": "via-host"'
says '"name": "7.3"'
says '0000:17:00.0 (switch downstream port) carries others'
says '"megabytes_per_second": 3938' # 16 GT/s x2: 16 * 2 * 128/130 / 8 = 3.938
run p2pmem check --json --source "$TOPOLOGIES/aws-p4d.nccl.xml" 10:1b.0 10:1c.0
expect 2
says '"code": "read"'
for field in '"format": 2' '"type": "endpoint"' '"acs": null' '"acs": []' '"severity": "unknown"'; do
    says "$field"
done

refuses 64 'is a host bridge' p2pmem check --source "$server" pci0000:15 19:00.0
refuses 66 'near it: 0000:19:00.0' p2pmem check --source "$server" 19:00.7 19:00.0
refuses 66 'no such device' p2pmem check --source "$server" 19:00.0 nvme9
refuses 64 'several devices: 0000:1b:00.0, 0000:1b:00.1' p2pmem check --source "$server" 1b:00 19:00.0
refuses 64 'names no device' p2pmem check --source "$server" '' 19:00.0
refuses 64 'takes 2 arguments, 1 given' p2pmem check --source "$server" 19:00.0
# A guest, by its ids: the answer says so, and nobody inside is told to move cards.
run p2pmem check --source "$TOPOLOGIES/pasted/qemu-guest.txt" 01:00.0 05:00.0
expect 2
says 'warning: this is a virtual machine'
says 'Only the host can tell'
! grep -qi 'cards\|one switch' "$work/out" || fail "a guest is told to move cards"
# Two machines in one text: the first one's answer, and the other's by its number.
run p2pmem topo --all --source "$TOPOLOGIES/pasted/host-and-guest.txt"
expect 0
! grep -q '05:00.0' "$work/out" || fail "the guest's function is the host's"
run p2pmem topo --all --machine 2 --source "$TOPOLOGIES/pasted/host-and-guest.txt"
expect 0
says '05:00.0'
# Kernels that were not read: what all rules say that they can have; then what is known of kernels.
run p2pmem check --source "$server" --kernel 6.8.0-52-generic 19:00.0 1a:00.0
expect 0
says ': direct, distance 4'
grep -q 'the rules of kernel 6.8.0-52-generic were not read' "$work/err" || fail "no note of the rules"
says '  kernel: has P2PDMA, p2pmem/allocate; not known: VFIO dma-bufs (from 6.19)'
run p2pmem check --source "$server" --kernel 6.1.0-56-amd64 19:00.0 1a:00.0
expect 0
says '  kernel: lacks P2PDMA, p2pmem/allocate, VFIO dma-bufs'
run p2pmem check --json --source "$server" --kernel 6.1.0-56-amd64 19:00.0 1a:00.0
expect 0
says '"kernel": "Debian 12"'
says '"p2pdma": false'
run p2pmem check --json --source "$server" 19:00.0 1a:00.0
expect 0
says '"kernel": null'
run p2pmem kernels
expect 0
says 'Linux 5.9 to 5.17'
run p2pmem kernels --json 6.4.0-150600.23.7-default
expect 0
says '"fit": "unread"'
says '"p2pdma": null'
run p2pmem kernels --json 5.14.0-611.20.1.el9_7.x86_64
expect 0
says '"rules": "one of Linux 5.19 to 7.3"'
says '"allocate": true'
refuses 64 'is not a kernel release' p2pmem kernels new
refuses 64 'is not a kernel release' p2pmem check --source "$server" --kernel new 19:00.0 1a:00.0
refuses 66 'cannot open it' p2pmem check --source "$work/none" 1:0 2:0
head -c 3000 /dev/zero >"$work/zeros"
refuses 65 'the format is not recognized' p2pmem check --source "$work/zeros" 1:0 2:0
gzip -c "$server" | head -c 50 >"$work/cut.gz"
refuses 65 'not an archive that can be read' p2pmem check --source "$work/cut.gz" 1:0 2:0
refuses 64 'is not a regular file' p2pmem check --source /dev/null 1:0 2:0
# Whoever reads JSON gets JSON, whatever is wrong.
refuses 66 'cannot open it' p2pmem check --json --source "$work/none" 1:0 2:0
says '"status": 66'
refuses 64 'option --nonsense is unknown' p2pmem matrix --nonsense --json
says '"text": "option --nonsense is unknown; usage: p2pmem matrix'
refuses 64 'takes 2 arguments, 0 given' p2pmem check --json
refuses 64 'mutually exclusive' p2pmem matrix --source "$server" --csv --json
refuses 66 'nvme9' p2pmem matrix --source "$server" --clients gpu,nvme9
refuses 64 'takes no arguments, 1 given' p2pmem matrix --source "$server" 19:00.0

# A disk that is full is no success.
for command in 'check 19:0 1a:0' 'matrix' 'matrix --all --json'; do
    status=0
    # shellcheck disable=SC2086 # words
    p2pmem $command --source "$server" >/dev/full 2>/dev/null || status=$?
    [ "$status" = 74 ] || fail "$command to a full disk: exit status $status"
done

# 5120 functions, more than a table takes; as CSV they are asked one pair after the other.
awk 'BEGIN { for (i = 0; i < 5120; i++)
    printf "%04x:%02x:%02x.%x 0108: 8086:1000\n\n", i / 256, 0, i % 256 / 8, i % 8 }' >"$work/many"
refuses 64 'for a table; choose with --clients' p2pmem matrix --source "$work/many" --all
run p2pmem matrix --source "$work/many" --csv --clients 0000:00:00.1 --providers all
expect 0
[ "$(wc -l <"$work/out")" = 5121 ] || fail "one row of many"

# 60,000 host bridges: nothing takes the square of that in time, and no matrix in memory. All pairs would be
# some hundred gigabytes; whoever reads the first has them at once.
awk 'BEGIN { for (i = 0; i < 60000; i++)
    printf "%04x:%02x:00.0 0108: 8086:1000\n\n", i / 256, i % 256 }' >"$work/roots"
run p2pmem matrix --source "$work/roots" --csv --clients 0001:00:00.0 --providers all
expect 0
[ "$(wc -l <"$work/out")" = 60001 ] || fail "one row of a matrix of host bridges"
for form in csv json; do
    p2pmem matrix --source "$work/roots" --all --$form 2>/dev/null | head -n 20 >"$work/out"
    [ "$(grep -c '0000:00:00.0.*0000:0[1-9]:00.0' "$work/out")" = 9 ] || fail "the first pairs of a matrix as $form"
done

run p2pmem matrix --source "$server" --csv --clients 19:00.0 --providers 19:00.0,1a:00.0,3b:00.0

expect 0
cat >"$work/wanted" <<'END'
client,provider,verdict,distance,hardware,hardware_distance,to_provider,from_provider
0000:19:00.0,0000:19:00.0,direct,0,direct,0,,
0000:19:00.0,0000:1a:00.0,direct,4,direct,4,,
0000:19:00.0,0000:3b:00.0,via-host,8,via-host,8,,
END
cmp -s "$work/wanted" "$work/out" || fail "CSV"
# Every ordered pair: 517 * 517.
run p2pmem matrix --source "$server" --all --json
expect 0
[ "$(grep -c '"client":' "$work/out")" = 267289 ] || fail "pairs of all functions"
run p2pmem matrix --source "$server" --clients accelerator
expect 0
says 'There is no such client. This machine has: 8 gpu,'
for file in "$TOPOLOGIES"/*.xml "$TOPOLOGIES"/*.tar.* "$TOPOLOGIES"/*.tgz "$TOPOLOGIES"/*.txt; do
    run p2pmem matrix --source "$file"
    expect 0
    says 'Groups: to any other device'
    run p2pmem matrix --source "$file" --all --json
    expect 0
    [ "$(tail -n 1 "$work/out")" = ']}' ] || fail "$file: the JSON does not end"
done
finish
