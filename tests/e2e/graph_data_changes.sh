#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Graph-data that is pruned to a plan, blocked by the house, and signed; and the forms of the image.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo umoci python3
image=("$OC_HOP" graph-data "${DATA[@]}")

# unpack LAYOUT DIRECTORY: the amd64 image's root
unpack() {
    python3 - "$1" <<'PY'
import json, sys
path = sys.argv[1] + "/index.json"
index = json.load(open(path))
top = index["manifests"][0]
if "index" in top["mediaType"] or "list" in top["mediaType"]:
    blob = json.load(open(sys.argv[1] + "/blobs/" + top["digest"].replace(":", "/")))
    top = next(m for m in blob["manifests"] if m["platform"]["architecture"] == "amd64")
top = dict(top, annotations={"org.opencontainers.image.ref.name": "one"})
index["manifests"].append(top)
json.dump(index, open(path, "w"))
PY
    umoci unpack --rootless --image "$1:one" "$2" >"$WORK/umoci.log" 2>&1 || fail "$(cat "$WORK/umoci.log")"
}
data=rootfs/var/lib/cincinnati-graph-data

# Pruned to the path: its channel with its releases, and nothing else.
run 0 "$OC_HOP" plan "${PATH_FLAGS[@]}" "${GRAPHS[@]}" -o json
cp "$WORK/out" "$WORK/plan.json"
run 0 "${image[@]}" --prune "$WORK/plan.json" "oci:$WORK/pruned"
unpack "$WORK/pruned" "$WORK/pruned.unpacked"
[ "$(ls "$WORK/pruned.unpacked/$data/channels")" = stable-4.18.yaml ] || fail "other channels are left"
for version in 4.17.20 4.17.24 4.18.9 4.18.12; do
    grep -q -- "$version" "$WORK/pruned.unpacked/$data/channels/stable-4.18.yaml" || fail "lost $version"
done

# A block of the house's own goes in; one that would block nothing does not.
printf 'to: 4.18.12\nfrom: 4[.]17[.].*\n' >"$WORK/house.yaml"
run 0 "${image[@]}" --extra-block "$WORK/house.yaml" "oci:$WORK/blocked"
unpack "$WORK/blocked" "$WORK/blocked.unpacked"
cmp "$WORK/house.yaml" "$WORK/blocked.unpacked/$data/blocked-edges/house.yaml"
printf 'to: 4.18.12\nfrom: .*\nurl: https://example.com\n' >"$WORK/house.yaml"
run 4 "${image[@]}" --extra-block "$WORK/house.yaml" "oci:$WORK/broken"
[ ! -e "$WORK/broken" ] || fail "an image was written all the same"

# Data that the service would pass over in silence is named, and built only on request.
mkdir "$WORK/bad"
tar -xzf "$WORLD/graph-data.tar.gz" -C "$WORK/bad"
printf 'to: 4.18.12\nfrom: .*\nfixedIn: 4.18.13\n' >"$WORK/bad/blocked-edges/open.yaml"
run 4 "$OC_HOP" graph-data --graph-data "$WORK/bad" "oci:$WORK/bad.image"
says err "blocked-edges/open.yaml"
says err "--no-lint"
run 0 "$OC_HOP" graph-data --graph-data "$WORK/bad" --no-lint "oci:$WORK/bad.image"

# One file for one architecture, readable by skopeo.
run 2 "${image[@]}" "docker-archive:$WORK/image.tar"
says err "--arch"
run 0 "${image[@]}" --arch amd64 "docker-archive:$WORK/image.tar:registry.example/graph-data:one"
skopeo inspect "docker-archive:$WORK/image.tar" >"$WORK/inspect.json"
grep -q '"Architecture": "amd64"' "$WORK/inspect.json"

# Media types on request.
start_registry mirror "$WORK/mirror"
run 0 "${image[@]}" --arch amd64 --format oci "docker://$mirror_host/x/oci:t"
skopeo inspect --raw --tls-verify=false "docker://$mirror_host/x/oci:t" | grep 'oci.image.manifest.v1' >/dev/null ||
    fail "--format oci pushed another type"
run 2 "${image[@]}" --format tar "docker://$mirror_host/x/oci:t"
