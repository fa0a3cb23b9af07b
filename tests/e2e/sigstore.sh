#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sigstore signatures: copied beside their images, verified with a key, and asked for from
# 4.21 on, where clusters refuse a release image without one.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo openssl python3

# The world of 4.20 and 4.21, as its source is about to be changed.
next=$WORK/next
"$HOP_WORLD_BIN" --size next "$next"
start_registry source "$next/registry"
start_registry mirror "$WORK/mirror"
# shellcheck disable=SC2154
sed "s/SOURCE_HOST/$source_host/" "$next/idms.yaml" >"$WORK/idms.yaml"
trust=(--keyring "$next/update-key.asc" --signature-store "$next/signatures")
key=(--sigstore-key "$next/sigstore-key.pem")

mirror() { # EXIT ARCH FLAG…
    local want=$1 arch=$2
    shift 2
    forget mirror
    run "$want" "$OC_HOP" mirror --from 4.20.5 --to 4.21.1 --accept-risk all --arch "$arch" \
        --graph "stable-4.21/$arch=$next/graphs/$(graph_of "$arch")" --no-graph-data --idms-file "$WORK/idms.yaml" \
        --resources "$WORK/resources" --progress none "${trust[@]}" "$@" "docker://$mirror_host"
}
graph_of() {
    [ "$1" = amd64 ] && echo stable-4.21.json || echo "stable-4.21-$1.json"
}
payload_of() { # ARCH [children]
    python3 - "$next/expected.json" "$@" <<'PY'
import json, sys
for i in json.load(open(sys.argv[1]))["images"]:
    if (i["release"], i["arch"], i["component"]) == ("4.21.1", sys.argv[2], "payload"):
        print(*(i["children"] if sys.argv[3:] else [i["digest"]]), sep="\n")
PY
}
source_tags=$next/registry/docker/registry/v2/repositories/openshift-release-dev/ocp-release/_manifests/tags
sign_tag() { # DIGEST
    echo "sha256-${1#sha256:}.sig"
}

# ---- verified with the key ----

mirror 0 amd64 "${key[@]}" -o json
python3 - "$WORK/out" <<'PY'
import json, sys
assert {r["version"]: r["sigstore"] for r in json.load(open(sys.argv[1]))["releases"]} == \
    {"4.20.5": "verified", "4.21.1": "verified"}
PY
payload=$(payload_of amd64)
tag=$(sign_tag "$payload")
for repository in ocp4/openshift4-release-images ocp4/openshift4; do
    [ "$(raw_digest "$mirror_host/$repository:$tag")" = \
        "$(raw_digest "$source_host/openshift-release-dev/ocp-release:$tag")" ] ||
        fail "$repository:$tag has other bytes than at the source"
done
# Nothing but payloads and their signatures is in the release repository.
list_tags "$mirror_host/ocp4/openshift4-release-images" | grep -vE '^(4\.2[01]\.[15]-x86_64|sha256-[0-9a-f]{64}\.sig)$' &&
    fail "something else is in the release repository"
# The gate that no payload states is in the runbook.
grep -qF ack-4.20-sigstore-in-4.21 "$WORK/resources/RUNBOOK.md" || fail "the gate of 4.20 is missing"

# Without a key they are there, and said to be not verified; the second run has nothing to do.
mirror 0 amd64
says out "sigstore: 4.21.1 (amd64) payload present, not verified"
[ "$(count mirror 'PUT ')" = 0 ] || fail "a complete mirror was written to again"

# What verify says: nodes look for it in the repository of the releases.
verify() { # EXIT ARGUMENT…
    local want=$1
    shift
    run "$want" "$OC_HOP" verify --progress none --keyring "$next/update-key.asc" "$@"
}
tags_of_releases=$WORK/mirror/docker/registry/v2/repositories/ocp4/openshift4-release-images/_manifests/tags
verify 0 "docker://$mirror_host"
mv "$tags_of_releases/$tag" "$WORK/kept-tag"
verify 4 "docker://$mirror_host"
says err "error: sigstore: $mirror_host/ocp4/openshift4-release-images:4.21.1-x86_64: it has no sigstore signature (tag $tag)"
says err "hop: 4.21.1 (amd64) payload"
verify 0 --allow-missing-sigstore "docker://$mirror_host"
says err "warning: sigstore: "
mv "$WORK/kept-tag" "$tags_of_releases/$tag"

# A wrong key: nothing of the release is sent.
openssl genpkey -algorithm ed25519 2>/dev/null | openssl pkey -pubout -out "$WORK/other.pem" 2>/dev/null
start_registry mirror2 "$WORK/mirror2"
first=$mirror_host
# shellcheck disable=SC2154
mirror_host=$mirror2_host
mirror 4 amd64 --sigstore-key "$WORK/other.pem"
says err "the key has not signed this"
says err "4.21.1"
[ "$(count mirror2 '(PUT |PATCH |POST [^ ]*mount=)')" = 0 ] || fail "a release that the key does not vouch for was sent"
printf 'no key\n' >"$WORK/no-key.pem"
mirror 1 amd64 --sigstore-key "$WORK/no-key.pem"
says err "no public key"
mirror_host=$first

# ---- asked for from 4.21 on ----

# A list whose own signature is missing but whose images have theirs will do …
list=$(payload_of multi)
rm -r "${source_tags:?}/$(sign_tag "$list")"
mirror 0 multi "${key[@]}"
says out "4.21.1 (multi) payload verified"
verify 0 "docker://$mirror_host"
# … and one whose image lacks it, too, does not.
child=$(payload_of multi children | tail -n 1)
rm -r "${source_tags:?}/$(sign_tag "$child")"
mirror 4 multi
says err "4.21.1"
says err "has no sigstore signature"
says err "--allow-missing-sigstore"

rm -r "${source_tags:?}/$tag"
mirror_host=$mirror2_host
mirror 4 amd64
says err "release 4.21.1 has no sigstore signature (tag $tag)"
[ "$(count mirror2 'PUT [^ ]*/manifests/4\.21\.1-')" = 0 ] || fail "a release that nodes refuse was tagged"
# shellcheck disable=SC2154
list_tags "$mirror2_host/ocp4/openshift4-release-images" | grep -xF 4.20.5-x86_64 >/dev/null || fail "4.20 does not need one"
mirror 0 amd64 --allow-missing-sigstore
says err "4.21.1 (amd64) has no sigstore signature"

# Media of such a source: load refuses it before anything is written.
run 0 "$OC_HOP" mirror --from 4.20.5 --to 4.21.1 --accept-risk all \
    --graph "stable-4.21/amd64=$next/graphs/$(graph_of amd64)" --no-graph-data --idms-file "$WORK/idms.yaml" \
    --progress none "${trust[@]}" --allow-missing-sigstore "dir:$WORK/media"
verify 4 "dir:$WORK/media"
says err "it has no sigstore signature (tag $tag)"
verify 0 --allow-missing-sigstore "dir:$WORK/media"
says err "warning: sigstore: "
start_registry mirror3 "$WORK/mirror3"
load=("$OC_HOP" load --progress none --keyring "$next/update-key.asc" --resources "$WORK/loaded" "dir:$WORK/media")
# shellcheck disable=SC2154
run 4 "${load[@]}" "docker://$mirror3_host"
says err "it has no sigstore signature (tag $tag)"
says err "--allow-missing-sigstore"
[ "$(count mirror3 '(PUT|PATCH|POST) ')" = 0 ] || fail "something of media that nodes refuse was loaded"
run 0 "${load[@]}" --allow-missing-sigstore "docker://$mirror3_host"
says err "warning: sigstore: "
[ "$(grep -c 'has no sigstore signature' "$WORK/err")" = 1 ] || fail "one missing signature is told more than once"
