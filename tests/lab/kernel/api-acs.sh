# machine: routes-acs.machine
# modules: p2pmem p2pmem_selftest
# The API for drivers: through the host, where an IOMMU translates.
. ./modules.sh
load p2pmem
publish_gpu
api 1 via-host
api 2 via-host
finish
