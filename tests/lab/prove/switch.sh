# machine: switch
# p2pmem prove on a machine where peer-to-peer works: proven both ways; read only without scratch, and nothing outside of
# scratch with it. Its .host compares the bytes with QEMU's word.
. ./guest.sh
mkdir -p /var/lib

# trial WAY: of the last JSON, what `to-provider` or `from-provider` came to, in one line.
trial() {
    tr -d '\n' <"$work/out" | sed 's/"client":/\n&/g' | grep "\"direction\": \"$1\""
}

bytes() { # WAY
    trial "$1" | sed 's/.*"bytes": \([0-9]*\).*/\1/'
}

# What a drive is alike in cannot tell anything; and without scratch nothing is written.
run p2pmem prove nvme1 nvme0
expect 2 'not tried' 'all alike' '--scratch names what may be overwritten'
[ "$(written nvme1n1)" = 0 ] || fail "a drive was written to without scratch"
[ ! -e /var/lib/p2pmem/proofs ] || fail "what was not tried is kept"

dd if=/dev/nvme0n1 of=/dev/nvme1n1 bs=1M count=24 oflag=direct 2>/dev/null
before=$(written nvme1n1)
lab mark start
run p2pmem prove --json nvme1 0000:03:00.0
expect 0 '"state": "proven"' '"state": "not-tried"' '"gap": "scratch"' '"verdict": "direct"' '"interrupted": false'
[ "$(written nvme1n1)" = "$before" ] || fail "a drive was written to without scratch"
echo "figures read 1 $(bytes to-provider) 0"
lab mark read

# With it, its range alone changes.
head=$(lab-digest /dev/nvme1n1 8)
tail=$(lab-digest /dev/nvme1n1 240 16)
lab mark between
run p2pmem prove --json --scratch /dev/nvme1n1:8M+8M /dev/nvme1n1 nvme0
expect 0 '"state": "proven"' '"least": 512' '"most": 524288' '"depth": 32'
expect_not 'not-tried' wrong
echo "figures scratch 1 $(bytes to-provider) $(bytes from-provider)"
lab mark scratch
[ "$head" = "$(lab-digest /dev/nvme1n1 8)" ] || fail "bytes before the scratch were written"
[ "$tail" = "$(lab-digest /dev/nvme1n1 240 16)" ] || fail "bytes behind the scratch were written"

# Refused before anything is written.
before=$(written nvme1n1)
refuses 64 'name the range of it that may be overwritten, with --scratch' p2pmem prove --scratch /dev/nvme1n1 nvme1 nvme0
refuses 64 'passes the end' p2pmem prove --scratch /dev/nvme1n1:256M+4K nvme1 nvme0
refuses 64 'whole sectors of 512' p2pmem prove --scratch /dev/nvme1n1:1000+4K nvme1 nvme0
refuses 64 'is on none of the clients' p2pmem prove --scratch /dev/nvme1n1:0+4M nvme0 nvme0
refuses 64 'no PCI device moves its bytes' p2pmem prove --scratch /tmp/scratch nvme1 nvme0
refuses 69 'nvme1 publishes no peer memory' p2pmem prove nvme1 nvme1
refuses 66 'nvme7' p2pmem prove nvme7 nvme0
[ ! -e /tmp/scratch ] || fail "a scratch file is left"
[ "$before" = "$(written nvme1n1)" ] || fail "who was refused has written"
echo 'nobody:x:65534:65534::/:/bin/sh' >>/etc/passwd
run su nobody -c 'p2pmem prove nvme1 nvme0'
expect 2 'cannot open nvme1n1: Permission denied: run as root'

# Stopped: what its first round showed stays, the other way was not tried to its end.
p2pmem prove --json --time 100000 --scratch /dev/nvme1n1:8M+8M nvme1 nvme0 >"$work/out" 2>"$work/err" &
prove=$!
await_written nvme1n1 40
kill -TERM $prove
status=0
wait $prove || status=$?
command='a prover that SIGTERM stops'
expect 143 '"interrupted": true' '"state": "proven"' '"state": "not-tried"' '"gap": "stopped"' 'stopped before all pairs'
finish
