#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/oracle/words.sh BUILD_DIR: the generator and the comparer, without booting.
set -eu
machine=$1/tests/oracle/oracle-machine
compare=$1/tests/oracle/oracle-compare
lab=$1/lab/lab-run
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "FAIL: $1"
    cat "$work/said"
    exit 1
}

# expect STATUS TEXT COMMAND...: TEXT is in what the command says.
expect() {
    status=0
    wanted=$1
    text=$2
    shift 2
    "$@" >"$work/said" 2>&1 || status=$?
    [ "$status" = "$wanted" ] || fail "exit status $status, expected $wanted: $*"
    grep -qF -- "$text" "$work/said" || fail "did not say '$text': $*"
}

# Every machine of the tests is one that the lab takes, and the same one each time.
for seed in $(seq 1 20) $(seq 101 400); do
    "$machine" "$seed" >"$work/machine"
    "$lab" --check "$work/machine" >"$work/said" 2>&1 || fail "seed $seed: the lab refuses it"
done
"$machine" 400 | cmp - "$work/machine"
"$machine" 18446744073709551615 >"$work/machine"
expect 64 'give one seed' "$machine"
expect 64 'give one seed' "$machine" x
expect 64 'give one seed' "$machine" -1

# What the tests are for is on some of the machines.
for seed in $(seq 1 20); do "$machine" "$seed"; done >"$work/machines"
cp "$work/machines" "$work/said"
for part in 'cpu EPYC' 'cpu Skylake' 'iommu intel' host-bridge multifunction no-acs 'port .* acs' \
    disable_acs_redir config_acs remove identities '^        *switch' nvme dma-engine memory-bar; do
    grep -q -- "$part" "$work/machines" || fail "none of the first 20 machines has '$part'"
done

pair() { # VERDICT DISTANCE
    echo "{\"client\":\"0000:01:00.0\",\"provider\":\"0000:02:1f.7\",\"verdict\":\"$1\",\"distance\":$2}"
}
printf '0000:01:00.0 0000:02:1f.7 4 direct\nend\n' >"$work/kernel"
echo "{\"pairs\":[$(pair direct 4)]}" >"$work/same"
echo "{\"pairs\":[$(pair direct 5)]}" >"$work/distance"
echo "{\"pairs\":[$(pair via-host 4)]}" >"$work/verdict"
echo "{\"pairs\":[$(pair direct 4),$(pair direct 4)]}" >"$work/twice"
echo "{\"pairs\":[$(pair direct 4 | sed 's/02:1f.7/02:1f.6/')]}" >"$work/other"
expect 0 '1 pairs: 1 direct, 0 via-host, 0 unreachable; 0 disagreements' \
    "$compare" "$work/kernel" "$work/same"
expect 1 '0000:01:00.0 to 0000:02:1f.7: the kernel says direct 4, p2pmem direct 5' \
    "$compare" "$work/kernel" "$work/distance"
expect 1 'the kernel says direct 4, p2pmem via-host 4' "$compare" "$work/kernel" "$work/verdict"
expect 1 '0000:02:1f.7: the kernel says nothing, p2pmem direct 4' \
    "$compare" "$work/kernel" "$work/twice"
expect 1 '0000:02:1f.7: the kernel says direct 4, p2pmem nothing' \
    "$compare" "$work/kernel" "$work/other"
expect 1 '0000:02:1f.6: the kernel says nothing, p2pmem direct 4' \
    "$compare" "$work/kernel" "$work/other"

# What is cut short is no agreement.
printf '0000:01:00.0 0000:02:1f.7 4 direct\n' >"$work/cut"
expect 65 'not whole' "$compare" "$work/cut" "$work/same"
echo end >"$work/empty"
expect 65 'not whole' "$compare" "$work/empty" "$work/same"
printf '0000:01:00.0 0000:02:1f.7 4\nend\n' >"$work/bad"
expect 65 'not whole' "$compare" "$work/bad" "$work/same"
for text in '' '{' '{}' '{"pairs":[]}' '{"pairs":[{}]}' '{"pairs":7}' \
    '{"pairs":[{"client":"x","provider":"y","verdict":"direct","distance":1}]}'; do
    echo "$text" >"$work/bad"
    expect 65 'not whole' "$compare" "$work/kernel" "$work/bad"
done
expect 66 'No such file' "$compare" "$work/kernel" "$work/none"
expect 64 usage "$compare" "$work/kernel"
