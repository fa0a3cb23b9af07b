#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A multi release: lists are copied whole, with the signatures of the list and its children.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
start_registry mirror "$WORK/mirror"
write_idms "$source_host" "$WORK/idms.yaml"
mirror=("$OC_HOP" mirror "${TRUST[@]}" --from 4.18.9 --to 4.18.12 --arch multi "${DATA[@]}"
    --graph "stable-4.18/multi=$WORLD/graphs/stable-4.18-multi.json" --idms-file "$WORK/idms.yaml"
    --resources "$WORK/resources" --progress none)
path=(--start 4.18.9/multi --release 4.18.12/multi)

run 0 "${mirror[@]}" "docker://$mirror_host"
check_mirror "$mirror_host" --skopeo "${path[@]}"
forget mirror
run 0 "${mirror[@]}" "docker://$mirror_host"
uploads=$(count mirror '(PATCH|PUT|POST) [^ ]*/blobs/uploads/')
[ "$uploads" = 0 ] || fail "the second run started $uploads uploads"

# With the components of the start as well.
start_registry other "$WORK/other"
run 0 "${mirror[@]}" --with-start-components "docker://$other_host"
check_mirror "$other_host" --release 4.18.9/multi --release 4.18.12/multi
