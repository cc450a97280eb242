# machine: switch
# options: --module ext4 --program /sbin/mke2fs
# p2pmem prove --all, its rates, a file as scratch, and for so long.
. ./guest.sh
mkdir -p /var/lib
dd if=/dev/nvme0n1 of=/dev/nvme1n1 bs=1M count=24 oflag=direct 2>/dev/null
run p2pmem prove --scratch /dev/nvme1n1:8M+8M nvme1 nvme0
expect 0 'nvme1n1 <- 0000:03:00.0: proven'

# All pairs, text, and what is kept of them.
run p2pmem prove --json --all
expect 0 'nvme0n1 and nvme1n1 at once with 0000:03:00.0: right, too' '"beside": "nvme0n1"' '"beside": "nvme1n1"' '"ordered": [1-9]'
run p2pmem prove --all
expect 0 'nvme0n1 -> 0000:03:00.0: proven' 'nvme1n1 -> 0000:03:00.0: proven' '^nvme1n1   D+\.' '^ 1 = 0000:03:00.0'
[ "$(grep -c '^state proven' /var/lib/p2pmem/proofs)" = 3 ] || {
    fail "two pairs one way and one the other are not what is kept"
    cat /var/lib/p2pmem/proofs
}

# Rates beside the proof; an emulated machine's say nothing about hardware.
run p2pmem prove --rates nvme1 nvme0
expect 0 'proven' '^  SIZE  *DEPTH  *PEER  *HOST' '^  512 KiB  *1  *[0-9.]* [kM]B/s' \
    'with the most in flight [a-z]* memory is faster' 'rates were measured in a guest'

# A file: made, used, and gone. What is mounted or exists is refused.
/usr/bin/mke2fs -q -t ext4 /dev/nvme1n1 200M
mkdir /tmp/disk
mount -t ext4 /dev/nvme1n1 /tmp/disk
refuses 69 'scratch /dev/nvme1n1 is mounted at /tmp/disk' p2pmem prove --scratch /dev/nvme1n1:220M+8M nvme1 nvme0
echo precious >/tmp/disk/file
refuses 69 '/tmp/disk/file exists' p2pmem prove --scratch /tmp/disk/file nvme1 nvme0
[ "$(cat /tmp/disk/file)" = precious ] || fail "a file that exists was written to"
run p2pmem prove --scratch /tmp/disk/new:+16M nvme1 nvme0
expect 0 'nvme1n1 -> 0000:03:00.0: proven' 'nvme1n1 <- 0000:03:00.0: proven'
run p2pmem prove --scratch /tmp/disk:+999G nvme1 nvme0
expect 74 'cannot make a scratch file of'
rmdir /tmp/disk/lost+found
[ "$(ls /tmp/disk)" = file ] || fail "a scratch file is left"
umount /tmp/disk

run p2pmem prove --results "$work/none" --time 1 --scratch /dev/nvme1n1:8M+8M nvme1 nvme0
expect 0 'proven'
finish
