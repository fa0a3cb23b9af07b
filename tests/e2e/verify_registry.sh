#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A registry is looked at as the nodes will: everything that is missing or wrong is found,
# and named.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3
. "$HERE/verify_mirrored.sh"

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
nobody=sha256-$(printf '0%.0s' {1..64}).sig
cp -r "$components/tags/sha256-$signed.sig" "$components/tags/$nobody"
verify 4 -o json
found "ocp4/openshift4:$nobody" missing ""
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

# ---- questions that make no sense, registries that are none ----

run 2 "$OC_HOP" verify "docker://$mirror_host" "docker://$mirror_host"
run 2 "$OC_HOP" verify "docker://$mirror_host" -o yaml
run 4 "$OC_HOP" verify --release-repository no/such "docker://$mirror_host"
says err "no release image"
stop mirror
run 5 "$OC_HOP" verify --progress none "docker://$mirror_host"
