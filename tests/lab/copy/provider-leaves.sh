# machine: third-provides.machine
# The provider's driver is unbound, then the device unplugged, in the middle of a copy.
. ./guest.sh
provider=0000:05:00.0
driver=/sys/bus/pci/drivers/nvme

in_the_middle() { # COMMAND... then the copy's arguments after --
    p2pmem copy "$@" >/tmp/out 2>/tmp/err &
    copy=$!
    await_window nvme1n1 /tmp/err
}

ended() {
    command="copy in the background"
    wait $copy
    status=$?
}

in_the_middle /dev/nvme0n1 /dev/nvme1n1
echo $provider >$driver/unbind
ended
# A request that fails notices, or the check at a window's end.
expect 0 "path: peer memory of $provider" 'path given up: .* is gone' 'path: host memory' 'copied 134217728 bytes'
expect_not 'peer memory  0 bytes'
expect_not 'host memory  0 bytes'
check "wrong bytes after the unbinding" same /dev/nvme0n1 /dev/nvme1n1

dd if=/dev/zero of=/dev/nvme1n1 bs=1M oflag=direct 2>/dev/null
echo $provider >$driver/bind
await "$provider's memory" [ -e /sys/bus/pci/devices/$provider/p2pmem/allocate ]
in_the_middle --require-p2p /dev/nvme0n1 /dev/nvme1n1
lab unplug provider
ended
expect 69 ' is gone' 'forbids host memory' 'is good for [0-9]* bytes' 'go on with: '
good=$(sed -n 's/.*is good for \([0-9]*\) bytes.*/\1/p' /tmp/err)
check "what is said to be good is not" same /dev/nvme0n1 /dev/nvme1n1 $((good >> 20))

# The command that goes on is the printed one; nothing provides any more, so without the demand.
again=$(sed -n 's/.*go on with: //p' /tmp/err | sed 's/--require-p2p//')
# shellcheck disable=SC2086
run $again
expect 0 'no device publishes peer memory'
check "wrong bytes after going on" same /dev/nvme0n1 /dev/nvme1n1
finish
