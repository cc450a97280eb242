# machine: wrong.machine
# modules: p2pmem p2pmem_edu p2pmem_wrong
# programs: tests/lab/prove/prove-wrong
# options: --module vfio-pci --module vfio_iommu_type1
# An exporter that sends the engine to the wrong place is found out, and what it does is named; one that does
# not is proven: p2pmem.ko and VFIO, too.
. ./modules.sh
gpu=$(memory_bar)

# finds HOW TO-PROVIDER FROM-PROVIDER: state, damage and by how much; a sentence says what was seen.
finds() {
    # shellcheck disable=SC2086 # HOW is one word or two
    run prove-wrong $1
    expect 0 "^to-provider $2: ." "^from-provider $3: ."
}

load p2pmem_edu dma_bits=64
load p2pmem_wrong function="$gpu" bar=2
finds right 'proven none 0' 'proven none 0'
finds 'shifted 1' 'wrong shifted 1' 'wrong shifted -1'
finds 'shifted 64' 'wrong shifted 64' 'wrong shifted -64'
finds 'shifted 4096' 'wrong shifted 4096' 'wrong shifted -4096'
finds swapped 'wrong swapped -\{0,1\}4096' 'wrong swapped -\{0,1\}4096'
# Nobody has ever written there, since the machine was switched on.
finds stale 'wrong stale 0' 'wrong zeros 0'
# The IOMMU knows no such address: what is written is dropped, and what is read is zeros or what was left over.
finds raw 'wrong stale 0' 'wrong \(zeros\|foreign\|stale\) 0'
finds 'mirrored 8192' 'wrong stale 0' 'wrong mirrored 8192'
run prove-wrong small 65536
expect 0 'gap memory: .* it has less than it says$'
dmesg | grep -q 'DMAR: .*fault' || fail "no address went to the IOMMU as it was"
rmmod p2pmem_wrong || fail "rmmod p2pmem_wrong"
run insmod /root/p2pmem_wrong.ko function=0000:77:00.0
[ "$status" != 0 ] || fail "a function that is not there was taken"

# VFIO's dma-bufs are never p2pmem.ko's, so that the product has no such provider; but they are proven as well.
case $(uname -r) in
6.*) ;;
*)
    echo vfio-pci >"$functions/$gpu/driver_override"
    echo "$gpu" >/sys/bus/pci/drivers_probe
    finds "vfio $gpu" 'proven none 0' 'proven none 0'
    echo "$gpu" >/sys/bus/pci/drivers/vfio-pci/unbind
    ;;
esac

load_p2pmem
publish_gpu
run p2pmem prove --results /tmp/proofs p2pmem_edu0 "p2pmem$index"
expect 0 '^p2pmem_edu0 -> .*: proven' '^p2pmem_edu0 <- .*: proven'
finish
