#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/command/watch.sh: what p2pmem watch refuses before it asks the kernel, and where that does not let it trace.
set -eu
# shellcheck source=tests/expect.sh
. "$(dirname "$0")/../expect.sh"

refuses 64 'nothing to watch' p2pmem watch
refuses 64 'nothing to watch' p2pmem watch --json
refuses 64 'write -- before the command' p2pmem watch true
refuses 64 'write -- before the command' p2pmem watch --device nvme0 dd
refuses 64 '--pid and a command are mutually exclusive' p2pmem watch --pid 1 -- true
refuses 64 '--all and --pid are mutually exclusive' p2pmem watch --pid 1 --all
refuses 64 '--assert-p2p needs a command' p2pmem watch --all --assert-p2p
refuses 64 '--slack is for --assert-p2p' p2pmem watch --slack 4K -- true
refuses 64 'use bytes' p2pmem watch --assert-p2p --slack much -- true
refuses 64 'a whole number from 1' p2pmem watch --pid 0
refuses 64 'a whole number from 1' p2pmem watch --pid self
refuses 64 'out of range' p2pmem watch --pid 4294967297
refuses 64 'is unknown' p2pmem watch --assert -x -- true
refuses 69 'no device nvme4711 that could be watched' p2pmem watch --device nvme4711 -- true
refuses 69 'no device .* that could be watched' p2pmem watch --device ../../devices -- true
refuses 69 "no device nvme4711 that" p2pmem watch --device nvme4711,lo --json --all
refuses 69 'no device lo that could be watched' p2pmem watch --device lo,nvme4711 --all
run p2pmem watch --help
expect 0 '^Manual page: p2pmem-watch(1)$'

# Whoever may not trace is told, the command does not run, and nobody is left behind.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    dir=/sys/kernel/tracing
    [ -d $dir/instances ] || dir=/sys/kernel/debug/tracing
    if [ -d $dir/instances ] && ! setpriv --reuid=65534 --clear-groups test -x $dir; then
        refuses 77 'watching needs root' setpriv --reuid=65534 --clear-groups p2pmem watch -- touch "$work/ran"
    elif [ ! -d $dir/instances ]; then
        refuses 69 'tracefs is not mounted; mount it with: mount -t tracefs' p2pmem watch -- touch "$work/ran"
        refuses 69 'tracefs is not mounted' p2pmem watch --json --all
    fi
    [ ! -e "$work/ran" ] || fail "the command ran though nothing watched it"
fi
finish
