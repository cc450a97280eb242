#!/bin/sh
# SPDX-License-Identifier: MIT
# lab/fetch: no network with a warm cache, no half kernel from a cut download, clear refusals.
# An apt-get of the test's own stands for the network.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
needs_keyring
fetch=$(cd "$(dirname "$0")/../.." && pwd)/lab/fetch

mkdir "$work/bin"
cat >"$work/bin/apt-get" <<'EOF'
#!/bin/sh
echo "$*" >>"$APT_LOG"
case " $* " in
*' update '*) exit "$UPDATE_STATUS" ;;
*' download '*)
    echo half >linux-image-6.12.9+deb12-amd64_1_amd64.deb
    echo 'E: the line went dead'
    exit 100
    ;;
esac
EOF
cat >"$work/bin/apt-cache" <<'EOF'
#!/bin/sh
case " $* " in
*' pkgnames '*)
    echo linux-image-6.12.10+deb12-amd64
    echo linux-image-6.12.9+deb12-amd64
    echo linux-image-6.12.11+deb12-cloud-amd64
    echo linux-image-6.12.11+deb12-amd64-dbg
    echo linux-image-6.14.2+deb13-amd64
    ;;
*' show linux-image-'*) exit 0 ;;
*) exit 1 ;;
esac
EOF
chmod +x "$work/bin/apt-get" "$work/bin/apt-cache"
PATH=$work/bin:$PATH
APT_LOG=$work/apt.log
UPDATE_STATUS=0
P2PMEM_LAB_CACHE=$work/cache
export PATH APT_LOG UPDATE_STATUS P2PMEM_LAB_CACHE

mkdir -p "$work/cache/amd64/9.9"
echo 9.9.9 >"$work/cache/amd64/9.9/version"
run "$fetch" amd64 9.9
expect 0
prints "$work/cache/amd64/9.9\n"
[ ! -e "$APT_LOG" ] || fail "apt ran although the cache is warm"

run "$fetch" amd64 6.12
expect 69
says 'downloading linux-image-6.12.10+deb12-amd64'
says 'the line went dead; try again'
[ ! -e "$work/cache/amd64/6.12" ] || fail "a cut download left a kernel"
[ ! -e "$work/cache/fetch.tmp" ] || fail "a cut download left its working files"
check 'apt with sources of its own' grep -q 'Dir::Etc::SourceParts=/dev/null .* update' "$APT_LOG"

run "$fetch" amd64 6.13
says 'Debian has no kernel 6.13 for amd64 any more; taking 6.14'
run "$fetch" amd64 6.15
expect 69
says "no kernel 6.15 for amd64 in Debian's trixie-backports sid"
UPDATE_STATUS=100
run "$fetch" amd64 6.12
expect 69
says 'could not read all of'

run "$fetch" amd64 ../x
expect 64
run "$fetch" vax 6.12
expect 64
run "$fetch" amd64
expect 64
finish
