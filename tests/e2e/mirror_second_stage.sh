#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What oc-hop wrote for one mirror is the source of the next: the second registry is filled
# from the first one through the mirror set among its resources.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
start_registry first "$WORK/first"
start_registry second "$WORK/second"
write_idms "$source_host" "$WORK/idms.yaml"
mirror=("$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --progress none)
run 0 "${mirror[@]}" --idms-file "$WORK/idms.yaml" --resources "$WORK/resources" "docker://$first_host"
stop source

written=$(grep -lE '^kind: ImageDigestMirrorSet' "$WORK"/resources/*.yaml)
[ -f "$written" ] || fail "expected one ImageDigestMirrorSet, found: $written"
run 0 "${mirror[@]}" --idms-file "$written" --resources "$WORK/resources2" "docker://$second_host"
check_mirror "$second_host" --start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 \
    --release 4.18.12/amd64
