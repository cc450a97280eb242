#!/bin/sh
# SPDX-License-Identifier: MIT
# Machine files and command lines that are wrong: each gives one line that says where and why.
# Boots nothing.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"

refuse() { # MESSAGE MACHINE-TEXT
    printf '%b' "$2" >"$work/machine"
    run lab --check - <"$work/machine"
    expect 65
    [ "$(cat "$work/err")" = "lab: stdin:$1" ] || fail "expected: lab: stdin:$1"
}

accept() { # MACHINE-TEXT
    printf '%b' "$1" >"$work/machine"
    run lab --check - <"$work/machine"
    expect 0
}

accept ''
accept '# nothing\n\n   \n'
accept 'append a=1 b=2 # c\nroot-port rp0\n\tnvme n size=1M\n'
accept 'iommu amd\nnvme a size=1M'
accept 'cpus 0x10\nicount 0\nnvme a size=1M addr=2.0 multifunction\nnvme b size=1M addr=2.1\nnvme c size=1M'
accept 'root-port a\n  switch b\n    port c\n      switch d\n        port e\n          nvme f size=1M'

refuse "1: 'disk' is not a word of machine files; see lab/README.md" 'disk a size=1M'
refuse '2: nvme needs size=, in whole MiB' 'cpus 2\nnvme a\n'
refuse '1: nvme needs size=, in whole MiB' 'nvme a size=1000'
refuse "1: size=1X is not a value it can have; see lab/README.md" 'nvme a size=1X'
refuse "1: size=-1M is not a value it can have; see lab/README.md" 'nvme a size=-1M'
refuse "1: size=99999999999999T is not a value it can have; see lab/README.md" \
    'nvme a size=99999999999999T'
refuse "1: twin=b is not a value it can have; see lab/README.md" 'nvme a size=1M twin=b'
refuse "1: twin=a is not a value it can have; see lab/README.md" 'nvme a twin=a'
refuse "3: twin=b is not a value it can have; see lab/README.md" 'nvme a size=1M\nnvme b twin=a\nnvme c twin=b'
refuse "2: a twin has no drive of its own: what concerns one belongs to 'a'" \
    'nvme a size=1M\nnvme b twin=a size=1M'
refuse "1: nvme has no option 'acs'; see lab/README.md" 'nvme a size=1M acs'
refuse "1: 'multifunction' takes no value" 'nvme a size=1M multifunction=1'
refuse "1: cmb: a power of two, at least 1M, as it is a BAR" 'nvme a size=1M cmb=3M'
refuse "1: block: 512 or 4096" 'nvme a size=1M block=1K'
refuse "1: fail-read reaches past the drive's size" 'nvme a size=1M fail-read=1M+512'
refuse "1: fail-write: offset and length must be multiples of block=4096" \
    'nvme a size=1M block=4096 fail-write=512+4096'
refuse "1: fail-read: at most 65536 blocks" 'nvme a size=64M fail-read=0+64M'
refuse "1: nvme needs an id: lower-case letters, digits and '-', at most 20" 'nvme A,b size=1M'
refuse "1: nvme needs an id: lower-case letters, digits and '-', at most 20" 'nvme'
refuse "2: id 'a' is taken by line 1" 'nvme a size=1M\nnvme a size=1M'
refuse "1: port belongs below a switch" 'port a'
refuse "2: nvme belongs below a root-port or a port, or not indented" \
    'nvme a size=1M\n  nvme b size=1M'
refuse "2: switch belongs below a root-port or a port" 'host-bridge a bus=9\n  switch b'
refuse "2: memory-bar belongs below a root-port or a port, or not indented" \
    'host-bridge a bus=9\n  memory-bar b size=4K'
refuse "3: 'a' already leads to 'b'" 'root-port a\n  nvme b size=1M\n  switch c'
refuse "3: indentation fits no line above" 'root-port a\n    nvme b size=1M\n  nvme c size=1M'
refuse "1: indentation fits no line above" '  nvme b size=1M'
refuse "3: 'a' leads to device 0 only; give further functions addr=0.1 and so on, the first one 'multifunction'" \
    'root-port a\n  nvme b size=1M\n  nvme c size=1M'
refuse "2: addr=3.0 is taken" 'nvme a size=1M addr=3\nnvme b size=1M addr=3'
refuse "2: addr=3.1 needs a device at addr=3.0 that is 'multifunction'" \
    'nvme a size=1M addr=3\nnvme b size=1M addr=3.1'
refuse "1: no device number left for 'a' on its bus (below 1f)" 'nvme a size=1M addr=1f'
refuse "1: host-bridge needs bus=, 1 to 255" 'host-bridge a'
refuse "1: arch 'vax' is not one the lab knows; see lab/README.md" 'arch vax'
refuse "2: arch belongs above the first device" 'nvme a size=1M\narch amd64'
refuse " arch arm64 cannot have this iommu" 'arch arm64\niommu intel'
refuse " arch arm64 cannot have this iommu" 'arch arm64\niommu amd'
refuse " arch amd64 cannot have this iommu" 'iommu smmuv3'
refuse '1: iommu: none, intel, amd or smmuv3' 'iommu other'
refuse "1: memory: 128M to 64G" 'memory 1M'
refuse "1: cpus: 1 to 64" 'cpus 65'
refuse "1: icount: 0 to 10" 'icount 11'
refuse "1: cpu takes one value" 'cpu EPYC,+x'
refuse "1: too many words" 'nvme a b c d e f g h i j k l m n o p q r s t u v w x y z'
refuse " a 0 byte in a machine file; give a text file" 'nvme a size=1M\n\000'

# 512 devices at most, and 64 drives.
seq 600 | sed 's/.*/root-port r&/' >"$work/many"
run lab --check "$work/many"
expect 65
says "$work/many:512: more than 511 devices"
seq 65 | sed 's/.*/nvme n& size=1M addr=1/' >"$work/drives"
run lab --check "$work/drives"
expect 65
says "$work/drives:65: more than 64 drives"
head -c 2000000 /dev/urandom >"$work/noise"
run lab --check "$work/noise"
expect 65

run lab --check no-such-machine
expect 65
says "no-such-machine: No such file or directory; give a path, '-', or a name in "
run lab switch
expect 64
run lab --time-limit soon switch "$work/many"
expect 64
says "--time-limit soon: give seconds"
run lab --image nothing="$work/many" switch "$work/many"
expect 64
run lab switch "$work/no-such-script"
expect 66
run lab --file "$work/many" switch "$work/many"
expect 64
says "give HOST:GUEST"
run "$LAB_RUN" --help
expect 0
says_line 'usage: lab/run [OPTION...] MACHINE SCRIPT'
finish
