# machine: third-provides.machine
# Signals: one clear line, the right status, and the printed command goes on.
. ./guest.sh
for signal in INT TERM HUP; do
    dd if=/dev/zero of=/dev/nvme1n1 bs=1M count=32 oflag=direct 2>/dev/null
    # In the foreground: a shell has its background jobs ignore SIGINT, and copy leaves it so.
    rm -f /tmp/pid
    {
        until [ -s /tmp/pid ]; do sleep 0.1; done
        await_window nvme1n1 /tmp/err
        kill -$signal "$(cat /tmp/pid)"
    } &
    sh -c 'echo $$ >/tmp/pid; exec p2pmem copy /dev/nvme0n1 /dev/nvme1n1' >/tmp/out 2>/tmp/err
    status=$?
    wait
    command="copy ended by SIG$signal"
    case $signal in INT) code=130 ;; TERM) code=143 ;; HUP) code=129 ;; esac
    expect $code 'interrupted; /dev/nvme1n1 is good for [1-9][0-9]* bytes' \
        'go on with: p2pmem copy --offset [1-9][0-9]* /dev/nvme0n1 /dev/nvme1n1$'
done
# shellcheck disable=SC2046
run $(sed -n 's/.*go on with: //p' /tmp/err)
expect 0
check "wrong bytes after going on" same /dev/nvme0n1 /dev/nvme1n1

# Before its first flush, and all of it to be verified: what was written by then is looked at and counts.
dd if=/dev/zero of=/dev/nvme1n1 bs=1M count=32 oflag=direct 2>/dev/null
p2pmem copy --verify /dev/nvme0n1 /dev/nvme1n1 >/tmp/out 2>/tmp/err &
await "a proof" grep -q 'path proven' /tmp/err
await_written nvme1n1 1
kill -TERM $!
wait $!
status=$?
command="copy --verify ended by SIGTERM"
expect 143 'interrupted; /dev/nvme1n1 is good for [1-9][0-9]* bytes'
good=$(sed -n 's/.* is good for \([0-9]*\) bytes.*/\1/p' /tmp/err)
[ "$(dd if=/dev/nvme0n1 bs=65536 count=$((good / 65536)) iflag=direct 2>/dev/null | sha256sum)" = \
    "$(dd if=/dev/nvme1n1 bs=65536 count=$((good / 65536)) iflag=direct 2>/dev/null | sha256sum)" ] ||
    fail "bad good bytes"
# shellcheck disable=SC2046
run $(sed -n 's/.*go on with: //p' /tmp/err)
expect 0 'verified'
check "wrong bytes after going on" same /dev/nvme0n1 /dev/nvme1n1
finish
