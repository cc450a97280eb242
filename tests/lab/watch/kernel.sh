# machine: switch
# What p2pmem watch sees on kernels that trace less than 7.3; by its release.
. ./guest.sh

read_some() { # OPTION...
    run p2pmem watch "$@" -- dd if=/dev/nvme0n1 of=/dev/null bs=256k count=8 iflag=direct
}

case $(uname -r) in
6.1.*)
    host=0 unseen=2097152
    read_some --assert-p2p --slack 1K
    expect 2 'note: this kernel does not trace' 'it cannot be told whether this was peer-to-peer: of 2097152 bytes' \
        'nvme0 .* ? .* ? .*2.1 MB'
    ;;
*)
    host=2097152 unseen=0
    read_some --assert-p2p --slack 1K
    expect 1 'not peer-to-peer: 2097152 bytes went to or from host memory, 1024 are allowed'
    expect_not 'note: '
    ;;
esac
read_some --json
expect 0 '"command":"dd","requests":8' '"lost":0' \
    "\"read\":{\"total\":2097152,\"host\":$host,\"peers\":0,\"unseen\":$unseen},\"written\":{\"total\":0"
finish
