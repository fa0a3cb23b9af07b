#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How long a whole path takes: oc-hop against skopeo, from one registry to another, plain
# HTTP, both registries on tmpfs, the runs interleaved. Ratios are what counts: the
# registries run on the same processors, so absolute times mean little.
#
#     OC_HOP=build/release/cli/oc-hop HOP_WORLD_BIN=build/release/tests/hop-world \
#         tests/bench/transfer.sh [--scale PERCENT] [--runs N] [--tmpfs DIR]
#
# The world has 190 components in three releases, about 1.6 GB of unique blobs at 100 %.
# Memory is the largest single process; with xargs -P8 eight of them run at a time.
set -euo pipefail
scale=100 runs=3 tmpfs=/dev/shm
while [ $# -gt 0 ]; do
    case $1 in
    --scale) scale=$2 ;;
    --runs) runs=$2 ;;
    --tmpfs) tmpfs=$2 ;;
    *)
        echo "Usage: transfer.sh [--scale PERCENT] [--runs N] [--tmpfs DIR]" >&2
        exit 2
        ;;
    esac
    shift 2
done
export TMPDIR=$tmpfs
unset HOP_WORLD
OC_HOP=$(realpath "$OC_HOP")
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$tmpfs"
# lib.sh would make the small world; this benchmark brings its own.
bench_world=$(mktemp -d "$tmpfs/oc-hop-bench.XXXXXX")
trap 'rm -rf "$bench_world"' EXIT
"$HOP_WORLD_BIN" --size bench --scale "$scale" "$bench_world"
export HOP_WORLD=$bench_world
. "$here/../e2e/lib.sh"
end() {
    local status=$?
    rm -rf "$bench_world"
    (exit "$status")
    cleanup
}
trap end EXIT
need docker-registry skopeo python3
[ -x /usr/bin/time ] || fail "the package time is not installed"

start_registry source "$WORLD/registry"
write_idms "$source_host" "$WORK/idms.yaml"

# SOURCE DESTINATION, as oc-hop names them; DESTINATION has HOST for the registry.
python3 - "$WORLD/expected.json" "$source_host" >"$WORK/images" <<'PY'
import json, sys
for i in json.load(open(sys.argv[1]))["images"]:
    source = f"docker://{sys.argv[2]}/{i['repository']}@{i['digest']}"
    tag = f"{i['release']}-x86_64"
    if i["component"] == "payload":
        print(source, f"docker://HOST/ocp4/openshift4-release-images:{tag}")
        print(source, f"docker://HOST/ocp4/openshift4:{tag}")
        signature = i["signatures"][0]["tag"]
        source = source.partition("@")[0]
        print(f"{source}:{signature}", f"docker://HOST/ocp4/openshift4-release-images:{signature}")
    else:
        print(source, f"docker://HOST/ocp4/openshift4:{tag}-{i['component']}")
PY
python3 - "$WORLD/expected.json" "$source_host" >"$WORK/sync.yaml" <<'PY'
import json, sys
images = {}
for i in json.load(open(sys.argv[1]))["images"]:
    images.setdefault(i["repository"], []).append(i["digest"])
print(f"{sys.argv[2]}:\n  tls-verify: false\n  images:")
for repository, digests in images.items():
    print(f"    {repository}:")
    for digest in dict.fromkeys(digests):
        print(f"    - {digest}")
PY

copy_oc_hop() {
    "$OC_HOP" mirror --keyring "$WORLD/update-key.asc" --signature-store "$WORLD/signatures" --from 4.18.1 --to 4.18.3 --with-start-components --no-graph-data \
        --graph "stable-4.18=$WORLD/graphs/stable-4.18.json" --idms-file "$WORK/idms.yaml" \
        --resources "$WORK/resources" --progress none "docker://$1"
}
copy_xargs() {
    sed "s/HOST/$1/" "$WORK/images" | xargs -P8 -L1 skopeo copy -q --all --preserve-digests \
        --src-tls-verify=false --dest-tls-verify=false
}
copy_sync() {
    skopeo sync --all --src yaml --dest docker --dest-tls-verify=false "$WORK/sync.yaml" "$1/sync"
}
export -f copy_oc_hop copy_xargs copy_sync
export OC_HOP WORLD WORK

: >"$WORK/figures"
for ((run = 1; run <= runs; run++)); do
    for way in oc_hop xargs sync; do
        start_registry mirror "$WORK/mirror"
        # shellcheck disable=SC2154
        if ! /usr/bin/time -q -o "$WORK/time" -f '%e %U %S %M' \
            bash -c "copy_$way '$mirror_host'" >"$WORK/$way.out" 2>&1; then
            tail -n 5 "$WORK/$way.out" >&2
            fail "$way"
        fi
        printf '%s %s\n' "$way" "$(cat "$WORK/time")" >>"$WORK/figures"
        printf 'run %s, %-7s %s\n' "$run" "$way" "$(tail -n 1 "$WORK/figures" | cut -d' ' -f2-)"
        if [ "$way" = oc_hop ]; then
            check_mirror "$mirror_host" --release 4.18.1/amd64 --release 4.18.2/amd64 --release 4.18.3/amd64
        fi
        stop mirror
        rm -rf "$WORK/mirror"
    done
done

python3 - "$WORK/figures" "$WORLD/expected.json" <<'PY'
import json, statistics, sys
blobs = {}
for i in json.load(open(sys.argv[2]))["images"]:
    blobs.update(i["blobs"])
rows = {}
for line in open(sys.argv[1]):
    way, wall, user, system, kib = line.split()
    rows.setdefault(way, []).append((float(wall), float(user) + float(system), int(kib) / 1024))
middle = {way: [statistics.median(c) for c in zip(*runs)] for way, runs in rows.items()}
names = {"oc_hop": "oc-hop mirror", "xargs": "skopeo copy, xargs -P8", "sync": "skopeo sync"}
base = middle["oc_hop"]
print(f"\n{sum(blobs.values()) / 1e6:.0f} MB of unique blobs in {len(blobs)}; medians of {len(rows['oc_hop'])}")
print(f"{'':24}{'wall s':>9}{'CPU s':>9}{'RSS MiB':>9}   wall x   CPU x   RSS x")
for way, figures in middle.items():
    ratios = "".join(f"{f / b:8.2f}" for f, b in zip(figures, base))
    print(f"{names[way]:24}{figures[0]:9.1f}{figures[1]:9.1f}{figures[2]:9.1f} {ratios}")
PY
