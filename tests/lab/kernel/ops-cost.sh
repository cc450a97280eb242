# machine: ops-cost.machine
# modules: p2pmem p2pmem_cost
# What wrapped DMA operations cost a driver that maps normal memory, in instructions, as the emulated CPU counts
# them: exact, so ceilings can be kept.
. ./modules.sh
load p2pmem
load p2pmem_cost
costs_at_most 160 130
finish
