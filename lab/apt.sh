#!/bin/sh
# SPDX-License-Identifier: MIT
# An apt of the lab's own: packages of another release or architecture, verified, without touching
# the host's apt. Sourced by scripts that have set $me, their name. Before start_apt, which the rest
# needs, they set $debian, Debian's name of the architecture, and $work, a directory of theirs.
: "${me:?}"

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# Suites by kernel series, in groups tried one after the other: small indexes first.
kernel_suites() {
    case $1 in
    6.1) echo 'bookworm-security bookworm' ;;
    6.12) echo 'bookworm-security,bookworm-backports trixie-security trixie' ;;
    *) echo 'trixie-backports sid' ;;
    esac
}

die() {
    echo "$me: $1" >&2
    exit "${2:-69}"
}

start_apt() {
    : "${debian:?}" "${work:?}"
    [ -f "$keyring" ] || die "$keyring is missing; install the package debian-archive-keyring"
    command -v apt-get >/dev/null || die "apt-get is missing; the lab gets its kernels with apt"
    mkdir -p "$work/lists/partial" "$work/archives/partial"
    : >"$work/status"
}

# The mirror for an archive path (debian, debian-security, ubuntu): the host's own, or the public one.
# What looks like the host's own can be somebody else's archive, so it is only tried first.
mirror() {
    found=
    if [ "$2" = host ]; then
        found=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
            /etc/apt/sources.list.d/*.sources 2>/dev/null |
            sed -n -E "/^(deb|URIs:)/s,.*[[:space:]](https?://[^[:space:]]*/$1)/?([[:space:]].*)?\$,\1,p" |
            head -n 1)
    fi
    case $1 in
    ubuntu) public=http://archive.ubuntu.com/ubuntu ;;
    *) public=http://deb.debian.org/$1 ;;
    esac
    echo "${found:-$public}"
}

private_apt() {
    command=$1
    shift
    "$command" -q \
        -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
        -o Dir::State::Lists="$work/lists" -o Dir::State::status="$work/status" \
        -o Dir::Cache="$work" -o APT::Architecture="$debian" -o APT::Architectures="$debian" \
        -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=2 \
        -o APT::Update::Post-Invoke-Success::= -o APT::Update::Error-Mode=any "$@"
}

apt_error() {
    grep -m 1 '^E:' "$work/log" || tail -n 1 "$work/log"
}

write_sources() {
    for suite in $(echo "$1" | tr , ' '); do
        case $suite in
        noble*) echo "deb [signed-by=$(ubuntu_keyring)] $(mirror ubuntu "$2") $suite main universe" ;;
        *-security) echo "deb [signed-by=$keyring] $(mirror debian-security "$2") $suite main" ;;
        *) echo "deb [signed-by=$keyring] $(mirror debian "$2") $suite main" ;;
        esac
    done >"$work/sources.list"
}

# Ubuntu's keys: the host's, or those that fetch_ubuntu_keyring has put here.
ubuntu_keyring() {
    file=usr/share/keyrings/ubuntu-archive-keyring.gpg
    if [ -f "/$file" ]; then echo "/$file"; else echo "$work/ubuntu/$file"; fi
}

# Debian 13 has them in a package, and Debian's keys vouch for it.
fetch_ubuntu_keyring() {
    [ ! -f "$(ubuntu_keyring)" ] || return 0
    read_indexes trixie || return 1
    (cd "$work/archives" && private_apt apt-get download ubuntu-keyring >"$work/log" 2>&1) || return 1
    mkdir "$work/ubuntu"
    dpkg-deb -x "$work"/archives/ubuntu-keyring_*.deb "$work/ubuntu"
    rm "$work"/archives/ubuntu-keyring_*.deb
}

# read_indexes SUITE,SUITE...
read_indexes() {
    for whose in host debian; do
        write_sources "$1" "$whose"
        if private_apt apt-get update >"$work/log" 2>&1; then return 0; fi
    done
    echo "$me: could not read all of $1: $(apt_error)" >&2
    return 1
}

known() {
    private_apt apt-cache show "$1" >/dev/null 2>&1
}
