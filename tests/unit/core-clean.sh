#!/bin/sh
# SPDX-License-Identifier: MIT
# core-clean.sh SCRATCH CORE-DIR INCLUDE-DIR CC...
#
# core/ fits the kernel: it compiles without a hosted library, without floating point, with stack
# frames that stay below the 1024 bytes from which kernels warn, whatever their own options (stack
# protector, frame pointers) add; it calls nothing but the three memory functions and has no data to write to.
set -eu
scratch=$1
core=$2
include=$3
shift 3
mkdir -p "$scratch"
rm -f "$scratch"/*
for file in "$core"/*/*.c; do
  object=$scratch/$(basename "$file" .c).o
  "$@" -std=gnu11 -O2 -Wall -Wextra -Werror -Wvla -ffreestanding -fno-pic -fno-stack-protector \
    -mgeneral-regs-only -Wframe-larger-than=768 \
    -I"$include" -I"$core" -c "$file" -o "$object"
done
ld -r -o "$scratch/all" "$scratch"/*.o

foreign=$(nm --undefined-only "$scratch/all" | awk '$2 !~ /^mem(set|cpy|cmp)$/ { print $2 }')
[ -z "$foreign" ] || { echo "core/ calls from outside: $foreign"; exit 1; }

writable=$(nm "$scratch/all" | awk '$2 ~ /^[bBdDcCsSgG]$/ { print $3 }' | grep -v '^\.' || true)
[ -z "$writable" ] || { echo "core/ has data that can be written: $writable"; exit 1; }
