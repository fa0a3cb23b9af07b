#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Volumes that are put into one drive, one after the other, are proved and loaded as if all
# of them were there; a wrong one is asked for again, and one that has changed in between is
# found out.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
write_idms "$source_host" "$WORK/idms.yaml"
path=(--start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64)
shelf=$WORK/shelf
drive=$WORK/drive
run 0 "$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" \
    --progress none --volume-size 1M "dir:$shelf"
stop source
mkdir "$drive"
count=$(find "$shelf" -name 'oc-hop.*.tar' | wc -l)
[ "$count" -ge 4 ] || fail "there are only $count volumes"

# As somebody with one drive: the old disc goes, if nothing on it is open any more.
cat >"$WORK/change" <<EOF
#!/usr/bin/env bash
set -eu
name=oc-hop.\$(printf %03d "\$2").tar
[ "\$1" = "$drive" ]
for fd in /proc/\$PPID/fd/*; do
    case \$(readlink "\$fd") in
    $drive*) echo "the drive is busy: \$(readlink "\$fd")"; exit 1 ;;
    esac
done
echo "\$2" >>"$WORK/changes"
rm -rf "$drive"
mkdir "$drive"
[ ! -e "$WORK/bad/\$2" ] || . "$WORK/bad/\$2"
cp "$shelf/\$name" "$drive/"
EOF
chmod +x "$WORK/change"
empty_drive() {
    rm -rf "$drive" "$WORK/bad" "$WORK/changes"
    mkdir "$drive" "$WORK/bad"
    : >"$WORK/changes"
}
changes() {
    tr '\n' ' ' <"$WORK/changes"
}
fresh_mirror() {
    ! [ -v 'PIDS[mirror]' ] || stop mirror
    rm -rf "$WORK/mirror"
    start_registry mirror "$WORK/mirror"
    target=docker://$mirror_host
}
up=$(seq -s ' ' 1 "$count")
verify=("$OC_HOP" verify --keyring "$WORLD/update-key.asc" --progress none)
load=("$OC_HOP" load --keyring "$WORLD/update-key.asc" --resources "$WORK/resources" --progress none)
one=(--volume-command "$WORK/change" "dir:$drive")

# ---- as if all were there ----

run 0 "${verify[@]}" -o json "dir:$shelf"
cp "$WORK/out" "$WORK/all.json"
empty_drive
run 0 "${verify[@]}" -o json "${one[@]}"
python3 - "$WORK/all.json" "$WORK/out" <<'PY'
import json, sys
a, b = (json.load(open(p)) for p in sys.argv[1:])
a.pop("subjects"), b.pop("subjects")
assert a == b, (a, b)
PY
# Each is hashed as it is seen; what is read again are layers of payloads only.
[[ "$(changes)" == "$up "* ]] || fail "verify wanted the volumes $(changes)"
[ "$(wc -l <"$WORK/changes")" -lt $((count * 2)) ] || fail "verify wanted the volumes $(changes)"

fresh_mirror
empty_drive
run 0 "${load[@]}" "${one[@]}" "$target"
check_mirror "$mirror_host" --skopeo "${path[@]}"
[[ "$(changes)" == "$up "* ]] || fail "load wanted the volumes $(changes)"
says err "all volumes were seen"
[ "$(wc -l <"$WORK/changes")" -le $((count * 2 + 2)) ] || fail "load wanted the volumes $(changes)"
first_time=$(wc -l <"$WORK/changes")

# What the registry has is not read again.
empty_drive
run 0 "${load[@]}" "${one[@]}" "$target"
[ "$(wc -l <"$WORK/changes")" -lt "$first_time" ] || fail "a second load wanted the volumes $(changes)"
check_mirror "$mirror_host" --skopeo "${path[@]}"

# ---- what is not as it was ----

# The disc of another set, once: it is asked for again.
cat >"$WORK/other" <<EOF
rm "$WORK/bad/2"
printf 'something else' >"$drive/\$name"
exit 0
EOF
fresh_mirror
empty_drive
printf 'echo >>"%s"\nif [ "$(grep -cx 2 "%s")" -gt 1 ]; then . "%s"; fi\n' "$WORK/seen" "$WORK/changes" "$WORK/other" >"$WORK/bad/2"
run 0 "${load[@]}" "${one[@]}" "$target"
says err "oc-hop.002.tar is not the one that was read before"
check_mirror "$mirror_host" "${path[@]}"

# One bit of it, the second time: nothing that is wrong gets a name, and the right one
# finishes the mirror.
victim=$(python3 - "$shelf" <<'PY'
import glob, sys, tarfile
# The largest member that is part of a blob, and lies behind the first volume.
best = max(((m.size, p, m.offset_data + m.size // 2) for p in sorted(glob.glob(sys.argv[1] + "/oc-hop.*.tar"))[1:]
            for m in tarfile.open(p) if m.name.startswith("blobs/")))
print(int(best[1].split(".")[-2]), best[2])
PY
)
read -r number offset <<<"$victim"
fresh_mirror
empty_drive
cat >"$WORK/bad/$number" <<EOF
if [ "\$(grep -cx $number "$WORK/changes")" -gt 1 ]; then
    cp "$shelf/\$name" "$drive/"
    printf '\377\377' | dd of="$drive/\$name" bs=1 seek=$offset conv=notrunc status=none
    exit 0
fi
EOF
run 4 "${load[@]}" "${one[@]}" "$target"
says err "digest"
empty_drive
run 0 "${load[@]}" "${one[@]}" "$target"
check_mirror "$mirror_host" --skopeo "${path[@]}"

# The same before it was first seen: verify names the volume.
empty_drive
cat >"$WORK/bad/$number" <<EOF
cp "$shelf/\$name" "$drive/"
printf '\377\377' | dd of="$drive/\$name" bs=1 seek=$offset conv=notrunc status=none
exit 0
EOF
run 4 "${verify[@]}" "${one[@]}"
says err "$(printf 'oc-hop.%03d.tar' "$number")"

# A last one that cannot be read: whether there is another one is not known then.
empty_drive
cat >"$WORK/bad/$count" <<EOF
head -c 300000 "$shelf/\$name" >"$drive/\$name"
exit 0
EOF
run 4 "${verify[@]}" "${one[@]}"
says err "$(printf 'oc-hop.%03d.tar: a member is longer than the volume' "$count")"
says err "there is no oc-hop.json, which the last volume has"
[ "$(tail -n 1 "$WORK/changes")" -eq $((count + 1)) ] || fail "no further volume was asked for"

# ---- what ends a run ----

# Nobody brings volume 3.
fresh_mirror
empty_drive
echo 'echo "there is no disc $2"; exit 5' >"$WORK/bad/3"
run 1 "${load[@]}" "${one[@]}" "$target"
says err "there is no disc 3"
says err "put in volume 3"
! grep -q '"POST\|"PUT\|"PATCH' "$WORK/mirror.log" || fail "something was written"

# It says that it did, and did not.
empty_drive
echo 'exit 0' >"$WORK/bad/3"
run 4 "${load[@]}" "${one[@]}" "$target"
says err "because: put in volume 3"
says err "open $drive/oc-hop.003.tar: No such file or directory"
[ "$(grep -cx 3 "$WORK/changes")" -eq 3 ] || fail "volume 3 was asked for $(grep -cx 3 "$WORK/changes") times"

# Ctrl-C while it is waited for, in the second round.
empty_drive
cat >"$WORK/bad/2" <<EOF
if [ "\$(grep -cx 2 "$WORK/changes")" -gt 1 ]; then kill -INT "\$PPID"; exit 1; fi
EOF
run 130 "${load[@]}" "${one[@]}" "$target"
empty_drive
run 0 "${load[@]}" "${one[@]}" "$target"
check_mirror "$mirror_host" --skopeo "${path[@]}"

# Killed at the change to the last volume: what was sent is not asked for again.
fresh_mirror
empty_drive
cat >"$WORK/bad/$count" <<EOF
if [ "\$(grep -cx $count "$WORK/changes")" -gt 1 ]; then kill -KILL "\$PPID"; exit 1; fi
EOF
run 137 "${load[@]}" "${one[@]}" "$target"
empty_drive
run 0 "${load[@]}" "${one[@]}" "$target"
[ "$(wc -l <"$WORK/changes")" -lt "$first_time" ] || fail "the run after the kill wanted the volumes $(changes)"
check_mirror "$mirror_host" --skopeo "${path[@]}"

# ---- the command line ----

run 2 "${load[@]}" "dir:$shelf" "${one[@]}" "$target"
says err "one directory, not into 2"
run 2 "${load[@]}" --volume-command "$WORK/nothing" "dir:$drive" "$target"
says err "there is no such program"
run 2 "${verify[@]}" --volume-command "$WORK/change" "$target"
says err "changes volumes of media"
empty_drive
echo '{}' >"$drive/oc-hop.json"
run 2 "${load[@]}" "${one[@]}" "$target"
says err "only volumes are read one after the other"
[ ! -s "$WORK/changes" ] || fail "a volume was asked for"
