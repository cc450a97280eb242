# machine: third-provides.machine
# The provider is reset in mid-copy, then its memory is switched off for a moment: DMA goes on without an
# error, to and from nothing, and afterwards the provider answers as before.
. ./guest.sh
provider=0000:05:00.0
device=/sys/bus/pci/devices/$provider

written() { # bytes of the destination, by the kernel's count
    awk '{ print $7 * 512 }' /sys/block/nvme1n1/stat
}

copy_with() { # WHAT, a command that disturbs when 24 MiB are written
    dd if=/dev/urandom of=/dev/nvme1n1 bs=1M count=1 oflag=direct 2>/dev/null
    until [ -e $device/p2pmem/allocate ]; do sleep 0.1; done
    start=$(written)
    p2pmem copy --length 96M /dev/nvme0n1 /dev/nvme1n1 >/tmp/out 2>/tmp/err &
    copy=$!
    while [ $(($(written) - start)) -lt 25165824 ] && kill -0 $copy; do sleep 0.05; done
    $1
    command="copy, while the provider's $2"
    wait $copy
    status=$?
    expect 0 "path: peer memory of $provider" 'path given up: ' 'copied 100663296 bytes '
    check "wrong bytes after the provider's $2" same /dev/nvme0n1 /dev/nvme1n1 96
}

reset() {
    echo 1 >$device/reset
}

# The command register's low byte: bus mastering without memory, and with it.
command_register() {
    printf "$1" | dd of=$device/config bs=1 seek=4 count=1 conv=notrunc 2>/dev/null
}

memory_off() {
    command_register '\004'
    sleep 0.3
    command_register '\006'
}

copy_with memory_off "memory was off"
copy_with reset "reset"
finish
