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

# Every object as a YAML parser and an API server would read it; with the mirror's authority, too.
crds=()
if [ -d "${OC_HOP_TEST_DATA:-}/fixtures/crds" ]; then
    crds=(--crds "$OC_HOP_TEST_DATA/fixtures/crds")
else
    echo "skipped: the definitions of custom resources, OC_HOP_TEST_DATA is not set"
fi
if python3 -c 'import yaml' 2>/dev/null; then
    make_ca
    run 0 "${mirror[@]}" --resources "$WORK/ca" --dest-ca "$WORK/ca.pem"
    run 0 "${mirror[@]}" --resources "$WORK/icsp" --icsp
    # shellcheck disable=SC2154
    python3 "$HERE/check_resources.py" "${crds[@]}" --host "$mirror_host" "$WORK/one" "$WORK/ca" "$WORK/icsp"
    python3 - "$WORK/ca/additional-trusted-ca.yaml" "$WORK/ca.pem" "${mirror_host/:/..}" <<'PY' || fail "the trusted CA"
import sys, yaml
data = yaml.safe_load(open(sys.argv[1]))["data"]
pem = open(sys.argv[2]).read()
assert data == {"updateservice-registry": pem, sys.argv[3]: pem}, data
PY
else
    echo "skipped: python3-yaml is not installed"
fi

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
