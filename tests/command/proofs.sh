#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/command/proofs.sh: what p2pmem check, matrix and doctor say of results of proving. The file of results
# is of a real server: of the GPU at 19:00.0 and the NIC beside it one way is wrong, the other is proven; of
# 3b:00.0 and its NIC one way was wrong when a port redirected, and the other is proven.
set -eu
# shellcheck source=tests/expect.sh
. "$(dirname "$0")/../expect.sh"
server=$TOPOLOGIES/xe9680-8xh100.lspci-vvv.txt
kept=$RESULTS/xe9680
wrong='wrong (shifted) on 2026-11-26 05:30 UTC: 16 bytes on, first at 4096'

# A sentence, however it is broken into lines.
says_sentence() {
    tr -s '\n ' ' ' <"$work/out" | grep -qF -e "$1" || fail "\"$1\" was expected"
}

# For people: both ways, and what it means.
run p2pmem check --results "$kept" --source "$server" 19:00.0 1a:00.0
expect 0
says "data to the provider: $wrong" 'data from the provider: not tried' 'problem: wrong bytes arrive where'
run p2pmem check --results "$kept" --source "$server" 1a:00.0 19:00.0
expect 0
says 'data to the provider: proven on 2026-11-26 05:30 UTC, with 64 MiB' 'this pair is proven all the same'
expect_not 'only data that arrived proves it'
run p2pmem check --results "$kept" --source "$server" 3b:00.0 3c:00.0
expect 0
says 'void: ACS of 0000:39:01.0 was RR CR, is none; it was wrong (stale)' 'warning: what was found where'
run p2pmem check --results "$kept" --source "$server" 3c:00.0 3b:00.0
says 'data from the provider: not tried' 'only data that arrived proves it'
# Asked about another kernel than the results are of.
run p2pmem check --results "$kept" --kernel 6.12 --source "$server" 19:00.0 1a:00.0
says 'void: the kernel was unknown, is 6.12; it was wrong (shifted)'
# The wires are the same for every kernel.
run p2pmem check --results "$kept" --kernel hardware --source "$server" 19:00.0 1a:00.0
says "data to the provider: $wrong"

# For scripts.
run p2pmem check --results "$kept" --fail-on problem --source "$server" 19:00.0 1a:00.0
expect 1
run p2pmem check --results "$kept" --fail-on warning --source "$server" 3b:00.0 3c:00.0
expect 1
run p2pmem check --results "$kept" --fail-on problem --source "$server" 3b:00.0 3c:00.0
expect 0
# Proven, so that registers that were not read matter no more; what its memory is still does.
run p2pmem check --results "$kept" --fail-on unknown --source "$server" 1a:00.0 19:00.0
expect 2

field() {
    python3 -c 'import json, sys
value = json.load(open(sys.argv[1]))
for key in sys.argv[2].split("."):
    value = value[int(key)] if key.isdigit() else value[key]
print(json.dumps(value))' "$work/out" "$1"
}
is() {
    [ "$(field "$1")" = "$2" ] || fail "$1 is $(field "$1"), not $2"
}
run p2pmem check --results "$kept" --json --source "$server" 19:00.0 1a:00.0
expect 0
is proofs.to_provider.state '"wrong"'
is proofs.to_provider.damage '"shifted"'
is proofs.to_provider.time 1795671000
is proofs.to_provider.bytes 67108864
is proofs.to_provider.changed null
is proofs.from_provider.state '"not-tried"'
is proofs.from_provider.time null
is notes.0.code '"proven-wrong"'
is notes.0.severity '"problem"'
is results.warnings '[]'
run p2pmem check --results "$kept" --json --source "$server" 3b:00.0 3c:00.0
is proofs.to_provider.state '"void"'
is proofs.to_provider.recorded '"wrong"'
is proofs.to_provider.changed '"ACS of 0000:39:01.0 was RR CR, is none"'
# A machine's results are no other machine's: a source has none unless they are named.
run p2pmem check --json --source "$server" 19:00.0 1a:00.0
is proofs null
is results null

# A group of equals does not hide the pair that is not equal.
run p2pmem matrix --results "$kept" --source "$server" --clients 19:00.0,1a:00.0,3b:00.0,3c:00.0 \
    --providers 19:00.0,1a:00.0,3b:00.0,3c:00.0
expect 0 '  *D4!  *h8$'
says_sentence "! 0000:19:00.0 -> 0000:1a:00.0, data to the provider: $wrong"
says 'WRONG bytes arrived' '1 recorded result is void, for something has changed'
expect_not '0000:1a:00.0 -> 0000:19:00.0'
run p2pmem matrix --results "$kept" --source "$server" --clients 1a:00.0 --providers 19:00.0
expect 0 '  D4+$'
says 'proven with data'
expect_not 'WRONG' 'is void'
run p2pmem matrix --results "$kept" --source "$server" --csv --clients 19:00.0,3b:00.0 --providers 1a:00.0,3c:00.0
expect 0
cat >"$work/wanted" <<'END'
client,provider,verdict,distance,hardware,hardware_distance,to_provider,from_provider
0000:19:00.0,0000:1a:00.0,direct,4,direct,4,wrong,not-tried
0000:19:00.0,0000:3c:00.0,via-host,8,via-host,8,not-tried,not-tried
0000:3b:00.0,0000:1a:00.0,via-host,8,via-host,8,not-tried,not-tried
0000:3b:00.0,0000:3c:00.0,direct,4,direct,4,void,not-tried
END
cmp -s "$work/wanted" "$work/out" || fail "CSV"
run p2pmem matrix --results "$kept" --source "$server" --json --clients 19:00.0 --providers 1a:00.0
is pairs.0.to_provider '"wrong"'
is pairs.0.from_provider '"not-tried"'
run p2pmem matrix --source "$server" --json --clients 19:00.0 --providers 1a:00.0
is pairs.0.to_provider null

# doctor.
run p2pmem doctor --results "$kept" --source "$server" --only proof-wrong,proof-void
expect 1
says 'PROBLEM  proof-wrong: wrong bytes arrived, without any error, in 1 case' \
    'warning  proof-void: 1 result of proving is void'
says_sentence 'ACS of 0000:39:01.0 was RR CR, is none'
run p2pmem doctor --results "$kept" --source "$server" --only proof-wrong --json
is findings.0.pairs '[{"client": "0000:19:00.0", "provider": "0000:1a:00.0"}]'
is findings.0.severity '"problem"'
# Nothing is wrong any more.
sed 's/^state wrong/state proven/' "$kept" >"$work/proven"
run p2pmem doctor --results "$work/proven" --source "$server" --only proof-wrong,proof-void --verbose
expect 0
says 'no pair is recorded to bring wrong bytes' '4 proven, 0 refused, 1 void' 'note     proof-void'
run p2pmem doctor --source "$server" --only proof-wrong,proof-void --json
is findings '[]'

# A damaged line costs one result, and is said with its place.
sed 's/^state wrong/state wrOng/' "$kept" >"$work/damaged"
run p2pmem check --results "$work/damaged" --source "$server" 19:00.0 1a:00.0
expect 0
says "p2pmem check: warning: $work/damaged: line 7: is damaged; the result that it belongs to is left out" \
    'data to the provider: not tried'
run p2pmem check --results "$work/damaged" --json --source "$server" 1a:00.0 19:00.0
expect_lines 0
is proofs.to_provider.state '"proven"'
[ "$(field results.warnings | grep -o 'line [0-9]*' | tr '\n' ' ')" = 'line 7 line 87 ' ] || fail "$(field results.warnings)"
# Files that are none.
echo 'p2pmem-proofs 7' >"$work/newer"
refuses 65 'format 7 is newer than this program knows' p2pmem check --results "$work/newer" --source "$server" 19:0 1a:0
refuses 65 'this is no file of results' p2pmem matrix --results "$server" --source "$server"
refuses 64 'is not a regular file' p2pmem doctor --results "$work" --source "$server"
# One that is not there has none.
run p2pmem check --results "$work/none" --source "$server" 19:00.0 1a:00.0
expect 0
says 'data to the provider: not tried'

finish
