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
# QEMU 10 has namespaces with several paths in mind: then the disk is below no function.
drive() { basename "$(readlink -f "/sys/class/nvme/${1%n*}/device")"; }

load() { # NAME [PARAMETER...]
    name=$1
    shift
    insmod "/root/$name.ko" "$@" || fail "$name.ko does not load"
}

# Before Linux 7.1 the module wants to know by name who lets go when told.
load_p2pmem() {
    load p2pmem importers=edu_moved "$@"
}

# The lab's engine has all 64 address lines.
load_all() {
    load_p2pmem
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

# publish BDF OPTION...: $index is its N. Without it there is nothing to test.
publish() {
    run p2pmem-guest publish "$@"
    index=$(cat /tmp/out)
    expect 0 '^[0-9]*$'
    [ "$status" = 0 ] || finish
    until_there "/dev/p2pmem$index"
}

until_there() { # FILE
    await "$1" [ -e "$1" ]
}

# until_says FILE TEXT: a program in the background has printed that.
until_says() {
    await "\"$2\" in $1" grep -q "$2" "$1" || cat "$1"
}

transfers() { # FUNCTION
    cat "$functions/$1/transfers"
}

# into_copies [N]: engine N has moved pieces of the copies under way, which take turns; a piece is two transfers.
into_copies() {
    address=$(engine "${1:-1}")
    await "pieces moved by $address" exceeds transfers "$address" $(($(transfers "$address") + 12))
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
    cp "/tmp/$name" "$work/out"
    : >"$work/err"
    expect "$@"
}

available() {
    p2pmem-guest info "$1" | sed 's/.*available=\([0-9]*\).*/\1/'
}

# publish_gpu: the memory BAR, by the driver p2pmem, as $index.
publish_gpu() {
    gpu=$(memory_bar)
    take "$gpu"
    publish "$gpu" bar=2
}

counter() { # INDEX NAME: of the pairs of that memory, all clients together
    sed -n "s/^pair $1 .* $2=\([0-9]*\).*/\1/p" /sys/kernel/debug/p2pmem/stat |
        awk '{ sum += $1 } END { print sum + 0 }'
}

# reaches N VERDICT: engine N and the memory $index; what it moves must arrive, by that way.
reaches() {
    address=$(engine $(($1 + 1)))
    way=$(echo "$2" | tr - _)_bytes
    before=$(counter "$index" "$way")
    run p2pmem-guest verdict "$index" "$address"
    expect 0 "^$address $(memory_bar) [0-9]* $2 "
    run p2pmem-guest copy host "$index" 9001 engine="$1" at=4097
    expect 0 'right: 9001 bytes'
    run p2pmem-guest copy "$index" host 9001 engine="$1" mapped
    expect 0 'right: 9001 bytes'
    [ "$(counter "$index" "$way")" -gt "$before" ] || fail "stat does not count $way"
}

# unreached N: engine N cannot, and nothing is changed.
unreached() {
    address=$(engine $(($1 + 1)))
    run p2pmem-guest verdict "$index" "$address"
    expect 0 "^$address $(memory_bar) -1 unreachable "
    run p2pmem-guest copy host "$index" 5000 engine="$1"
    expect 2 'copy: EREMOTE$' '^0 bytes copied'
    run p2pmem-guest copy "$index" host 5000 engine="$1"
    expect 2 'copy: EREMOTE$' '^0 bytes copied'
    [ "$(counter "$index" unreachable)" -gt 0 ] || fail "stat does not count it"
}

# api N ANSWER: the checks of p2pmem_selftest.ko for the Nth engine and the memory $gpu.
api() {
    api_of "$gpu" 2 "$(engine "$1")" "$2"
}

# api_of FUNCTION BAR CLIENT ANSWER
api_of() {
    start=$(sed -n "$(($2 + 1))s/ .*//p" "$functions/$1/resource")
    run insmod /root/p2pmem_selftest.ko client="$3" memory_at="$start" \
        bus_at="$(register "$functions/$1" "$2")" expected="$4"
    expect 0
    dmesg | grep 'p2pmem_selftest: FAILED' && fail "the API for drivers: $4"
    run rmmod p2pmem_selftest
    expect 0
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

# use_gpu: publishes the memory BAR, and uses it in every way: as $user by the CPU, as $writer and
# $reader by the engine.
use_gpu() {
    publish_gpu
    background user p2pmem-guest use "$index"
    background writer p2pmem-guest copy host "$index" 1M until-refused
    background reader p2pmem-guest copy "$index" host 1M until-refused
    for name in user writer reader; do
        until_says /tmp/$name ready
    done
    into_copies
}

# engine_told: the copies of use_gpu were ended in the middle.
engine_told() {
    for name in writer reader; do
        ended $name 0 'copy: ENODEV' '^[1-9][0-9]* bytes copied'
    done
}

# cost WHEN: what mapping takes now, in instructions: $page and $list.
cost() {
    run cat /sys/kernel/debug/p2pmem_cost
    expect 0 '^page=[0-9]* list=[0-9]*$'
    [ "$status" = 0 ] || finish
    page=$(sed 's/page=\([0-9]*\).*/\1/' /tmp/out)
    list=$(sed 's/.*list=//' /tmp/out)
    echo "cost $1 $page $list"
}

# What the IOMMU is told to map while a command runs, by the kernel's own word: $bytes of the BAR of that function,
# $rest of all else.
mapped_of() { # FUNCTION BAR COMMAND...
    [ -d $tracing/events ] || mount -t tracefs tracefs $tracing
    first=$(sed -n "$(($2 + 1))s/ .*//p" "$functions/$1/resource")
    last=$(sed -n "$(($2 + 1))s/[^ ]* \([^ ]*\) .*/\1/p" "$functions/$1/resource")
    shift 2
    echo 16384 >$tracing/buffer_size_kb
    echo 1 >$tracing/events/iommu/map/enable
    run "$@"
    echo 0 >$tracing/events/iommu/map/enable
    bytes=0 rest=0
    sed -n 's/.*paddr=\(0x[0-9a-f]*\) size=\([0-9]*\).*/\1 \2/p' $tracing/trace >/tmp/pieces
    echo 1 >$tracing/buffer_size_kb
    while read -r at size; do
        if [ $((at)) -ge $((first)) ] && [ $((at)) -le $((last)) ]; then
            bytes=$((bytes + size))
        else
            rest=$((rest + size))
        fi
    done </tmp/pieces
}

# Whose DMA operations are ours, and what has been counted since: wrapped FUNCTION FIELD.
nobody_is_wrapped() { ! grep -q '^wrapped' /sys/kernel/debug/p2pmem/stat; }
is_wrapped() { grep -q "^wrapped function=$1 " /sys/kernel/debug/p2pmem/stat; }
wrapped() {
    sed -n "s/^wrapped function=$1 .*$2=\([0-9]*\).*/\1/p" /sys/kernel/debug/p2pmem/stat
}

# Pairs that root has let through, one on a line: is_let_through CLIENT PROVIDER.
let_through=/sys/module/p2pmem/parameters/allowed
is_let_through() { grep -qx "$1 $2" $let_through; }
nobody_is_let_through() { ! grep -q . $let_through; }

# set_acs FUNCTION BYTE: the control register of the port above it, whose capability is where QEMU has it.
port_above() { basename "$(readlink -f "$functions/$1/..")"; }
set_acs() {
    # shellcheck disable=SC2059 # a byte
    printf "$2" | dd of="$functions/$(port_above "$1")/config" bs=1 seek=334 conv=notrunc 2>/dev/null
}

# kill_holder FUNCTION DRIVE: who has memory 0, of that function, is killed with requests under way. It can be taken back
# when these have ended.
is_taken_back() { p2pmem unpublish "$1" >/dev/null 2>&1; }
kill_holder() {
    background killed p2pmem-guest direct 0 "$2" forever
    until_says /tmp/killed again
    # shellcheck disable=SC2154 # background sets it
    kill -9 "$killed"
    await 'the memory of who was killed' is_taken_back "$1"
}

# costs_at_most PAGE LIST [SLACK]: percents, of a page and a list while functions are wrapped, of what they are before;
# and before anything is published and after they are the same, or SLACK instructions apart.
costs_at_most() {
    slack=${3:-0}
    bar=$(memory_bar)
    cost unwrapped
    before=$page,$list page_before=$page list_before=$list page_limit=$((page * $1)) list_limit=$((list * $2))
    run p2pmem publish "$bar" --bar 2 --pages
    expect 0 'with struct pages'
    [ "$status" = 0 ] || finish
    is_wrapped "$(engine)" || fail "$(engine) is not wrapped"
    cost wrapped
    [ $((page * 100)) -le $page_limit ] || fail "a page is more than $1 % of $before"
    [ $((list * 100)) -le $list_limit ] || fail "a list of 32 is more than $2 % of $before"
    run p2pmem unpublish "$bar"
    expect 0
    await 'functions without our ops' nobody_is_wrapped
    cost after
    if [ $((page - page_before)) -gt "$slack" ] || [ $((page_before - page)) -gt "$slack" ] ||
        [ $((list - list_before)) -gt "$slack" ] || [ $((list_before - list)) -gt "$slack" ]; then
        fail "nothing is published, and it was $before"
    fi
}

# judge_all: publishes every memory BAR, and compares p2pmem.ko's verdicts and distances, for every function as
# client, with p2pmem's. /tmp/providers has their addresses and N.
judge_all() {
    : >/tmp/module
    : >/tmp/providers
    n=1
    while bar=$(memory_bar $n) && [ -n "$bar" ]; do
        take "$bar"
        publish "$bar" bar=2
        p2pmem-guest verdict "$index" all >>/tmp/module
        echo "$bar $index" >>/tmp/providers
        n=$((n + 1))
    done
    cut -d ' ' -f 1-4 /tmp/module | sort >/tmp/modules
    p2pmem matrix --all --csv |
        awk -F '[ ,]' 'FNR == NR { known[$1]; next } $2 in known { print $1, $2, $4, $3 }' /tmp/providers - |
        sort >/tmp/ours
    if ! diff /tmp/modules /tmp/ours >/tmp/differences; then
        fail "p2pmem.ko (-) and p2pmem (+) disagree:"
        sed -n '/^[-+][0-9]/p' /tmp/differences
    fi
    echo "p2pmem.ko: $(wc -l </tmp/modules) pairs"
}
