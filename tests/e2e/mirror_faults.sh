#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Registries that misbehave: what passes is waited out, what is wrong never arrives.
. "$(dirname "$0")/lib.sh"
need docker-registry python3

start_registry source "$WORLD/registry"
path=(--start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64)
mirror=("$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --resources "$WORK/resources"
    --progress none)
blob_of() { # RELEASE COMPONENT: its own layer
    python3 - "$WORLD/expected.json" "$1" "$2" <<'PY'
import json, sys
print(*[list(i["blobs"])[-1] for i in json.load(open(sys.argv[1]))["images"]
        if (i["release"], i["arch"], i["component"]) == (sys.argv[2], "amd64", sys.argv[3])])
PY
}

# mirror_through CODE SOURCE_HOST NAME: into a registry of that name of its own
mirror_through() {
    local code=$1 from=$2 name=$3 host
    shift 3
    write_idms "$from" "$WORK/$name.idms.yaml"
    start_registry "$name" "$WORK/$name"
    host=${name}_host
    run "$code" "${mirror[@]}" --idms-file "$WORK/$name.idms.yaml" "$@" "docker://${!host}"
}

# Tokens that expire in the middle of the work.
start_proxy token "$source_host" --token 80
# shellcheck disable=SC2154
mirror_through 0 "$token_host" with_tokens
# shellcheck disable=SC2154
check_mirror "$with_tokens_host" "${path[@]}"
[ "$(proxied token '^GET /token ')" -gt 1 ] || fail "the token never expired"
stop token

# "Too many requests", with a time to wait.
start_proxy busy "$source_host" --fault 'GET /manifests/ status=429,retry-after=1 x3'
began=$SECONDS
# shellcheck disable=SC2154
mirror_through 0 "$busy_host" patient
[ $((SECONDS - began)) -ge 1 ] || fail "Retry-After was not waited for"
# shellcheck disable=SC2154
check_mirror "$patient_host" "${path[@]}"
stop busy

# Every blob's first answer breaks off; the rest comes by range, into the same upload.
start_proxy cut "$source_host" --fault 'GET /blobs/ cut=9000 each1'
# shellcheck disable=SC2154
mirror_through 0 "$cut_host" mended
# shellcheck disable=SC2154
check_mirror "$mended_host" "${path[@]}"
[ "$(proxied cut ' cut$')" -gt 10 ] || fail "no answer was cut"
[ "$(count source 'GET [^ ]*/blobs/[^"]*" 206')" -gt 0 ] || fail "nothing was resumed by range"
stop cut

# A share of 502 pages on every request, at both sides.
start_proxy flaky "$source_host" --fault '* /v2/ status=502,html p0.15'
start_registry behind "$WORK/behind"
# shellcheck disable=SC2154
start_proxy flaky_mirror "$behind_host" --fault '* /v2/ status=502,html p0.15'
# shellcheck disable=SC2154
write_idms "$flaky_host" "$WORK/flaky.yaml"
# shellcheck disable=SC2154
run 0 "${mirror[@]}" --idms-file "$WORK/flaky.yaml" "docker://$flaky_mirror_host"
# shellcheck disable=SC2154
check_mirror "$behind_host" "${path[@]}"
stop flaky
stop flaky_mirror

# Uploads that break off in the middle, once each.
start_registry sunk "$WORK/sunk"
# shellcheck disable=SC2154
start_proxy leak "$sunk_host" --fault '(PATCH|PUT) /blobs/uploads/ cut-upload=30000 x5'
write_idms "$source_host" "$WORK/leak.yaml"
# shellcheck disable=SC2154
run 0 "${mirror[@]}" --idms-file "$WORK/leak.yaml" "docker://$leak_host"
check_mirror "$sunk_host" "${path[@]}"
stop leak

# One blob comes with wrong bytes, always: exit 4, the mirror never holds it, its release is
# not tagged, the others are there.
bad=$(blob_of 4.18.12 hyperkube)
start_proxy liar "$source_host" --fault "GET $bad corrupt"
# shellcheck disable=SC2154
mirror_through 4 "$liar_host" honest
says err "$bad"
# shellcheck disable=SC2154
list_tags "$honest_host/ocp4/openshift4-release-images" >"$WORK/tags"
if grep -q '^4\.18\.12-' "$WORK/tags"; then
    fail "a release with a corrupt blob was tagged"
fi
grep -q '^4\.18\.9-x86_64$' "$WORK/tags" || fail "a good release was held back"
[ ! -e "$WORK/honest/docker/registry/v2/blobs/sha256/${bad:7:2}/${bad#sha256:}" ] ||
    fail "the corrupt blob arrived"
[ ! -e "$WORK/honest/docker/registry/v2/repositories/ocp4/openshift4/_layers/sha256/${bad#sha256:}" ] ||
    fail "the corrupt blob is linked"
stop liar

# Wrong bytes once only: the second try is right.
start_proxy once "$source_host" --fault "GET $bad corrupt x1"
# shellcheck disable=SC2154
mirror_through 0 "$once_host" healed
# shellcheck disable=SC2154
check_mirror "$healed_host" "${path[@]}"
stop once

# A manifest with wrong bytes is a matter of integrity, too.
manifest=$(python3 - "$WORLD/expected.json" <<'PY'
import json, sys
print(*[i["digest"] for i in json.load(open(sys.argv[1]))["images"]
        if (i["release"], i["arch"], i["component"]) == ("4.18.12", "amd64", "etcd")])
PY
)
start_proxy forger "$source_host" --fault "GET manifests/$manifest corrupt"
# shellcheck disable=SC2154
mirror_through 4 "$forger_host" wary
says err "$manifest"
