#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Removable media: how long writing, proving and loading takes, against what else could do
# the same with the same bytes.
#
#     OC_HOP=build/release/cli/oc-hop HOP_BENCH_BIN=build/release/tests \
#         tests/bench/media.sh [--scale PERCENT] [--runs N] [--dir DIR]
#
#   floor        every unique blob once from registry to registry with libcurl alone
#   write        mirror dir:PATH
#   write-curl   every unique blob once with curl, sixteen at a time, into files; sync -f
#   verify       verify dir:PATH
#   openssl      openssl dgst -sha256 over the same files
#   copy         cp -r of the media; sync -f
#   load         load dir:PATH
#
# Medians; ratios are what counts. --dir is where the media is written (on tmpfs as the
# registries are, unless given).
set -euo pipefail
scale=60 runs=3 dir=
while [ $# -gt 0 ]; do
    case $1 in
    --scale) scale=$2 ;;
    --runs) runs=$2 ;;
    --dir) dir=$2 ;;
    *)
        sed -n '/^#     OC_HOP/,/^#$/s/^# *//p' "$0" >&2
        exit 2
        ;;
    esac
    shift 2
done
export TMPDIR=/dev/shm
unset HOP_WORLD
OC_HOP=$(realpath "$OC_HOP")
bin=$(realpath "$HOP_BENCH_BIN")
here=$(cd "$(dirname "$0")" && pwd)
HOP_WORLD=$(mktemp -d "$TMPDIR/oc-hop-bench.XXXXXX")
export HOP_WORLD
"$bin/hop-world" --size bench --scale "$scale" "$HOP_WORLD"
. "$here/../e2e/lib.sh"
. "$here/warm.sh"
end() {
    local status=$?
    rm -rf "$HOP_WORLD" "$media" "$copy"
    (exit "$status")
    cleanup
}
media=$(mktemp -d "${dir:-$WORK}/media.XXXXXX") copy=$(mktemp -d "${dir:-$WORK}/copy.XXXXXX")
trap end EXIT
need docker-registry python3 curl openssl
[ -x /usr/bin/time ] || fail "the package time is not installed"

start_registry source "$WORLD/registry"
# shellcheck disable=SC2154
write_idms "$source_host" "$WORK/idms.yaml"

python3 "$here/lists.py" "$WORLD/expected.json" "$WORLD/registry" "$WORK"

timed() { # NAME COMMAND…: one line of figures
    local name=$1
    shift
    if ! /usr/bin/time -q -o "$WORK/time" -f '%e %U %S %M' "$@" >"$WORK/$name.out" 2>&1; then
        tail -n 5 "$WORK/$name.out" >&2
        fail "$name"
    fi
    printf '%s %s\n' "$name" "$(cat "$WORK/time")" | tee -a "$WORK/figures"
}
write_media() {
    "$OC_HOP" mirror "${TRUST[@]}" --from 4.18.1 --to 4.18.3 --with-start-components --no-graph-data --no-client \
        --graph "stable-4.18=$WORLD/graphs/stable-4.18.json" --idms-file "$WORK/idms.yaml" \
        --progress none "dir:$media/m"
}
write_curl() {
    mkdir -p "$media/f"
    while read -r repository digest _; do
        printf 'url = "http://%s/v2/%s/blobs/%s"\noutput = "%s/f/%s"\n' "$source_host" "$repository" "$digest" "$media" "${digest#*:}"
    done <"$WORK/blobs" >"$WORK/curl"
    curl --silent --fail --parallel --parallel-max 16 --config "$WORK/curl"
    sync -f "$media/f"
}
verify_media() {
    "$OC_HOP" verify --keyring "$WORLD/update-key.asc" --progress none "dir:$media/m"
}
verify_openssl() {
    find "$media/m" -type f -print0 | xargs -0 openssl dgst -sha256 >/dev/null
}
load_media() {
    "$OC_HOP" load --keyring "$WORLD/update-key.asc" --resources "$WORK/resources" --progress none "dir:$media/m" "docker://$mirror_host"
}
copy_floor() {
    "$FLOOR" --source "http://$source_host" --destination "http://$mirror_host" --repository ocp4/openshift4 "$WORK/blobs"
}
copy_media() {
    cp -r "$media/m" "$copy/c"
    sync -f "$copy/c"
}
export -f write_media write_curl verify_media verify_openssl load_media copy_media copy_floor
export OC_HOP WORLD WORK media copy source_host FLOOR=$bin/hop-bench-floor

: >"$WORK/figures"
for ((run = 1; run <= runs; run++)); do
    warm_memory
    timed write bash -c "$(declare -p TRUST); write_media"
    warm_memory
    timed write-curl bash -c write_curl
    timed verify bash -c verify_media
    timed openssl bash -c verify_openssl
    warm_memory
    timed copy bash -c copy_media
    warm_memory
    start_registry mirror "$WORK/mirror"
    export mirror_host
    timed load bash -c load_media
    stop mirror
    rm -rf "$WORK/mirror"
    warm_memory
    start_registry mirror "$WORK/mirror"
    timed floor bash -c copy_floor
    stop mirror
    rm -rf "$WORK/mirror" "$media/m" "$media/f" "$copy/c"
done

python3 - "$WORK/figures" <<'PY'
import statistics, sys
rows = {}
for line in open(sys.argv[1]):
    name, *figures = line.split()
    rows.setdefault(name, []).append([float(f) for f in figures])
median = {n: [statistics.median(f) for f in zip(*r)] for n, r in rows.items()}
print(f"\n{'':12}{'wall s':>9}{'CPU s':>8}{'RSS MiB':>9}")
for name, (wall, user, system, rss) in median.items():
    print(f"{name:12}{wall:9.2f}{user + system:8.2f}{rss / 1024:9.1f}")
for name, peer in (("write", "floor"), ("write", "write-curl"), ("write", "copy"), ("verify", "openssl"), ("load", "floor")):
    print(f"{name} / {peer}: {median[name][0] / median[peer][0]:.2f}")
PY
