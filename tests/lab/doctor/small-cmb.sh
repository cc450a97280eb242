# machine: small-cmb
# A buffer below 2 MiB is not published, and the kernel does not say why.
. ./guest.sh
run p2pmem doctor
expect 1 'PROBLEM .*\[cmb\]' '0000:03:00.0 (nvme0): 1 MiB in BAR 2: its size is no multiple of 2 MiB' \
    'warning .*\[peer-memory\]' 'ok .*no IOMMU is on' 'ok .*\[link-downgraded\]' '^1 problem,'
expect_not '\[permission\]' '\[iommu-direct\]'
finish
