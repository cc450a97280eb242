#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/unit/doctor-command.sh P2PMEM TOPOLOGIES: what the built command says and exits with.
set -eu
unset COLUMNS NO_COLOR
p2pmem=$1
topologies=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
    echo "FAILED: $*"
    cat "$folder/out" "$folder/err"
    exit 1
}

# expect STATUS ARGUMENT...
expect() {
    wanted=$1
    shift
    status=0
    "$p2pmem" doctor "$@" >"$folder/out" 2>"$folder/err" || status=$?
    [ "$status" = "$wanted" ] || fail "doctor $*: status $status, not $wanted"
}

one_line() {
    [ "$(wc -l <"$folder/err")" = 1 ] || fail "one line on standard error was expected"
    [ ! -s "$folder/out" ] || fail "nothing on standard output was expected"
}

h100=$topologies/xe9680-8xh100.lspci-vvv.txt

# Nothing wrong that the text shows, and much that it does not.
expect 2 --source "$h100" --kernel 7.3
grep -q '^ok  .* acs-redirect,' "$folder/out" || fail "no word on ACS"
grep -q '^0 problems, 0 warnings, [0-9]* unknown;' "$folder/out" || fail "no summary"
# What one capture would tell has one remedy.
[ "$(grep -c 'sudo p2pmem capture' "$folder/out")" = 1 ] || fail "the same remedy more than once"
# No terminal: neither colour nor symbols.
if LC_ALL=C grep -q '[^ -~]' "$folder/out"; then fail "more than ASCII"; fi
cp "$folder/out" "$folder/first"
expect 2 --source "$h100" --kernel 7.3
cmp "$folder/first" "$folder/out" || fail "the second time it says something else"
# Linux 6.1 has no allocate.
expect 1 --source "$h100" --kernel 6.1
expect 2 --source "$h100" --kernel hardware

expect 0 --source "$h100" --kernel 7.3 --fail-on problem
expect 0 --source "$h100" --kernel 7.3 --fail-on warning
expect 2 --source "$h100" --kernel 7.3 --fail-on unknown
expect 0 --source "$h100" --kernel 7.3 --only acs-redirect,host-bridge --fail-on unknown
grep -q '^ok       acs-redirect, host-bridge$' "$folder/out" || fail "--only shows something else"
expect 0 --source "$h100" --kernel 6.1 --ignore \
    kernel-version,kernel-config,hypervisor,iommu,iommu-groups,peer-memory
if grep -q kernel-version "$folder/out"; then fail "--ignore shows it"; fi
expect 64 --source "$h100" --only acs-redirekt
grep -q 'near it: acs-redirect$' "$folder/err" || fail "no near match"
one_line
expect 64 --source "$h100" --ignore nonsense,root
one_line
expect 64 --source "$h100" --ignore ''
one_line

# A port that redirects between a NIC and a GPU, where the host bridge passes: slower, and said so.
sed '/^17:02.0/,/^$/s/ReqRedir- CmpltRedir-/ReqRedir+ CmpltRedir+/' "$h100" >"$folder/acs"
expect 2 --source "$folder/acs" --kernel 7.3
expect 1 --source "$folder/acs" --kernel 7.3 --fail-on warning
expect 0 --source "$folder/acs" --kernel 7.3 --fail-on problem
expect 1 --source "$folder/acs" --kernel 7.3 --fail-on warning --only acs-redirect
grep -q '^warning  acs-redirect: ACS redirect on 1 port ' "$folder/out" || fail "no warning"
grep -q '^         affects .*network 0000:1a:00.0 <-> nvme 0000:18:00.0' "$folder/out" ||
    fail "no pair is named"
grep -q '^                 pci=disable_acs_redir=0000:17:02.0$' "$folder/out" || fail "nothing to paste"
expect 1 --source "$folder/acs" --kernel 7.3 --fail-on warning --only acs-redirect --json
for field in '"paste": "pci=disable_acs_redir=0000:17:02.0"' '"provider": "0000:19:00.0"' \
    '"more_pairs": false' '"status": 1'; do
    grep -q -F "$field" "$folder/out" || fail "$field is missing"
done

expect 2 --json --source "$h100" --kernel 7.3
[ ! -s "$folder/err" ] || fail "--json writes to standard error"
for field in '"command": "doctor"' '"format": 2' '"status": 2' '"problem": 0' \
    '"id": "host-bridge"' '"remedy": null' '"0000:19:00.0"' '"pci0000:15"' '"machine": {' '"arch": null'; do
    grep -q -F "$field" "$folder/out" || fail "$field is missing"
done
grep -q -F '(host bridge): first device 0000:00:00.0 (8086:09a2)' "$folder/out" || fail "no evidence"
grep '"evidence": "pci0000:00' "$folder/out" | grep -q -F '\npci0000:' || fail "lines run together"
for file in "$topologies"/*.*; do
    case $file in *.md) continue ;; esac
    status=0
    "$p2pmem" doctor --source "$file" >"$folder/out" 2>"$folder/err" || status=$?
    [ "$status" = 1 ] || [ "$status" = 2 ] || fail "$file: status $status"
done

# Bad input: one line each, and the status of sysexits.h.
expect 66 --source "$folder/missing"
one_line
expect 64 --source
one_line
expect 64 --nonsense
one_line
expect 64 0000:01:00.0
one_line
printf 'no machine\n' >"$folder/text"
expect 65 --source "$folder/text"
one_line
: >"$folder/empty"
expect 65 --source "$folder/empty"
one_line
head -c 200000 "$topologies/2n8c-dax-nvme-mic.sysfs.tar.bz2" | head -c 1000 >"$folder/cut"
expect 65 --source "$folder/cut"
one_line
# Cut text is good as far as it goes.
head -c 100000 "$h100" >"$folder/cut-text"
"$p2pmem" doctor --source "$folder/cut-text" >"$folder/out" 2>"$folder/err" || status=$?
[ "$status" = 1 ] || [ "$status" = 2 ] || fail "cut text: status $status"
# A closed pipe or a full disk is an error, not a verdict.
[ ! -c /dev/full ] || {
    status=0
    "$p2pmem" doctor --source "$h100" >/dev/full 2>"$folder/err" || status=$?
    [ "$status" = 74 ] || fail "/dev/full: status $status"
}
