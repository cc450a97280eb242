# machine: switch-intel-iommu
# Direct by Linux's rules, with an IOMMU that translates: a warning to prove it. Then ACS bits that
# somebody clears after boot.
. ./guest.sh
run p2pmem doctor
expect 0 'ok .*kernel-config' 'ok .*kernel-version' 'note .*translates for 2 of 2 devices' \
    'warning .*iommu-direct' '0000:03:00.0 (nvme0) and 0000:04:00.0 (nvme1)' \
    'ok .*\[acs-redirect\]' 'ok .*\[iommu-groups\]' 'ok .*\[bars\]' \
    '0000:03:00.0 (nvme0): 64 MiB, 6[0-9.]* MiB free' 'ok .*\[permission\]' 'ok .*\[root\]' \
    '^0 problems'
expect_not 'PROBLEM' '^  unknown' '\[cmb\]'
run p2pmem doctor --json
expect 0 '"status": 0' '"id": "iommu-direct"'
[ -z "$err" ] || fail "--json writes to standard error"

# QEMU's root port has its ACS control register at 0x14e (hw/pci-bridge/gen_pcie_root_port.c).
port=$(readlink /sys/bus/pci/devices/0000:01:00.0 | sed 's|.*/\([^/]*\)/0000:01:00.0$|\1|')
printf '\0\0' | dd of="/sys/bus/pci/devices/$port/config" bs=1 seek=334 count=2 conv=notrunc 2>/dev/null
run p2pmem doctor
expect 1 'PROBLEM .*\[iommu-groups\]' "$port, ACS control 0x0000, in group [0-9]*; 0000:01:00.0 below"
finish
