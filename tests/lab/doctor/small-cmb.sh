# machine: small-cmb
# A buffer below 2 MiB is not published, and the kernel does not say why.
. ./guest.sh
run p2pmem doctor --verbose
expect 1 '^PROBLEM  cmb: ' '0000:03:00.0 (nvme0): 1 MiB in BAR 2: its size is not a multiple of 2' \
    '^warning  peer-memory: ' '^ok       iommu: no IOMMU is on' '^ok       link-downgraded: ' '^1 problem,'
expect_not ' permission: ' ' iommu-direct: '
# What nothing shows stays unknown: whether this kernel could publish.
run p2pmem doctor --ignore cmb
expect 2 '^0 problems,' '^unknown  kernel-config: '
expect_not ' cmb: '
finish
