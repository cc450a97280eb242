#!/bin/sh
# SPDX-License-Identifier: MIT
# A root directory to build kernels and modules in, unpacked by the lab's own apt. Sourced after
# lab/apt.sh, with $series set, the kernel's.
#
# A kernel's own build tools need the C library of the Debian release it comes from. Going into such
# a directory takes root, or a kernel that lets users make namespaces; else the status is 77.
: "${me:?}" "${series:?}"

# What every build calls beside what its packages depend on; base-files has /bin and /lib.
root_tools='base-files binutils coreutils dash diffutils findutils grep make mawk sed'

may_enter_root() {
    namespace='unshare --mount'
    [ "$(id -u)" = 0 ] || namespace="$namespace --user --map-root-user"
    $namespace true 2>/dev/null ||
        die "'$namespace' is not allowed here; run it as root, or allow user namespaces" 77
}

# find_suites PACKAGE: reads the first indexes that have it, together with those of the release
# itself: bookworm for bookworm-backports.
find_suites() {
    for group in $(kernel_suites "$series"); do
        suites=$(echo "$group,${group%%[-,]*}" | tr , '\n' | sort -u | paste -s -d ,)
        read_indexes "$suites" || continue
        if known "$1"; then return 0; fi
    done
    return 1
}

# The builds need no package's installation scripts, so unpacking is all there is to do.
unpack() { # ROOT DEB...
    into=$1
    shift
    for deb in "$@"; do
        dpkg-deb --fsys-tarfile "$deb" |
            tar -x -C "$into" --no-same-owner --keep-directory-symlink \
                --exclude './usr/share/doc/*' --exclude './usr/share/man/*' \
                --exclude './usr/share/locale/*' --exclude './dev/*' ||
            die "$deb cannot be unpacked; is there room in $into?"
    done
}

# make_root PACKAGE...: $work/root with the packages and all they depend on.
make_root() {
    : "${work:?}"
    # shellcheck disable=SC2086 # a list of words
    private_apt apt-get -y --download-only --no-install-recommends install "$@" $root_tools \
        >"$work/log" 2>&1 || die "download failed: $(apt_error); try again"
    mkdir "$work/root"
    # First what makes /bin and /lib links into /usr, which the others then go through.
    unpack "$work/root" "$work"/archives/base-files_*.deb "$work"/archives/*.deb
    ln -sf mawk "$work/root/usr/bin/awk" # its installation script would make this link
    mkdir -p "$work/root/dev" "$work/root/proc"
}

# in_root ROOT COMMAND...: objtool finds itself through /proc.
in_root() {
    # shellcheck disable=SC2016 # expanded inside
    $namespace sh -c '
        mount --rbind /proc "$1/proc" && mount --rbind /dev "$1/dev" || exit
        root=$1
        shift
        exec chroot "$root" /usr/bin/env -i PATH=/usr/bin:/usr/sbin:/bin:/sbin HOME=/ "$@"
    ' sh "$@"
}
