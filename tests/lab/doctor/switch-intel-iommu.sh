# machine: switch-intel-iommu
# Direct by Linux's rules, with an IOMMU that translates: a warning to prove it. Then ACS bits that
# somebody clears after boot.
. ./guest.sh
run p2pmem doctor --verbose
expect 0 '^ok       kernel-config: ' '^ok       kernel-version: ' 'translates for 2 of 2 devices' \
    '^warning  iommu-direct: ' '0000:03:00.0 (nvme0) and 0000:04:00.0 (nvme1)' \
    '^ok       acs-redirect: ' '^ok       iommu-groups: ' '^ok       bars: ' \
    '0000:03:00.0 (nvme0): published 64 MiB, 6[0-9.]* MiB free' '^ok       permission: ' \
    '^ok       root: ' '^0 problems'
expect_not 'PROBLEM' '^unknown' ' cmb: '
run p2pmem doctor --json
expect 0 '"status": 0' '"id": "iommu-direct"'
[ ! -s /tmp/err ] || fail "--json writes to standard error"
run p2pmem doctor --fail-on warning
expect 1
run p2pmem doctor --fail-on warning --ignore iommu-direct,hypervisor
expect 0

# The pair whose bytes are wrong here: check is no less careful. nvme0 provides, nvme1 does not.
run p2pmem check nvme1 nvme0
expect 0 ': direct, distance 4$' '^  warning: an IOMMU translates for 0000:04:00.0 (nvme1)' \
    '^  warning: this is a virtual machine' 'fix: prove it with data: p2pmem prove CLIENT PROVIDER'
expect_not 'provides no memory'
run p2pmem check --require direct nvme1 nvme0
expect 0
run p2pmem check --require direct --fail-on warning nvme1 nvme0
expect 1
run p2pmem check --json nvme1 nvme0
expect 0 '"code": "iommu"' '"code": "virtual"'
run p2pmem check nvme0 nvme1
expect 0 ': direct, ' '^  warning: 0000:04:00.0 (nvme1) provides no memory now'

# What a user may not read is unknown, and no problem.
echo 'nobody:x:65534:65534::/:/bin/sh' >>/etc/passwd
run su nobody -c 'p2pmem doctor'
expect 2 '^0 problems, ' '^warning  permission: ' 'run it as root: sudo p2pmem doctor'
expect_not 'PROBLEM'

# QEMU's root port has its ACS control register at 0x14e (hw/pci-bridge/gen_pcie_root_port.c).
port=$(readlink /sys/bus/pci/devices/0000:01:00.0 | sed 's|.*/\([^/]*\)/0000:01:00.0$|\1|')
printf '\0\0' | dd of="/sys/bus/pci/devices/$port/config" bs=1 seek=334 count=2 conv=notrunc 2>/dev/null
run p2pmem doctor
expect 1 '^PROBLEM  iommu-groups: ' "$port, ACS control 0x0000, in group [0-9]*; 0000:01:00.0 below"
finish
