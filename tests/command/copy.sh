#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/command/copy.sh: p2pmem copy as a citizen of shells, scripts, logs and terminals.
set -eu
# shellcheck source=tests/expect.sh
. "$(dirname "$0")/../expect.sh"
cd "$work"

# begin ARGUMENT...: a slow copy in the background, its process in $copy, once it has begun.
slow='--block 32768 --depth 1'
begin() {
    rm -f err
    # shellcheck disable=SC2086 # options are words
    p2pmem copy $slow "$@" >out 2>err &
    copy=$!
    until grep -qs 'path: ' err; do kill -0 $copy; done
}

ended() {
    status=0
    wait $copy || status=$?
    expect "$1"
}

head -c 24M /dev/urandom >a
head -c 9999 /dev/urandom >small

# Names that are no places for a copy.
refuses 64 '- is a stream.*\./-' p2pmem copy small -
refuses 64 '- is a stream.*\./-' p2pmem copy - small
run p2pmem copy small ./-
expect 0
cmp small ./-
refuses 66 'there is no device /dev/p2pmem-none.*lsblk' p2pmem copy small /dev/p2pmem-none
[ ! -e /dev/p2pmem-none ]
ln -s nowhere dangling
refuses 69 'leads nowhere' p2pmem copy small dangling
mkfifo pipe
refuses 64 'pipe is a pipe' p2pmem copy pipe b
refuses 64 'mutually exclusive: leave one out; --require-p2p forbids host memory' p2pmem copy --strategy host --require-p2p small b

# Modes are not widened.
chmod 640 small
(umask 0; p2pmem copy -q small mode)
[ "$(stat -c %a mode)" = 640 ] || fail "mode $(stat -c %a mode)"

# A limit on files is said before anything is touched, and is no signal.
cp a whole
status=0
(ulimit -f 8; exec p2pmem copy a whole >out 2>err) || status=$?
expect 64 'ulimit -f'
cmp a whole

# Output that fails is a failure; the copy is made all the same.
for format in '' --json; do
    for target in full closed gone; do
        rm -f b
        status=0
        case $target in
        full) p2pmem copy $format small b >/dev/full 2>err ;;
        closed) p2pmem copy $format small b >&- 2>err ;;
        gone)
            rm -f fifo
            mkfifo fifo
            # A writer whose reader has gone.
            # shellcheck disable=SC2094 # a FIFO
            exec 3<>fifo 4>fifo 3>&-
            p2pmem copy $format small b >&4 2>err
            ;;
        esac || status=$?
        exec 4>&-
        command="output $target $format"
        expect 74 'could not be written'
        cmp small b
    done
done
p2pmem copy --quiet small b >/dev/full

# A closed stream is not a number for a file of the copy: what is printed would go there.
if [ -w /dev/shm ]; then
    there=$(mktemp /dev/shm/p2pmem-XXXXXX)
    p2pmem copy small "$there" <&- >&- 2>/dev/null || true
    status=0
    cmp small "$there" || status=1
    rm -f "$there"
    [ $status = 0 ] || fail "text in the destination"
fi

# JSON always ends with a result, whatever is in a name.
odd=$(printf 'x\377\033[31my')
run p2pmem copy --json small "$odd"
expect 0 '"destination":"x??\[31my","destination_hex":"78ff1b5b33316d79"'
tail -n 1 out | grep -q '^{"event":"result","result":"copied"' || fail "no result"
cmp small "$odd"
long=$(printf '\303\244%.0s' $(seq 400))
for name in "$odd/$odd" "no/$long" "no/x$long"; do
    run p2pmem copy --json small "$name"
    expect 66
    tail -n 1 out | grep -q '^{"event":"result","result":"failed".*}$' || fail "no result"
    iconv -f UTF-8 -t UTF-8 out >/dev/null || fail "no UTF-8"
done
refuses 66 'source no?such?file: No such file' p2pmem copy "$(printf 'no\nsuch\033file')" b

# What was ignored from the start stays so.
(
    trap '' HUP INT
    begin a b
    while kill -HUP $copy 2>/dev/null && kill -INT $copy 2>/dev/null; do :; done
    ended 0
    exit "$failed"
) || failed=1
cmp a b

# Asked how far it is, it says so and goes on.
begin a b
until grep -q '^p2pmem copy: *[0-9]* %  .* of 25.2 MB  .* .B/s  average .* left  host memory$' err; do
    kill -USR1 $copy || fail "no answer"
done
ended 0
cmp a b

# The command that goes on has every option that was given, and names as a shell takes them.
name="it's \$HOME"
mv a "$name"
tried=0
while :; do
    begin --force --strategy auto --progress 3600 "$name" ./b
    kill -TERM $copy # a shell ignores SIGINT for what it starts in the background
    status=0
    wait $copy || status=$?
    [ $status != 143 ] || ! grep -q 'go on with: ' err || break
    # Nothing may be good yet, or all of it.
    [ $status = 0 ] || [ $status = 143 ] || fail "interrupted: exit status $status"
    tried=$((tried + 1))
    [ $tried -lt 50 ] || fail "interrupted 50 times, never in the middle"
done
expect "$status" '; ./b is good for [1-9][0-9]* bytes from offset 0; go on with: p2pmem copy --offset'
expect "$status" "--force --block 32768 --depth 1 --progress 3600 'it'.* ./b\$"
eval "$(sed -n 's/.*go on with: //p' err)" >out 2>&1
cmp "$name" b
mv "$name" a

# A terminal's width is kept, also a new one, and what matters most is said at any width.
command -v script >/dev/null || finish
lines() { # the lines of progress that a terminal would show, the newest last
    tr '\r' '\n' <typescript | sed 's/\x1b\[K//g' | grep '^ *[0-9]* %'
}
for columns in 40 80 200; do
    TERM=xterm script -qc "stty cols $columns; exec p2pmem copy $slow a b" typescript >out 2>err </dev/null
    cmp a b
    lines >seen || fail "no progress at $columns columns"
    awk -v most=$((columns - 1)) 'length > most { exit 1 }' seen || fail "too long for $columns columns"
    # A fast machine shows only how it began.
    grep -Eq '(B|bytes) of 25.2 MB  [0-9.]+ .B/s' seen || fail "no rate at $columns columns"
    [ $columns != 200 ] || grep -q 'average .* left  host memory' seen || fail "not all at 200 columns"
done
# It may end before it meets the new width: then again.
tried=0
until [ "$(lines | tail -n 1 | wc -c)" -le 40 ]; do
    tried=$((tried + 1))
    [ $tried -lt 50 ] || fail "not made to fit a new width"
    rm -f b
    TERM=xterm script -qc "stty cols 200; p2pmem copy $slow a b & until [ -s b ]; do :; done; stty cols 40; wait" \
        typescript >out 2>err </dev/null
done
finish
