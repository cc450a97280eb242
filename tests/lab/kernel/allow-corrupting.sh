# machine: switch-acs
# modules: p2pmem
# An IOMMU, and a switch that is told to turn requests around below it: rules let the pair through, each request succeeds, and
# bytes arrive wrong. No report of success makes a leave of that.
. ./modules.sh
load p2pmem
scratch='--scratch /dev/nvme1n1:32M+8M'
provider=$(drive nvme0n1)
client=$(drive nvme1n1)

# acs BYTE: of both ports of the switch.
acs() {
    set_acs "$provider" "$1"
    set_acs "$client" "$1"
}

acs '\000'
run p2pmem publish nvme0 --driver-memory --size 16M
expect 0 'with struct pages'
run p2pmem prove $scratch nvme1 p2pmem0
expect 1 'nvme1n1 -> .*: WRONG' 'nvme1n1 <- .*: WRONG'
run p2pmem allow $scratch nvme1 p2pmem0
expect 2 'the rules do not keep them apart' 'nvme1n1 is not allowed to use memory of'
check 'nobody is let through' nobody_is_let_through
run p2pmem allow --list
expect 0 'No pair is allowed'

# Redirected, requests come to the IOMMU, which knows what to do with them. Then the rules refuse, and the data are right.
acs '\004'
run p2pmem check nvme1 nvme0
expect 1 'unreachable'
run p2pmem allow $scratch nvme1 p2pmem0
expect 0 'nvme1n1 is allowed to use memory of'
check 'it is let through' is_let_through "$client" "$provider"
run p2pmem prove $scratch nvme1 p2pmem0
expect 0 'nvme1n1 -> .*: proven' 'nvme1n1 <- .*: proven'

acs '\000'
await 'that ACS is noticed' nobody_is_let_through
run p2pmem allow $scratch nvme1 p2pmem0
expect 2 'the rules do not keep them apart'
run p2pmem prove $scratch nvme1 p2pmem0
expect 1 'nvme1n1 -> .*: WRONG'
check 'the module unloads' rmmod p2pmem
finish
