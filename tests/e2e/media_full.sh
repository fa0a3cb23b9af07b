#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A disk that is too small is known before the first blob; one that fills up on the way
# leaves media from which a rerun finishes. On a tmpfs in a mount namespace of our own.
. "$(dirname "$0")/small_disk.sh"
need docker-registry python3

start_slow_source 0.05
path=(--start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64)
common=("$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --progress none)
mirror=("${common[@]}" --idms-file "$WORK/idms.yaml")

# Files come and go while find looks.
bytes_there() {
    { find "$WORK/disk/media/blobs" "$WORK/disk/media/partial" -type f -printf '%s\n' 2>/dev/null || :; } |
        awk '{s+=$1} END {print s+0}'
}

has_begun() {
    [ -n "$(find "$WORK/disk/media/blobs" -type f 2>/dev/null)" ]
}

check_media() {
    python3 "$HERE/check_media.py" --expected "$WORLD/expected.json" --media "$1" "${path[@]}"
}

run 0 "${mirror[@]}" "dir:$WORK/whole"
unique=$(python3 -c 'import json,sys; m=json.load(open(sys.argv[1])); print(sum(i["sizeBytes"] for i in m["blobs"]+m["manifests"]))' "$WORK/whole/oc-hop.json")

# Too small: exit 7, and of components' blobs not a byte was asked for.
disk 8m
forget source
run 7 "${mirror[@]}" "dir:$WORK/disk/media"
says err "are free"
says err "hint:"
python3 - "$WORLD/expected.json" "$WORK/source.log" <<'PY'
import json, re, sys
images = json.load(open(sys.argv[1]))["images"]
payload = {d for i in images if i["component"] == "payload" for d in i["blobs"]}
got = set(re.findall(r'"GET [^ ]*/blobs/(sha256:[0-9a-f]+) ', open(sys.argv[2]).read()))
if got - payload:
    sys.exit(f"blobs were read although they do not fit: {sorted(got - payload)[:3]}")
PY
[ -z "$(find "$WORK/disk/media/blobs" "$WORK/disk/media/partial" -type f)" ] || fail "blobs were written although they do not fit"

# Just large enough: what is on the disk never passes 1.02 of the unique bytes.
disk 64m
peak=0
"${common[@]}" --idms-file "$WORK/slow.yaml" "dir:$WORK/disk/media" >"$WORK/out" 2>"$WORK/err" &
pid=$!
while kill -0 "$pid" 2>/dev/null; do
    used=$(bytes_there)
    [ "$used" -le "$peak" ] || peak=$used
    sleep 0.05
done
wait "$pid" || fail "ends with $?: $(tail -n 5 "$WORK/err")"
check_media "$WORK/disk/media"
[ "$peak" -gt 0 ] && [ "$peak" -le $((unique * 102 / 100)) ] || fail "$peak bytes at the most, $unique are unique"

# Somebody else fills the disk on the way: exit 7, and when there is room again a rerun
# finishes.
disk 64m
"${common[@]}" --idms-file "$WORK/slow.yaml" "dir:$WORK/disk/media" >"$WORK/out" 2>"$WORK/err" &
pid=$!
wait_for 60 has_begun || fail "no blob begins"
fallocate -l 60m "$WORK/disk/filler" 2>/dev/null || dd if=/dev/zero of="$WORK/disk/filler" bs=64k status=none 2>/dev/null || : "it is full now"
dd if=/dev/zero of="$WORK/disk/filler2" bs=64k status=none 2>/dev/null || : "to the last byte"
ended=0
wait "$pid" || ended=$?
[ "$ended" = 7 ] || fail "a full disk ends with $ended: $(tail -n 5 "$WORK/err")"
says err "No space left"
says err "run the same command again"
while read -r file; do
    [ "$(sha256sum <"$file" | cut -d' ' -f1)" = "$(basename "$file")" ] || fail "$file has its final name and wrong bytes"
done < <(find "$WORK/disk/media/blobs" -type f)
rm "$WORK/disk/filler" "$WORK/disk/filler2"
run 0 "${mirror[@]}" "dir:$WORK/disk/media"
check_media "$WORK/disk/media"
umount "$WORK/disk"
