# machine: switch-intel-iommu
# Every transfer succeeds and nearly all bytes are wrong: caught, and the right bytes arrive. What was found is
# kept, so that the next copy does not try again, until it does not hold any more.
. ./guest.sh
results=/var/lib/p2pmem/proofs
mkdir -p /var/lib

# domains TYPE: of both drives, whose driver has to let go of them for that.
domains() {
    for function in 0000:03:00.0 0000:04:00.0; do
        echo $function >/sys/bus/pci/drivers/nvme/unbind
    done
    for function in 0000:03:00.0 0000:04:00.0; do
        echo "$1" >/sys/bus/pci/devices/$function/iommu_group/type || fail "$function does not become $1"
        echo $function >/sys/bus/pci/drivers/nvme/bind
        await "the drive of $function" drive_of $function
    done
}
drive_of() { # FUNCTION: its block device is there, with the name that it had
    set -- "$1" /sys/bus/pci/devices/"$1"/nvme/nvme*/nvme*n1
    [ -b "/dev/${2##*/}" ]
}

run p2pmem copy --length 32M /dev/nvme0n1 /dev/nvme1n1
expect 0 'path given up: .* bytes that went through peer memory of 0000:03:00.0 were wrong in the destination' \
    "recorded in $results: copies pass this provider over" 'through peer memory  0 bytes' \
    'through host memory  33554432 bytes'
check "wrong bytes" same /dev/nvme0n1 /dev/nvme1n1 32

# The drive that provides is read into its own memory, which is right; from there the other one takes wrong bytes.
run p2pmem check nvme1 nvme0
expect 0 'data to the provider: not tried' 'data from the provider: wrong ([a-z]*) on ' 'problem: wrong bytes arrive'
run p2pmem check --fail-on problem nvme1 nvme0
expect 1
run p2pmem check nvme0 nvme1
expect 0 'data from the provider: not tried'
run p2pmem matrix
expect 0 '! 0000:04:00.0 (nvme1) -> 0000:03:00.0 (nvme0), data from the provider: wrong'
run p2pmem doctor --only proof-wrong
expect 1 'PROBLEM  proof-wrong'
run p2pmem copy --length 4M /dev/nvme0n1 /dev/nvme1n1
expect 0 'peer memory of 0000:03:00.0 is passed over: data from 0000:03:00.0 to 0000:04:00.0 are recorded as wrong' \
    'through host memory  4194304 bytes'
expect_not 'path given up'
run p2pmem copy --require-p2p --length 4M /dev/nvme0n1 /dev/nvme1n1
expect 69 'peer memory, which is demanded, cannot serve: data from 0000:03:00.0 to 0000:04:00.0 are recorded as wrong'
# Who names it has it, and is told; it is caught again.
run p2pmem copy --provider nvme0 --length 4M /dev/nvme0n1 /dev/nvme1n1
expect 0 'is used since it was named: data from 0000:03:00.0' 'path given up'
# The other way round nothing is recorded.
run p2pmem copy --length 2M /dev/nvme1n1 /dev/nvme0n1
expect_not 'is passed over'
# The prover finds it the other way, too; other programs get both.
run p2pmem prove --veto "$work/veto" nvme1 nvme0
expect 1 'WRONG'
for direction in to from; do
    grep -q "\"direction\": \"$direction-provider\"" "$work/veto" || fail "no $direction-provider in the veto"
done
grep -q '^# 0000:04:00.0, 0000:03:00.0: from-provider wrong bytes, .*no variable of NCCL or UCX' "$work/veto.env" ||
    fail "the variables: $(cat "$work/veto.env")"
# shellcheck disable=SC1091 # made above
(. "$work/veto.env") || fail "a shell does not take the variables"
run p2pmem check nvme1 nvme0
expect 0 'data to the provider: wrong' 'data from the provider: wrong'
# Where the IOMMU does not translate, all that says nothing any more, and the pair is right.
domains identity
run p2pmem check nvme1 nvme0
expect 0 'data from the provider: void: the IOMMU domain of 0000:04:00.0 was DMA-FQ, is identity' 'it was wrong'
run p2pmem prove nvme1 nvme0
expect 0 'nvme1n1 -> 0000:03:00.0: proven'
run p2pmem check nvme1 nvme0
expect 0 'data to the provider: proven on ' 'data from the provider: void: '
run p2pmem copy --length 4M /dev/nvme0n1 /dev/nvme1n1
expect 0 'path proven' 'through peer memory  4194304 bytes'
expect_not 'is passed over'
# Each setting has its own results.
domains DMA-FQ
run p2pmem check nvme1 nvme0
expect 0 'data to the provider: wrong' 'data from the provider: wrong'
run p2pmem copy --length 4M /dev/nvme0n1 /dev/nvme1n1
expect 0 'is passed over'

# The rest is of machines on which nothing is recorded.
rm $results
dd if=/dev/urandom of=/dev/nvme0n1 bs=1M count=32 oflag=direct 2>/dev/null
dd if=/dev/urandom of=/dev/nvme1n1 bs=1M count=8 oflag=direct 2>/dev/null
before=$(lab-digest /dev/nvme1n1 32)
run p2pmem copy --require-p2p --length 32M /dev/nvme0n1 /dev/nvme1n1
expect 74 'were wrong'
[ "$before" = "$(lab-digest /dev/nvme1n1 32)" ] || fail "the destination did not get its bytes back"

# Zeros prove nothing: an unanswered read may bring them. The first other block must be caught.
rm $results
dd if=/dev/zero of=/dev/nvme0n1 bs=1M count=8 oflag=direct 2>/dev/null
run p2pmem copy --length 32M /dev/nvme0n1 /dev/nvme1n1
expect 0 'path given up'
check "wrong bytes after zeros" same /dev/nvme0n1 /dev/nvme1n1 32

# prove says which damage: what the drive writes goes elsewhere, and what it reads nobody answers.
run p2pmem prove --results "$work/proofs" --scratch /dev/nvme1n1:0+8M nvme1 nvme0
expect 1 'nvme1n1 -> 0000:03:00.0: WRONG' 'stale' 'usually: nothing arrived' \
    'nvme1n1 <- 0000:03:00.0: WRONG' 'zeros$' 'p2pmem check nvme1n1 0000:03:00.0 says'
[ "$(grep -c '^state wrong' "$work/proofs")" = 2 ] || fail "two wrong directions are not what is kept"
run p2pmem prove --json --all --results "$work/proofs"
expect 1 '"kind": "stale"' '"state": "proven"' '"first": [0-9]' '"verdict": "direct"'
finish
