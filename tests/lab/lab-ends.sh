#!/bin/sh
# SPDX-License-Identifier: MIT
# Every way a run ends that is not the script's own.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
machine=$work/machine

wait_for() { # TEXT in the output of a run in the background
    tries=0
    until grep -qF "$1" "$work/stdout"; do
        tries=$((tries + 1))
        [ "$tries" -lt 6000 ] || fail "the guest did not start"
        sleep 0.2
    done
}
echo 'memory 512M' >"$machine" # no drives: the smallest there is

echo 'echo before; sleep 1000' >"$work/hang"
run_lab --time-limit 5 "$machine" "$work/hang"
expect_status 124
expect_stdout 'before\n'
expect_stderr 'the time limit of 5 s ended the script'

echo 'echo going; echo c >/proc/sysrq-trigger; sleep 60' >"$work/panic"
run_lab --out "$work/out" "$machine" "$work/panic"
expect_status 125
expect_stdout 'going\n'
expect_stderr "Kernel panic - not syncing: sysrq triggered crash; see $work/out/console.log"
expect_in "$work/out/console.log" 'sysrq triggered crash'

# What a WARN() prints, without a bug to provoke one.
echo 'echo "<4>WARNING: made up" >/dev/kmsg; echo end' >"$work/warning"
run_lab "$machine" "$work/warning"
expect_status 125
expect_stdout 'end\n'
expect_stderr "the guest's kernel complained: WARNING: made up; see "
log=$(sed -n 's/.*; see //p' "$work/stderr")
[ -s "$log" ] || fail "the log the message names is not there: $log"
run_lab --allow-oops "$machine" "$work/warning"
expect_status 0

run_lab --qemu-arg --no-such-option "$machine" "$work/hang"
expect_status 125
expect_stderr 'QEMU ended (status 1)'
expect_stderr 'no-such-option'

mkfifo "$work/keys"
"$LAB_RUN" --shell "$machine" <"$work/keys" >"$work/stdout" 2>"$work/stderr" &
runner=$!
exec 3>"$work/keys"
wait_for '/root #'
printf 'echo st""arted; exit 5\r' >&3
status=0
wait "$runner" || status=$?
exec 3>&-
expect_status 5
expect_in "$work/stdout" '^started'

echo 'echo ready; sleep 1000' >"$work/long"
"$LAB_RUN" "$machine" "$work/long" >"$work/stdout" 2>"$work/stderr" &
runner=$!
wait_for ready
kill -TERM "$runner"
status=0
wait "$runner" || status=$?
expect_status 143
expect_stderr 'ended by signal 15'
