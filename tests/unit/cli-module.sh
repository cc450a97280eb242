#!/bin/sh
# SPDX-License-Identifier: MIT
# cli-module.sh P2PMEM: what publish, unpublish and stat refuse before they ask the module.
set -eu
unset COLUMNS NO_COLOR
p2pmem=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# refuses STATUS WORDS ARGUMENT...: nothing on stdout, one line of error with these words.
refuses() {
    wanted=$1
    words=$2
    shift 2
    status=0
    "$p2pmem" "$@" >"$work/out" 2>"$work/err" || status=$?
    # In JSON mode the error is an object, too.
    objects=$(grep -c '"error": {' "$work/out" || true)
    case " $* " in *' --json '*) expected=1 ;; *) expected=0 ;; esac
    [ "$expected" = 1 ] || [ ! -s "$work/out" ] || objects=2
    if [ "$status" != "$wanted" ] || [ "$objects" != "$expected" ] || [ "$(wc -l <"$work/err")" != 1 ] ||
        ! grep -qF -e "$words" "$work/err"; then
        echo "FAILED: p2pmem $*: exit status $status, $wanted and \"$words\" were expected"
        cat "$work/out" "$work/err"
        exit 1
    fi
}

refuses 64 'takes 1 argument,' publish --bar 2
refuses 64 'takes 1 argument,' publish --bar 2 1:0.0 2:0.0
refuses 64 'give --bar N' publish 1:0.0
refuses 64 'use 0, 1, 2, 3, 4, 5' publish --bar 6 1:0.0
refuses 64 'use 0, 1, 2, 3, 4, 5' publish --bar -1 1:0.0
refuses 64 'use bytes' publish --bar 2 --size 2X 1:0.0
refuses 64 'use bytes' publish --bar 2 --offset -4096 1:0.0
refuses 64 'out of range' publish --bar 2 --size 99999999999T 1:0.0
refuses 64 '--pages and --no-pages are mutually exclusive' publish --bar 2 --pages --no-pages 1:0.0
refuses 64 '--bar and --driver-memory are mutually exclusive' publish --bar 2 --driver-memory 1:0.0
refuses 64 'is unknown' publish --force 1:0.0
refuses 64 'takes 1 argument,' unpublish
refuses 64 'is unknown' unpublish --bar 2 p2pmem0
refuses 64 'name it as in p2pmem0' stat p2pmem0 p2pmem
refuses 64 'name it as in p2pmem0' stat 'p2pmem-1'
refuses 64 'name it as in p2pmem0' stat ''
for command in publish unpublish stat; do
    "$p2pmem" "$command" --help | grep -q "^Manual page: p2pmem-$command(1)$"
done

# The rest needs a machine whose module is not loaded.
[ ! -e /dev/p2pmem ] && [ ! -e /sys/class/p2pmem ] || exit 0
refuses 69 'modprobe p2pmem' stat
refuses 69 'modprobe p2pmem' stat --json p2pmem0
refuses 69 'modprobe p2pmem' unpublish p2pmem0
refuses 69 'modprobe p2pmem' unpublish --force /dev/p2pmem0
