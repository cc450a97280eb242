# machine: routes-intel.machine
# modules: p2pmem p2pmem_edu
# Below the switch by bus address; from the other root port not at all.
. ./modules.sh
load_all
publish_gpu
reaches 0 direct
unreached 1
finish
