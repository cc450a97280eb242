# machine: fuzz.machine
# modules: p2pmem p2pmem_edu
# The "fuzzer" for "seconds", from "seed", all on the kernel's command line; then nothing is left.
. ./modules.sh
word() {
    sed -n "s/.* $1=\([^ ]*\).*/\1/p" /proc/cmdline
}

load_all
# Failing allocations, where the kernel has them: also those that may sleep, and no word of it.
for fault in /sys/kernel/debug/failslab /sys/kernel/debug/fail_page_alloc; do
    [ -d $fault ] || continue
    echo N >$fault/ignore-gfp-wait
    echo 0 >$fault/verbose
done
memory=$(memory_bar)
take "$memory"

fuzzer=$(word fuzzer)
"${fuzzer:-fuzz-ioctl}" "$(word seed)" "$(word seconds)" "$memory" 2 || fail "the fuzzer"
# Whatever still has something of a module keeps it.
check "p2pmem_edu stays" rmmod p2pmem_edu
check "p2pmem stays" rmmod p2pmem
no_leaks
finish
