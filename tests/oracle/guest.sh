#!/bin/sh
# SPDX-License-Identifier: MIT
# In the guest: the verdicts of the kernel (where it can be asked), of p2pmem.ko and of p2pmem on one
# machine, compared. What to change in it first stands in the kernel's command line, so that the
# machine file holds it all.
# shellcheck disable=SC1091,SC2154 # modules.sh sets what is not set here
set -eu
word() {
    sed -n "s/.* p2p_oracle\.$1=\([^ ]*\).*/\1/p" /proc/cmdline
}

remove=$(word remove)
identities=$(word identities)
[ -z "$remove" ] || echo 1 >"/sys/bus/pci/devices/$remove/remove"
if [ -f p2p_oracle.ko ]; then
    insmod p2p_oracle.ko ${identities:+"identities=$identities"}
    cat /sys/kernel/debug/p2p_oracle/pairs >/tmp/kernel
    p2pmem matrix --all --json >/tmp/matrix
    oracle-compare /tmp/kernel /tmp/matrix
    rmmod p2p_oracle
fi

# p2pmem.ko judges the memory that is published: here each memory BAR.
. ./modules.sh
load p2pmem
: >/tmp/module
: >/tmp/providers
n=1
while bar=$(memory_bar $n) && [ -n "$bar" ]; do
    take "$bar"
    publish "$bar" bar=2
    p2pmem-guest verdict "$index" all >>/tmp/module
    echo "$bar" >>/tmp/providers
    n=$((n + 1))
done
cut -d ' ' -f 1-4 /tmp/module | sort >/tmp/modules
p2pmem matrix --all --csv |
    awk -F , 'FNR == NR { known[$1]; next } $2 in known { print $1, $2, $4, $3 }' /tmp/providers - |
    sort >/tmp/ours
if ! diff /tmp/modules /tmp/ours >/tmp/differences; then
    fail "p2pmem.ko (-) and p2pmem (+) disagree:"
    sed -n '/^[-+][0-9]/p' /tmp/differences
fi
echo "p2pmem.ko: $(wc -l </tmp/modules) pairs"
[ "$failed" = 0 ]
