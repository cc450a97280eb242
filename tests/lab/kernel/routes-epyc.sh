# machine: routes-epyc.machine
# modules: p2pmem p2pmem_edu
# Below the switch by bus address; from the other root port through the host.
. ./modules.sh
load_all
publish_gpu
reaches 0 direct
reaches 1 via-host

# Without enough address lines for the memory's address, and no IOMMU to give it another.
rmmod p2pmem_edu
load p2pmem_edu
for n in 0 1; do
    run p2pmem-guest copy "$index" "$index" 100 engine=$n
    expect 2 'copy: EREMOTE$' '^0 bytes copied'
done
finish
