# machine: accelerator
# modules: p2pmem p2pmem_edu
# A DMA engine fills a memory BAR, a GPU's stand-in, from an NVMe drive's memory and from the host's.
. ./modules.sh
load_all
publish_gpu
gpu=$index

# Where Linux publishes the drive's memory itself it is taken from there; else p2pmem is its driver.
disk=$(drive nvme0n1)
if [ -e "$functions/$disk/p2pmem" ]; then
    publish "$disk" driver size=8M # its queues may be in the rest
else
    take "$disk"
    publish "$disk" bar=2
fi
disk=$index

for ends in host:$gpu $gpu:host host:$disk $disk:host $gpu:$disk $disk:$gpu $gpu:$gpu; do
    run p2pmem-guest copy "${ends%:*}" "${ends#*:}" 8200 at=4090
    expect 0 'right: 8200 bytes'
done
check "a route by bus address" [ "$(counter "$gpu" direct_bytes)" -gt 40000 ]
for way in via_host_bytes unreachable; do
    check "$way counted" [ "$(counter "$gpu" $way)" = 0 ]
    check "$way counted" [ "$(counter "$disk" $way)" = 0 ]
done

# To be found in QEMU's file of the BAR, once the guest has ended.
background from_disk p2pmem-guest copy "$disk" "$gpu" 16K seed=11 hold
background from_host p2pmem-guest copy host "$gpu" 16K seed=12 mapped hold
until_says /tmp/from_disk right
until_says /tmp/from_host right
finish
