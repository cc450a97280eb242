# machine: routes-acs-intel.machine
# modules: p2pmem p2pmem_edu
# ACS sends everything up to a host that must not be asked to forward.
. ./modules.sh
load_all
publish_gpu
unreached 0
unreached 1
finish
