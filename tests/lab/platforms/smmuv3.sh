# machine: smmuv3.machine
# modules: p2pmem_odd
# Below an SMMU that translates. What goes through the host bridge is mapped by it, and arrives. What is direct has a
# bus address, which a switch delivers before any SMMU sees it; QEMU's functions ask the SMMU first, which knows no
# such address. So Linux calls the pair direct, requests succeed, and bytes are wrong: whatever looks notices.
. ./modules.sh
results=/var/lib/p2pmem/proofs
mkdir -p /var/lib
source=$(drive nvme0n1)
near=$(drive nvme1n1)
far=$(drive nvme2n1)

# Where requests of FUNCTION went that the SMMU has kept out, by its own word.
kept_out() { dmesg | sed -n "s/.*F_TRANSLATION client: $1 .* iova: \(0x[0-9a-f]*\).*/\1/p"; }
in_bar() { # FUNCTION BAR ADDRESS
    # shellcheck disable=SC2046 # first, last and flags
    set -- "$3" $(sed -n "$(($2 + 1))p" "$functions/$1/resource")
    [ $(($1)) -ge $(($2)) ] && [ $(($1)) -le $(($3)) ]
}

# QEMU's host bridge is on nobody's list.
run p2pmem check nvme2 nvme0
expect 1 "^$far (nvme2) -> $source (nvme0): .*unreachable" 'is not on the allowlist of Linux 7.3'

# Through one that Linux trusts: the SMMU maps the memory for each request, and of host memory only what proves.
load p2pmem_odd identities=0000:00:00.0=8086:2030
run p2pmem check nvme2 nvme0
expect 0 "^$far (nvme2) -> $source (nvme0): through the host bridge"
lab mark before
mapped_of "$source" 2 p2pmem copy --require-p2p /dev/nvme0n1 /dev/nvme2n1
lab mark after
expect 0 'path proven' "through peer memory  67108864 bytes, of $source" 'through host memory  0 bytes'
same /dev/nvme0n1 /dev/nvme2n1 || fail "the destination differs"
echo "the SMMU has mapped $bytes bytes of the CMB, $rest of all else"
[ "$bytes" -ge 67108864 ] || fail "not each byte of the CMB was mapped"
[ "$rest" -lt 67108864 ] || fail "host memory was mapped for the payload"
run p2pmem prove --scratch /dev/nvme2n1:32M+16M nvme2 nvme0
expect 0 "nvme2n1 -> $source: proven" "nvme2n1 <- $source: proven"
dmesg | grep 'arm-smmu-v3.*event' && fail "the SMMU has kept something out"

# Directly: said before anything is tried, found out by whoever tries, and kept.
run p2pmem check nvme1 nvme0
expect 0 "^$near (nvme1) -> $source (nvme0): direct" "an IOMMU translates for $near" 'iommu.passthrough=1 (arm64)'
run p2pmem doctor --only iommu-direct
expect 0 "$near (nvme1)"
run p2pmem copy --length 8M /dev/nvme0n1 /dev/nvme1n1
expect 0 "path given up: .* bytes that went through peer memory of $source were wrong in the destination" \
    'through peer memory  0 bytes' 'through host memory  8388608 bytes'
same /dev/nvme0n1 /dev/nvme1n1 8 || fail "wrong bytes"
kept_out "$near" >/tmp/kept
[ -s /tmp/kept ] || fail "the SMMU has kept nothing out"
while read -r address; do
    in_bar "$source" 2 "$address" || fail "the SMMU has kept out $address, which is not of the CMB"
done </tmp/kept
run p2pmem copy --require-p2p --length 4M /dev/nvme0n1 /dev/nvme1n1
expect 69 "peer memory, which is demanded, cannot serve: data from $source to $near are recorded as wrong"
rm $results
dd if=/dev/urandom of=/dev/nvme1n1 bs=1M count=4 oflag=direct 2>/dev/null
before=$(lab-digest /dev/nvme1n1 8)
run p2pmem copy --require-p2p --length 8M /dev/nvme0n1 /dev/nvme1n1
expect 74 'were wrong'
[ "$before" = "$(lab-digest /dev/nvme1n1 8)" ] || fail "the destination did not get its bytes back"
run p2pmem prove --scratch /dev/nvme1n1:32M+16M nvme1 nvme0
expect 1 "nvme1n1 -> $source: WRONG" 'nothing arrived: .*, as bus' "nvme1n1 <- $source: WRONG"
run p2pmem doctor --only proof-wrong
expect 1 'PROBLEM  proof-wrong'
finish
