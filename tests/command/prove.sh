#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/command/prove.sh: what p2pmem prove refuses before it asks the machine, and a machine without providers.
set -eu
# shellcheck source=tests/expect.sh
. "$(dirname "$0")/../expect.sh"

refuses 64 'name a client and a provider' p2pmem prove
refuses 64 'name a client and a provider' p2pmem prove nvme0
refuses 64 'name a client and a provider' p2pmem prove --json nvme0
refuses 64 '--all means every pair' p2pmem prove --all nvme0
refuses 64 '--all means every pair' p2pmem prove --all nvme0 nvme1
refuses 64 'a whole number from 1' p2pmem prove --time 0 --all
refuses 64 'FILE or DEVICE:OFFSET+LENGTH' p2pmem prove --all --scratch /dev/nvme0n1:1G+
refuses 64 'FILE or DEVICE:OFFSET+LENGTH' p2pmem prove --all --scratch /dev/nvme0n1:1G+0
refuses 64 'FILE or DEVICE:OFFSET+LENGTH' p2pmem prove --all --scratch /dev/nvme0n1:x+1M
refuses 64 'FILE or DEVICE:OFFSET+LENGTH' p2pmem prove --all --scratch /dev/nvme0n1:1G+99999999T
refuses 64 'is unknown' p2pmem prove --all --write
run p2pmem prove --help
expect 0 '^Manual page: p2pmem-prove(1)$' 'OVERWRITTEN'

# Here nobody provides memory: nothing is made, nothing is kept.
if ! p2pmem providers 2>/dev/null | grep -q published; then
    refuses 69 'nothing to prove' p2pmem prove --all --scratch "$work/scratch" --results "$work/results"
    for file in scratch results; do
        [ ! -e "$work/$file" ] || fail "$file was made for nothing"
    done
fi
finish
