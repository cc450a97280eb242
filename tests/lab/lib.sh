#!/bin/sh
# SPDX-License-Identifier: MIT
# What the lab's own tests share. Sourced with LAB_RUN and LAB_WITNESS set (by meson).
set -eu
: "${LAB_RUN:?}" "${LAB_WITNESS:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
TMPDIR=$work # the runner's own folders too
export TMPDIR
status=0

fail() {
    echo "FAIL: $1"
    for file in stdout stderr; do
        if [ -s "$work/$file" ]; then
            echo "--- $file"
            tail -n 40 "$work/$file"
        fi
    done
    exit 1
}

# The lab's apt starts only where it can check signatures.
needs_keyring() {
    [ -f /usr/share/keyrings/debian-archive-keyring.gpg ] || {
        echo "debian-archive-keyring is not installed: scripts/deps lab"
        exit 77
    }
}

# Runs the lab; keeps its status, output and messages for the checks below. The limit is for hangs.
run_lab() {
    status=0
    "$LAB_RUN" --time-limit 1800 "$@" >"$work/stdout" 2>"$work/stderr" || status=$?
}

expect_status() {
    [ "$status" = "$1" ] || fail "exit status $status, expected $1"
}

expect_stdout() {
    printf '%b' "$1" >"$work/expected"
    cmp -s "$work/expected" "$work/stdout" || fail "output is not: $1"
}

# One whole line of the output.
expect_line() {
    grep -qxF -- "$1" "$work/stdout" || fail "no output line: $1"
}

# A part of the messages.
expect_stderr() {
    grep -qF -- "$1" "$work/stderr" || fail "no message: $1"
}

# A text file must have a line that matches.
expect_in() {
    grep -qE -- "$2" "$1" || fail "$1 has no line: $2"
}
