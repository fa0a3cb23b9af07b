#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The layout of stock oc as media: what --media-format oc writes loads as a direct mirror
# does, and so does what `oc adm release mirror --to-dir` writes, which a script here makes.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
write_idms "$source_host" "$WORK/idms.yaml"
from=("${TRUST[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" --progress none)
path=(--start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64)
releases=(--release 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64)
run 0 "$OC_HOP" mirror "${PATH_FLAGS[@]}" "${from[@]}" --media-format oc "dir:$WORK/ours"
run 0 "$OC_HOP" mirror "${PATH_FLAGS[@]}" "${from[@]}" "dir:$WORK/own"
start_registry direct "$WORK/direct"
run 0 "$OC_HOP" mirror "${PATH_FLAGS[@]}" "${from[@]}" --resources "$WORK/direct-resources" "docker://$direct_host"
stop source

verify=("$OC_HOP" verify --keyring "$WORLD/update-key.asc" --progress none)
load=("$OC_HOP" load --keyring "$WORLD/update-key.asc" --resources "$WORK/resources" --progress none)

# make_stock DIR ARGUMENT…: as stock oc writes it (see make_stock.py).
make_stock() {
    local to=$1
    shift
    python3 "$HERE/make_stock.py" --expected "$WORLD/expected.json" --registry "$WORLD/registry" "$@" "$to"
}

# ---- what we wrote ourselves ----

run 0 "${verify[@]}" "dir:$WORK/ours"
says out "0 missing; 0 errors, 0 warnings"
says err "this layout has no place for a signature"
fresh_mirror
run 0 "${load[@]}" -o json "dir:$WORK/ours" "$target"
says err "nobody vouches for the plan and the graph-data on the media:"
check_mirror "$mirror_host" --skopeo "${path[@]}"
[ "$(list_tags "$mirror_host/ocp4/graph-data")" = "$(list_tags "$direct_host/ocp4/graph-data")" ] ||
    fail "the tags of graph-data differ"
[ "$(raw_digest "$mirror_host/ocp4/graph-data:latest")" = "$(raw_digest "$direct_host/ocp4/graph-data:latest")" ] ||
    fail "the graph-data image differs"
python3 - "$WORK/out" <<'PY'
import json, sys
report = json.load(open(sys.argv[1]))
assert len(report["releases"]) == 4 and all(r["verified"] for r in report["verified"]), report["verified"]
PY
find "$WORK/direct-resources" -type f -exec sed -i "s/$direct_host/$mirror_host/g; s/${direct_host/:/..}/${mirror_host/:/..}/g" {} +
diff -r "$WORK/direct-resources" "$WORK/resources" >"$WORK/diff" || fail "resources differ: $(head -n 20 "$WORK/diff")"

# The far side then has the same, whichever way it came.
run 0 "${verify[@]}" -o inventory "dir:$WORK/own"
cp "$WORK/out" "$WORK/inventory"
run 0 "${verify[@]}" -o inventory "dir:$WORK/ours"
diff "$WORK/inventory" "$WORK/out" >/dev/null || fail "the inventories differ"

# ---- what stock oc wrote, of every kind there is ----

for form in new old windows no-links; do
    make_stock "$WORK/$form" --form "$form" --sigstore --signatures "$WORLD/signatures" "${releases[@]}"
    run 0 "${verify[@]}" -o json "dir:$WORK/$form"
    says err "here no plan, graphs, graph-data"
    python3 - "$WORK/out" "$form" <<'PY'
import json, sys
report = json.load(open(sys.argv[1]))
assert [r["version"] for r in report["releases"]] == ["4.17.20", "4.17.24", "4.18.9", "4.18.12"], report["releases"]
assert all(r["good"] and r["signature"] == "good" for r in report["releases"]), report["releases"]
assert report["totals"]["errors"] == report["totals"]["warnings"] == 0, report["findings"]
PY
    fresh_mirror
    run 0 "${load[@]}" "dir:$WORK/$form" "$target"
    says err "no graph-data image is pushed"
    says err "the resources take quay.io/openshift-release-dev/ocp-release"
    check_mirror "$mirror_host" --skopeo "${releases[@]}"
done
forget mirror
run 0 "${load[@]}" "dir:$WORK/no-links" "$target"
says out "was there"
nothing_was_written "it was there already"

# The graph-data that such media lack can be brought along; no other host is asked for it.
run 2 "${load[@]}" --graph-data https://example.com/graph-data "dir:$WORK/no-links" "$target"
says err "contacts no other host"
run 2 "${load[@]}" --graph-data "$WORLD/graph-data.tar.gz" --no-graph-data "dir:$WORK/no-links" "$target"
head -c 100 "$WORLD/graph-data.tar.gz" >"$WORK/torn.tar.gz"
run 4 "${load[@]}" --graph-data "$WORK/torn.tar.gz" "dir:$WORK/no-links" "$target"
says err "torn.tar.gz"
nothing_was_written "the graph-data is not fit"
run 0 "${load[@]}" --graph-data "$WORLD/graph-data.tar.gz" "dir:$WORK/no-links" "$target"
says err "here no plan, graphs:"
! grep "nobody vouches" "$WORK/err" >/dev/null || fail "a file of the user's is doubted"
[ "$(raw_digest "$mirror_host/ocp4/graph-data:latest")" = "$(raw_digest "$direct_host/ocp4/graph-data:latest")" ] ||
    fail "the graph-data image that was brought along differs"
grep -q "graphDataImage: \"\?$mirror_host/ocp4/graph-data@" "$WORK/resources/updateservice.yaml" || fail "no graph-data in updateservice.yaml"
grep -q 'quay.io/openshift-release-dev/ocp-release"\?$' "$WORK"/resources/imagedigestmirrorset.yaml || fail "no source of release images"
run 0 "$OC_HOP" verify --keyring "$WORLD/update-key.asc" --resources "$WORK/resources" --progress none "$target"

# For several architectures, and another architecture beside it.
make_stock "$WORK/multi" --sigstore --signatures "$WORLD/signatures" --release 4.18.12/multi --release 4.18.9/arm64
run 0 "${verify[@]}" "dir:$WORK/multi"
fresh_mirror
run 0 "${load[@]}" "dir:$WORK/multi" "$target"
check_mirror "$mirror_host" --release 4.18.12/multi --release 4.18.9/arm64

# Under other names.
fresh_mirror
run 0 "${load[@]}" --repository house/parts --release-repository house/releases "dir:$WORK/multi" "$target"
list_tags "$mirror_host/house/releases" | grep -x '4.18.12-multi' >/dev/null || fail "the release is not where it should be"

# What does not belong to it: leftovers are passed over, other images are named.
cp -a "$WORK/new" "$WORK/more"
manifests=$WORK/more/v2/openshift/release/manifests
etcd=$(readlink "$manifests/4.18.12-x86_64-etcd")
ln -s "$etcd" "$manifests/4.18.12-x86_64-etcd.download"
ln -s "$etcd" "$manifests/tools"
printf 'x' >"$manifests/../blobs/sha256:${etcd#sha256:}.download"
printf 'x' >"$manifests/../blobs/.tmp-1"
run 0 "${verify[@]}" "dir:$WORK/more"
says err "manifests/tools: no payload on the media names it"
says out "0 errors, 1 warnings"
fresh_mirror
run 0 "${load[@]}" "dir:$WORK/more" "$target"
check_mirror "$mirror_host" "${releases[@]}"

# ---- signatures ----

make_stock "$WORK/unsigned" "${releases[@]}"
fresh_mirror
run 4 "${load[@]}" "dir:$WORK/unsigned" "$target"
says err "there is no signature of"
nothing_was_written "there were no signatures"
run 4 "${verify[@]}" "dir:$WORK/unsigned"
run 4 "${load[@]:0:2}" --resources "$WORK/r" --progress none "dir:$WORK/new" "$target" # no key of ours
nothing_was_written "the key is none that counts"
run 4 "${load[@]}" --media-keyring "$WORLD/update-key.asc" "dir:$WORK/ours" "$target"
says err "has no inventory that could be signed"
nothing_was_written "the layout cannot be signed"
run 4 "${verify[@]}" --media-keyring "$WORLD/update-key.asc" "dir:$WORK/new"
says err "has no inventory that could be signed"
run 0 "$OC_HOP" load --insecure-skip-signatures --resources "$WORK/skipped" --progress none "dir:$WORK/unsigned" "$target"
says err "RELEASE SIGNATURES ARE NOT CHECKED"
[ "$(raw_digest "$mirror_host/ocp4/openshift4-release-images:4.18.12-x86_64")" = \
    "$(raw_digest "$direct_host/ocp4/openshift4-release-images:4.18.12-x86_64")" ] || fail "another release was loaded"

# ---- where it is, and where it is not ----

run 2 "${load[@]}" "dir:$WORK/new" "dir:$WORK/own/graphs" "$target"
says err "in one directory alone"
run 4 "${load[@]}" "dir:$WORK/new/v2" "$target"
says err "name the directory that holds v2"
mkdir "$WORK/stick"
mv "$WORK/new" "$WORK/stick/mirror"
run 4 "${verify[@]}" "dir:$WORK/stick"
says err "that is in $WORK/stick/mirror"
run 2 "$OC_HOP" mirror "${PATH_FLAGS[@]}" "${from[@]}" --since "$WORK/inventory" --media-format oc "dir:$WORK/x"
