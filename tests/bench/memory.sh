#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How much memory a mirror takes at its peak: with one blob that is larger than memory should
# ever be, and with a whole path of some 600 images, over plain HTTP and TLS, trusting as
# many certificates as a system does. Fails past 64 MiB. A build without sanitizers, please.
# The tests run it too, with a smaller blob.
#
#     OC_HOP=build/release/cli/oc-hop HOP_WORLD_BIN=build/release/tests/hop-world \
#         tests/bench/memory.sh [--size BYTES] [--scale PERCENT]
#
# The blob (4 GiB) is a hole at the source; at the destination it takes its space in TMPDIR.
set -euo pipefail
size=4294967296 scale=2 most_kib=65536
while [ $# -gt 0 ]; do
    case $1 in
    --size) size=$2 ;;
    --scale) scale=$2 ;;
    *)
        echo "Usage: memory.sh [--size BYTES] [--scale PERCENT]" >&2
        exit 2
        ;;
    esac
    shift 2
done
# lib.sh would make the small world; these are its own.
export HOP_WORLD=/nowhere
. "$(dirname "$0")/../e2e/lib.sh"
need docker-registry python3
[ -x /usr/bin/time ] || fail "the package time is not installed"

# make_bundle: $WORK/bundle.pem has 150 certificates, about 270 KB, and the registries' CA.
make_bundle() {
    make_ca
    openssl genrsa -out "$WORK/key.pem" 4096 2>/dev/null
    for ((i = 1; i <= 150; i++)); do
        openssl req -x509 -key "$WORK/key.pem" -subj "/CN=authority $i" -days 30
    done >"$WORK/bundle.pem"
    cat "$WORK/ca.pem" >>"$WORK/bundle.pem"
}

# measure NAME WORLD http|https FLAG…: mirrors from the world's registry; says and checks
# the peak.
measure() {
    local name="$1, $3" world=$2 peak tls=()
    [ "$3" = http ] || tls=(tls)
    shift 3
    start_registry source "$world/registry" "${tls[@]}"
    start_registry mirror "$WORK/mirror" "${tls[@]}"
    cat >"$WORK/idms.yaml" <<YAML
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {name: bench}
spec:
  imageDigestMirrors:
  - {source: quay.io/openshift-release-dev/ocp-release, mirrorSourcePolicy: NeverContactSource,
     mirrors: ["$source_host/openshift-release-dev/ocp-release"]}
  - {source: quay.io/openshift-release-dev/ocp-v4.0-art-dev, mirrorSourcePolicy: NeverContactSource,
     mirrors: ["$source_host/openshift-release-dev/ocp-v4.0-art-dev"]}
YAML
    # shellcheck disable=SC2154
    run 0 /usr/bin/time -f '%M %e %U %S' -o "$WORK/time" "$OC_HOP" mirror "$@" --insecure-skip-signatures --no-graph-data --ca "$WORK/bundle.pem" \
        --idms-file "$WORK/idms.yaml" --resources "$WORK/resources" --progress none -o json "docker://$mirror_host"
    read -r peak seconds user system <"$WORK/time"
    python3 - "$WORK/out" "$name" "$peak" "$seconds" "$user" "$system" <<'PY'
import json, sys
t = json.load(open(sys.argv[1]))["totals"]
print(f"{sys.argv[2]}: {t['images']['copied']} images, {t['bytes']['copied'] / 2**20:.0f} MiB in "
      f"{sys.argv[4]} s ({float(sys.argv[5]) + float(sys.argv[6]):.2f} s of CPU), {int(sys.argv[3]) / 1024:.1f} MiB of memory at the peak")
PY
    [ "$peak" -le "$most_kib" ] || fail "$name: $peak KiB are more than $most_kib"
    stop source
    stop mirror
    rm -rf "$WORK/mirror"
}

make_bundle
mkdir "$WORK/large"
python3 "$HERE/../bench/large_world.py" "$WORK/large" "$size"
measure "one blob" "$WORK/large" http --release 4.17.1 --graph "stable-4.17=$WORK/large/graph.json"
rm -rf "$WORK/large"
"$HOP_WORLD_BIN" --size bench --scale "$scale" "$WORK/many"
graphs=()
for graph in "$WORK"/many/graphs/*.json; do
    graphs+=(--graph "$(basename "$graph" .json)=$graph")
done
mapfile -t releases < <(python3 -c 'import json, sys
for r in json.load(open(sys.argv[1]))["releases"]: print("--release=" + r["version"])' "$WORK/many/expected.json")
for scheme in http https; do
    measure "many images" "$WORK/many" "$scheme" "${releases[@]}" "${graphs[@]}"
done
