#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/command/source.sh: a source that comes by a pipe is the one that comes as a file.
set -eu
# shellcheck source=tests/expect.sh
. "$(dirname "$0")/../expect.sh"
text=$TOPOLOGIES/pasted/list-then-vvv.txt
packed=$TOPOLOGIES/pasted/lspci.txt.xz
tree=$TOPOLOGIES/desktop-iommu-groups.sysfs.tar.gz

# same WHAT: what was just printed is what the file gives.
same() {
    cmp "$work/whole" "$work/out" || {
        fail "$1 gives something else than the file"
        show
    }
}

# A pipe is what this is about.
# shellcheck disable=SC2002
for file in "$text" "$packed" "$tree"; do
    run p2pmem topo --all --source "$file"
    expect 0
    cp "$work/out" "$work/whole"
    [ "$(wc -l <"$work/whole")" -gt 10 ] || fail "$file: no table"
    run p2pmem topo --all --source - <"$file"
    same "- <FILE"
    cat "$file" | run p2pmem topo --all --source -
    same "cat FILE | -"
    cat "$file" | run p2pmem topo --all --source /dev/stdin
    same "cat FILE | /dev/stdin"
    # What a shell makes of <(cat FILE).
    cat "$file" | run p2pmem topo --all --source /dev/fd/7 7<&0
    same "<(cat FILE)"
    mkfifo "$work/fifo"
    cat "$file" >"$work/fifo" &
    run p2pmem topo --all --source "$work/fifo"
    wait
    same "a FIFO"
    (sleep 0.2 && exec cat "$file" >"$work/fifo") &
    run p2pmem topo --all --source "$work/fifo"
    wait
    same "a FIFO whose writer comes late"
    rm "$work/fifo"
done

# A slow writer, and one that writes nothing.
run p2pmem topo --all --source "$text"
cp "$work/out" "$work/whole"
while read -r line; do printf '%s\n' "$line"; done <"$text" |
    run p2pmem topo --all --source -
same "line by line"
refuses 64 '' p2pmem topo --source - </dev/null
: | { refuses 65 '' p2pmem topo --source -; exit $failed; } || failed=1
# A device.
refuses 64 '' p2pmem topo --source /dev/null
finish
