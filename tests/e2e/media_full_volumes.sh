#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A disk that fills up while volumes are written, at any moment, with and without a command
# that takes each away: exit 7 and what to do; when there is room again a rerun finishes,
# and the set is what a directory would be.
. "$(dirname "$0")/small_disk.sh"
need docker-registry python3

limit=1048576
levels=3
[ -z "${HOP_LONG:-}" ] || levels=20
start_slow_source 0.03
path=(--start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64)
common=("$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --progress none)
mirror=("${common[@]}" --idms-file "$WORK/idms.yaml")

run 0 "${mirror[@]}" "dir:$WORK/directory"
run 0 "${mirror[@]}" --volume-size "$limit" "dir:$WORK/volumes"
whole=$(cat "$WORK"/volumes/oc-hop.*.tar | wc -c)
count=$(find "$WORK/volumes" -name 'oc-hop.*.tar' | wc -l)

# check_volumes VOLUME…: unpacked they are the directory.
check_volumes() {
    rm -rf "$WORK/unpacked"
    python3 "$HERE/unpack_volumes.py" "$WORK/unpacked" "$limit" "$@"
    diff -r -x .oc-hop.lock -x volumes "$WORK/unpacked" "$WORK/directory" || fail "volumes hold something else than a directory"
    python3 "$HERE/check_media.py" --expected "$WORLD/expected.json" --media "$WORK/unpacked" "${path[@]}"
}

bytes_of() {
    { find "$WORK/disk/media" -name "$1" -type f -printf '%s\n' 2>/dev/null || :; } | awk '{s+=$1} END {print s+0}'
}

# Each that is done has its list; the next is partial.
has_begun() {
    [ -e "$(printf '%s/disk/media/oc-hop.%03d.json' "$WORK" $(($1 - 1)))" ] || [ "$1" = 1 ] || return 1
    [ "$(bytes_of '*.partial')" -gt 0 ]
}

# fill_on_the_way VOLUME PER_MILLE FLAG…: when that volume has begun, somebody else leaves
# but a part of the room that is still needed, while the run stands still.
fill_on_the_way() {
    local volume=$1 part=$2 pid ended=0 needed
    shift 2
    "${common[@]}" --idms-file "$WORK/slow.yaml" --volume-size "$limit" "$@" "dir:$WORK/disk/media" >"$WORK/out" 2>"$WORK/err" &
    pid=$!
    wait_for 60 has_begun "$volume" || fail "volume $volume does not begin: $(tail -n 3 "$WORK/err")"
    kill -STOP "$pid"
    # A volume that its command is about to take away would give its room back.
    while [ $# -gt 0 ] && [ "$(bytes_of '*.tar')" -gt 0 ]; do
        kill -CONT "$pid"
        sleep 0.02
        kill -STOP "$pid"
    done
    needed=$((whole - $(bytes_of '*.tar*')))
    [ $# = 0 ] || needed=$((limit - $(bytes_of '*.partial')))
    # The last volume's padding, and lists of volumes, differ a little from run to run.
    needed=$((needed * part / 1000 - 16384))
    fill_but $((needed > 0 ? needed : 0))
    kill -CONT "$pid"
    wait "$pid" || ended=$?
    [ "$ended" = 7 ] || fail "a full disk ends with $ended: $(tail -n 5 "$WORK/err")"
    says err "No space left"
    says err "hint: free some space and run the same command again"
    rm "$WORK/disk/filler"
}

# Nothing takes them away: anywhere from here to the documents at the end of the last one.
RANDOM=$SEED
for ((i = 0; i <= levels; i++)); do
    disk 64m
    fill_on_the_way $((1 + RANDOM % 8)) $((i < levels ? RANDOM % 1000 : 999))
    run 0 "${mirror[@]}" --volume-size "$limit" "dir:$WORK/disk/media"
    check_volumes "$WORK"/disk/media/oc-hop.*.tar
done

# Of what oc is taken out of a copy is kept until the end: it is counted, where it will be.
layers=$(python3 - "$WORLD/expected.json" <<'PY'
import json, sys
images = json.load(open(sys.argv[1]))["images"]
print(next(sum(sorted(i["blobs"].values())[1:]) for i in images
           if (i["release"], i["arch"], i["component"]) == ("4.18.12", "amd64", "cli-artifacts")))
PY
)
disk $((layers / 2))
run 7 env TMPDIR="$WORK/disk" "${mirror[@]}" --volume-size "$limit" "dir:$WORK/elsewhere"
says err "keep layers of clients in $WORK/disk: it needs"
says err "hint: TMPDIR names another directory"
[ -z "$(find "$WORK/elsewhere" -name 'oc-hop.*.tar')" ] || fail "volumes were written"
run 0 env TMPDIR="$WORK/disk" "${mirror[@]}" --no-client --volume-size "$limit" "dir:$WORK/elsewhere"
disk 64m
mkdir "$WORK/disk/tmp"
fill_but $((whole + layers / 2))
run 7 env TMPDIR="$WORK/disk/tmp" "${mirror[@]}" --volume-size "$limit" "dir:$WORK/disk/media"
says err "are free"

# A command takes each away: there is never more than one to be borne, and it may not fit.
cat >"$WORK/change-disc" <<EOF
#!/bin/sh
mkdir -p "$WORK/discs" && mv "\$1" "$WORK/discs/\$(printf %03d "\$2").tar"
EOF
chmod +x "$WORK/change-disc"
change=(--volume-command "$WORK/change-disc")
# Less than that is known before the first blob, and not when the volume is half full.
disk 64m
fill_but $((limit * 3 / 4))
run 7 "${mirror[@]}" --volume-size "$limit" "${change[@]}" "dir:$WORK/disk/media"
says err "it needs 1."
says err "are free"
says err "write smaller volumes"
[ "$(bytes_of '*.partial')" -lt 600000 ] || fail "blobs were written"
rm "$WORK/disk/filler"
fill_but $((limit + (512 << 10)))
run 0 "${mirror[@]}" --volume-size "$limit" "${change[@]}" "dir:$WORK/disk/media"
check_volumes "$WORK"/discs/*.tar
for ((i = 0; i < levels; i++)); do
    rm -rf "$WORK/discs"
    disk 64m
    fill_on_the_way $((1 + RANDOM % 8)) $((RANDOM % 1000)) "${change[@]}"
    # Room for one volume and the lists is all it takes.
    fill_but $((limit + (512 << 10)))
    run 0 "${mirror[@]}" --volume-size "$limit" "${change[@]}" "dir:$WORK/disk/media"
    check_volumes "$WORK"/discs/*.tar
done
