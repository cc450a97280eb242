# machine: routes-intel.machine
# modules: p2pmem p2pmem_selftest
# The API for drivers: below a switch, and out of reach.
. ./modules.sh
load p2pmem
publish_gpu
api 1 direct
api 2 unreachable
finish
