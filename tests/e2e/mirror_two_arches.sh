#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Two architectures in one run share what they share.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
start_registry mirror "$WORK/mirror"
write_idms "$source_host" "$WORK/idms.yaml"
graphs=()
for minor in 4.17 4.18; do
    graphs+=(--graph "stable-$minor/amd64=$WORLD/graphs/stable-$minor.json"
        --graph "stable-$minor/arm64=$WORLD/graphs/stable-$minor-arm64.json")
done
mirror=("$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" --arch amd64 --arch aarch64 "${graphs[@]}" "${DATA[@]}"
    --idms-file "$WORK/idms.yaml" --resources "$WORK/resources" --progress none "docker://$mirror_host")
path=()
for arch in amd64 arm64; do
    path+=(--start "4.17.20/$arch" --release "4.17.24/$arch" --release "4.18.9/$arch"
        --release "4.18.12/$arch")
done

run 0 "${mirror[@]}"
check_mirror "$mirror_host" --skopeo "${path[@]}"
sed -nE 's/.*"GET [^ ]*\/blobs\/(sha256:[0-9a-f]+) .*/\1/p' "$WORK/source.log" | sort >"$WORK/fetched"
[ -z "$(uniq -d "$WORK/fetched")" ] || fail "fetched twice: $(uniq -d "$WORK/fetched" | head -n 3)"
forget mirror
run 0 "${mirror[@]}"
uploads=$(count mirror '(PATCH|PUT|POST) [^ ]*/blobs/uploads/')
[ "$uploads" = 0 ] || fail "the second run started $uploads uploads"

# A graph without its architecture is ambiguous here.
run 2 "$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" --arch amd64 --arch arm64 "${GRAPHS[@]}" "${DATA[@]}" \
    --idms-file "$WORK/idms.yaml" "docker://$mirror_host"
