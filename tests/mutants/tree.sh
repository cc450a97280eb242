#!/bin/sh
# SPDX-License-Identifier: MIT
# The copy that mutants are tried in: sourced with $tree set, its directory below build/mutants, which nobody else
# then uses.
: "${tree:?}"
list=tests/mutants/mutants

mkdir -p "$tree"
exec 9>"$tree.lock"
flock -n 9 || {
    echo "mutants: $tree is in use by another run: wait for it"
    exit 75
}

# Only what differs is copied, so that only that is built again.
copy_tree() {
    git ls-files --cached --others --exclude-standard | while read -r file; do
        if [ ! -f "$file" ] || cmp -s "$file" "$tree/$file"; then continue; fi
        mkdir -p "$tree/$(dirname "$file")"
        cp "$file" "$tree/$file"
    done
}

# mutate NAME FILE: FILE with the mutant's old lines replaced by its new ones.
mutate() {
    awk -v name="$1" '
        FNR == NR && /^[a-z]/ { wanted = $1 == name }
        FNR == NR && wanted && /^-/ { old = old substr($0, 2) "\n" }
        FNR == NR && wanted && /^\+/ { new = new substr($0, 2) "\n" }
        FNR == NR { next }
        { text = text $0 "\n" }
        END {
            text = "\n" text
            at = index(text, "\n" old)
            if (old == "" || !at || index(substr(text, at + 1), "\n" old)) exit 1
            printf "%s", substr(text, 2, at - 1) new substr(text, at + 1 + length(old))
        }' $list "$2"
}
