#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A registry is looked at as an update service will: what would hurt it is found, and
# named, whatever is asked.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3
. "$HERE/verify_mirrored.sh"

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
run 0 "$OC_HOP" plan "${path[@]}" -o json
cp "$WORK/out" "$WORK/plan.json"
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

# Of a list the service takes one image, and not always the first.
afresh
python3 - "$mirror_host" "$releases" <<'PY'
import gzip, hashlib, json, sys, urllib.request
host, releases = sys.argv[1:]
one = "application/vnd.docker.distribution.manifest.v2+json"
many = "application/vnd.docker.distribution.manifest.list.v2+json"
def ask(url, data=None, method="GET", **headers):
    return urllib.request.urlopen(urllib.request.Request(url, data=data, method=method, headers=headers))
def address(repository, what):
    return f"http://{host}/v2/{repository}/{what}"
def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()
top = json.load(ask(address(releases, "manifests/4.18.12-multi"), Accept=many))
child = next(m for m in top["manifests"] if m["platform"]["architecture"] != "amd64")
manifest = json.load(ask(address(releases, "manifests/" + child["digest"]), Accept=one))
layer = gzip.decompress(ask(address(releases, "blobs/" + manifest["layers"][-1]["digest"])).read())
manifest["layers"][-1].update(mediaType="application/vnd.docker.image.rootfs.diff.tar", size=len(layer), digest=sha256(layer))
body = json.dumps(manifest).encode()
child.update(digest=sha256(body), size=len(body))
for repository in releases, "ocp4/openshift4":
    at = ask(address(repository, "blobs/uploads/"), b"", "POST").headers["Location"]
    ask(at + "&digest=" + sha256(layer), layer, "PUT", **{"Content-Type": "application/octet-stream"})
    ask(address(repository, "manifests/" + child["digest"]), body, "PUT", **{"Content-Type": one})
    ask(address(repository, "manifests/4.18.12-multi"), json.dumps(top).encode(), "PUT", **{"Content-Type": many})
PY
verify 4 -o json
found "" osus "4.18.12 (multi)"
says out "(arm64) is not compressed by gzip"

# What would be served: graph-data that lacks the last release in its channel.
afresh
mkdir "$WORK/data"
tar -C "$WORK/data" -xf "$WORLD/graph-data.tar.gz"
channel=$(find "$WORK/data" -name stable-4.18.yaml)
grep -v '4\.18\.12' "$channel" >"$WORK/channel"
cp "$WORK/channel" "$channel"
verify 4 -o json "${path[@]}" --graph-data "$(dirname "$(dirname "$channel")")"
found "" osus "4.18.12 (amd64) from 4.18.9"
