#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Killed with SIGKILL at seeded random moments: a payload tag that exists always means a
# complete release, no blob that had arrived is fetched again, and a run to the end gives
# the same mirror as an undisturbed one.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

kills=5
[ -z "${HOP_LONG:-}" ] || kills=100
start_registry source "$WORLD/registry"
# Slow enough to be hit in the middle of things.
start_proxy slow "$source_host" --fault 'GET /blobs/ stall=0.03' --fault '* /manifests/ stall=0.01'
write_idms "$slow_host" "$WORK/idms.yaml"
path=(--start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64)
RANDOM=$SEED
mirror=("$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --jobs 3
    --idms-file "$WORK/idms.yaml" --resources "$WORK/resources" --progress none)

# tags_are_complete HOST: every payload tag that is there has its whole release.
tags_are_complete() {
    python3 - "$WORLD/expected.json" "$1" <<'PY'
import json, sys, urllib.error, urllib.request
world, base = json.load(open(sys.argv[1])), f"http://{sys.argv[2]}/v2/"

def there(path, **headers):
    try:
        urllib.request.urlopen(urllib.request.Request(base + path, method="HEAD", headers=headers))
        return True
    except urllib.error.HTTPError:
        return False

accept = ",".join("application/vnd." + t for t in (
    "docker.distribution.manifest.v2+json", "docker.distribution.manifest.list.v2+json",
    "oci.image.manifest.v1+json", "oci.image.index.v1+json"))
for release in world["releases"]:
    if release["arch"] != "amd64":
        continue
    repository = "ocp4/openshift4-release-images"
    if not there(f"{repository}/manifests/{release['tag']}", Accept=accept):
        continue
    for image in world["images"]:
        if (image["release"], image["arch"]) != (release["version"], "amd64"):
            continue
        if image["component"] != "payload" and release["version"] == "4.17.20":
            continue  # the start: its payload alone
        for digest in image["blobs"]:
            if not there(f"ocp4/openshift4/blobs/{digest}"):
                sys.exit(f"{release['tag']} is tagged without {image['component']} {digest}")
PY
}

# arrived ROOT: component blobs that are whole in the mirror's repository
arrived() {
    local links=$1/docker/registry/v2/repositories/ocp4/openshift4/_layers/sha256
    [ ! -d "$links" ] || find "$links" -name link -printf '%h\n' | sed 's|.*/|sha256:|'
}

# nothing_twice: no blob in $WORK/arrived was asked for since `forget source`. (Payloads are
# read in every run, for what they list.)
nothing_twice() {
    python3 - "$WORLD/expected.json" "$WORK/arrived" "$WORK/source.log" <<'PY'
import json, re, sys
images = json.load(open(sys.argv[1]))["images"]
payload = {d for i in images if i["component"] == "payload" for d in i["blobs"]}
components = {d for i in images for d in i["blobs"]} - payload
arrived = set(open(sys.argv[2]).read().split()) & components
again = arrived & set(re.findall(r'"GET [^ "]*/blobs/(sha256:[0-9a-f]+) ', open(sys.argv[3]).read()))
if again:
    sys.exit(f"{len(again)} of {len(arrived)} blobs that had arrived were fetched again: {sorted(again)[:3]}")
PY
}

start_registry whole "$WORK/whole"
began=$(date +%s%N)
run 0 "${mirror[@]}" "docker://$whole_host"
whole_ms=$((($(date +%s%N) - began) / 1000000))

# Every kill must hit: a run that came to its end before is checked, and the next one begins
# with an empty mirror.
round=0
start_registry mirror "$WORK/mirror$round"
hit=0 tries=0
while [ "$hit" -lt "$kills" ]; do
    tries=$((tries + 1))
    [ "$tries" -le $((kills * 4)) ] || fail "only $hit of $tries kills hit a running mirror"
    arrived "$WORK/mirror$round" >"$WORK/arrived"
    forget source
    wait_ms=$((RANDOM % (whole_ms * 3 / 4) + 20))
    kill_after "$wait_ms" "${mirror[@]}" "docker://$mirror_host"
    nothing_twice
    if [ "$ended" = 137 ]; then
        hit=$((hit + 1))
        tags_are_complete "$mirror_host"
    else
        [ "$ended" = 0 ] || fail "a run that nobody killed ends with $ended: $(tail -n 5 "$WORK/err")"
        check_mirror "$mirror_host" "${path[@]}"
        stop mirror
        round=$((round + 1))
        start_registry mirror "$WORK/mirror$round"
    fi
done
arrived "$WORK/mirror$round" >"$WORK/arrived"
forget source
run 0 "${mirror[@]}" "docker://$mirror_host"
nothing_twice
check_mirror "$mirror_host" "${path[@]}"
for repository in ocp4/openshift4 ocp4/openshift4-release-images ocp4/graph-data; do
    list_tags "$whole_host/$repository" >"$WORK/want"
    list_tags "$mirror_host/$repository" | diff "$WORK/want" - || fail "$repository has other tags"
done
printf '%s kills, %s mirrors (%s ms undisturbed)\n' "$hit" $((round + 1)) "$whole_ms"
