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
judge_all
[ "$failed" = 0 ]
