# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# For scripts with p2pmem.ko in a guest: `. ./modules.sh`, which brings guest.sh's checks too.
# shellcheck source=tests/lab/guest.sh
. ./guest.sh
functions=/sys/bus/pci/devices

# function_with VENDOR DEVICE [N]: the address of the Nth function with these ids.
function_with() {
    grep -l "$1" $functions/*/vendor | while read -r file; do
        grep -q "$2" "${file%vendor}device" && basename "${file%/vendor}"
    done | sed -n "${3:-1}p"
}

memory_bar() { function_with 0x1af4 0x1110 "$@"; }
engine() { function_with 0x1234 0x11e8 "$@"; }
drive() { basename "$(readlink -f "/sys/block/$1/device/device")"; }

load() { # NAME [PARAMETER...]
    name=$1
    shift
    insmod "/root/$name.ko" "$@" || fail "$name.ko does not load"
}

# The lab's engine has all 64 address lines.
load_all() {
    load p2pmem
    load p2pmem_edu dma_bits=64
}

# Binds the driver p2pmem to a function in place of the one it has.
take() {
    [ ! -e "$functions/$1/driver" ] || echo "$1" >"$functions/$1/driver/unbind"
    echo p2pmem >"$functions/$1/driver_override"
    echo "$1" >/sys/bus/pci/drivers_probe
    [ "$(readlink -f "$functions/$1/driver")" = /sys/bus/pci/drivers/p2pmem ] ||
        fail "p2pmem does not bind to $1"
}

# publish BDF OPTION...: $index is its N.
publish() {
    run p2pmem-guest publish "$@"
    index=$out
    expect 0 '^[0-9]*$'
    until_there "/dev/p2pmem$index"
}

until_there() {
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        [ ! -e "$1" ] || return 0
        sleep 0.1
    done
    fail "$1 does not come"
}

# until_says FILE TEXT [SECONDS]: a program in the background has printed that.
until_says() {
    tries=$((${3:-20} * 10))
    while ! grep -q "$2" "$1"; do
        tries=$((tries - 1))
        if [ $tries = 0 ]; then
            fail "no \"$2\" in: $(cat "$1")"
            return
        fi
        sleep 0.1
    done
}

# background NAME COMMAND...: its output in /tmp/NAME, and $NAME is its process.
background() {
    name=$1
    shift
    : >"/tmp/$name"
    "$@" >"/tmp/$name" 2>&1 &
    eval "$name=\$!"
}

# ended NAME STATUS [PATTERN...]: as `expect`, of what runs in the background.
ended() {
    name=$1
    shift
    eval "wait \$$name"
    status=$?
    command="$name in the background"
    out=$(cat "/tmp/$name")
    err=
    expect "$@"
}

available() {
    p2pmem-guest info "$1" | sed 's/.*available=\([0-9]*\).*/\1/'
}

# With the debug kernel: a leak is what two scans find, as kmemleak waits before it believes it.
no_leaks() {
    leaks=/sys/kernel/debug/kmemleak
    [ -f $leaks ] || return 0
    echo scan >$leaks
    sleep 6
    echo scan >$leaks
    ! grep . $leaks || fail "leaks"
}
