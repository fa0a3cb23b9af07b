#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Media that an earlier oc-hop has written are still proved and loaded, whatever is written
# today. tests/fixtures/frozen has, for each schema, one directory, the same as volumes, and
# its inventory: releases 4.17.20 and 4.17.24 for amd64, signed with the key of the tests'
# world. When a schema changes, add a fixture before; never write one anew.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3 tar gzip

start=sha256:714c62d8653481011dc9e836c7f480b57cf0553bbebac7702348b1e660542f24
target_release=sha256:1e190f8811154174618243666a67495ac9453718154acb02e8660c4d33adb481
verify=("$OC_HOP" verify --keyring "$WORLD/update-key.asc" --progress none)
load=("$OC_HOP" load --keyring "$WORLD/update-key.asc" --progress none)

for fixture in "$HERE"/../fixtures/frozen/media-v*.tar.gz; do
    name=$(basename "$fixture" .tar.gz)
    echo "$name"
    mkdir "$WORK/$name"
    tar -C "$WORK/$name" -xzf "$fixture"
    for form in directory volumes; do
        media=dir:$WORK/$name/$form
        run 0 "${verify[@]}" "$media"
        says out "0 errors, 0 warnings"
        fresh_mirror
        run 0 "${load[@]}" --resources "$WORK/$name/$form-resources" "$media" "$target"
        releases=$mirror_host/ocp4/openshift4-release-images
        [ "$(raw_digest "$releases:4.17.20-x86_64")" = "$start" ] || fail "$name, $form: the start release differs"
        [ "$(raw_digest "$releases:4.17.24-x86_64")" = "$target_release" ] || fail "$name, $form: the target differs"
        [ "$(list_tags "$mirror_host/ocp4/openshift4" | wc -l)" -ge 7 ] || fail "$name, $form: components are missing"
        list_tags "$mirror_host/ocp4/graph-data" | grep '^latest$' >/dev/null || fail "$name, $form: no graph-data"
        forget mirror
        run 0 "$OC_HOP" verify --keyring "$WORLD/update-key.asc" --progress none \
            --resources "$WORK/$name/$form-resources" "$target"
        says out "0 errors"
    done

    # Its inventory, and the far side's document, are a base for what comes next.
    start_registry source "$WORLD/registry"
    write_idms "$source_host" "$WORK/idms.yaml"
    for base in inventory.json directory/oc-hop.json; do
        run 0 "$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --progress none \
            --idms-file "$WORK/idms.yaml" --since "$WORK/$name/$base" "dir:$WORK/$name/next-${base%%.*}"
    done
    stop source
done
