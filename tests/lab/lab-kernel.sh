#!/bin/sh
# SPDX-License-Identifier: MIT
# lab-kernel.sh SERIES: another Debian kernel boots the switch machine with its drives and modules.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
cat >"$work/script" <<'EOF'
uname -r | cut -d . -f 1,2
ls /dev/lab
mke2fs /dev/nvme1n1 >/dev/null 2>&1 && mount -t ext4 /dev/nvme1n1 /mnt && echo mounted
EOF
run lab --kernel "$1" --module ext4 switch "$work/script"
expect 0
prints "$1\ndst  src\nmounted\n"
finish
