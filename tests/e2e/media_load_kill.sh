#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A load that was killed with SIGKILL at seeded random moments: what is tagged among the
# releases is complete, and the same command finishes it.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

kills=4
[ -z "${HOP_LONG:-}" ] || kills=40
RANDOM=$SEED
start_registry source "$WORLD/registry"
write_idms "$source_host" "$WORK/idms.yaml"
run 0 "$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" \
    --progress none "dir:$WORK/media"
stop source
path=(--start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64)
load=("$OC_HOP" load --keyring "$WORLD/update-key.asc" --resources "$WORK/resources" --progress none --jobs 3 "dir:$WORK/media")

# Slow enough to be hit in the middle of things.
round=0
fresh() {
    if [ "$round" -gt 0 ]; then
        stop slow
        stop mirror
        rm -rf "$WORK/mirror$round"
    fi
    round=$((round + 1))
    start_registry mirror "$WORK/mirror$round"
    start_proxy slow "$mirror_host" --fault '* /blobs/ stall=0.02' --fault '* /manifests/ stall=0.01'
}

fresh
began=$(date +%s%N)
run 0 "${load[@]}" "docker://$slow_host"
whole_ms=$((($(date +%s%N) - began) / 1000000))
check_mirror "$mirror_host" "${path[@]}"

# What an update service would see is whole at any moment. `verify` looks at every payload
# tag; where there is none yet it says so.
complete() {
    list_tags "$mirror_host/ocp4/openshift4-release-images" 2>/dev/null | grep -e -x86_64 >/dev/null || return 0
    run 0 "$OC_HOP" verify --progress none "docker://$mirror_host"
}

# Every kill must hit: a load that came to its end before is checked, and the next one
# begins with an empty registry.
fresh
hit=0 tries=0
while [ "$hit" -lt "$kills" ]; do
    tries=$((tries + 1))
    [ "$tries" -le $((kills * 4)) ] || fail "only $hit of $tries kills hit a running load"
    wait_ms=$((RANDOM % (whole_ms * 3 / 4) + 20))
    kill_after "$wait_ms" "${load[@]}" "docker://$slow_host"
    if [ "$ended" = 137 ]; then
        hit=$((hit + 1))
        complete
    else
        [ "$ended" = 0 ] || fail "a load that nobody killed ends with $ended: $(tail -n 5 "$WORK/err")"
        check_mirror "$mirror_host" "${path[@]}"
        fresh
    fi
done
run 0 "${load[@]}" "docker://$slow_host"
check_mirror "$mirror_host" --skopeo "${path[@]}"
printf '%s kills of %s loads (%s ms undisturbed)\n' "$hit" "$tries" "$whole_ms"
