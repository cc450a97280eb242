#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/command/module.sh: what publish, unpublish and stat refuse before they ask the module.
set -eu
# shellcheck source=tests/expect.sh
. "$(dirname "$0")/../expect.sh"

refuses 64 'takes 1 argument,' p2pmem publish --bar 2
refuses 64 'takes 1 argument,' p2pmem publish --bar 2 1:0.0 2:0.0
refuses 64 'give --bar N' p2pmem publish 1:0.0
refuses 64 'use 0, 1, 2, 3, 4, 5' p2pmem publish --bar 6 1:0.0
refuses 64 'use 0, 1, 2, 3, 4, 5' p2pmem publish --bar -1 1:0.0
refuses 64 'use bytes' p2pmem publish --bar 2 --size 2X 1:0.0
refuses 64 'use bytes' p2pmem publish --bar 2 --offset -4096 1:0.0
refuses 64 'out of range' p2pmem publish --bar 2 --size 99999999999T 1:0.0
refuses 64 '--pages and --no-pages are mutually exclusive' p2pmem publish --bar 2 --pages --no-pages 1:0.0
refuses 64 '--bar and --driver-memory are mutually exclusive' p2pmem publish --bar 2 --driver-memory 1:0.0
refuses 64 'is unknown' p2pmem publish --force 1:0.0
refuses 64 'takes 1 argument,' p2pmem unpublish
refuses 64 'is unknown' p2pmem unpublish --bar 2 p2pmem0
refuses 64 'name it as in p2pmem0' p2pmem stat p2pmem0 p2pmem
refuses 64 'name it as in p2pmem0' p2pmem stat 'p2pmem-1'
refuses 64 'name it as in p2pmem0' p2pmem stat ''
for page in publish unpublish stat; do
    run p2pmem $page --help
    expect 0 "^Manual page: p2pmem-$page(1)$"
done

# The rest needs a machine whose module is not loaded.
if [ -e /dev/p2pmem ] || [ -e /sys/class/p2pmem ]; then finish; fi
refuses 69 'modprobe p2pmem' p2pmem stat
refuses 69 'modprobe p2pmem' p2pmem stat --json p2pmem0
refuses 69 'modprobe p2pmem' p2pmem unpublish p2pmem0
refuses 69 'modprobe p2pmem' p2pmem unpublish --force /dev/p2pmem0
finish
