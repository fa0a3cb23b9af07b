#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How long a whole path takes from one registry to another: oc-hop, skopeo, and the floor
# (every unique blob once, with libcurl alone; in the row "manifests" also the manifest of
# every image under its tag; in "checked" all that comes is hashed as well, which no
# copier may leave out), near and far, with and without TLS. Both registries are on tmpfs
# behind hop-bench-delay, which adds the round-trip time; every row goes through it, also
# where it adds nothing. The ways take turns within a run, and each run begins with
# another one. Ratios are what counts: the registries run on the same processors.
#
#     OC_HOP=build/release/cli/oc-hop HOP_BENCH_BIN=build/release/tests \
#         tests/bench/transfer.sh [--scale PERCENT] [--runs N] [--tmpfs DIR] [--rtt MS,…]
#             [--scheme http,https] [--ways oc_hop,floor,manifests,checked,xargs,sync] [--figures FILE]
#
# The world has 190 components in three releases, about 1.6 GB of unique blobs at 100 %;
# a smaller scale has as many blobs, which are smaller. Memory is the largest single
# process; with xargs -P8 eight of them run at a time. Bytes are what came from the source,
# headers and TLS included, as a multiple of the unique blobs; requests are what both
# registries logged. --figures keeps the single measurements.
set -euo pipefail
scale=100 runs=3 tmpfs=/dev/shm rtts=0,20,80 schemes=http,https ways=oc_hop,floor,manifests,checked,xargs,sync figures=
while [ $# -gt 0 ]; do
    case $1 in
    --scale) scale=$2 ;;
    --runs) runs=$2 ;;
    --tmpfs) tmpfs=$2 ;;
    --rtt) rtts=$2 ;;
    --scheme) schemes=$2 ;;
    --ways) ways=$2 ;;
    --figures) figures=$2 ;;
    *)
        sed -n '/^#     OC_HOP/,/^#$/s/^# *//p' "$0" >&2
        exit 2
        ;;
    esac
    shift 2
done
export TMPDIR=$tmpfs
unset HOP_WORLD
OC_HOP=$(realpath "$OC_HOP")
bin=$(realpath "$HOP_BENCH_BIN")
here=$(cd "$(dirname "$0")" && pwd)
[ -z "$figures" ] || figures=$(realpath "$figures")
mkdir -p "$tmpfs"
# lib.sh would make the small world; this benchmark brings its own.
bench_world=$(mktemp -d "$tmpfs/oc-hop-bench.XXXXXX")
trap 'rm -rf "$bench_world"' EXIT
"$bin/hop-world" --size bench --scale "$scale" "$bench_world"
export HOP_WORLD=$bench_world
. "$here/../e2e/lib.sh"
. "$here/warm.sh"
end() {
    local status=$?
    rm -rf "$bench_world"
    set +e
    (exit "$status")
    cleanup
}
trap end EXIT
need docker-registry skopeo python3 openssl
[ -x /usr/bin/time ] || fail "the package time is not installed"
make_ca
mkdir "$WORK/certs"
cp "$WORK/ca.pem" "$WORK/certs/ca.crt"
python3 "$here/lists.py" "$WORLD/expected.json" "$WORLD/registry" "$WORK"

# start_delay MS: puts $source_host and $mirror_host that far away, as $near and $far.
delay_is_up() {
    [ "$(wc -l <"$WORK/delay.out")" = 2 ] || ! process_lives "$1"
}
start_delay() {
    : >"$WORK/delay.out"
    # shellcheck disable=SC2154
    "$bin/hop-bench-delay" --rtt "$1" --totals "$WORK/totals" "$source_host" "$mirror_host" >"$WORK/delay.out" &
    PIDS[delay]=$!
    wait_for 20 delay_is_up "${PIDS[delay]}" || fail "hop-bench-delay does not start"
    process_lives "${PIDS[delay]}" || fail "hop-bench-delay ends at once"
    FROM=$(sed -n 1p "$WORK/delay.out") TO=$(sed -n 2p "$WORK/delay.out")
    export FROM TO
}
source_bytes() {
    rm -f "$WORK/totals"
    kill -USR1 "${PIDS[delay]}"
    wait_for 20 [ -e "$WORK/totals" ] || fail "hop-bench-delay gives no totals"
    sed -n 1p "$WORK/totals" | cut -d' ' -f3
}

copy_oc_hop() {
    sed "s/SOURCE_HOST/$FROM/" "$WORLD/idms.yaml" >"$WORK/idms.yaml"
    "$OC_HOP" mirror --keyring "$WORLD/update-key.asc" --signature-store "$WORLD/signatures" --from 4.18.1 --to 4.18.3 --with-start-components --no-graph-data \
        --graph "stable-4.18=$WORLD/graphs/stable-4.18.json" --idms-file "$WORK/idms.yaml" \
        --ca "$WORK/ca.pem" --resources "$WORK/resources" --progress none "docker://$TO"
}
run_floor() {
    "$FLOOR" --source "$SCHEME://$FROM" --destination "$SCHEME://$TO" --repository ocp4/openshift4 \
        --ca "$WORK/ca.pem" "$@"
}
copy_floor() {
    run_floor "$WORK/blobs"
}
copy_manifests() {
    run_floor "$@" "$WORK/blobs" "$WORK/children" "$WORK/manifests"
}
copy_checked() {
    copy_manifests --check
}
copy_xargs() {
    sed "s/SOURCE/$FROM/; s/DESTINATION/$TO/" "$WORK/images" |
        xargs -P8 -L1 skopeo copy -q --all --preserve-digests $SKOPEO_COPY
}
copy_sync() {
    sed "s/SOURCE/$FROM/; s/tls-verify: .*/$SKOPEO_SYNC/" "$WORK/sync" >"$WORK/sync.yaml"
    skopeo sync --all --src yaml --dest docker $SKOPEO_DEST "$WORK/sync.yaml" "$TO/sync"
}
export -f copy_oc_hop run_floor copy_floor copy_manifests copy_checked copy_xargs copy_sync
export OC_HOP WORLD WORK FLOOR=$bin/hop-bench-floor SCHEME
export SKOPEO_COPY SKOPEO_SYNC SKOPEO_DEST

use_scheme() { # http|https
    SCHEME=$1
    if [ "$1" = https ]; then
        tls=(tls)
        SKOPEO_COPY="--src-cert-dir=$WORK/certs --dest-cert-dir=$WORK/certs"
        SKOPEO_SYNC="cert-dir: ${WORK//\//\\/}\\/certs" SKOPEO_DEST="--dest-cert-dir=$WORK/certs"
    else
        tls=()
        SKOPEO_COPY="--src-tls-verify=false --dest-tls-verify=false"
        SKOPEO_SYNC="tls-verify: false" SKOPEO_DEST="--dest-tls-verify=false"
    fi
}

measure() { # SCHEME RTT WAY RUN
    local bytes requests
    warm_memory
    start_registry source "$WORLD/registry" "${tls[@]}"
    start_registry mirror "$WORK/mirror" "${tls[@]}"
    start_delay "$2"
    if ! /usr/bin/time -q -o "$WORK/time" -f '%e %U %S %M' bash -c "copy_$3" >"$WORK/$3.out" 2>&1; then
        tail -n 5 "$WORK/$3.out" >&2
        fail "$3"
    fi
    bytes=$(source_bytes)
    requests=$(($(count source '[A-Z]+ /v2/') + $(count mirror '[A-Z]+ /v2/')))
    printf '%s %s %s %s %s %s\n' "$1" "$2" "$3" "$(cat "$WORK/time")" "$requests" "$bytes" |
        tee -a "$WORK/figures" | sed "s/^/run $4: /"
    if [ "$3" = oc_hop ]; then
        python3 "$here/lists.py" --check "$WORLD/expected.json" "$WORK/source.log"
        check_mirror "$mirror_host" ${tls[0]:+--ca "$WORK/ca.pem"} --release 4.18.1/amd64 --release 4.18.2/amd64 \
            --release 4.18.3/amd64 >/dev/null
    fi
    stop delay
    stop mirror
    stop source
    rm -rf "$WORK/mirror"
}

IFS=, read -r -a all <<<"$ways"
: >"$WORK/figures"
for scheme in ${schemes//,/ }; do
    use_scheme "$scheme"
    for rtt in ${rtts//,/ }; do
        for ((run = 1; run <= runs; run++)); do
            for ((i = 0; i < ${#all[@]}; i++)); do
                measure "$scheme" "$rtt" "${all[(i + run - 1) % ${#all[@]}]}" "$run"
            done
        done
    done
done
[ -z "$figures" ] || cp "$WORK/figures" "$figures"
python3 "$here/table.py" "$WORK/figures" "$WORLD/expected.json"
