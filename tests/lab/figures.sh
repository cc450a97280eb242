#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What .host scripts share that compare figures with QEMU's: `. figures.sh`, with $build and $out set.

# witness PHASE FROM: what the DMA trace saw between the marks FROM and PHASE, a line for each drive that moved bytes:
# PHASE DRIVE READ-HOST READ-PEERS READ-UNSEEN WRITTEN-HOST WRITTEN-PEERS WRITTEN-UNSEEN
witness() {
    "${build:?}/lab/lab-witness" --json --from "$2" --to "$1" "${out:?}" | awk -v phase="$1" '
        function value(line) { gsub(/[^0-9]/, "", line); return line + 0 }
        /"payload"/ { exit }
        /"nsid":/ { drive = value($0) - 1; drives[drive] = 1 }
        /"read":/ { way = "read" }
        /"written":/ { way = "written" }
        /"host_ram":/ { host[drive, way] = value($0); next }
        /"other":|"unknown":/ { unseen[drive, way] += value($0); next }
        /"own_cmb":/ { peers[drive, way] += value($0); next }
        # A peer, by its name in the machine.
        /"[a-z0-9-]*": [0-9]+/ && !/nsid|version/ { sub(/.*: /, ""); peers[drive, way] += value($0) }
        END {
            for (drive in drives)
                if (host[drive, "read"] + peers[drive, "read"] + host[drive, "written"] + peers[drive, "written"])
                    print phase, drive, host[drive, "read"] + 0, peers[drive, "read"] + 0, unseen[drive, "read"] + 0,
                        host[drive, "written"] + 0, peers[drive, "written"] + 0, unseen[drive, "written"] + 0
        }'
}
