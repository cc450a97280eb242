# machine: routes-acs.machine
# modules: p2pmem p2pmem_edu
# ACS sends everything up to the host, where the IOMMU maps it.
. ./modules.sh
load_all
publish_gpu
reaches 0 via-host
reaches 1 via-host
finish
