# machine: switch-acs
# A live machine, as root: what its drivers provide, ACS that Linux switched on, and its capture.
. ./guest.sh
run p2pmem topo
expect 0 'IOMMU on (DMA' 'read as root'
# Two ports with ACS below one switch, and the drives behind them.
expect 0 '02:00.0 > 03:00.0  nvme .* RR CR ' '02:01.0 > 04:00.0  nvme .* RR CR '
expect 0 'nvme0n1 .* published 64 MiB'
expect_not 'Unknown:'
run p2pmem providers nvme1n1
expect 0 '03:00.0 .*  published  .*  unreachable  ' '1 device publishes memory'
run p2pmem capture /tmp/machine.tar.gz
expect 0 'read as root'
run p2pmem capture /tmp/machine.tar.gz
expect 64 'exists'
expect_lines 1

# Free memory may change between two looks at a live machine; nothing uses it here.
p2pmem topo --json | sed 's/"source": "live"//' >/tmp/live
p2pmem topo --json --source /tmp/machine.tar.gz | sed 's/"source": "capture"//' >/tmp/replayed
check "the capture is another machine" cmp /tmp/live /tmp/replayed
finish
