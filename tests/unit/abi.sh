#!/bin/sh
# SPDX-License-Identifier: MIT
# abi.sh LIBRARY SOURCE_DIR [--write]: the library's symbols and the sizes of its public structures are
# those of tests/unit/abi.txt, so that a change of either is one that somebody has seen.
set -eu
library=$1
source=$2
known=$source/tests/unit/abi.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

structures=$(cat "$source"/include/p2pmem/*.h | sed -n 's/^struct \(p2p[a-z0-9_]*\) {$/\1/p' | sort -u)
{
    echo '#include <stdio.h>'
    for header in "$source"/include/p2pmem/*.h; do echo "#include <p2pmem/$(basename "$header")>"; done
    printf '%s\n' '#define SIZE(name) printf("struct " #name " %zu\n", sizeof(struct name))'
    echo 'int main(void) {'
    for structure in $structures; do echo "SIZE($structure);"; done
    echo '}'
} >"$work/sizes.c"
cc -I"$source/include" "$work/sizes.c" -o "$work/sizes"
{
    nm -D --defined-only --with-symbol-versions "$library" | awk '$2 != "A" { print $2, $3 }' | LC_ALL=C sort
    "$work/sizes"
} >"$work/abi.txt"

if [ "${3:-}" = --write ]; then
    cp "$work/abi.txt" "$known"
elif ! diff -u "$known" "$work/abi.txt"; then
    echo "abi: if that is meant, say so in CHANGELOG and run tests/unit/abi.sh $library $source --write"
    exit 1
fi
