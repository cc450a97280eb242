# machine: third-provides.machine
# The destination is unplugged in the middle of a copy, then the source's driver unbound.
. ./guest.sh

p2pmem copy /dev/nvme0n1 /dev/nvme1n1 >/tmp/out 2>/tmp/err &
copy=$!
await_window nvme1n1 /tmp/err
lab unplug dst
command="copy to a drive that is unplugged"
wait $copy
status=$?
expect 74 'nvme1n1.* failed: ' 'is good for [1-9][0-9]* bytes from offset 0; go on with: '

p2pmem copy /dev/nvme0n1 /dev/nvme2n1 --length 16M --strategy host >/dev/null 2>&1
p2pmem copy --block 4K --depth 1 --length 16M /dev/nvme0n1 /dev/nvme2n1 >/tmp/out 2>/tmp/err &
copy=$!
await_written nvme2n1 1
echo 0000:03:00.0 >/sys/bus/pci/drivers/nvme/unbind
command="copy from a drive whose driver is unbound"
wait $copy
status=$?
expect 74 '/dev/nvme0n1.* failed: '
finish
