#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Media that are torn out at any moment: killed with SIGKILL at seeded random moments, or
# the disk full in the middle. Nothing wrong has a final name, and a run to the end gives
# the same media as an undisturbed one, without fetching again what was there.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

kills=5
[ -z "${HOP_LONG:-}" ] || kills=50
start_registry source "$WORLD/registry"
start_proxy slow "$source_host" --fault 'GET /blobs/ stall=0.03' --fault '* /manifests/ stall=0.01'
write_idms "$slow_host" "$WORK/idms.yaml"
path=(--start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64)
RANDOM=$SEED
mirror=("$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --jobs 3
    --idms-file "$WORK/idms.yaml" --progress none)

check_media() {
    local media=$1
    shift
    python3 "$HERE/check_media.py" --expected "$WORLD/expected.json" --media "$media" "$@"
}

# finals_are_right DIR: what has a final name has its digest, finished media or not.
finals_are_right() {
    local file
    while read -r file; do
        [ "$(sha256sum <"$file" | cut -d' ' -f1)" = "$(basename "$file")" ] ||
            fail "$file has its final name and wrong bytes"
    done < <(find "$1/blobs" -type f)
    # It is written last: a kill after that finds the whole media.
    [ ! -e "$1/oc-hop.json" ] || check_media "$1" "${path[@]}"
}

began=$(date +%s%N)
run 0 "${mirror[@]}" "dir:$WORK/whole"
whole_ms=$((($(date +%s%N) - began) / 1000000))
check_media "$WORK/whole" "${path[@]}"

round=0 hit=0 tries=0
media=$WORK/media0
while [ "$hit" -lt "$kills" ]; do
    tries=$((tries + 1))
    [ "$tries" -le $((kills * 4)) ] || fail "only $hit of $tries kills hit a running mirror"
    wait_ms=$((RANDOM % (whole_ms * 3 / 4) + 20))
    kill_after "$wait_ms" "${mirror[@]}" "dir:$media"
    if [ "$ended" = 137 ]; then
        hit=$((hit + 1))
        [ ! -d "$media/blobs" ] || finals_are_right "$media"
    else
        [ "$ended" = 0 ] || fail "a run that nobody killed ends with $ended: $(tail -n 5 "$WORK/err")"
        check_media "$media" "${path[@]}"
        round=$((round + 1))
        media=$WORK/media$round
    fi
done
run 0 "${mirror[@]}" "dir:$media"
check_media "$media" "${path[@]}"
cmp "$media/oc-hop.json" "$WORK/whole/oc-hop.json" || fail "another inventory than without kills"

# A partial file is gone on with, not fetched again: half of a blob is put there, and the
# source sees a Range.
digest=$(python3 - "$WORLD/expected.json" <<'PY'
import json, sys
blobs = {}
for i in json.load(open(sys.argv[1]))["images"]:
    if (i["release"], i["arch"]) == ("4.18.12", "amd64") and i["component"] != "payload":
        blobs.update(i["blobs"])
print(max(blobs, key=lambda d: (blobs[d], d))[7:])
PY
)
size=$(stat -c %s "$WORK/whole/blobs/sha256/$digest")
mkdir -p "$WORK/half/partial" "$WORK/half/blobs/sha256"
cp "$WORK/whole/oci-layout" "$WORK/half"
head -c $((size / 2)) "$WORK/whole/blobs/sha256/$digest" >"$WORK/half/partial/$digest"
run 0 "${mirror[@]}" -v -v "dir:$WORK/half"
check_media "$WORK/half" "${path[@]}"
grep "GET .*/blobs/sha256:$digest 206" "$WORK/err" >/dev/null || fail "the partial file was not gone on with"
[ "$(grep -c "GET .*/blobs/sha256:$digest" "$WORK/err")" = 1 ] || fail "the blob was asked for again"

# A partial file with wrong bytes costs one more try, and nothing else.
mkdir -p "$WORK/wrong/partial"
cp "$WORK/whole/oci-layout" "$WORK/wrong"
head -c $((size / 2)) /dev/zero >"$WORK/wrong/partial/$digest"
run 0 "${mirror[@]}" "dir:$WORK/wrong"
check_media "$WORK/wrong" "${path[@]}"

# A whole one is checked and not fetched at all.
mkdir -p "$WORK/done/partial"
cp "$WORK/whole/oci-layout" "$WORK/done"
cp "$WORK/whole/blobs/sha256/$digest" "$WORK/done/partial/$digest"
run 0 "${mirror[@]}" -v -v "dir:$WORK/done"
check_media "$WORK/done" "${path[@]}"
[ "$(grep -c "GET .*/blobs/sha256:$digest" "$WORK/err")" = 0 ] || fail "the blob was fetched although it was there"
printf '%s kills, %s media (%s ms undisturbed)\n' "$hit" $((round + 1)) "$whole_ms"
