# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Checks for scripts that run in a guest: `. ./guest.sh`, checks, and at last `finish`.
failed=0

fail() {
    echo "FAILED: $*"
    failed=1
}

# run COMMAND...: keeps its output in $out, its error output in $err, its exit status in $status.
run() {
    command=$*
    "$@" >/tmp/out 2>/tmp/err
    status=$?
    out=$(cat /tmp/out)
    err=$(cat /tmp/err)
}

show() {
    echo "  command: $command"
    echo "  status:  $status"
    echo "$out" | sed 's/^/  out: /'
    echo "$err" | sed 's/^/  err: /'
}

# expect STATUS [PATTERN...]: each basic regular expression is in what the last `run` printed.
expect() {
    if [ "$status" != "$1" ]; then
        fail "exit status $1 was expected"
        show
        return
    fi
    shift
    for pattern in "$@"; do
        printf '%s\n%s\n' "$out" "$err" | grep -q -e "$pattern" && continue
        fail "\"$pattern\" was expected"
        show
    done
}

# expect_not PATTERN...
expect_not() {
    for pattern in "$@"; do
        printf '%s\n%s\n' "$out" "$err" | grep -q -e "$pattern" || continue
        fail "\"$pattern\" was not expected"
        show
    done
}

# expect_lines N: the error output has so many lines.
expect_lines() {
    lines=$(wc -l </tmp/err)
    [ "$lines" = "$1" ] || {
        fail "$1 lines of error output were expected, $lines came"
        show
    }
}

# check WHAT COMMAND...: the command succeeds.
check() {
    what=$1
    shift
    "$@" || fail "$what"
}

# await WHAT COMMAND...: waits until the command succeeds. Ten minutes mean that it never will.
await() {
    what=$1
    shift
    for _ in $(seq 6000); do
        ! "$@" || return 0
        sleep 0.1
    done
    fail "it never came: $what"
    return 1
}

# What a drive has been told since it is there, by the kernel's Documentation/block/stat.rst.
written() { awk '{ print $7 }' "/sys/block/$1/stat"; } # sectors
flushed() { awk '{ print $16 }' "/sys/block/$1/stat"; } # times

exceeds() { # FUNCTION DRIVE NUMBER
    [ "$($1 "$2")" -gt "$3" ]
}

# await_written DRIVE MIB: so much more is on its way to the drive.
await_written() {
    await "$2 MiB written to $1" exceeds written "$1" $(($(written "$1") + $2 * 2048))
}

# await_window DRIVE FILE: the copy to it whose messages go to FILE has proven its path, each slot of it, and
# flushed what it wrote first; now it writes more.
await_window() {
    await "a proof in $2" grep -q 'path proven' "$2"
    await_written "$1" 9
    await "a flush of $1" exceeds flushed "$1" "$(flushed "$1")"
    await_written "$1" 1
}

# digest DEVICE [MIB [SKIP]]: of what is on the medium, not in the page cache.
digest() {
    dd if="$1" bs=1M count="${2:-1048576}" skip="${3:-0}" iflag=direct 2>/dev/null | sha256sum
}

same() { # DEVICE DEVICE [MIB]
    [ "$(digest "$1" "${3:-}")" = "$(digest "$2" "${3:-}")" ]
}

finish() {
    [ $failed = 0 ] && echo "all checks passed"
    exit $failed
}
