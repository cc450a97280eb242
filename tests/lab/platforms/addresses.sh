# machine: machine
# What topo says of CPU and bus addresses, against two that know: the kernel's resource files and boot
# log (CPU), BAR registers read raw from config space (bus).
. ./guest.sh

run p2pmem topo --all --json
expect 0 '"warnings": \[\]'
cp "$work/out" "$work/topo"
bars=0 offsets=0
for function in /sys/bus/pci/devices/*; do
    bar=-1
    while [ $bar -lt 5 ] && read -r first last flags; do
        bar=$((bar + 1))
        [ $((flags & 0x200)) != 0 ] && [ $((first)) != 0 ] || continue
        case $(cat "$function/class") in 0x0604*) [ $bar -lt 2 ] || continue ;; esac
        bus=$(register "$function" $bar)
        bars=$((bars + 1))
        [ $bus = $((first)) ] || offsets=$((offsets + 1))
        wanted=$(printf '{"index": %d, "size": %d, "cpu": "0x%x", "bus": "0x%x",' $bar \
            $((last - first + 1)) $((first)) "$bus")
        grep "\"address\": \"${function##*/}\"" "$work/topo" | grep -qF "$wanted" ||
            fail "${function##*/} BAR $bar: topo does not say $wanted"
    done <"$function/resource"
done
[ $bars -ge 4 ] || fail "only $bars BARs were compared"

# "pci_bus 0000:00: root bus resource [mem A-B window] (bus address [C-D])"; without the last, C is A.
dmesg | sed -n -E 's/.*pci_bus ([0-9a-f:]+): root bus resource \[mem (0x[0-9a-f]+)-(0x[0-9a-f]+)[^]]*\]( \(bus address \[(0x[0-9a-f]+)-.*)?/\1 \2 \3 \5/p' \
    >"$work/windows"
while read -r root first last bus; do
    wanted=$(printf '"size": %d, "cpu": "0x%x", "bus": "0x%x",' $((last - first + 1)) "$first" \
        "${bus:-$first}")
    grep "\"address\": \"pci$root\"" "$work/topo" | grep -qF "$wanted" ||
        fail "pci$root: topo does not say $wanted"
done <"$work/windows"
[ -s "$work/windows" ] || fail "the kernel's log has no windows"

echo "$bars BARs, $offsets whose bus address is not their CPU address; $(wc -l <"$work/windows") windows"
! grep -q '0x.*0x.*0x' "$work/windows" || [ $offsets -ge 1 ] ||
    fail "no BAR is in a window with an offset"

# The same from its capture, wherever it is read: here, as somebody who is not root would see it too.
run p2pmem capture /tmp/machine.tar.gz
expect 0
p2pmem topo --all --json --source /tmp/machine.tar.gz | sed 's/"source": "capture"//' >"$work/replayed"
sed 's/"source": "live"//' "$work/topo" >"$work/live"
check "the capture is another machine" cmp "$work/live" "$work/replayed"
finish
