# machine: ops-bounce.machine
# modules: p2pmem
# A drive that only a list of host bridges keeps from a BAR: let through after its proof, and not a moment longer
# than what that rests on. With or without an IOMMU; by DMA operations of ours, or, since Linux 7.3 has P2PDMA, by that.
. ./modules.sh
load p2pmem
bar=$(memory_bar)
near=$(drive nvme0n1)
far=$(drive nvme1n1)
port=$(port_above "$far")
scratch='--scratch /dev/nvme1n1:32M+8M'

near_reaches() { p2pmem check nvme0 "$bar" >/dev/null 2>&1; }

# does_not_reach: the kernel refuses; where it would not, the CPU copies for the drive.
does_not_reach() {
    bounced=$(wrapped "$far" bounced_bytes)
    run p2pmem-guest direct 0 /dev/nvme1n1
    if is_wrapped "$far"; then
        expect 0 'right: 11 requests each way'
        [ "$(wrapped "$far" bounced_bytes)" -gt "$bounced" ] || fail "$far does not bounce"
    else
        expect 1 'a sector: EINVAL'
    fi
    run p2pmem check nvme1 "$bar"
    expect 1 'unreachable'
}

# reaches_it: it uses the memory itself.
reaches_it() {
    bounced=$(wrapped "$far" bounced_bytes)
    passed=$(wrapped "$far" via_host_bytes)
    run p2pmem-guest direct 0 /dev/nvme1n1
    expect 0 'right: 11 requests each way'
    is_wrapped "$far" || return 0
    [ "$(wrapped "$far" bounced_bytes)" = "$bounced" ] || fail "$far bounces"
    [ "$(wrapped "$far" via_host_bytes)" = $((passed + 1148928)) ] || fail "$far does not reach it"
}

# What ACS of the port above the drive is, so that printf takes it.
acs_now() { dd if="$functions/$port/config" bs=1 skip=334 count=1 2>/dev/null | hexdump -e '1/1 "\\%03o"'; }

run p2pmem publish "$bar" --bar 2 --pages
expect 0 'with struct pages'
does_not_reach

# What is not proven both ways is not let through, nor what needs no leave.
run p2pmem allow nvme1 p2pmem0
expect 2 'nvme1n1 <- .*: not tried' 'is not allowed'
check 'nobody is let through' nobody_is_let_through
if near_reaches; then
    run p2pmem allow --scratch /dev/nvme0n1:32M+8M nvme0 p2pmem0
    expect 2 'the rules do not keep them apart'
fi
run p2pmem allow --withdraw nvme1 "$bar"
expect 66 'not let through'
run p2pmem allow $scratch nvme1 0000:00:00.0
expect 69 'publishes no peer memory'
does_not_reach

# Bytes that are not what was moved there: others write to the scratch, until that is noticed.
head -c 64k /dev/urandom >/tmp/others
spoil() {
    while :; do
        for at in 0 31 64 127; do
            dd if=/tmp/others of=/dev/nvme1n1 bs=64k seek=$((512 + at)) oflag=direct 2>/dev/null
        done
    done
}
spoil &
spoiler=$!
run p2pmem allow --time 100000 $scratch nvme1 p2pmem0
kill $spoiler
wait $spoiler
[ "$status" = 1 ] || [ "$status" = 2 ] || fail "wrong bytes are good enough to be allowed"
expect "$status" 'nvme1n1 is not allowed to use memory of'
check 'nobody is let through' nobody_is_let_through
[ ! -e /var/lib/p2pmem/allowed ] || ! grep -qx proof /var/lib/p2pmem/allowed || fail "wrong bytes are recorded as a leave"
does_not_reach

run p2pmem allow $scratch nvme1 p2pmem0
expect 0 "nvme1n1 -> $bar: proven" "nvme1n1 <- $bar: proven" "nvme1n1 is allowed to use memory of $bar"
check 'it is let through' is_let_through "$far" "$bar"
dmesg | grep -q "$far: allowed to reach $bar" || fail "the log does not say it"
reaches_it

# Everybody says so.
run p2pmem check nvme1 "$bar"
expect 0 "through the host bridge" 'root has allowed .* after proof' 'note: root has allowed this pair: proven on'
run p2pmem check --json nvme1 "$bar"
expect 0 '"code": "allowed"'
run p2pmem-guest verdict 0 "$far"
expect 0 "^$far $bar [0-9]* via-host .*allowed"
run p2pmem allow --list
expect 0 "$far .* $bar .* allowed  *proven on"
run p2pmem stat
expect 0 "^ALLOWED" "^$far  $bar"
run p2pmem stat --json
expect 0 '"allowed"'
run p2pmem matrix
expect 0 'allowed'
run p2pmem doctor --only allowed
expect 0 'note  *allowed: 1 pair is allowed by root'

# All of a drive's bytes, by the wires alone: the twin has QEMU's word on it.
near_reaches || {
    run p2pmem allow --scratch /dev/nvme0n1:32M+8M nvme0 p2pmem0
    expect 0 "nvme0n1 is allowed to use memory of $bar"
}
lab mark before
run p2pmem copy --provider p2pmem0 --require-p2p --length 32M /dev/nvme0n1 /dev/nvme1n1
lab mark after
expect 0 'destination via-host, distance [0-9]*, allowed against the rules' 'through peer memory  33554432 bytes' 'through host memory  0 bytes'
check 'the drives are equal' same /dev/nvme0n1 /dev/nvme1n1 32
! grep -q "^$near " $let_through || {
    run p2pmem allow --withdraw "$near" p2pmem0
    expect 0 "$near is not allowed any more"
}

# In the middle of its transfers.
background reader p2pmem-guest direct 0 /dev/nvme1n1 forever
until_says /tmp/reader again
run p2pmem allow --withdraw nvme1 p2pmem0
expect 0 'not allowed any more'
check 'nobody is let through' nobody_is_let_through
if is_wrapped "$far"; then
    bounced=$(wrapped "$far" bounced_bytes)
    more_bounces() { [ "$(wrapped "$far" bounced_bytes)" -gt $((bounced + 2297856)) ]; }
    await 'requests that bounce' more_bounces
    kill "$reader"
    ended reader 143 '^again'
else
    ended reader 1 ': EINVAL'
fi
does_not_reach
run p2pmem allow --list
expect 0 'No pair is allowed'

# A trial ends with the process, however that ends.
background trial p2pmem allow --time 100000 $scratch nvme1 p2pmem0
on_trial() { grep -qx "$far $bar trial" $let_through; }
await 'a trial' on_trial
kill -9 "$trial"
wait "$trial"
await 'the end of the trial' nobody_is_let_through
does_not_reach

# ACS, which nobody tells of.
run p2pmem allow $scratch nvme1 p2pmem0
expect 0 'is allowed'
before=$(acs_now)
[ "$before" = '\004' ] && fail "the port redirects as it is"
set_acs "$far" '\004'
await 'that ACS is noticed' nobody_is_let_through
dmesg | grep -q "$far: no longer allowed to reach $bar.* ACS of $port" || fail "the log does not say what has changed"
does_not_reach
run p2pmem check nvme1 "$bar"
expect 1 "had allowed this pair, which is not allowed now; its proof: void: ACS of"
run p2pmem allow --list
expect 0 "not allowed  *void: ACS of $port was .* is RR"
run p2pmem doctor --only allowed
expect 0 'warning  *allowed: 1 pair was once allowed' "ACS of $port was"
set_acs "$far" "$before"
check 'it is not let through for that' nobody_is_let_through
does_not_reach
run p2pmem allow --list
expect 0 'not allowed  *proven on'
run p2pmem allow --all $scratch
expect 0 "nvme1n1 is allowed to use memory of $bar"
check 'it is let through' is_let_through "$far" "$bar"
run p2pmem allow --all $scratch
expect 0
reaches_it

# Another device in its place.
lab unplug dst
await 'that the drive is gone' nobody_is_let_through
dmesg | grep -q "$far: no longer allowed to reach $bar" || fail "the log does not say that it is gone"
run p2pmem unpublish p2pmem0
expect 0
check 'the module unloads' rmmod p2pmem
load p2pmem
check 'nobody is let through after that' nobody_is_let_through
run p2pmem allow --list
expect 0 'not allowed'
check 'the module unloads' rmmod p2pmem
no_leaks
finish
