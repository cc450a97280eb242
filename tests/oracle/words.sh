#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/oracle/words.sh BUILD_DIR: the generator and the comparer, without booting.
set -eu
machine=$1/tests/oracle/oracle-machine
compare=$1/tests/oracle/oracle-compare
lab=$1/lab/lab-run
# shellcheck source=tests/expect.sh
. "$(dirname "$0")/../expect.sh"

# Every machine of the tests is one that the lab takes, and the same one each time.
for seed in $(seq 1 20) $(seq 101 400); do
    "$machine" "$seed" >"$work/machine"
    run "$lab" --check "$work/machine"
    expect 0
done
"$machine" 400 | cmp - "$work/machine"
"$machine" 18446744073709551615 >"$work/machine"
run "$machine"
expect 64
says 'give one seed'
run "$machine" x
expect 64
says 'give one seed'
run "$machine" -1
expect 64
says 'give one seed'

# What the tests are for is on some of the machines.
for seed in $(seq 1 20); do "$machine" "$seed"; done >"$work/machines"
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
run "$compare" "$work/kernel" "$work/same"
expect 0
says '1 pairs: 1 direct, 0 via-host, 0 unreachable; 0 disagreements'
run "$compare" "$work/kernel" "$work/distance"
expect 1
says '0000:01:00.0 to 0000:02:1f.7: the kernel says direct 4, p2pmem direct 5'
run "$compare" "$work/kernel" "$work/verdict"
expect 1
says 'the kernel says direct 4, p2pmem via-host 4'
run "$compare" "$work/kernel" "$work/twice"
expect 1
says '0000:02:1f.7: the kernel says nothing, p2pmem direct 4'
run "$compare" "$work/kernel" "$work/other"
expect 1
says '0000:02:1f.7: the kernel says direct 4, p2pmem nothing'
run "$compare" "$work/kernel" "$work/other"
expect 1
says '0000:02:1f.6: the kernel says nothing, p2pmem direct 4'

# What is cut short is no agreement.
printf '0000:01:00.0 0000:02:1f.7 4 direct\n' >"$work/cut"
run "$compare" "$work/cut" "$work/same"
expect 65
says 'not whole'
echo end >"$work/empty"
run "$compare" "$work/empty" "$work/same"
expect 65
says 'not whole'
printf '0000:01:00.0 0000:02:1f.7 4\nend\n' >"$work/bad"
run "$compare" "$work/bad" "$work/same"
expect 65
says 'not whole'
for text in '' '{' '{}' '{"pairs":[]}' '{"pairs":[{}]}' '{"pairs":7}' \
    '{"pairs":[{"client":"x","provider":"y","verdict":"direct","distance":1}]}'; do
    echo "$text" >"$work/bad"
    run "$compare" "$work/kernel" "$work/bad"
    expect 65
    says 'not whole'
done
run "$compare" "$work/kernel" "$work/none"
expect 66
says 'No such file'
run "$compare" "$work/kernel"
expect 64
says usage
finish
