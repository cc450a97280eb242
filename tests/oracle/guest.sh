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
[ -z "$identities" ] || insmod p2pmem_odd.ko identities="$identities"
if [ -f p2p_oracle.ko ]; then
    insmod p2p_oracle.ko
    cat /sys/kernel/debug/p2p_oracle/pairs >/tmp/kernel
    p2pmem matrix --all --json >/tmp/matrix
    oracle-compare /tmp/kernel /tmp/matrix
    rmmod p2p_oracle
fi

# p2pmem.ko judges the memory that is published: here each memory BAR.
. ./modules.sh
load p2pmem
judge_all

# What DMA operations around those of each drive's stock driver do with each memory's pages must be what p2pmem
# says: to and fro, every byte right, and counted as what it was. Only where QEMU sends bus addresses to its IOMMU
# instead of below the switch, direct bytes do not arrive, and then there are fewer.
tried=0
goes_astray() { [ "$1" = direct_bytes ] && grep -q 'intel_iommu=on' /proc/cmdline; }
try_drive() { # NODE CLIENT PROVIDER N
    verdict=$(sed -n "s/^$2 $3 [-0-9]* //p" /tmp/ours)
    case $verdict in
    direct | via-host) way=$(echo "$verdict" | tr - _)_bytes ;;
    *) way=bounced_bytes ;;
    esac
    run p2pmem-guest direct "$4" "$1"
    moved=1148928
    if goes_astray "$way"; then moved='[0-9]*'; else expect 0 right; fi
    is=$(sed -n "s/^pair $4 client=$2 //p" /sys/kernel/debug/p2pmem/stat |
        grep -o '[a-z_]*_bytes=[1-9][0-9]*')
    expr "$is" : "$way=$moved\$" >/dev/null || fail "$2 with $3 is $verdict, and $1 moved $is"
    tried=$((tried + 1))
}
try_all() {
    while read -r provider index; do
        run p2pmem unpublish "p2pmem$index"
        take "$provider"
        run p2pmem-guest publish "$provider" bar=2 pages wrap
        if grep -q wrap- /tmp/out; then break; fi
        expect 0 '^[0-9]*$'
        index=$(cat /tmp/out)
        until_there "/dev/p2pmem$index"
        for node in /dev/nvme*n1; do
            [ ! -b "$node" ] || try_drive "$node" "$(drive "$(basename "$node")")" "$provider" "$index"
        done
    done </tmp/providers
    echo "DMA operations: $tried pairs"
}
case $(uname -r) in
6.1.* | 6.12.*) try_all ;;
esac
[ "$failed" = 0 ]
