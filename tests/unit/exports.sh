#!/bin/sh
# SPDX-License-Identifier: MIT
# exports.sh LIBRARY INCLUDE_DIR: every function that an installed header declares is exported, and
# nothing else is.
set -eu
library=$1
include=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

nm -D --defined-only "$library" | sed -n 's/.* T \(p2p_[a-z0-9_]*\).*/\1/p' | sort -u >"$work/exported"
for header in "$include"/p2pmem/*.h; do
    cc -E -P -I"$include" "$header"
done | grep -v '^static inline' | tr '\n' ' ' | sed 's/[;{}]/\n/g' |
    sed -n 's/^.*[ *]\(p2p_[a-z0-9_]*\) *(.*)[^)]*$/\1/p' | sort -u >"$work/declared"
diff -u "$work/declared" "$work/exported"
