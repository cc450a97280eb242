#!/bin/sh
# SPDX-License-Identifier: MIT
# In the guest: the kernel's verdicts and p2pmem's on one machine, compared. What to change in it
# first stands in the kernel's command line, so that the machine file holds it all.
set -eu
word() {
    sed -n "s/.* p2p_oracle\.$1=\([^ ]*\).*/\1/p" /proc/cmdline
}

remove=$(word remove)
identities=$(word identities)
[ -z "$remove" ] || echo 1 >"/sys/bus/pci/devices/$remove/remove"
insmod p2p_oracle.ko ${identities:+"identities=$identities"}
cat /sys/kernel/debug/p2p_oracle/pairs >/tmp/kernel
p2pmem matrix --all --json >/tmp/matrix
oracle-compare /tmp/kernel /tmp/matrix
rmmod p2p_oracle
