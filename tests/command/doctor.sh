#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/command/doctor.sh: what p2pmem doctor says and exits with.
set -eu
# shellcheck source=tests/expect.sh
. "$(dirname "$0")/../expect.sh"
h100=$TOPOLOGIES/xe9680-8xh100.lspci-vvv.txt

# Nothing wrong that the text shows, and much that it does not.
run p2pmem doctor --source "$h100" --kernel 7.3
expect 2 '^ok  .* acs-redirect,' '^0 problems, 0 warnings, [0-9]* unknown;'
# What one capture would tell has one remedy.
[ "$(grep -c 'sudo p2pmem capture' "$work/out")" = 1 ] || fail "the same remedy more than once"
# No terminal: neither colour nor symbols.
if LC_ALL=C grep -q '[^ -~]' "$work/out"; then fail "more than ASCII"; fi
cp "$work/out" "$work/before"
run p2pmem doctor --source "$h100" --kernel 7.3
expect 2
cmp "$work/before" "$work/out" || fail "the second time it says something else"
# Linux 6.1 has no allocate.
run p2pmem doctor --source "$h100" --kernel 6.1
expect 1
run p2pmem doctor --source "$h100" --kernel hardware
expect 2

run p2pmem doctor --source "$h100" --kernel 7.3 --fail-on problem
expect 0
run p2pmem doctor --source "$h100" --kernel 7.3 --fail-on warning
expect 0
run p2pmem doctor --source "$h100" --kernel 7.3 --fail-on unknown
expect 2
run p2pmem doctor --source "$h100" --kernel 7.3 --only acs-redirect,host-bridge --fail-on unknown
expect 0 '^ok       acs-redirect, host-bridge$'
run p2pmem doctor --source "$h100" --kernel 6.1 --ignore \
    kernel-version,kernel-config,hypervisor,iommu,iommu-groups,peer-memory
expect 0
expect_not kernel-version
refuses 64 'near it: acs-redirect$' p2pmem doctor --source "$h100" --only acs-redirekt
refuses 64 '' p2pmem doctor --source "$h100" --ignore nonsense,root
refuses 64 '' p2pmem doctor --source "$h100" --ignore ''

# A port that redirects between a NIC and a GPU, where the host bridge passes: slower, and said so.
sed '/^17:02.0/,/^$/s/ReqRedir- CmpltRedir-/ReqRedir+ CmpltRedir+/' "$h100" >"$work/acs"
run p2pmem doctor --source "$work/acs" --kernel 7.3
expect 2
run p2pmem doctor --source "$work/acs" --kernel 7.3 --fail-on warning
expect 1
run p2pmem doctor --source "$work/acs" --kernel 7.3 --fail-on problem
expect 0
run p2pmem doctor --source "$work/acs" --kernel 7.3 --fail-on warning --only acs-redirect
expect 1 '^warning  acs-redirect: ACS redirect on 1 port ' \
    '^         affects .*network 0000:1a:00.0 <-> nvme 0000:18:00.0' \
    '^                 pci=disable_acs_redir=0000:17:02.0$'
run p2pmem doctor --source "$work/acs" --kernel 7.3 --fail-on warning --only acs-redirect --json
expect 1
for field in '"paste": "pci=disable_acs_redir=0000:17:02.0"' '"provider": "0000:19:00.0"' \
    '"more_pairs": false' '"status": 1'; do
    says "$field"
done

run p2pmem doctor --json --source "$h100" --kernel 7.3
expect 2
expect_lines 0
for field in '"command": "doctor"' '"format": 2' '"status": 2' '"problem": 0' \
    '"id": "host-bridge"' '"remedy": null' '"0000:19:00.0"' '"pci0000:15"' '"machine": {' '"arch": null'; do
    says "$field"
done
says '(host bridge): first device 0000:00:00.0 (8086:09a2)'
grep '"evidence": "pci0000:00' "$work/out" | grep -q -F '\npci0000:' || fail "lines run together"
for file in "$TOPOLOGIES"/*.*; do
    case $file in *.md) continue ;; esac
    status=0
    p2pmem doctor --source "$file" >"$work/out" 2>"$work/err" || status=$?
    [ "$status" = 1 ] || [ "$status" = 2 ] || fail "$file: status $status"
done

# Bad input: one line each, and the status of sysexits.h.
refuses 66 '' p2pmem doctor --source "$work/missing"
refuses 64 '' p2pmem doctor --source
refuses 64 '' p2pmem doctor --nonsense
refuses 64 '' p2pmem doctor 0000:01:00.0
printf 'no machine\n' >"$work/text"
refuses 65 '' p2pmem doctor --source "$work/text"
: >"$work/empty"
refuses 65 '' p2pmem doctor --source "$work/empty"
head -c 200000 "$TOPOLOGIES/2n8c-dax-nvme-mic.sysfs.tar.bz2" | head -c 1000 >"$work/cut"
refuses 65 '' p2pmem doctor --source "$work/cut"
# Cut text is good as far as it goes.
head -c 100000 "$h100" >"$work/cut-text"
p2pmem doctor --source "$work/cut-text" >"$work/out" 2>"$work/err" || status=$?
[ "$status" = 1 ] || [ "$status" = 2 ] || fail "cut text: status $status"
# A closed pipe or a full disk is an error, not a verdict.
[ ! -c /dev/full ] || {
    status=0
    p2pmem doctor --source "$h100" >/dev/full 2>"$work/err" || status=$?
    [ "$status" = 74 ] || fail "/dev/full: status $status"
}
finish
