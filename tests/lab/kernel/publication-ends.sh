# machine: accelerator
# modules: p2pmem p2pmem_edu
# What was published ends for all who still have it open: mappings, their memory types, and what of
# the file system a node of it is on. A reset and a suspend end it, too.
. ./modules.sh
load_all
types=/sys/kernel/debug/x86/pat_memtype_list

# The kernel's memory types for the BAR, other than what x86 has by itself.
types_of_bar() {
    [ -e $types ] || return 0
    start=$(sed -n '3s/^0x0*\([0-9a-f]*\) .*/\1/p' "$functions/$gpu/resource")
    grep -i "0x0*${start%??????}" $types | grep write-combining
}

# Open nodes on a file system that is taken away: once because it was the first, once after another.
use_gpu
mkdir -p /tmp/elsewhere
for first in no yes; do
    [ $first = no ] || {
        echo "$gpu" >/sys/bus/pci/drivers/p2pmem/unbind
        ended user 0 '^told$'
        engine_told
        publish_gpu
    }
    mount -t tmpfs none /tmp/elsewhere
    numbers=$(sed 's/:/ /' "/sys/class/p2pmem/p2pmem$index/dev")
    # shellcheck disable=SC2086
    mknod /tmp/elsewhere/node c $numbers
    : <>/tmp/elsewhere/node
    run umount /tmp/elsewhere
    expect 0
done
run p2pmem-guest read-only "$index"
expect 0 readable
run p2pmem-guest unpublish "$index"
expect 0

# A process that keeps its file open does not keep the memory type.
use_gpu
[ ! -e $types ] || types_of_bar >/dev/null || fail "x86 does without memory types: this tests nothing"
kill -STOP "$user"
run p2pmem-guest unpublish "$index" force
expect 0
types_of_bar && fail "the memory type outlives the publication"
kill -CONT "$user"
ended user 0 '^told$'
engine_told

# A reset takes the contents, and for a moment the device.
use_gpu
[ -e "$functions/$gpu/reset" ] || fail "the function cannot be reset"
echo 1 >"$functions/$gpu/reset"
ended user 0 '^told$'
engine_told
[ ! -e "/dev/p2pmem$index" ] || fail "a reset leaves /dev/p2pmem$index"
publish "$gpu" bar=2
run p2pmem-guest copy host "$index" 9001
expect 0 right
run p2pmem-guest unpublish "$index"
expect 0

# So does a suspend; a test of it goes as far as to freeze programs, and comes back by itself.
if [ -e /sys/power/pm_test ]; then
    use_gpu
    echo freezer >/sys/power/pm_test
    echo mem >/sys/power/state || fail "suspend"
    ended user 0 '^told$'
    # Who waited for the engine's turn when programs were frozen hears of that first.
    for name in writer reader; do
        ended $name 0 'copy: E\(NODEV\|INTR\)$'
    done
    publish "$gpu" bar=2
    run p2pmem-guest unpublish "$index"
    expect 0
fi

# Locked down: for the rest of this machine's life.
lockdown=/sys/kernel/security/lockdown
mount -t securityfs none /sys/kernel/security 2>/dev/null
if [ -e $lockdown ] && echo integrity >$lockdown; then
    run p2pmem-guest publish "$gpu" bar=2
    expect 2 'EPERM lockdown$'
fi
finish
