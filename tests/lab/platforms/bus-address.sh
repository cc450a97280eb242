# machine: machine
# modules: p2pmem p2pmem_selftest
# A driver that maps memory whose bus addresses are not its CPU addresses gets what the BAR's register has: the
# engine's BAR, as registers are below 4 GiB on the bus, for the function beside it below the switch.
. ./modules.sh
load p2pmem
memory=$(engine)
take "$memory"
publish "$memory" bar=0
cpu=$(sed -n '1s/ .*//p' "$functions/$memory/resource")
bus=$(register "$functions/$memory" 0)
check "its bus address, $bus, is not its CPU address, $cpu" [ "$bus" != $((cpu)) ]
api_of "$memory" 0 "$(memory_bar)" direct
finish
