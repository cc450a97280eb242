#!/bin/sh
# SPDX-License-Identifier: MIT
# lab-machine.sh NAME: a shipped machine boots and has the topology and the drives it says.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
name=$1
cat >"$work/script" <<'EOF'
for drive in /dev/lab/*; do
    block=$(readlink "$drive")
    echo "${drive##*/} ${block#/dev/} $(readlink -f /sys/block/"${block#/dev/}"/device/device | sed 's,.*/\(pci[^/]*\),\1,')"
done
for size in /sys/bus/pci/devices/*/p2pmem/size; do
    [ ! -e "$size" ] || echo "peer memory $(cat "$size")"
done
for id in 0x1af4:0x1110 0x1234:0x11e8; do
    for device in /sys/bus/pci/devices/*; do
        [ "$(cat "$device/vendor"):$(cat "$device/device")" != "$id" ] || echo "$id ${device##*/}"
    done
done
for node in /sys/devices/pci*/*/*/numa_node; do
    case $(readlink -f "${node%/*}/driver") in */nvme) echo "node $(cat "$node")" ;; esac
done
[ ! -e /sys/class/iommu/dmar0 ] || echo iommu
ls /sys/kernel/iommu_groups | wc -l | sed 's/^0$/no groups/; s/^[1-9].*/groups/'
EOF
root=pci0000:00/0000:00:01.0
switch="src nvme0n1 $root/0000:01:00.0/0000:02:00.0/0000:03:00.0
dst nvme1n1 $root/0000:01:00.0/0000:02:01.0/0000:04:00.0"
ports="src nvme0n1 $root/0000:01:00.0
dst nvme1n1 pci0000:00/0000:00:02.0/0000:02:00.0"
case $name in
switch) expected="$switch
peer memory 67108864
no groups" ;;
switch-acs | switch-intel-iommu) expected="$switch
peer memory 67108864
iommu
groups" ;;
small-cmb) expected="$switch
no groups" ;;
two-root-ports-intel | two-root-ports-epyc) expected="$ports
peer memory 67108864
node -1
node -1
no groups" ;;
two-root-ports-epyc-iommu) expected="$ports
peer memory 67108864
node -1
node -1
iommu
groups" ;;
host-bridges) expected="src nvme0n1 pci0000:20/0000:20:00.0/0000:21:00.0
dst nvme1n1 pci0000:40/0000:40:00.0/0000:41:00.0
peer memory 16777216
node 0
node 1
no groups" ;;
accelerator) expected="disk0 nvme0n1 $root/0000:01:00.0/0000:02:00.0/0000:03:00.0
disk1 nvme1n1 pci0000:00/0000:00:02.0/0000:06:00.0
disk2 nvme2n1 pci0000:00/0000:00:02.0/0000:06:00.1
peer memory 16777216
0x1af4:0x1110 0000:04:00.0
0x1234:0x11e8 0000:05:00.0
node -1
node -1
no groups" ;;
arm64-switch)
    command -v qemu-system-aarch64 >/dev/null || exit 77
    expected="$switch
peer memory 67108864
no groups"
    ;;
*) fail "no expectation for machine $name: add it here" ;;
esac
run lab "$name" "$work/script"
expect 0
echo "$expected" | sort >"$work/expected"
sort "$work/out" >"$work/sorted"
cmp -s "$work/expected" "$work/sorted" || fail "expected: $expected"
finish
