# machine: flaky.machine
# options: --module dm-mod --module dm-flakey --program /sbin/dmsetup
# A destination that begins, in mid-copy, to lose writes without a word or to refuse them: what is called good
# is on the medium, and a flush that failed is final.
. ./guest.sh
export DM_DISABLE_UDEV=1
from=/dev/nvme0n1
under=nvme1n1
flaky=/dev/mapper/flaky
sectors=$(cat /sys/block/$under/size)

# The table in which it is well for ever, or has the fault for ever.
well() { echo "0 $sectors flakey /dev/$under 0 86400 0"; }
ill() { echo "0 $sectors flakey /dev/$under 0 0 86400 1 $1"; }
become() { # WELL-OR-ILL [FAULT]
    dmsetup suspend --noflush flaky && "$@" | dmsetup load flaky && dmsetup resume flaky || fail "no flaky device"
}

until_written() { await_written $under 4; }
until_settled() {
    await_written $under 4
    await "a flush of $under" exceeds flushed $under "$(flushed $under)"
    await_written $under 1
}

# in_the_middle UNTIL FAULT COMMAND...: sets $good as well as what `run` does.
in_the_middle() {
    until=$1
    fault=$2
    shift 2
    command="$*, then $fault"
    "$@" >/tmp/out 2>/tmp/err &
    copy=$!
    $until
    # Changing the device takes a while, in which the copy could end.
    kill -STOP $copy || fail "it ended before its middle"
    become ill "$fault"
    kill -CONT $copy
    wait $copy
    status=$?
    become well
    good=$(sed -n 's/.* is good for \([0-9]*\) bytes.*/\1/p' /tmp/err)
}

# What is said to be good, in whole pieces of 64 KiB from the start, as it is on the medium.
good_is_there() {
    [ "${good:-0}" -gt 0 ] || fail "nothing is good: $(cat /tmp/err)"
    [ "$(head_of $from)" = "$(head_of /dev/$under)" ] || fail "$good bytes are not good: $command"
}

head_of() { # DEVICE [FILTER]
    dd if="$1" bs=65536 count=$((good / 65536)) iflag=direct 2>/dev/null | ${2:-cat} | sha256sum
}

blank() { dd if=/dev/zero of=/dev/$under bs=1M oflag=direct 2>/dev/null; }

well | dmsetup create flaky || fail "no flaky device"

blank
in_the_middle until_settled error_writes p2pmem copy $from $flaky
expect 74 'failed' 'go on with: p2pmem copy'
good_is_there
# shellcheck disable=SC2046
run $(sed -n 's/.*go on with: //p' /tmp/err)
expect 0
check "gone on after errors" same $from $flaky

# Every request and every flush succeeds.
blank
in_the_middle until_settled drop_writes p2pmem copy $from $flaky
expect 74 'reading back found wrong bytes'
good_is_there

# Through the page cache: only the flush can tell, once. Later ones would succeed.
blank
in_the_middle until_written error_writes p2pmem copy --offset 1 $from $flaky
expect 74 'flushing .* failed'
good=${good:-0}
[ "$(head_of $from "tail -c +2")" = "$(head_of /dev/$under "tail -c +2")" ] ||
    fail "$good bytes are not good after a failed flush"
finish
