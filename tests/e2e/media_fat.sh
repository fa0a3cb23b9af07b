#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A FAT32 file system, through FUSE: media and volumes are written to it, proved on it and
# loaded from it; stock oc's layout is refused before anything is written.
#
# fusefat 0.1a loses directories that outgrow a cluster of FAT16 (a file that was just
# written cannot be renamed, and is gone); hence FAT32, which disks of this size have.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3 mkfs.vfat fusefat fusermount
[ -w /dev/fuse ] || { echo "skipped: no /dev/fuse"; exit 77; }

leave() {
    local status=$?
    fusermount -u "$WORK/fat" 2>/dev/null || : "it was not mounted"
    set +e
    (exit "$status")
    cleanup
}
trap leave EXIT
mkdir "$WORK/fat"
truncate -s 512M "$WORK/fat.img"
mkfs.vfat -F 32 "$WORK/fat.img" >/dev/null
fusefat -o rw+ "$WORK/fat.img" "$WORK/fat" >"$WORK/fusefat.log" 2>&1 || :
grep -q " $WORK/fat fuse" /proc/mounts || { echo "skipped: FUSE cannot mount here"; exit 77; }

start_registry source "$WORLD/registry"
write_idms "$source_host" "$WORK/idms.yaml"
mirror=("$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" --progress none)
load=("$OC_HOP" load --keyring "$WORLD/update-key.asc" --resources "$WORK/resources" --progress none)
path=(--start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64)

forget source
run 2 "${mirror[@]}" --media-format oc "dir:$WORK/fat/stock"
says err "names with a colon"
says err "hint: leave --media-format out"
[ "$(count source 'GET [^ ]*/blobs/')" = 0 ] || fail "blobs were fetched for it"

# ---- a directory ----

run 0 "${mirror[@]}" "dir:$WORK/fat/media"
python3 "$HERE/check_media.py" --expected "$WORLD/expected.json" --media "$WORK/fat/media" "${path[@]}" --skopeo
run 0 "${mirror[@]}" "dir:$WORK/fat/media"
! grep " mirrored " "$WORK/out" >/dev/null || fail "a second run moves something"
run 0 "$OC_HOP" verify --keyring "$WORLD/update-key.asc" --progress none "dir:$WORK/fat/media"
says out "0 errors, 0 warnings"
fresh_mirror
run 0 "${load[@]}" "dir:$WORK/fat/media" "$target"
check_mirror "$mirror_host" --skopeo "${path[@]}"

# ---- volumes ----

run 0 "${mirror[@]}" --volume-size 4M "dir:$WORK/fat/volumes"
python3 "$HERE/unpack_volumes.py" "$WORK/unpacked" $((4 << 20)) "$WORK"/fat/volumes/oc-hop.*.tar
python3 "$HERE/check_media.py" --expected "$WORLD/expected.json" --media "$WORK/unpacked" "${path[@]}"
fresh_mirror
run 0 "${load[@]}" "dir:$WORK/fat/volumes" "$target"
check_mirror "$mirror_host" --skopeo "${path[@]}"
