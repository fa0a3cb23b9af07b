#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a run costs that has nothing to do, and how --recheck repairs a registry that lost
# blobs and manifests behind the tags that lead to them.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
start_registry mirror "$WORK/mirror"
write_idms "$source_host" "$WORK/idms.yaml"
path=(--start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64)
mirror() {
    # shellcheck disable=SC2154
    run 0 "$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" \
        --resources "$WORK/resources" --progress none -o json "$@" "docker://$mirror_host"
}
mirror

# One request for each manifest, signatures included, and a few for the registry: its
# address, and of each repository the tags and an upload opened and cancelled.
forget mirror
forget source
mirror
python3 - "$WORK/out" "$WORK/mirror.log" "$WORK/source.log" <<'PY'
import collections, json, re, sys
images = json.load(open(sys.argv[1]))["totals"]["images"]
def requests(path):
    return re.findall(r'"(GET|HEAD|POST|PUT|PATCH|DELETE) ([^ "]*) HTTP', open(path).read())
at_mirror, at_source = requests(sys.argv[2]), requests(sys.argv[3])
print(f"nothing to do: {images['total']} manifests, {len(at_mirror)} requests at the mirror, "
      f"{len(at_source)} at the source")
if images["present"] != images["total"]:
    sys.exit(f"{images['present']} of {images['total']} images were found")
if len(at_mirror) > images["total"] + 10:
    sys.exit("more than one request for each manifest at the mirror")
twice = [r for r, n in collections.Counter(at_source + at_mirror).items() if n > 1 and r[1] != "/v2/"]
if twice:
    sys.exit(f"asked twice: {twice[:3]}")
blobs = [p for m, p in at_mirror if "/blobs/sha256" in p]
if blobs:
    sys.exit(f"blobs were asked for: {blobs[:3]}")
PY

# Every third blob of components goes, half of them with the links that lead there, and the
# manifests of one image with all that names it.
stop mirror
python3 - "$WORLD/expected.json" "$WORK/mirror/docker/registry/v2" >"$WORK/lost" <<'PY'
import json, os, shutil, sys
images, root = json.load(open(sys.argv[1]))["images"], sys.argv[2]
payload = {d for i in images if i["component"] == "payload" for d in i["blobs"]}
of_path = [i for i in images if i["arch"] == "amd64" and i["release"] != "4.17.20"]
blobs = sorted({d for i in of_path for d in i["blobs"]} - payload)
def data(digest):
    return f"{root}/blobs/sha256/{digest[7:9]}/{digest[7:]}"
for n, digest in enumerate(blobs[::3]):
    shutil.rmtree(data(digest))
    if n % 2:
        for repository in "openshift4", "openshift4-release-images":
            shutil.rmtree(f"{root}/repositories/ocp4/{repository}/_layers/sha256/{digest[7:]}", ignore_errors=True)
    print(digest)
lists = next(i for i in of_path if i["children"])
for digest in [lists["digest"], *lists["children"]]:
    shutil.rmtree(data(digest))
    shutil.rmtree(f"{root}/repositories/ocp4/openshift4/_manifests/revisions/sha256/{digest[7:]}")
PY
[ "$(wc -l <"$WORK/lost")" -ge 5 ] || fail "only $(wc -l <"$WORK/lost") blobs were deleted"
start_registry mirror "$WORK/mirror"
if check_mirror "$mirror_host" "${path[@]}" >/dev/null 2>&1; then
    fail "nothing is missing"
fi
forget source
mirror --recheck
check_mirror "$mirror_host" --skopeo "${path[@]}"
# Just these came from the source, each once, and what payloads are read for.
python3 - "$WORLD/expected.json" "$WORK/source.log" "$WORK/lost" <<'PY'
import collections, json, re, sys
images = json.load(open(sys.argv[1]))["images"]
payload = {d for i in images if i["component"] == "payload" for d in i["blobs"]}
fetched = collections.Counter(re.findall(r'"GET [^ "]*/blobs/(sha256:[0-9a-f]+) ', open(sys.argv[2]).read()))
lost = set(open(sys.argv[3]).read().split())
if lost - set(fetched):
    sys.exit(f"not fetched: {sorted(lost - set(fetched))[:3]}")
signed = {d for d in fetched if d not in lost and d not in payload}
sizes = {d: s for i in images for d, s in i["blobs"].items()}
if any(d in sizes for d in signed):
    sys.exit(f"fetched without need: {sorted(d for d in signed if d in sizes)[:3]}")
if max(fetched.values()) > 1:
    sys.exit(f"fetched twice: {fetched.most_common(3)}")
PY
