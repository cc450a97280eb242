# machine: accelerator
# modules: p2pmem p2pmem_edu
# What must not be published or allocated is refused, and the reason is said.
. ./modules.sh
load_all
gpu=$(memory_bar)
disk=$(drive nvme0n1)
sata=$(function_with 0x8086 0x2922)

refuses() { # WHAT ARGUMENT...
    what=$1
    shift
    run p2pmem-guest "$@"
    expect 2 "$what\$"
}

refuses 'ENODEV no-function' publish 0000:7f:00.0 bar=2
refuses 'ENXIO no-driver' publish "$gpu" bar=2
refuses 'EBUSY driver-bound' publish "$disk" bar=0 size=4K
refuses 'EBUSY claimed' publish "$disk" bar=0 size=4K beside

take "$gpu"
for bar in 1 5 6 4294967295; do
    refuses "E[A-Z]* [a-z-]*" publish "$gpu" bar=$bar
done
refuses 'ENXIO no-bar' publish "$gpu" bar=5
for range in 'offset=1' 'offset=2048' 'size=4095' 'size=1' 'offset=64M' 'offset=64M size=4K' \
    'size=65540K' 'offset=4K size=64M' 'offset=18446744073709547520' \
    'offset=18446744073709547520 size=8K' 'offset=4K size=18446744073709547520'; do
    # shellcheck disable=SC2086
    refuses 'EINVAL range' publish "$gpu" bar=2 $range
done

# A BAR in pieces: what overlaps is refused, what lies beside it is not.
publish "$gpu" bar=2 offset=1M size=1M
middle=$index
for range in 'offset=1M size=1M' 'offset=0' 'offset=1020K size=8K' 'offset=2044K size=8K' \
    'offset=1M size=4K' 'offset=2044K size=4K'; do
    # shellcheck disable=SC2086
    refuses 'EEXIST published' publish "$gpu" bar=2 $range
done
publish "$gpu" bar=2 offset=0 size=1M
before=$index
publish "$gpu" bar=2 offset=2M
run p2pmem-guest copy "$before" "$middle" 5000
expect 0 'right: 5000'
run p2pmem-guest copy "$middle" "$index" 5000
expect 0 'right: 5000'

# Its users first.
background user p2pmem-guest use "$middle"
until_says /tmp/user ready
refuses 'EBUSY in-use' unpublish "$middle"
run p2pmem-guest unpublish "$middle" force
expect 0
ended user 0 told
refuses 'ENODEV' unpublish "$middle" # ENODEV alone: no such memory
publish "$gpu" bar=2 offset=1M size=1M
for left in "$before" "$index"; do
    run p2pmem-guest unpublish "$left"
    expect 0
done

# The function does not answer to memory addresses: bit 1 of the command register, PCI 3.0 6.2.2.
command=$(dd if="$functions/$gpu/config" bs=1 skip=4 count=1 2>/dev/null | hexdump -e '1/1 "%o"')
printf '\0' | dd of="$functions/$gpu/config" bs=1 seek=4 conv=notrunc 2>/dev/null
refuses 'EIO disabled' publish "$gpu" bar=2
# shellcheck disable=SC2059 # an octal number
printf "\\$command" | dd of="$functions/$gpu/config" bs=1 seek=4 conv=notrunc 2>/dev/null

take "$disk"
refuses 'EBUSY msix' publish "$disk" bar=0
publish "$disk" bar=0 size=4K
take "$sata"
refuses 'EINVAL not-memory' publish "$sata" bar=4

# Pages: not on every kernel, and only in pieces of 2 MiB.
publish "$disk" bar=2
limited=$index
if [ -e "$functions/$gpu/p2pmem" ] || zcat /proc/config.gz 2>/dev/null | grep -q PCI_P2PDMA=y; then
    refuses 'EOPNOTSUPP alignment' publish "$gpu" bar=2 offset=1M size=1M pages
fi

# 16 MiB: 5 times 3 MiB and one rest.
run p2pmem-guest alloc "$limited" 3M again=6
expect 2 '^5 allocated; alloc: EDQUOT limit$'
run p2pmem-guest alloc "$limited" 0
expect 2 'EINVAL'
run p2pmem-guest alloc "$limited" 18446744073709551615
expect 2 'alloc: E'
run p2pmem-guest alloc "$limited" 4K alignment=3
expect 2 'EINVAL'
run p2pmem-guest alloc "$limited" 4K flags=128
expect 2 'EINVAL'
run p2pmem-guest alloc "$limited" 1M alignment=8M again=3
expect 2 '^2 allocated; alloc: ENOSPC full$'
echo 4194304 >/sys/class/p2pmem/p2pmem"$limited"/limit
run p2pmem-guest alloc "$limited" 1M again=5
expect 2 '^4 allocated; alloc: EDQUOT limit$'
check "all is back" [ "$(available "$limited")" = 16777216 ]

# An engine with fewer address lines than the memory's address needs.
rmmod p2pmem_edu
load p2pmem_edu
run p2pmem-guest copy "$limited" "$limited" 100
expect 2 'copy: EREMOTE$' '^0 bytes copied'

run p2pmem-guest alloc "$limited" 4K flags=2
expect 2 'EOPNOTSUPP vfio$'

for why in no-function no-driver claimed no-bar range published in-use disabled msix not-memory \
    full limit driver-bound vfio; do
    grep -q "^refused .*\b$why=[1-9]" /sys/kernel/debug/p2pmem/stat || fail "$why is not counted"
done
grep refused /sys/kernel/debug/p2pmem/stat
finish
