# machine: routes-intel.machine
# modules: p2pmem p2pmem_edu
# Below the switch by bus address; from the other root port not at all, unless root allows it after its proof.
. ./modules.sh
load_all
publish_gpu
reaches 0 direct
unreached 1

run p2pmem allow p2pmem_edu0 "p2pmem$index"
expect 2 'the rules do not keep them apart'
run p2pmem allow p2pmem_edu1 "p2pmem$index"
expect 0 'p2pmem_edu1 -> .*: proven' 'p2pmem_edu1 <- .*: proven' 'p2pmem_edu1 is allowed to use memory of'
reaches 1 via-host

# Who has a dma-buf of it is told when that ends.
background writer p2pmem-guest copy host "$index" 1M engine=1 until-refused
until_says /tmp/writer ready
into_copies 2
run p2pmem allow --withdraw "$(engine 2)" "p2pmem$index"
expect 0 'not allowed any more'
ended writer 0 'copy: EREMOTE' '^[1-9][0-9]* bytes copied'
unreached 1
finish
