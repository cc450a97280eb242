#!/bin/sh
# SPDX-License-Identifier: MIT
# In the guest: the kernel's verdicts and p2pmem's on one machine, compared.
set -eu
# The module's option stands in the kernel's command line, so that the machine file holds it all.
# shellcheck disable=SC2046 # one word or none
insmod p2p_oracle.ko $(sed -n 's/.* p2p_oracle\.\(identities=[^ ]*\).*/\1/p' /proc/cmdline)
cat /sys/kernel/debug/p2p_oracle/pairs >/tmp/kernel
p2pmem matrix --all --json >/tmp/matrix
oracle-compare /tmp/kernel /tmp/matrix
rmmod p2p_oracle
