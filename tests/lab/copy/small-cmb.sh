# machine: small-cmb
# A CMB below 2 MiB is not published: host memory, and said.
. ./guest.sh
run p2pmem copy --length 32M /dev/nvme0n1 /dev/nvme1n1
expect 0 'host memory (no device publishes peer memory)'
check "wrong bytes" same /dev/nvme0n1 /dev/nvme1n1 32
for choice in --require-p2p '--strategy peer'; do
    # shellcheck disable=SC2086
    run p2pmem copy $choice /dev/nvme0n1 /dev/nvme1n1
    expect 69 'no device publishes peer memory'
    expect_lines 1
done
finish
