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
for header in acs copy error fabric machine module policy route; do
    cc -E -P -I"$include" "$include/p2pmem/$header.h"
done | tr '\n' ' ' | sed 's/[;{}]/\n/g' |
    sed -n 's/^.*[ *]\(p2p_[a-z0-9_]*\) *(.*)[^)]*$/\1/p' | sort -u >"$work/declared"
diff -u "$work/declared" "$work/exported"
