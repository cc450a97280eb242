#!/bin/sh
# SPDX-License-Identifier: MIT
# lab/module: no build with a warm cache, nothing half done left, clear refusals.
# Programs of the test's own stand for the network and for unshare.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
needs_keyring
module=$(cd "$(dirname "$0")/../.." && pwd)/lab/module

mkdir "$work/bin" "$work/source" "$work/empty"
echo 'obj-m := some.o' >"$work/source/Makefile"
printf '#!/bin/sh\necho "E: the line went dead"\nexit 100\n' >"$work/bin/apt-get"
printf '#!/bin/sh\n[ -e %s ]\n' "$work/allowed" >"$work/bin/unshare"
touch "$work/allowed"
chmod +x "$work/bin/apt-get" "$work/bin/unshare"
PATH=$work/bin:$PATH
P2PMEM_LAB_CACHE=$work/cache
export PATH P2PMEM_LAB_CACHE
kernel=$work/cache/amd64/9.9
mkdir -p "$kernel"
echo 9.9.9-amd64 >"$kernel/version"

run "$module" 9.9 "$work/source"
expect 64
run "$module" 9.9 "$work/empty" "$work/run"
expect 66
says "$work/empty has no Makefile"

run "$module" 9.9 "$work/source" "$work/run"
expect 69
says 'could not read all of trixie,trixie-backports: E: the line went dead'
says "Debian has no linux-headers-9.9.9-amd64; if it has a newer kernel by now, remove"
[ ! -e "$kernel/module.tmp" ] || fail "a failed download left its working files"
[ ! -e "$kernel/build-root" ] || fail "a failed download left a root"

rm "$work/allowed"
run "$module" 9.9 "$work/source" "$work/run"
expect 77
says "is not allowed here; run it as root, or allow user namespaces"

# From here on a build would need what is not allowed.
hash=$(cd "$work/source" && sha256sum ./Makefile | sha256sum | cut -c 1-32)
mkdir -p "$kernel/built/$hash"
echo built >"$kernel/built/$hash/some.ko"
run "$module" 9.9 "$work/source" "$work/run"
expect 0
cmp "$kernel/built/$hash/some.ko" "$work/run/some.ko" || fail "what was built is not in OUT_DIR"
echo '# changed' >>"$work/source/Makefile"
run "$module" 9.9 "$work/source" "$work/run"
expect 77
finish
