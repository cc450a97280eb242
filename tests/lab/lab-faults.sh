#!/bin/sh
# SPDX-License-Identifier: MIT
# Drives that fail, are slow, small-blocked, read-only or go away; a machine on standard input.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
cat >"$work/script" <<'EOF'
try() {
    word=$1
    shift
    if dd "$@" >/dev/null 2>/tmp/error; then echo "$word good"; else echo "$word $(grep -o 'No data.*' /tmp/error)"; fi
}
try before if=/dev/lab/src of=/dev/null bs=64k skip=511 count=1 iflag=direct
try start if=/dev/lab/src of=/dev/null bs=64k skip=512 count=1 iflag=direct
try inside if=/dev/lab/src of=/dev/null bs=512 skip=65599 count=1 iflag=direct
try after if=/dev/lab/src of=/dev/null bs=512 skip=65664 count=1 iflag=direct
try write if=/dev/zero of=/dev/lab/dst bs=4k seek=4096 count=1 oflag=direct
try beside if=/dev/zero of=/dev/lab/dst bs=4k seek=4097 count=1 oflag=direct
try reading if=/dev/lab/dst of=/dev/null bs=4k skip=4096 count=1 iflag=direct
try readonly if=/dev/zero of=/dev/lab/fixed bs=4k count=1 oflag=direct
cat /sys/block/nvme0n1/queue/logical_block_size /sys/block/nvme1n1/queue/logical_block_size
read -r start rest </proc/uptime
try slow if=/dev/lab/slow of=/dev/null bs=1M iflag=direct
read -r end rest </proc/uptime
[ $((${end%.*} - ${start%.*})) -ge 2 ] && echo "8 MiB took 2 s or more"
lab unplug dst && echo "unplugged $?"
[ -b /dev/nvme1n1 ] || echo "nvme1n1 is gone"
lab unplug behind && echo "unplugged $?"
lab unplug last
lab unplug nothing
sha256sum </dev/lab/fixed
EOF
run lab --out "$work/run" - "$work/script" <<'EOF'
root-port rp0
  switch sw0
    port dn0
      nvme src size=64M fail-read=32M+64K
    port dn1
      nvme dst size=64M fail-write=16M+4K block=4096
    port dn2
      nvme slow size=8M bps=2M
    port dn3 acs
      nvme fixed size=1M readonly fill=random:2
root-port rp1
  nvme behind size=1M
nvme last size=1M
EOF
expect 0
sum=$(sha256sum <"$work/run/fixed.img")
prints "before good\nstart No data available\ninside No data available\nafter good
write No data available\nbeside good\nreading good\nreadonly No data available\n512\n4096
slow good\n8 MiB took 2 s or more\nunplugged 0\nnvme1n1 is gone\nunplugged 0
lab unplug: Bus 'pcie.0' does not support hotplugging\nlab unplug: Device 'nothing' not found
$sum\n"
finish
