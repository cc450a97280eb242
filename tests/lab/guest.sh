# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What scripts that run in a guest share beside tests/expect.sh: `. ./guest.sh`.
work=/tmp
# shellcheck source=tests/expect.sh
. ./expect.sh

# What a drive has been told since it is there, by the kernel's Documentation/block/stat.rst.
written() { awk '{ print $7 }' "/sys/block/$1/stat"; } # sectors
flushed() { awk '{ print $16 }' "/sys/block/$1/stat"; } # times

exceeds() { # FUNCTION DRIVE NUMBER
    [ "$($1 "$2")" -gt "$3" ]
}

# await_written DRIVE MIB: so much more is on its way to the drive.
await_written() {
    await "$2 MiB written to $1" exceeds written "$1" $(($(written "$1") + $2 * 2048))
}

# await_window DRIVE FILE: the copy to it whose messages go to FILE has proven its path, each slot of it, and
# flushed what it wrote first; now it writes more.
await_window() {
    await "a proof in $2" grep -q 'path proven' "$2"
    await_written "$1" 9
    await "a flush of $1" exceeds flushed "$1" "$(flushed "$1")"
    await_written "$1" 1
}

same() { # DEVICE DEVICE [MIB]
    [ "$(lab-digest "$1" "${3:-}")" = "$(lab-digest "$2" "${3:-}")" ]
}
