#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --dry-run: the whole mapping and exact bytes, from manifests alone; nothing is written.
. "$(dirname "$0")/lib.sh"
need docker-registry python3

start_registry source "$WORLD/registry"
start_registry mirror "$WORK/mirror"
write_idms "$source_host" "$WORK/idms.yaml"
mirror=("$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml"
    --resources "$WORK/resources" --progress none "docker://$mirror_host")

cd "$WORK"
run 0 "${mirror[@]}" --dry-run
cp "$WORK/out" "$WORK/mapping"
[ "$(count mirror '(GET|HEAD|POST|PUT|PATCH|DELETE) ')" = 0 ] || fail "the destination was asked something"
[ ! -e "$WORK/resources" ] || fail "resources were written"

# Every image of the path has its line SOURCE@digest DEST:tag, and no blob of a component
# was read for it.
python3 - "$WORLD/expected.json" "$WORK/source.log" "$WORK/mapping" "$mirror_host" <<'PY'
import json, re, sys
world, log, lines = json.load(open(sys.argv[1])), open(sys.argv[2]).read(), open(sys.argv[3]).read().splitlines()
host = sys.argv[4]
path = {"4.17.20", "4.17.24", "4.18.9", "4.18.12"}
payload_blobs = {d for i in world["images"] if i["component"] == "payload" for d in i["blobs"]}
read = set(re.findall(r'"GET [^ ]*/blobs/(sha256:[0-9a-f]+) ', log))
if read - payload_blobs:
    sys.exit(f"read blobs of components: {sorted(read - payload_blobs)[:3]}")
for i in world["images"]:
    if i["arch"] != "amd64" or i["release"] not in path:
        continue
    tag = f"{i['release']}-x86_64"
    wanted = []
    source = f"quay.io/{i['repository']}@{i['digest']}"
    if i["component"] == "payload":
        wanted = [f"{source} {host}/ocp4/openshift4-release-images:{tag}", f"{source} {host}/ocp4/openshift4:{tag}"]
    elif i["release"] != "4.17.20":
        wanted = [f"{source} {host}/ocp4/openshift4:{tag}-{i['component']}"]
    for want in wanted:
        if want not in lines:
            sys.exit(f"the mapping lacks: {want}")
PY

# The bytes per hop are exact: what a real run then says to have moved.
forget mirror
run 0 "${mirror[@]}" --dry-run -o json
cp "$WORK/out" "$WORK/dry.json"
run 0 "${mirror[@]}" -o json
python3 - "$WORLD/expected.json" "$WORK/dry.json" "$WORK/out" <<'PY'
import json, sys
world, dry, real = (json.load(open(p)) for p in sys.argv[1:])
seen, total = set(), {}
for version in ("4.17.20", "4.17.24", "4.18.9", "4.18.12"):
    blobs = {}
    for i in world["images"]:
        if (i["release"], i["arch"]) == (version, "amd64") and (i["component"] == "payload" or version != "4.17.20"):
            blobs.update(i["blobs"])
    total[version] = (sum(blobs.values()), sum(s for d, s in blobs.items() if d not in seen))
    seen |= set(blobs)

def releases(doc):
    return {r["version"]: r for r in doc["releases"]}

for version, (unique, new) in total.items():
    r = releases(dry)[version]
    # signatures are a few hundred bytes each and not part of expected.json's sums
    for name, want in (("bytes_unique", unique), ("bytes_new", new)):
        if not want <= r[name] <= want + 64 * 1024:
            sys.exit(f"{version}: {name} is {r[name]}, the images have {want}")
for version, r in releases(real).items():
    if r["bytes_new"] != releases(dry)[version]["bytes_new"]:
        sys.exit(f"{version}: dry run and real run differ")
PY
