#!/bin/sh
# SPDX-License-Identifier: MIT
# What the lab's own tests share beside tests/expect.sh. Sourced with LAB_RUN and LAB_WITNESS set (by meson).
set -eu
: "${LAB_RUN:?}" "${LAB_WITNESS:?}"
# shellcheck source=tests/expect.sh
. "$(dirname "$0")/../expect.sh"
TMPDIR=$work # the runner's own directories too
export TMPDIR

# The lab's apt starts only where it can check signatures.
needs_keyring() {
    [ -f /usr/share/keyrings/debian-archive-keyring.gpg ] ||
        skip "debian-archive-keyring is not installed: scripts/deps lab"
}

# The limit is for hangs.
lab() {
    "$LAB_RUN" --time-limit 1800 "$@"
}
