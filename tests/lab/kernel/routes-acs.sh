# machine: routes-acs.machine
# modules: p2pmem p2pmem_edu
# ACS sends everything up to the host, where the IOMMU maps it.
. ./modules.sh
load_all
publish_gpu
reaches 0 via-host
reaches 1 via-host

# The IOMMU gives it an address that the engine has lines for.
rmmod p2pmem_edu
load p2pmem_edu
reaches 0 via-host
finish
