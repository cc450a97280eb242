#!/bin/sh
# SPDX-License-Identifier: MIT
# Every way a run ends that is not the script's own.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
machine=$work/machine

wait_for() { # TEXT in the output of a run in the background
    tries=0
    until grep -qF "$1" "$work/out"; do
        tries=$((tries + 1))
        [ "$tries" -lt 6000 ] || { fail "the guest did not start"; finish; }
        sleep 0.2
    done
}
echo 'memory 512M' >"$machine" # no drives: the smallest there is

echo 'echo before; sleep 1000' >"$work/hang"
run lab --time-limit 5 "$machine" "$work/hang"
expect 124
prints 'before\n'
says 'the time limit of 5 s ended the script'

echo 'echo going; echo c >/proc/sysrq-trigger; sleep 60' >"$work/panic"
run lab --out "$work/run" "$machine" "$work/panic"
expect 125
prints 'going\n'
says "Kernel panic - not syncing: sysrq triggered crash; see $work/run/console.log"
check 'the log' grep -q 'sysrq triggered crash' "$work/run/console.log"

# What a WARN() prints, without a bug to provoke one.
echo 'echo "<4>WARNING: made up" >/dev/kmsg; echo end' >"$work/warning"
run lab "$machine" "$work/warning"
expect 125
prints 'end\n'
says "the guest's kernel complained: WARNING: made up; see "
log=$(sed -n 's/.*; see //p' "$work/err")
[ -s "$log" ] || fail "the log the message names is not there: $log"
run lab --allow-oops "$machine" "$work/warning"
expect 0

run lab --qemu-arg --no-such-option "$machine" "$work/hang"
expect 125
says 'QEMU ended (status 1)'
says 'no-such-option'

mkfifo "$work/keys"
"$LAB_RUN" --shell "$machine" <"$work/keys" >"$work/out" 2>"$work/err" &
runner=$!
exec 3>"$work/keys"
wait_for '/root #'
printf 'echo st""arted; exit 5\r' >&3
status=0
wait "$runner" || status=$?
exec 3>&-
expect 5
check 'output' grep -q '^started' "$work/out"

echo 'echo ready; sleep 1000' >"$work/long"
"$LAB_RUN" "$machine" "$work/long" >"$work/out" 2>"$work/err" &
runner=$!
wait_for ready
kill -TERM "$runner"
status=0
wait "$runner" || status=$?
expect 143
says 'ended by signal 15'
finish
