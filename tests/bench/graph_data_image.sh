#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Building the graph-data image: oc-hop against `buildah bud` with the recipe of OpenShift's
# documentation, on a base of UBI's size that is made here, into an OCI layout each. The
# runs are interleaved and everything lies on tmpfs; ratios are what counts.
#
#     OC_HOP=build/release/cli/oc-hop HOP_WORLD_BIN=build/release/tests/hop-world \
#         tests/bench/graph_data_image.sh [--data DIR|TAR] [--runs N] [--base-mib N] [--tmpfs DIR]
#
# The data is the real one where OC_HOP_TEST_DATA says where it is, else the world's. "on
# the base" is oc-hop with --image-base and the same base, for one architecture as buildah
# has it; "all four" is oc-hop's own default.
set -euo pipefail
runs=5 base_mib=210 tmpfs=/dev/shm data=
while [ $# -gt 0 ]; do
    case $1 in
    --data) data=$2 ;;
    --runs) runs=$2 ;;
    --base-mib) base_mib=$2 ;;
    --tmpfs) tmpfs=$2 ;;
    *)
        echo "Usage: graph_data_image.sh [--data DIR|TAR] [--runs N] [--base-mib N] [--tmpfs DIR]" >&2
        exit 2
        ;;
    esac
    shift 2
done
export TMPDIR=$tmpfs
OC_HOP=$(realpath "$OC_HOP")
. "$(cd "$(dirname "$0")" && pwd)/../e2e/lib.sh"
need buildah python3
[ -x /usr/bin/time ] || fail "the package time is not installed"
if [ -z "$data" ]; then
    data=$WORLD/graph-data.tar.gz
    [ -z "${OC_HOP_TEST_DATA:-}" ] || data=$OC_HOP_TEST_DATA/cincinnati-graph-data-20260821.tar.gz
fi

store=(--root "$WORK/store" --runroot "$WORK/run" --storage-driver vfs)
buildah "${store[@]}" info >"$WORK/info" 2>&1 || {
    printf 'skipped: buildah does not run here: %s\n' "$(tail -n 1 "$WORK/info")"
    exit 77
}

# ---- the base: as large as UBI 9, and packed as well as it (210 MiB become some 75) ----

python3 - "$WORK/base" "$base_mib" <<'PY'
import gzip, hashlib, io, json, os, random, sys, tarfile
layout, mib = sys.argv[1], int(sys.argv[2])
os.makedirs(f"{layout}/blobs/sha256")
noise = random.Random(1)
def blob(data, kind):
    name = hashlib.sha256(data).hexdigest()
    open(f"{layout}/blobs/sha256/{name}", "wb").write(data)
    return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": "sha256:" + name, "size": len(data)}
raw = io.BytesIO()
with tarfile.open(fileobj=raw, mode="w") as t:
    for i in range(mib * 4): # files of 256 KiB, a third of each noise
        m = tarfile.TarInfo(f"usr/lib/part-{i // 100}/file-{i}")
        body = noise.randbytes(90000)
        m.size = 1 << 18
        t.addfile(m, io.BytesIO(body + bytes(m.size - len(body))))
layer = blob(gzip.compress(raw.getvalue(), 6), "layer.v1.tar+gzip")
config = blob(json.dumps({"architecture": "amd64", "os": "linux", "config": {"Cmd": ["/bin/bash"]}, "rootfs": {
    "type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(raw.getvalue()).hexdigest()]}}).encode(), "config.v1+json")
manifest = blob(json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                            "config": config, "layers": [layer]}).encode(), "manifest.v1+json")
manifest["annotations"] = {"org.opencontainers.image.ref.name": "base"}
open(f"{layout}/index.json", "w").write(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
open(f"{layout}/oci-layout", "w").write('{"imageLayoutVersion":"1.0.0"}')
PY
# buildah has its base in its store before the clock runs, as after a first pull.
skopeo copy -q "oci:$WORK/base:base" "containers-storage:[vfs@$WORK/store+$WORK/run]registry.example/ubi:9"

mkdir "$WORK/context"
if [ -d "$data" ]; then
    tar -C "$data" -czf "$WORK/context/graph-data.tar.gz" .
else
    cp "$data" "$WORK/context/graph-data.tar.gz"
fi
# Without network and RUN: what is measured is the image, not a download.
cat >"$WORK/context/Containerfile" <<'CONTAINERFILE'
FROM registry.example/ubi:9
ADD graph-data.tar.gz /var/lib/cincinnati-graph-data/
CMD ["/bin/bash", "-c", "exec cp -rp /var/lib/cincinnati-graph-data/* /var/lib/cincinnati/graph-data"]
CONTAINERFILE

# ---- the runs ----

timed() { # NAME COMMAND…: seconds and KiB
    local name=$1
    shift
    /usr/bin/time -a -o "$WORK/$name.times" -f '%e %M' "$@" >"$WORK/$name.log" 2>&1 || fail "$name: $(tail -n 3 "$WORK/$name.log")"
}
with_buildah() { # LAYOUT
    buildah "${store[@]}" bud -q --isolation chroot --pull-never -t graph-data "$WORK/context"
    buildah "${store[@]}" push -q graph-data "oci:$1:t"
}
export -f with_buildah
size_of() { # LAYOUT: what is stored and pushed
    du -sb "$1/blobs" | cut -f1
}

for ((run = 0; run < runs; run++)); do
    rm -rf "$WORK/of-buildah" "$WORK/of-base" "$WORK/of-copier"
    printf '#!/bin/bash\nset -e\nstore=(%s)\nWORK=%q\n%s\nwith_buildah "$1"\n' "${store[*]}" "$WORK" "$(declare -f with_buildah)" >"$WORK/buildah.sh"
    timed buildah bash "$WORK/buildah.sh" "$WORK/of-buildah"
    timed base "$OC_HOP" graph-data --no-lint --graph-data "$data" --image-base "oci:$WORK/base" "oci:$WORK/of-base"
    timed copier "$OC_HOP" graph-data --no-lint --graph-data "$data" "oci:$WORK/of-copier"
    timed checked "$OC_HOP" graph-data --graph-data "$data" "oci:$WORK/of-copier"
done

python3 - "$WORK" "$(size_of "$WORK/of-buildah")" "$(size_of "$WORK/of-base")" "$(size_of "$WORK/of-copier")" <<'PY'
import statistics, sys
work, *sizes = sys.argv[1:]
rows = [("buildah bud, one architecture", "buildah", sizes[0]), ("oc-hop on the base", "base", sizes[1]),
        ("oc-hop, all four", "copier", sizes[2]), ("oc-hop, all four, with lint", "checked", sizes[2])]
def median(name):
    lines = [l.split() for l in open(f"{work}/{name}.times")]
    return statistics.median(float(l[0]) for l in lines), max(int(l[1]) for l in lines)
first = max(median("buildah")[0], 0.01)
print(f"{'':32}{'seconds':>9}{'ratio':>9}{'MiB used':>10}{'bytes':>12}{'ratio':>9}")
for title, name, size in rows:
    seconds, kib = median(name)
    print(f"{title:32}{seconds:9.2f}{first / max(seconds, 0.01):8.1f}x{kib / 1024:10.0f}{int(size):12}{int(sizes[0]) / int(size):8.1f}x")
PY
buildah "${store[@]}" rmi -a -f >/dev/null 2>&1 || :
