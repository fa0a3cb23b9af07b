#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Cluster resources: right names, real digests, the same bytes on every run.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
start_registry mirror "$WORK/mirror"
write_idms "$source_host" "$WORK/idms.yaml"
mirror=("$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml"
    --progress none "docker://$mirror_host")
run 0 "${mirror[@]}" --resources "$WORK/one"
run 0 env TZ=Asia/Tokyo "${mirror[@]}" --resources "$WORK/two"
diff -r "$WORK/one" "$WORK/two" || fail "the second run wrote other bytes"

# Without --resources they go below the working directory.
mkdir "$WORK/here"
(
    cd "$WORK/here"
    "${mirror[@]}" >"$WORK/out" 2>"$WORK/err"
)
diff -r "$WORK/one" "$WORK/here/oc-hop-resources" || fail "the default place has other bytes"

set_file=$(grep -lE '^kind: ImageDigestMirrorSet' "$WORK"/one/*.yaml)
for line in "source: \"quay.io/openshift-release-dev/ocp-release\"" \
    "source: \"quay.io/openshift-release-dev/ocp-v4.0-art-dev\"" \
    "$mirror_host/ocp4/openshift4-release-images" "$mirror_host/ocp4/openshift4"; do
    grep -qF -- "$line" "$set_file" || fail "the mirror set lacks: $line"
done
service=$(grep -lE '^kind: UpdateService' "$WORK"/one/*.yaml)
digest=$(raw_digest "$mirror_host/ocp4/graph-data:latest")
grep -qF "$mirror_host/ocp4/graph-data@$digest" "$service" ||
    fail "the UpdateService does not name the graph-data image by digest"
grep -qF "$mirror_host/ocp4/openshift4-release-images" "$service" ||
    fail "the UpdateService does not name the release repository"
for word in 4.17.24 4.18.9 4.18.12 stable-4.18 "$RISK"; do
    grep -qF "$word" "$WORK/one/RUNBOOK.md" || fail "the runbook does not speak of $word"
done
