#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks for every test script, on this machine and in guests: `. expect.sh`, checks, at last `finish`.
# What fails is said, and the script goes on.
[ "${work:-}" ] || {
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
}
trap 'exit 130' INT TERM HUP
unset COLUMNS NO_COLOR
failed=0
command=

fail() {
    echo "FAILED: $*"
    failed=1
}

skip() {
    echo "SKIPPED: $*"
    exit 77
}

# run COMMAND...: keeps its output in $work/out, what it says beside in $work/err, its exit status in $status.
run() {
    command=$*
    status=0
    "$@" >"$work/out" 2>"$work/err" || status=$?
}

show() {
    echo "  command: $command"
    echo "  status:  $status"
    tail -n 40 "$work/out" | sed 's/^/  out: /'
    tail -n 40 "$work/err" | sed 's/^/  err: /'
}

# expect STATUS [PATTERN...]: each basic regular expression is in what the last `run` said.
expect() {
    if [ "$status" != "$1" ]; then
        fail "exit status $1 was expected"
        show
        return
    fi
    shift
    for pattern in "$@"; do
        cat "$work/out" "$work/err" | grep -q -e "$pattern" && continue
        fail "\"$pattern\" was expected"
        show
    done
}

# expect_not PATTERN...
expect_not() {
    for pattern in "$@"; do
        cat "$work/out" "$work/err" | grep -q -e "$pattern" || continue
        fail "\"$pattern\" was not expected"
        show
    done
}

# says TEXT...: each is in what the last `run` said, as it stands.
says() {
    for text in "$@"; do
        cat "$work/out" "$work/err" | grep -qF -e "$text" && continue
        fail "\"$text\" was expected"
        show
    done
}

# says_line TEXT: a whole line of it.
says_line() {
    grep -qxF -e "$1" "$work/out" || {
        fail "a line \"$1\" was expected"
        show
    }
}

# prints TEXT: just this, with printf's escapes, is its output.
prints() {
    printf '%b' "$1" >"$work/expected"
    cmp -s "$work/expected" "$work/out" || {
        fail "the output \"$1\" was expected"
        show
    }
}

# expect_lines N: so it says beside its output.
expect_lines() {
    lines=$(wc -l <"$work/err")
    [ "$lines" = "$1" ] || {
        fail "$1 lines of error output were expected, $lines came"
        show
    }
}

# refuses STATUS PATTERN COMMAND...: one line of error like this, beside notes, and no output, which in JSON is an
# object with the error.
refuses() {
    wanted=$1
    reason=$2
    shift 2
    run "$@"
    expect "$wanted" "$reason"
    case " $* " in
    *' --json '*) grep -q '"error": {\|"result":"failed"' "$work/out" ;;
    *) [ ! -s "$work/out" ] ;;
    esac || {
        fail "no output, or in JSON the error, was expected"
        show
    }
    grep -vE ': (note|warning): ' "$work/err" >"$work/errors" || true
    [ "$(wc -l <"$work/errors")" = 1 ] || {
        fail "one line of error was expected"
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

finish() {
    [ $failed = 0 ] && echo "all checks passed"
    exit $failed
}
