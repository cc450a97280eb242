#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/command/sim.sh: what p2pmem sim says and returns.
set -eu
# shellcheck source=tests/expect.sh
. "$(dirname "$0")/../expect.sh"
machine='ram dram memory=1G@0
host-bridge hb0 window=1G@0x80000000 peers=same
  root-port rp0
    device nic memory=1M
'

# try TEXT STATUS PATTERN: plays the scenario.
try() {
    printf '%s' "$1" >"$work/scenario"
    run p2pmem sim - <"$work/scenario"
    expect "$2" "$3"
}

try "${machine}write nic dram 4K
  expect arrives" 0 '1 of 1 expectations met'
# Expectations that are wrong must fail.
try "${machine}write nic dram 4K
  expect lands dram+4K" 1 'instead 4096 bytes landed at dram+0x0'
try "${machine}write nic dram 4K
  expect dies abort" 1 'NOT AS EXPECTED'
try "${machine}write nic dram 4K by=0x90000000
  expect arrives" 1 'instead 4096 bytes died (unsupported) at hb0'
try "${machine}write nic dram 8K
  expect arrives 4K" 1 'stdin:6: NOT AS EXPECTED'
try "${machine}write nic dram 4K
  expect arrives 8K" 1 '4096 bytes were left'
try "${machine}write nic dram 4K
  expect avoids hb0" 1 '1 of 1 ways pass hb0'
try "${machine}write nic dram 4K
  expect passes nic
  expect passes dram
  expect passes hb0
  expect dies iommu" 1 '3 of 4 expectations met'
# Mistakes in the file: the line, what is wrong, what would be right.
try "${machine}send nic dram 4K" 65 'stdin:5: "send" is not a word of scenarios'
try "${machine}write nic dram 4" 0 'write, 4 '
try "${machine}write nic dram+1G 4K" 65 'dram ends before that offset'
try "${machine}write nic dram+1048572K 8K" 65 'ends before that many bytes'
try "${machine}write dram nic 4K" 65 'dram does no DMA'
try "${machine}write nic dram 4K by=0xfffffffffffff001" 65 'past 64 bits'
try "${machine}expect arrives" 65 'expect comes right after'
try "${machine}write nic dram 4K
device late" 65 'stdin:6: the machine comes before the first step'
try "${machine} device odd" 65 'the indentation fits no line above'
try "${machine}    device nic" 65 'there is a "nic" already'
try "${machine}    device two" 65 'that place is taken'
try "${machine}ram more memory=4K@4K" 65 'taken already'
try "${machine}    device two function=1 memory=5K" 65 'powers of two'
try "${machine}    device two function=1 memory=2G" 65 'no room for "two"'
try "${machine}set nic acs=XX" 65 'set NAME and one of'
# Windows that nothing could be told by: on the CPU's side, on the bus's, past 64 bits on either.
try 'host-bridge hb0 window=1G@0x80000000 window=1G@0x90000000' 65 'taken already'
try 'host-bridge hb0 window=1G@0x80000000:0x80000000 window=1G@0x200000000:0x90000000' 65 'taken already'
try 'host-bridge hb0 window=8K@0xfffffffffffff000:0' 65 'a size it cannot have'
try 'host-bridge hb0 window=8K@0:0xfffffffffffff000' 65 'a size it cannot have'
# A 32-bit BAR has no place in a window that is above 4 GiB on the bus, and one in a window that is so for the CPU.
try 'host-bridge hb0 window=1G@0x80000000:0x180000000
  device nic memory32=16K' 65 'no room for "nic"'
try 'ram dram memory=1G@0
host-bridge hb0 window=1G@0x180000000:0x80000000
  device nic memory32=16K
write nic dram 4K
  expect arrives' 0 '1 of 1 expectations met'
try 'host-bridge hb0 window=1G@0x80000000
  port dn0' 65 'port belongs below a switch'
refuses 66 '' p2pmem sim /nonexistent
printf '%s' "${machine}write nic dram 4K" >"$work/scenario"
run p2pmem sim --json - <"$work/scenario"
says '"action": "takes"'
finish
