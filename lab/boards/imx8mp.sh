# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# In the guest, before drivers of devices are loaded: type "memory" into the controller's outbound window 1.
# Linux 7.3 sets the bit TD beside it (drivers/pci/controller/dwc), with which QEMU 10 takes the window for
# one of configuration space.

# A function is in /proc once all have been found and given addresses: until then Linux uses these registers.
while [ ! -e /sys/bus/pci/devices/0000:00:00.0 ] ||
    [ "$(ls /sys/bus/pci/devices | wc -l)" != "$(ls -d /proc/bus/pci/*/* | wc -l)" ]; do
    sleep 0.1
done
devmem 0x33800900 32 1
devmem 0x33800904 32 0
devmem 0x33800908 32 0x80000000
