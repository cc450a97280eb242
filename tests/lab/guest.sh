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

# stripe CHUNK MEMBER MEMBER: /dev/md0, without metadata, over the first 32 MiB of two block devices; CHUNK in bytes.
stripe() {
    array raid0 "$@"
}

# array LEVEL CHUNK MEMBER MEMBER: the same of another level; what members hold is taken for right.
array() {
    echo md0 >/sys/module/md_mod/parameters/new_array
    md=/sys/block/md0/md
    echo none >$md/metadata_version
    echo "$1" >$md/level
    echo 2 >$md/raid_disks
    echo "$2" >$md/chunk_size
    shift 2
    slot=0
    for member in "$@"; do
        cat "/sys/class/block/$member/dev" >$md/new_dev
        echo 32768 >"$md/dev-$member/size"
        echo $slot >"$md/dev-$member/slot"
        slot=$((slot + 1))
    done
    echo 32768 >$md/component_size
    [ ! -e $md/resync_start ] || echo none >$md/resync_start
    echo active >$md/array_state
    await "the array" test -e /sys/block/md0/dev
    # shellcheck disable=SC2046 # two numbers
    [ -b /dev/md0 ] || mknod /dev/md0 b $(tr : ' ' </sys/block/md0/dev)
}

# raw DIRECTORY OFFSET: the little-endian word at OFFSET of a function's configuration space.
raw() {
    printf '0x%s' "$(dd if="$1/config" bs=1 skip="$2" count=4 2>/dev/null | od -An -tx1 |
        awk '{ print $4 $3 $2 $1 }')"
}

# register DIRECTORY BAR: the bus address in a BAR, which the next one may hold the upper half of.
register() {
    low=$(raw "$1" $((16 + 4 * $2)))
    high=0
    [ $((low & 6)) != 4 ] || high=$(raw "$1" $((20 + 4 * $2)))
    echo $(((high << 32) | (low & ~15)))
}

# For tests of p2pmem watch.
tracing=/sys/kernel/tracing

nothing_left() {
    [ -z "$(ls $tracing/instances)" ] && ! grep -q . $tracing/kprobe_events
}

traces() {
    [ -n "$(ls $tracing/instances)" ] && grep -q 1 $tracing/instances/*/tracing_on
}

# The rows of the last line of JSON, one a line.
rows() {
    grep '"event":"result"' "$1" | tail -n 1 | sed 's/{"device"/\n&/g' | grep '^{"device"'
}

# figures PHASE FILE: for each drive bytes read into host memory, into peers' and unseen, and written; the process last.
figures() {
    n='\([0-9]*\)'
    bytes='{"total":[0-9]*,"host":'$n',"peers":'$n',"unseen":'$n'}'
    rows "$2" | sed "s/.*\"name\":\"nvme$n\".*\"command\":\"\([^\"]*\)\".*\"read\":$bytes,\"written\":$bytes.*/figures $1 \1 \3 \4 \5 \6 \7 \8 \2/"
}
