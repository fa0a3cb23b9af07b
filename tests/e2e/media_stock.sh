#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The layout of stock oc, checked file by file; a file system that cannot bear it is
# refused with a sentence.
. "$(dirname "$0")/lib.sh"
need docker-registry python3

start_registry source "$WORLD/registry"
write_idms "$source_host" "$WORK/idms.yaml"
from=("${TRUST[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" --progress none)
mirror=("$OC_HOP" mirror "${PATH_FLAGS[@]}" "${from[@]}" --media-format oc)
path=(--start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64)

check_stock() {
    local media=$1
    shift
    python3 "$HERE/check_stock.py" --expected "$WORLD/expected.json" --media "$media" --signatures "$WORLD/signatures" "$@"
}

run 0 "${mirror[@]}" "dir:$WORK/media"
check_stock "$WORK/media" "${path[@]}"
[ ! -e "$WORK/media/oc-hop.json" ] && [ ! -e "$WORK/media/index.json" ] && [ ! -e "$WORK/media/partial" ] ||
    fail "it holds files of another layout: $(ls "$WORK/media")"
(cd "$WORK/media" && sha256sum --check --quiet --strict SHA256SUMS)
[ -e "$WORK/media/resources/RUNBOOK.md" ] || fail "no runbook"

# Each blob once on the disk, for both repositories: hard links.
bytes=$(du -sb "$WORK/media/v2" | cut -f1)
unique=$(find "$WORK/media/v2" -type f -printf '%i %s\n' | sort -u | awk '{s+=$2} END {print s}')
[ "$(du -s --block-size=1 --apparent-size "$WORK/media/v2" | cut -f1)" -le $((unique * 102 / 100 + 100000)) ] ||
    fail "$bytes bytes for $unique"

# A second run changes nothing, and carries on what a first one has left.
find "$WORK/media/v2" -printf '%P %i %T@ %l\n' | grep -v '^[^ ]*/manifests \|^[^ ]*/blobs ' | sort >"$WORK/before"
run 0 "${mirror[@]}" "dir:$WORK/media"
find "$WORK/media/v2" -printf '%P %i %T@ %l\n' | grep -v '^[^ ]*/manifests \|^[^ ]*/blobs ' | sort | diff "$WORK/before" - || fail "the second run changed something"
rm "$WORK/media/v2/openshift/release/manifests/4.18.12-x86_64-etcd"
rm "$WORK/media/v2/openshift/release-images/manifests/4.18.12-x86_64"
victim=$(find "$WORK/media/v2/openshift/release/blobs" -size +500k -links 1 | sort | head -n 1)
rm "$victim"
run 0 "${mirror[@]}" "dir:$WORK/media"
check_stock "$WORK/media" "${path[@]}"

# A list for several architectures with its children, untagged.
run 0 "$OC_HOP" mirror --release 4.18.12 --arch multi "${TRUST[@]}" "${DATA[@]}" --media-format oc \
    --graph "stable-4.18/multi=$WORLD/graphs/stable-4.18-multi.json" --idms-file "$WORK/idms.yaml" \
    --progress none "dir:$WORK/multi"
check_stock "$WORK/multi" --release 4.18.12/multi

# What it has no place for, and where it cannot be.
run 2 "${mirror[@]}" --volume-size 1M "dir:$WORK/x"
run 2 "${mirror[@]}" --media-format docker "dir:$WORK/x"
