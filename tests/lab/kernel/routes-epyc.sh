# machine: routes-epyc.machine
# modules: p2pmem p2pmem_edu
# Below the switch by bus address; from the other root port through the host.
. ./modules.sh
load_all
publish_gpu
reaches 0 direct
reaches 1 via-host
finish
