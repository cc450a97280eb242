# SPDX-License-Identifier: MIT
# In the guest: fuzz-ioctl for $seconds, from $seed; then nothing may be left.
word() {
    sed -n "s/.* $1=\([^ ]*\).*/\1/p" /proc/cmdline
}

insmod p2pmem.ko || exit
[ ! -f p2pmem_edu.ko ] || insmod p2pmem_edu.ko || exit
# Failing allocations, where the kernel has them: also those that may sleep, and no word of it.
if [ -d /sys/kernel/debug/failslab ]; then
    echo N >/sys/kernel/debug/failslab/ignore-gfp-wait
    echo 0 >/sys/kernel/debug/failslab/verbose
fi

# What lspci calls 1af4:1110 is the memory.
for device in /sys/bus/pci/devices/*; do
    if [ "$(cat "$device/vendor" "$device/device" | tr '\n' ' ')" = "0x1af4 0x1110 " ]; then
        function=${device##*/}
    fi
done
echo p2pmem >"/sys/bus/pci/devices/$function/driver_override"
echo "$function" >/sys/bus/pci/drivers_probe

failed=0
fuzz-ioctl "$(word seed)" "$(word seconds)" "$function" 2 || failed=1
[ ! -f p2pmem_edu.ko ] || rmmod p2pmem_edu || failed=1
rmmod p2pmem || failed=1

# A leak is what two scans find, some seconds apart: kmemleak waits before it believes it.
leaks=/sys/kernel/debug/kmemleak
if [ -f $leaks ]; then
    echo scan >$leaks
    sleep 6
    echo scan >$leaks
    grep . $leaks && failed=1
fi
exit $failed
