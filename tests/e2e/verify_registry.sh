#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A registry is looked at as an update service and the nodes will: everything that would
# hurt is found, and named.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
write_idms "$source_host" "$WORK/idms.yaml"
from=("${TRUST[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" --progress none)
start_registry mirror "$WORK/mirror"
run 0 "$OC_HOP" mirror "${PATH_FLAGS[@]}" "${from[@]}" --resources "$WORK/resources" "docker://$mirror_host"
run 0 "$OC_HOP" mirror --from 4.18.9 --to 4.18.12 --arch multi "${TRUST[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" \
    --graph "stable-4.18/multi=$WORLD/graphs/stable-4.18-multi.json" --progress none \
    --resources "$WORK/multi-resources" "docker://$mirror_host"
stop source
stop mirror
cp -a "$WORK/mirror" "$WORK/good"

# afresh: the registry as it was mirrored; $mirror_host.
afresh() {
    [ -z "${PIDS[mirror]:-}" ] || stop mirror
    rm -rf "$WORK/mirror"
    cp -a "$WORK/good" "$WORK/mirror"
    start_registry mirror "$WORK/mirror"
}

# verify CODE ARGUMENT…
verify() {
    local code=$1
    shift
    run "$code" "$OC_HOP" verify --progress none "$@" "docker://$mirror_host"
}

# found FILE RULE HOP: an error of the last run (-o json).
found() {
    python3 - "$WORK/out" "$@" <<'PY' || fail "not found: $*"
import json, sys
report, name, rule, hop = json.load(open(sys.argv[1])), *sys.argv[2:5]
hits = [f for f in report["findings"] if f["level"] == "error" and name in (f["file"] or "")
        and rule in ("", f["rule"]) and (hop == "" or any(hop in h for h in f["hops"]))]
if not hits:
    print(json.dumps(report["findings"], indent=1)[:3000])
    sys.exit(1)
PY
}

# the digest of an image of 4.18.12 for amd64, or of its last blob: hex
hex() {
    python3 - "$WORLD/expected.json" "$1" "${2:-}" "${3:-amd64}" <<'PY'
import json, sys
for i in json.load(open(sys.argv[1]))["images"]:
    if (i["release"], i["arch"], i["component"]) == ("4.18.12", sys.argv[4], sys.argv[2]):
        print((list(i["blobs"])[-1] if sys.argv[3] == "blob" else i["digest"])[7:])
PY
}
storage=$WORK/mirror/docker/registry/v2
releases=ocp4/openshift4-release-images

# ---- nothing is wrong ----

afresh
verify 0 -o json
says err "release signatures are not checked"
python3 - "$WORK/out" <<'PY'
import json, sys
report = json.load(open(sys.argv[1]))
assert report["schema"] == "oc-hop/verify/v1" and report["findings"] == [], report["findings"]
assert {(r["version"], r["arch"]) for r in report["releases"]} == {
    ("4.17.20", "amd64"), ("4.17.24", "amd64"), ("4.18.9", "amd64"), ("4.18.12", "amd64"),
    ("4.18.9", "multi"), ("4.18.12", "multi")}, report["releases"]
assert all(r["signature"] == "not-checked" and r["good"] for r in report["releases"])
assert {(r["version"], r["arch"]) for r in report["releases"] if r["payload_only"]} == {
    ("4.17.20", "amd64"), ("4.18.9", "multi")}, report["releases"]
PY
says err "note: 4.17.20 (amd64) is there as a payload only"
[ "$(count mirror '(PUT|POST|PATCH|DELETE) ')" = 0 ] || fail "verify wrote something"
path=("${PATH_FLAGS[@]}" "${GRAPHS[@]}")
verify 0 "${path[@]}" "${DATA[@]}" --keyring "$WORLD/update-key.asc" --resources "$WORK/resources"
says out "4.18.12 "
says out "signed by"
verify 4 --resources "$WORK/resources" # the demo key is none that counts
verify 0 --deep --keyring "$WORLD/update-key.asc" --signature-store "$WORLD/signatures"
run 0 "$OC_HOP" plan "${path[@]}" -o json
cp "$WORK/out" "$WORK/plan.json"
verify 0 --plan "$WORK/plan.json" "${DATA[@]}"
verify 0 -o inventory
python3 - "$WORK/out" "$storage" <<'PY'
import json, os, sys
inventory = json.load(open(sys.argv[1]))
for kind in ("manifests", "blobs"):
    assert inventory[kind] == sorted(inventory[kind]) and inventory[kind], kind
    for d in inventory[kind]:
        assert os.path.exists(f"{sys.argv[2]}/blobs/sha256/{d[7:9]}/{d[7:]}/data"), d
PY

# ---- bytes ----

layer=$(hex hyperkube blob)
data=$storage/blobs/sha256/${layer:0:2}/$layer/data
printf 'x' | dd of="$data" bs=1 seek=99 conv=notrunc status=none
verify 0 # the registry says that it has it
verify 4 -o json --deep
found "@sha256:$layer" digest "4.18.12 (amd64) hyperkube"
rm -r "$storage/blobs/sha256/${layer:0:2}/$layer" "$storage/repositories/ocp4/openshift4/_layers/sha256/$layer"
verify 4 -o json
found "@sha256:$layer" missing "4.18.12 (amd64) hyperkube"
afresh
rm -r "$storage/repositories/ocp4/openshift4/_manifests/tags/4.18.12-x86_64-etcd"
verify 4 -o json
found "ocp4/openshift4:4.18.12-x86_64-etcd" missing "4.18.12 (amd64) etcd"

# A release without components is one whose components are missing, unless it can be the
# start of a path.
afresh
components=$storage/repositories/ocp4/openshift4/_manifests
rm -r "$components"/tags/4.18.12-x86_64-*
verify 4 -o json
found "ocp4/openshift4:4.18.12-x86_64-etcd" missing "4.18.12 (amd64) etcd"
found "ocp4/openshift4:4.18.12-x86_64-pod" missing "4.18.12 (amd64) pod"
found "" components "4.18.12 (amd64) payload"
says out "4.18.9 updates to it"
afresh
rm -r "$storage/repositories/$releases"/_manifests/tags/4.18.12-multi
verify 4 -o json
found "ocp4/openshift4:4.18.9-multi-etcd" missing "4.18.9 (multi) etcd"
says out "it updates to no release here"

# Tags that lead nowhere, as after a clean-up of the storage that went too far.
afresh
signed=$(hex console)
signature=$(sed 's/^sha256://' "$components/tags/sha256-$signed.sig/current/link")
rm -r "$components/revisions/sha256/$signature"
verify 4 -o json
found "ocp4/openshift4:sha256-$signed.sig" missing "4.18.12 (amd64) console signature"
rm -r "$components"/revisions/sha256/*
verify 4 -o json
found "ocp4/openshift4:sha256-$signed.sig" missing "4.18.12 (amd64) console signature"
found "ocp4/openshift4:4.18.12-x86_64-etcd" missing "4.18.12 (amd64) etcd"
verify 4 -o json "${path[@]}"
found "ocp4/openshift4:4.18.12-x86_64-etcd" missing "4.18.12 (amd64) etcd"
afresh
rm -r "$storage/repositories/$releases/_manifests/revisions/sha256/$(hex payload)"
verify 4 -o json
found "$releases:4.18.12-x86_64" missing "4.18.12 (amd64) payload"

# The start of the path; a signature tag; a tag that leads elsewhere.
afresh
rm -r "$storage/repositories/$releases/_manifests/tags/4.17.20-x86_64"
verify 4 -o json "${path[@]}"
found "$releases:4.17.20-x86_64" missing "4.17.20 (amd64) payload"
afresh
cp "$storage/repositories/$releases/_manifests/tags/4.18.9-x86_64/current/link" \
    "$storage/repositories/$releases/_manifests/tags/4.18.12-x86_64/current/link"
verify 4 -o json "${path[@]}"
found "$releases:4.18.12-x86_64" digest "4.18.12 (amd64) payload"
verify 4 -o json
found "" payload "4.18.12 (amd64) payload"

# A list that lacks one of its images.
afresh
list=$(hex payload "" multi)
child=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["manifests"][-1]["digest"][7:])' \
    "$storage/blobs/sha256/${list:0:2}/$list/data")
rm -r "$storage/repositories/$releases/_manifests/revisions/sha256/$child"
verify 4 -o json
found "$releases@sha256:$child" missing "4.18.12 (multi) payload"

# ---- what hurts an update service ----

copy() {
    skopeo copy --quiet --src-tls-verify=false --dest-tls-verify=false "$@" >"$WORK/skopeo.log" 2>&1 ||
        fail "skopeo: $(tail -n 3 "$WORK/skopeo.log")"
}
afresh
copy "docker://$mirror_host/ocp4/openshift4:4.18.12-x86_64-pod" "docker://$mirror_host/$releases:4.18.12-x86_64-pod"
verify 4
says err "4.18.12-x86_64-pod: a component in the repository of the releases"
verify 4 "${path[@]}"
says err "4.18.12-x86_64-pod: a component in the repository of the releases"
# The same under a name that no component has.
afresh
copy "docker://$mirror_host/ocp4/openshift4:4.18.12-x86_64-pod" "docker://$mirror_host/$releases:pod"
for question in "" "${path[*]}"; do
    # shellcheck disable=SC2086
    verify 4 -o json $question
    found "$releases:pod" payload "pod payload"
done

afresh
copy --format oci "docker://$mirror_host/$releases:4.18.12-x86_64" "docker://$mirror_host/$releases:rebuilt"
verify 4 -o json
found "" osus "4.18.12 (amd64)"
says out "a second image of the same release"
says out "of an OCI type"
# It does not depend on what is asked: the service reads every tag.
verify 4 -o json "${path[@]}" --keyring "$WORLD/update-key.asc" --resources "$WORK/resources"
found "" osus "4.18.12 (amd64)"
says out "a second image of the same release"
python3 - "$WORK/out" <<'PY'
import json, sys
report = json.load(open(sys.argv[1]))
assert [r["version"] for r in report["releases"]] == ["4.17.20", "4.17.24", "4.18.9", "4.18.12"], report["releases"]
assert not [f for f in report["findings"] if f["rule"] in ("signature", "unlisted")], report["findings"]
PY
verify 4 --plan "$WORK/plan.json"
says err "a second image of the same release"
# The same image under a second name is none.
afresh
copy "docker://$mirror_host/$releases:4.18.12-x86_64" "docker://$mirror_host/$releases:latest"
verify 0
says err "$releases:latest"

afresh
python3 - "$mirror_host" "$releases" "$(hex payload)" <<'PY'
import json, sys, urllib.request
host, repository, digest = sys.argv[1:]
one = "application/vnd.docker.distribution.manifest.v2+json"
many = "application/vnd.docker.distribution.manifest.list.v2+json"
base = f"http://{host}/v2/{repository}/manifests/"
body = urllib.request.urlopen(urllib.request.Request(base + "sha256:" + digest, headers={"Accept": one})).read()
text = json.dumps({"schemaVersion": 2, "mediaType": many, "manifests": [
    {"mediaType": one, "size": len(body), "digest": "sha256:" + digest,
     "platform": {"architecture": "amd64", "os": "linux"}}]}).encode()
urllib.request.urlopen(urllib.request.Request(base + "4.18.12-x86_64", data=text, method="PUT", headers={"Content-Type": many}))
PY
verify 4 -o json
says out "a list with one entry"

# A payload in plain tar, which mirrors as well as any, and is no release to the service.
afresh
python3 - "$mirror_host" "$releases" <<'PY'
import gzip, hashlib, json, sys, urllib.request
host, releases = sys.argv[1:]
kind = "application/vnd.docker.distribution.manifest.v2+json"
def ask(url, data=None, method="GET", **headers):
    return urllib.request.urlopen(urllib.request.Request(url, data=data, method=method, headers=headers))
def address(repository, what):
    return f"http://{host}/v2/{repository}/{what}"
manifest = json.load(ask(address(releases, "manifests/4.18.12-x86_64"), Accept=kind))
top = manifest["layers"][-1]
layer = gzip.decompress(ask(address(releases, "blobs/" + top["digest"])).read())
digest = "sha256:" + hashlib.sha256(layer).hexdigest()
top.update(mediaType="application/vnd.docker.image.rootfs.diff.tar", size=len(layer), digest=digest)
for repository in releases, "ocp4/openshift4":
    at = ask(address(repository, "blobs/uploads/"), b"", "POST").headers["Location"]
    ask(at + "&digest=" + digest, layer, "PUT", **{"Content-Type": "application/octet-stream"})
    ask(address(repository, "manifests/4.18.12-x86_64"), json.dumps(manifest).encode(), "PUT", **{"Content-Type": kind})
PY
verify 4 -o json
found "" osus "4.18.12 (amd64)"
says out "not compressed by gzip"

# What would be served: graph-data that lacks the last release in its channel.
afresh
mkdir "$WORK/data"
tar -C "$WORK/data" -xf "$WORLD/graph-data.tar.gz"
channel=$(find "$WORK/data" -name stable-4.18.yaml)
grep -v '4\.18\.12' "$channel" >"$WORK/channel"
cp "$WORK/channel" "$channel"
verify 4 -o json "${path[@]}" --graph-data "$(dirname "$(dirname "$channel")")"
found "" osus "4.18.12 (amd64) from 4.18.9"

# ---- questions that make no sense, registries that are none ----

run 2 "$OC_HOP" verify "docker://$mirror_host" "docker://$mirror_host"
run 2 "$OC_HOP" verify "docker://$mirror_host" -o yaml
run 4 "$OC_HOP" verify --release-repository no/such "docker://$mirror_host"
says err "no release image"
stop mirror
run 5 "$OC_HOP" verify --progress none "docker://$mirror_host"
