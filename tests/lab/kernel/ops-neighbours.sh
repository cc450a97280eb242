# machine: ops-neighbours.machine
# modules: p2pmem
# Two memories that are neighbours by address, one that the drive reaches and one that it does not, in one request:
# Linux 6.1 joins their pages to one entry. Right in each shape, and each byte is counted as what became of it.
. ./modules.sh
load p2pmem
far=$(memory_bar 1)
near=$(memory_bar 2)
start() { sed -n '3s/ .*//p' "$functions/$1/resource"; }
[ $(($(start "$near"))) = $(($(start "$far") + (128 << 20))) ] ||
    fail "the two BARs are no neighbours: $(start "$far") and $(start "$near"): this tests nothing"

# shape FIRST BYTES: so much of the room is of the far one, and so many bytes of all requests are.
shape() {
    run p2pmem publish "$far" --bar 2 --pages
    expect 0 '/dev/p2pmem0: 128 MiB' 'with struct pages'
    run p2pmem publish "$near" --bar 2 --pages
    expect 0 '/dev/p2pmem1: 64 MiB' 'with struct pages'
    run p2pmem-guest direct 0 /dev/nvme0n1 and=1 first="$1"
    expect 0 'right: 11 requests each way'
    [ "$(counter 0 direct_bytes)" = 0 ] || fail "it reaches what the rules keep from it"
    [ "$(counter 0 bounced_bytes)" = "$2" ] || fail "$(counter 0 bounced_bytes) bytes of the far one are counted, not $2"
    joined=$(counter 1 bounced_bytes)
    sum=$(($2 + joined + $(counter 1 direct_bytes)))
    [ $sum = 1148928 ] || fail "$sum bytes are counted in all, not 1148928"
    # Where an entry spans both, it is copied whole.
    case $(uname -r) in
    6.1.*) [ "$joined" -gt 0 ] || fail "Linux 6.1 has joined nothing: this tests nothing" ;;
    *) [ "$joined" = 0 ] || fail "$joined bytes of the near one are copied, too" ;;
    esac
    for bar in "$far" "$near"; do
        run p2pmem unpublish "$bar"
        expect 0
    done
}

shape 8K 44032
shape 128K 362496
shape 256K 886784
check 'the module unloads' rmmod p2pmem
finish
