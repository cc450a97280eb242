#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/command/width.sh WIDTHS: whatever a command prints fits the terminal, from 40 columns on. What is to
# be pasted stays whole.
set -eu
# shellcheck source=tests/expect.sh
. "$(dirname "$0")/../expect.sh"
widths=$1

# fits ARGUMENT...: at each width no line is longer.
fits() {
    for width in $widths; do
        status=0
        COLUMNS=$width LC_ALL=C p2pmem "$@" >"$work/out" 2>/dev/null || status=$?
        if [ "$status" -gt 2 ] || [ ! -s "$work/out" ]; then
            fail "p2pmem $*: exit status $status"
        fi
        awk -v width="$width" '
            length($0) > width && !/^ *(pci=|setpci )/ { print "  " length($0) ": " $0; bad = 1 }
            / $/ { print "  blanks at its end: " $0; bad = 1 }
            END { exit bad }' "$work/out" || {
            fail "p2pmem $* at $width columns"
        }
    done
}

# check takes two devices of each file: the first two functions below ports that matrix shows.
pair() {
    p2pmem matrix --source "$1" --csv 2>/dev/null | awk -F , 'NR > 1 && $1 != $2 { print $1, $2; exit }'
}

sed '/^17:02.0/,/^$/s/ReqRedir- CmpltRedir-/ReqRedir+ CmpltRedir+/' \
    "$TOPOLOGIES/xe9680-8xh100.lspci-vvv.txt" >"$work/acs.txt"
for file in "$TOPOLOGIES"/*.xml "$TOPOLOGIES"/*.tar.* "$TOPOLOGIES"/*.tgz "$TOPOLOGIES"/*.txt "$work/acs.txt"; do
    fits topo --source "$file"
    fits doctor --source "$file"
    fits doctor --verbose --source "$file" --kernel 6.1
    fits matrix --source "$file"
    fits providers --source "$file"
    # shellcheck disable=SC2046 # two words
    set -- $(pair "$file")
    fits check --source "$file" "$1" "$2"
    fits check --source "$file" --kernel hardware "$2" "$1"
    fits providers --source "$file" "$1"
done
fits topo --all --source "$work/acs.txt"
fits kernels
fits kernels 6.8.0-52-generic
# A column that is not shown is named.
for width in 40 60 80 100; do
    COLUMNS=$width LC_ALL=C p2pmem kernels >"$work/out"
    for title in KERNEL RELEASE RULES P2PDMA ALLOCATE DMA-BUF 'P2PDMA FROM'; do
        tr -s '\n ' ' ' <"$work/out" | sed 's/P2PDMA FROM/FROM/' >"$work/words"
        grep -qw -e "${title#P2PDMA }" "$work/words" || {
            fail "p2pmem kernels at $width columns says nothing of $title"
        }
    done
done
fits matrix --all --source "$TOPOLOGIES/8xmi300x.nccl.xml"
fits matrix --clients gpu --source "$TOPOLOGIES/8xmi300x.nccl.xml"
fits check --source "$work/acs.txt" 17:00.0 84:00.0
for command in topo check matrix doctor kernels capture providers copy publish unpublish stat sim watch; do
    fits "$command" --help
done

# Drawn trees: characters count, not bytes.
for width in 40 80; do
    COLUMNS=$width LC_ALL=C.UTF-8 p2pmem topo --source "$work/acs.txt" >"$work/out" 2>/dev/null
    widest=$(LC_ALL=C.UTF-8 wc -L <"$work/out")
    [ "$widest" -le "$width" ] || {
        fail "a drawn tree of $widest at $width columns"
    }
done

# Without anybody's width nothing is cut, and no column is left out.
(unset COLUMNS && p2pmem topo --source "$work/acs.txt") >"$work/out" 2>/dev/null
if grep -q 'No room for' "$work/out" || ! grep -q 'Sentinel Rock Controller\]' "$work/out"; then
    fail "a file is cut"
fi
# Colours where they are asked for, and nowhere else.
p2pmem topo --color=always --source "$work/acs.txt" 2>/dev/null | grep -q "$(printf '\033')" || {
    fail "no colours"
}
finish
