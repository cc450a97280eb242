# machine: ops-cost-iommu.machine
# modules: p2pmem p2pmem_cost
# As ops-cost, where an IOMMU translates. Linux 6.12 keeps what it has for that to itself: it is passed on to through
# the DMA API, which alone takes 5 % more for a page.
. ./modules.sh
load p2pmem
load p2pmem_cost
case $(uname -r) in
6.1.*) page=105 ;;
*) page=109 ;;
esac
costs_at_most $page 110
finish
