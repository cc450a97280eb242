#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/command/allow.sh: what p2pmem allow refuses before it asks the machine, and what it says of its records where no
# module is.
set -eu
# shellcheck source=tests/expect.sh
. "$(dirname "$0")/../expect.sh"

refuses 64 'name a client and a provider' p2pmem allow
refuses 64 'name a client and a provider' p2pmem allow nvme0
refuses 64 'name a client and a provider' p2pmem allow --withdraw nvme0
refuses 64 'are about every pair' p2pmem allow --all nvme0
refuses 64 'are about every pair' p2pmem allow --list nvme0 nvme1
refuses 64 'three things to do' p2pmem allow --list --all
refuses 64 'three things to do' p2pmem allow --withdraw --all
refuses 64 'FILE or DEVICE:OFFSET+LENGTH' p2pmem allow --scratch /dev/nvme0n1:1G+ nvme0 nvme1
refuses 64 'a whole number from 1' p2pmem allow --time 0 nvme0 nvme1
refuses 64 'is unknown' p2pmem allow --force nvme0 nvme1
refuses 65 'this is no file of results' p2pmem allow --list --allowed "$0"
run p2pmem allow --help
expect 0 '^Manual page: p2pmem-allow(1)$' 'OVERWRITTEN' 'after a boot'

run p2pmem allow --list --allowed "$work/none"
expect 0 'No pair is allowed'
run p2pmem allow --list --allowed "$work/none" --json
expect 0 '"pairs": \[\]'
[ ! -e "$work/none" ] || fail "looking makes a file"

# Of another machine: void, and not allowed; whoever withdraws it forgets it, with or without the module.
allowed=$work/allowed
{
    echo 'p2pmem-proofs 1'
    for direction in to-provider from-provider; do
        printf '\nproof\nclient 00fe:03:00.0\nprovider 00fe:04:00.0\n'
        printf 'direction %s\nstate proven\ntime 1795671000\nbytes 4096\nfact kernel = 6.12.0\nend\n' $direction
    done
} >"$allowed"
run p2pmem allow --list --allowed "$allowed"
expect 0 '^00fe:03:00.0  00fe:04:00.0  not allowed  void: this machine has no such pair; it was proven'
run p2pmem allow --list --allowed "$allowed" --json
expect 0 '"state": "void"' '"now": false' '"client": "00fe:03:00.0"'
[ -e /sys/module/p2pmem ] || {
    run p2pmem allow --all --allowed "$allowed"
    expect 66 'no such device'
}
run p2pmem allow --withdraw 00fe:03:00.0 00fe:04:00.0 --allowed "$allowed"
expect 0 '00fe:03:00.0 is not allowed any more'
run p2pmem allow --list --allowed "$allowed"
expect 0 'No pair is allowed'
run p2pmem allow --withdraw 00fe:03:00.0 00fe:04:00.0 --allowed "$allowed"
[ "$status" != 0 ] || fail "what is not there is withdrawn"
finish
