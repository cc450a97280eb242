# machine: ops-cost-iommu.machine
# modules: p2pmem p2pmem_cost
# As ops-cost, where an IOMMU translates: which addresses are free then, decides on a few instructions.
. ./modules.sh
load p2pmem
load p2pmem_cost
costs_at_most 105 110 10
finish
