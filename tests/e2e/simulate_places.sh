#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# simulate over the releases in a registry, and on media: the same answers as over a file
# with what a scrape of that registry finds, which a program of its own makes.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
write_idms "$source_host" "$WORK/idms.yaml"
start_registry mirror "$WORK/mirror"
from=("${TRUST[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" --progress none)
multi=(--from 4.18.9 --to 4.18.12 --arch multi --graph "stable-4.18/multi=$WORLD/graphs/stable-4.18-multi.json")
run 0 "$OC_HOP" mirror "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${from[@]}" --resources "$WORK/r" "docker://$mirror_host"
run 0 "$OC_HOP" mirror "${multi[@]}" "${from[@]}" --resources "$WORK/r-multi" "docker://$mirror_host"
run 0 "$OC_HOP" mirror "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${from[@]}" "dir:$WORK/media"
run 0 "$OC_HOP" mirror "${multi[@]}" "${from[@]}" --volume-size 1M "dir:$WORK/volumes"
stop source
releases=ocp4/openshift4-release-images
questions=("" "--channel stable-4.17" "--channel stable-4.18" "--channel stable-4.18 --arch multi" "--channel stable-4.18 --arch s390x")

# simulate CODE SRC QUESTION
simulate() {
    # shellcheck disable=SC2086
    run "$1" "$OC_HOP" simulate --releases "$2" "${DATA[@]}" $3
}

scrape() {
    python3 "$HERE/scrape_registry.py" "$mirror_host" "$releases" >"$WORK/scrape.json"
}

# same SRC [SED]: over the source as over the scrape, changed by the sed script.
same() {
    local question
    for question in "${questions[@]}"; do
        simulate 0 "$WORK/scrape.json" "$question"
        sed "${2:-}" "$WORK/out" >"$WORK/wanted"
        simulate 0 "$1" "$question"
        diff "$WORK/wanted" "$WORK/out" >"$WORK/diff" || fail "$1 $question: $(head -n 20 "$WORK/diff")"
    done
}

scrape
same "docker://$mirror_host/$releases"
simulate 0 "docker://$mirror_host/$releases" "--channel stable-4.18"
says out '"version": "4.18.12"'
# Media know the repository, and not the registry that they will be loaded into.
python3 - "$WORK/scrape.json" "$WORK/amd64.json" "$WORK/multi.json" <<'PY'
import json, sys
whole = json.load(open(sys.argv[1]))
for name, ending in zip(sys.argv[2:], ("-x86_64", "-multi")):
    part = dict(whole, tags=[t for t in whole["tags"] if t["tag"].endswith(ending)])
    assert part["tags"]
    json.dump(part, open(name, "w"))
PY
mv "$WORK/scrape.json" "$WORK/all.json"
mv "$WORK/amd64.json" "$WORK/scrape.json"
same "dir:$WORK/media" "s#$mirror_host/##"
mv "$WORK/multi.json" "$WORK/scrape.json"
same "dir:$WORK/volumes" "s#$mirror_host/##"

# A plan from what the service will serve.
run 0 "$OC_HOP" plan "${PATH_FLAGS[@]}" --releases "docker://$mirror_host/$releases" "${DATA[@]}" -o json
cp "$WORK/out" "$WORK/plan.json"
run 0 "$OC_HOP" plan "${PATH_FLAGS[@]}" --releases "$WORK/all.json" "${DATA[@]}" -o json
cmp "$WORK/out" "$WORK/plan.json" || fail "another plan"

# ---- the habits of the service ----

copy() {
    skopeo copy --quiet --src-tls-verify=false --dest-tls-verify=false "$@" >"$WORK/skopeo.log" 2>&1 ||
        fail "skopeo: $(tail -n 3 "$WORK/skopeo.log")"
}
# An image that is no release; an OCI manifest; a part of a multi release by itself.
copy --override-arch amd64 "docker://$mirror_host/ocp4/openshift4:4.18.12-x86_64-pod" "docker://$mirror_host/$releases:pod"
copy --format oci --override-arch amd64 "docker://$mirror_host/$releases:4.18.9-x86_64" "docker://$mirror_host/$releases:oci"
copy --override-arch s390x "docker://$mirror_host/$releases:4.18.9-multi" "docker://$mirror_host/$releases:shard"
scrape
same "docker://$mirror_host/$releases"
simulate 0 "docker://$mirror_host/$releases" ""
says err "warning: no release: pod: "
says err "warning: no release: oci: an OCI manifest"
says err "warning: no release: shard: a part of a multi release"

# Where the service gives up, so does the simulation.
give_up() {
    scrape
    simulate 4 "$WORK/scrape.json" ""
    says err "$1"
    simulate 4 "docker://$mirror_host/$releases" ""
    says err "$1"
}
put() { # TAG list|twice: as a list of one entry, or as the same manifest with another digest
    python3 - "$mirror_host" "$releases" "$@" <<'PY'
import json, sys, urllib.request
host, repository, tag, how = sys.argv[1:]
one = "application/vnd.docker.distribution.manifest.v2+json"
many = "application/vnd.docker.distribution.manifest.list.v2+json"
base = f"http://{host}/v2/{repository}/manifests/"
answer = urllib.request.urlopen(urllib.request.Request(base + "4.18.12-x86_64", headers={"Accept": one}))
body, digest, kind = answer.read(), answer.headers["Docker-Content-Digest"], one
if how == "list":
    entry = {"mediaType": one, "size": len(body), "digest": digest, "platform": {"architecture": "amd64", "os": "linux"}}
    body, kind = json.dumps({"schemaVersion": 2, "mediaType": many, "manifests": [entry]}).encode(), many
else:
    body += b"\n"
urllib.request.urlopen(urllib.request.Request(base + tag, data=body, method="PUT", headers={"Content-Type": kind}))
PY
}
tags=$WORK/mirror/docker/registry/v2/repositories/$releases/_manifests/tags
put alone list
give_up "tag alone: a list with one entry"
rm -r "$tags/alone"
put again twice
give_up "release 4.18.12+amd64: mismatched manifest ref"
rm -r "$tags/again"
payload=$(raw_digest "$mirror_host/$releases:4.18.9-x86_64")
storage=$WORK/mirror/docker/registry/v2
layer=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["layers"][-1]["digest"][7:])' \
    "$storage/blobs/sha256/${payload:7:2}/${payload:7}/data")
rm -r "$storage/blobs/sha256/${layer:0:2}/$layer" "$storage/repositories/$releases/_layers/sha256/$layer"
give_up "tag 4.18.9-x86_64: a layer cannot be fetched, so the whole scrape is given up"

run 2 "$OC_HOP" simulate --releases "docker://$mirror_host" "${DATA[@]}"
says err "expected docker://HOST[:PORT]/REPO"
run 2 "$OC_HOP" simulate --releases "docker://$mirror_host/$releases:latest" "${DATA[@]}"
run 2 "$OC_HOP" simulate --releases dir: "${DATA[@]}"
run 1 "$OC_HOP" simulate --releases "docker://$mirror_host/no/such" "${DATA[@]}"
says err "$mirror_host/no/such has no tags"
run 1 "$OC_HOP" simulate --releases "dir:$WORK/r" "${DATA[@]}"
stop mirror
run 5 "$OC_HOP" simulate --releases "docker://$mirror_host/$releases" "${DATA[@]}"
