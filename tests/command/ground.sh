#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/command/ground.sh: no copy destroys what it reads, whatever the two are called. Real loop
# devices and file systems of this machine; what needs others is in tests/lab/copy/ground.sh.
# shellcheck disable=SC2086 # $as_nobody is words
set -eu
# shellcheck source=tests/expect.sh
. "$(dirname "$0")/../expect.sh"
[ "$(id -u)" = 0 ] || skip "loop devices and mounts need root"
command -v mke2fs >/dev/null || skip "e2fsprogs is not installed"
command -v losetup >/dev/null || skip "the package mount is not installed"
# A mount namespace of its own, so that nothing stays mounted whatever happens.
unshare -m true 2>/dev/null || skip "no mount namespaces"
export work
[ "${GROUND_TEST:-}" ] || GROUND_TEST=1 exec unshare -m "$0" "$@"
mount --make-rprivate /
loops=
# shellcheck disable=SC2317 # called by the trap
clean_up() {
    cd /
    umount -R "$work"/*/ 2>/dev/null || true
    for loop in $loops; do losetup -d "$loop" 2>/dev/null || true; done
    rm -rf "$work"
}
trap clean_up EXIT
cd "$work"

# attach LOSETUP-ARGUMENT...: $loop is a new loop device.
attach() {
    loop=$(losetup --find --show "$@") || skip "no loop devices"
    loops="$loop $loops"
}

# copies COMMAND...: and has nothing against it.
copies() {
    run "$@"
    expect 0
}

# allows COMMAND...: copies from a device that its file system writes to; being told so is right, too.
allows() {
    run "$@"
    [ $status = 0 ] || expect $status 'is the source changing'
}

# keeps WORDS ARGUMENT...: p2pmem copy refuses, and $kept is as it was.
keeps() {
    before=$(sha256sum <"$kept")
    reason=$1
    shift
    refuses 64 "$reason" p2pmem copy -q "$@"
    [ "$before" = "$(sha256sum <"$kept")" ] || fail "copy $*: $kept was changed"
}

# The file behind a loop device, by a name that the device does not know.
head -c 4M /dev/urandom >a
ln a b
attach a
rm a
kept=b
keeps 'the same or overlap' "$loop" b
keeps 'the same or overlap' b "$loop"
keeps 'the same or overlap' --force "$loop" b
mkdir place bound
head -c 4M /dev/urandom >place/c
mount --bind place bound
attach bound/c
umount -l bound
kept=place/c
keeps 'the same or overlap' "$loop" place/c

# A file system on a loop device, and the file and device below.
truncate -s 32M image
mke2fs -q -t ext4 image
attach image
ext4=$loop
mkdir ext4
mount "$ext4" ext4
head -c 4M /dev/urandom >ext4/f
chmod 755 . ext4
sync
kept=ext4/f
keeps "ext4/f lies on image" ext4/f image
keeps "ext4/f lies on image" --force ext4/f image
keeps "ext4/f lies on $ext4" --force ext4/f "$ext4"
refuses 69 "$ext4 is mounted at $work/ext4: .*--force" p2pmem copy b "$ext4"
keeps "which would change while it is read" --length 1M "$ext4" ext4/g
[ ! -e ext4/g ]
allows p2pmem copy --force --length 1M "$ext4" ext4/g
# Who may read a device is not who may read a file of its bytes.
allows p2pmem copy --length 1M "$ext4" part
[ "$(stat -c %a part)" = 600 ] || fail "mode $(stat -c %a part)"
# The same file through another loop device.
attach image
refuses 69 "$loop is mounted at $work/ext4" p2pmem copy b "$loop"
# Its disk under another name: no claim of the kernel's keeps us from it.
attach "$ext4"
check 'umount' umount ext4
mount "$loop" ext4
refuses 69 "is mounted at $work/ext4" p2pmem copy b "$ext4"
keeps "ext4/f lies on" --force ext4/f "$ext4"

# overlayfs: files of others under numbers of its own.
if grep -qw overlay /proc/filesystems; then
    mkdir ext4/upper ext4/work 'ext4/low,er' merged
    head -c 1M /dev/urandom >'ext4/low,er/o'
    mount -t overlay -o 'lowerdir=ext4/low\,er,upperdir=ext4/upper,workdir=ext4/work' none merged ||
        mount -t overlay -o "lowerdir=$work/ext4/low\\,er,upperdir=$work/ext4/upper,workdir=$work/ext4/work" none merged
    kept=merged/o
    keeps 'the same or overlap\|cannot be told' merged/o 'ext4/low,er/o'
    keeps 'lies on\|cannot be told' --force merged/o "$ext4"
    copies p2pmem copy merged/o new
    cmp merged/o new
    copies p2pmem copy new merged/p
    umount merged
    mount -t overlay -o "lowerdir=$work/ext4/low\\,er,upperdir=$work/ext4/upper,workdir=$work/ext4/work" none merged
    keeps 'the same or overlap' merged/o 'ext4/low,er/o'
    keeps 'the same or overlap' merged/p ext4/upper/p
    keeps 'lies on' --force merged/o "$ext4"
    copies p2pmem copy merged/o ext4/g
fi

# btrfs: device numbers of its own.
if grep -qw btrfs /proc/filesystems && command -v mkfs.btrfs >/dev/null; then
    truncate -s 128M pool
    mkfs.btrfs -q pool
    attach pool
    mkdir btrfs
    mount "$loop" btrfs
    head -c 1M /dev/urandom >btrfs/f
    sync
    kept=btrfs/f
    keeps "btrfs/f lies on $loop" --force btrfs/f "$loop"
    keeps "btrfs/f lies on pool" --force btrfs/f pool
    keeps "btrfs/g lies on $loop" --length 1M "$loop" btrfs/g
    copies p2pmem copy btrfs/f btrfs/g
    copies p2pmem copy btrfs/f ext4/g
fi

# Who may not ask a loop device what is behind it gets no guess.
if id nobody >/dev/null 2>&1 && command -v setpriv >/dev/null; then
    as_nobody="setpriv --reuid nobody --clear-groups"
    mkdir free
    mount -t tmpfs none free
    chmod 1777 free
    cp "$(command -v p2pmem)" free/p2pmem
    cp b free/b
    chown nobody free/b
    chmod 644 ext4/f
    kept=free/b
    refuses 64 'cannot be told whether' $as_nobody free/p2pmem copy ext4/f free/b
    copies $as_nobody free/p2pmem copy ext4/f free/new
    copies $as_nobody free/p2pmem copy free/b free/new
fi

# Destinations that cannot be written.
attach --read-only b
refuses 77 'is read-only: choose another' p2pmem copy -q image "$loop"
losetup -d "$loop"
refuses 69 'has no bytes' p2pmem copy -q "$loop" nothing
[ ! -e nothing ]

# Who has a partition open sees what was copied onto its disk, and the other way round.
truncate -s 16M disk
attach --partscan disk
part=${loop}p1
if command -v addpart >/dev/null && addpart "$loop" 1 2048 16384 && [ -b "$part" ]; then
    head -c 16M /dev/urandom >whole
    head -c 8M /dev/urandom >eight
    exec 5<"$part" 6<"$loop"
    cat <"$part" >/dev/null
    copies p2pmem copy whole "$loop"
    tail -c +1048577 whole | cmp -n 8388608 - "$part"
    cat <"$loop" >/dev/null
    copies p2pmem copy eight "$part"
    tail -c +1048577 "$loop" | cmp -n 8388608 - eight
    exec 5<&- 6<&-
fi

# File systems that take O_DIRECT and mean the page cache, known before anything is moved.
for way in "ext4 -o data=journal" "ext2" "ext3"; do
    truncate -s 32M slow
    mke2fs -q -F -t "${way%% *}" slow
    mkdir -p slowly
    # shellcheck disable=SC2046 # options are words
    mount -o loop $(case $way in *\ *) echo "${way#* }" ;; esac) slow slowly 2>/dev/null || continue
    case $way in
    *journal)
        # Linux 6.1 and newer say so.
        refuses 69 'without direct I/O on that file' p2pmem copy --require-p2p b slowly/b
        cp b slowly/c
        refuses 69 'without direct I/O on that file' p2pmem copy --require-p2p slowly/c d
        ;;
    *)
        refuses 69 'a file without extents' p2pmem copy --require-p2p b slowly/b
        ;;
    esac
    [ ! -e slowly/b ]
    copies p2pmem copy b slowly/b
    cmp b slowly/b
    umount slowly
done
finish
