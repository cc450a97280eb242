#!/bin/sh
# SPDX-License-Identifier: MIT
# install.sh BUILD_DIR SOURCE_DIR: what is installed is enough to build and run the examples.
set -eu
build=$1
source=$2
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

meson install -C "$build" --no-rebuild --quiet --destdir "$root" >/dev/null
PKG_CONFIG_SYSROOT_DIR=$root
PKG_CONFIG_PATH=$(dirname "$(find "$root" -name p2pmem.pc)")
LD_LIBRARY_PATH=$(dirname "$(find "$root" -name libp2pmem.so)")
export PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_PATH LD_LIBRARY_PATH
for example in verdict mover dmabuf; do
    # shellcheck disable=SC2046 # flags are words
    cc -Wall -Wextra -Werror "$source/examples/$example.c" \
        $(pkg-config --cflags --libs p2pmem) -o "$root/$example"
done

machine=$source/tests/topologies/xe9680-8xh100.lspci-vvv.txt
"$root/verdict" 1a:00.0 19:00.0 "$machine" >"$root/answer"
[ "$(head -n 1 "$root/answer")" = "direct, distance 4" ]
grep -q "^- their paths meet in 0000:16:00.0" "$root/answer"
"$root/verdict" no-such-device 19:00.0 "$machine" 2>/dev/null && exit 1
"$root/mover" "$source/README.md" "$root/copy" 2>/dev/null | grep -q ' certain$'
"$root/mover" "$source/README.md" 2>&1 | grep -q '^usage: mover'
"$root/dmabuf" host 2>&1 | grep -q '^usage: dmabuf'
client=$(find /sys/bus/pci/devices/ -name '*.0' 2>/dev/null | head -n 1)
[ -z "$client" ] || "$root/dmabuf" host "$client" 2>&1 | grep -q 'becomes a dma-buf'
cmp "$source/README.md" "$root/copy"

# Every command and every function has its manual page.
"$(find "$root" -name p2pmem -type f -perm -100)" --help |
    sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | while read -r command; do
    find "$root" -name "p2pmem-$command.1" | grep -q .
done
nm -D --defined-only "$(find "$root" -name libp2pmem.so)" | sed -n 's/.* T \(p2p_[a-z0-9_]*\).*/\1/p' |
    while read -r function; do
        find "$root" -name "$function.3" | grep -q .
    done
