# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# In the guest: the serial lines that are virtio's say one after the other that they are there.
for line in hvc1 hvc2; do
    until (exec 3<>/dev/$line) 2>/dev/null; do
        sleep 0.1
    done
done
