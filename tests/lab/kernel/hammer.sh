# machine: accelerator
# modules: p2pmem p2pmem_edu
# options: --append slub_debug=PU,kmalloc-*
# Processes that allocate, map, export and free at random, and a DMA engine among them; and threads that
# free each other's. What the kernel has freed is poisoned, so that it is noticed.
. ./modules.sh
load_all
publish_gpu
seconds=$(sed -n 's/.* seconds=\([0-9]*\).*/\1/p' /proc/cmdline)
seconds=${seconds:-5}
size=$(available "$index")
background writer p2pmem-guest copy host "$index" 1M until-refused
until_says /tmp/writer ready
run p2pmem-guest hammer "$index" 6 "$seconds"
expect 0 '[1-9][0-9]* steps'
cat /tmp/out
kill "$writer"
wait "$writer"
check "all is back" [ "$(available "$index")" = "$size" ]

# So little that they are in each other's way.
run p2pmem-guest unpublish "$index"
expect 0
publish "$gpu" bar=2 offset=4K size=1M
run p2pmem-guest hammer "$index" 6 "$seconds"
expect 0 '[1-9][0-9]* times full'
cat /tmp/out
run p2pmem-guest alloc "$index" 1M
expect 0 '1 allocated'

# Room for one piece, so that its offset is known before it is told.
run p2pmem-guest unpublish "$index"
expect 0
publish "$gpu" bar=2 size=4K
run p2pmem-guest race "$index" "$seconds"
expect 0 '[1-9][0-9]* allocated, 0 at'
cat /tmp/out
check "all is back" [ "$(available "$index")" = 4096 ]
finish
