# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# For tests of a disk that is too small: a tmpfs at $WORK/disk in a mount namespace of our
# own. Source it instead of lib.sh:
#
#     . "$(dirname "$0")/small_disk.sh"
#     disk 64m                                     # empty
#     fill_but 300000                              # what somebody else writes there
#     rm "$WORK/disk/filler"

if [ -z "${HOP_IN_NAMESPACE:-}" ]; then
    if ! unshare --mount --map-root-user true 2>/dev/null && [ "$(id -u)" != 0 ]; then
        echo "skipped: no mount namespaces here"
        exit 77
    fi
    export HOP_IN_NAMESPACE=1
    if [ "$(id -u)" = 0 ]; then
        unshare --mount true 2>/dev/null || { echo "skipped: no mount namespaces here"; exit 77; }
        exec unshare --mount bash "$0" "$@"
    fi
    exec unshare --mount --map-root-user bash "$0" "$@"
fi
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need fallocate

leave() {
    local status=$?
    ! mountpoint -q "$WORK/disk" || umount "$WORK/disk"
    cleanup_as "$status"
}
# cleanup() looks at $?.
cleanup_as() {
    set +e
    (exit "$1")
    cleanup
}
trap leave EXIT

# disk SIZE: an empty $WORK/disk of that size.
disk() {
    ! mountpoint -q "$WORK/disk" || umount "$WORK/disk"
    mkdir -p "$WORK/disk"
    mount -t tmpfs -o "size=$1" none "$WORK/disk" || { echo "skipped: tmpfs cannot be mounted"; exit 77; }
}

# fill_but BYTES: no more than so many are left on the disk, to the next page below.
fill_but() {
    local page=4096 pages
    pages=$(stat -f -c %a "$WORK/disk")
    [ "$(stat -f -c %S "$WORK/disk")" = "$page" ] || fail "a tmpfs with pages of another size"
    pages=$((pages - $1 / page))
    [ "$pages" -gt 0 ] || fail "less than $1 bytes are left already"
    fallocate -l $((pages * page)) "$WORK/disk/filler"
}
