# machine: machine
# A copy below a switch, on a kernel with P2PDMA: all of the payload by the first drive's CMB, which QEMU's
# witness says too; and the pair proven, looked at from the provider's side.
. ./guest.sh

# Below an IOMMU that translates nothing, by the kernel's word, which moves.host passes on.
untranslated() {
    for drive in nvme0n1 nvme1n1; do
        function=$(readlink -f "/sys/class/nvme/${drive%n*}/device")
        [ "$(cat "$function/iommu_group/type")" = identity ] || fail "$drive is translated for"
    done
    echo untranslated
}
! grep -q 'iommu.passthrough=1' /proc/cmdline || untranslated

run p2pmem check nvme1 nvme0
expect 0 'direct, distance 4'
lab mark before
run p2pmem copy --require-p2p /dev/nvme0n1 /dev/nvme1n1
lab mark after
expect 0 'path proven' 'through peer memory  67108864 bytes' 'through host memory  0 bytes'
same /dev/nvme0n1 /dev/nvme1n1 || fail "the destination differs"
run p2pmem prove --scratch /dev/nvme1n1:32M+16M nvme1 nvme0
expect 0 'nvme1n1 -> 0000:03:00.0: proven' 'nvme1n1 <- 0000:03:00.0: proven'
finish
