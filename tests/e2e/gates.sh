#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Admin gates: read from the departing release's payload, by `plan --gates` and by every `mirror`.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

GATE=ack-4.17-demo-api-removals-in-4.18
PATCH="oc -n openshift-config patch configmap admin-acks --type=merge -p '{\"data\":{\"$GATE\":\"true\"}}'"
start_registry source "$WORLD/registry"
start_registry mirror "$WORK/mirror"
# shellcheck disable=SC2154
write_idms "$source_host" "$WORK/idms.yaml"
plan=("$OC_HOP" plan "${PATH_FLAGS[@]}" "${GRAPHS[@]}")

# Without the flag no registry is asked: a plan is made where there is none.
forget source
run 0 "${plan[@]}"
says err "--gates reads them from the payloads"
[ "$(count source 'GET')" = 0 ] || fail "a plan asked a registry"
run 0 "${plan[@]}" -o json
python3 - "$WORK/out" <<'PY'
import json, sys
gates = json.load(open(sys.argv[1]))["gates"]
assert gates == [{"from": "4.17.24", "to": "4.18.9", "arch": "amd64", "known": False, "acks": [], "patch": None}], gates
PY

# With it, only the payload that the cluster departs from is read, and of its components nothing.
forget source
run 0 "${plan[@]}" --gates --idms-file "$WORK/idms.yaml"
says out "4.17.24 to 4.18.9 (amd64):"
says out "$GATE"
says out "Move them to the stable one first."
says out "$PATCH"
[ "$(count source 'GET [^ ]*/ocp-v4.0-art-dev/')" = 0 ] || fail "components were asked for"
run 0 "${plan[@]}" --gates --idms-file "$WORK/idms.yaml" -o json
python3 - "$WORK/out" "$GATE" <<'PY'
import json, sys
gate, = json.load(open(sys.argv[1]))["gates"]
assert gate["known"] and [a["key"] for a in gate["acks"]] == [sys.argv[2]], gate
assert json.loads(gate["patch"]) == {"data": {sys.argv[2]: "true"}}, gate
PY
# A plan with gates is a plan like any other.
cp "$WORK/out" "$WORK/plan.json"
run 0 "$OC_HOP" plan --check "$WORK/plan.json" "${GRAPHS[@]}"

# The registry is gone: the plan is printed all the same, and the exit code says what is missing.
printf '%s\n' 'apiVersion: config.openshift.io/v1' 'kind: ImageDigestMirrorSet' 'spec:' '  imageDigestMirrors:' \
    '  - source: quay.io' '    mirrors: [127.0.0.1:1]' '    mirrorSourcePolicy: NeverContactSource' >"$WORK/gone.yaml"
run 5 "${plan[@]}" --gates --idms-file "$WORK/gone.yaml" --tls-verify=false
says out "4.18.12"
says err "127.0.0.1:1"
run 2 "${plan[@]}" --gates -o svg
says err "--gates: belongs to a plan in -o text or json"

# mirror always shows them, in a dry run as a comment.
mirror=("$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml"
    --progress none --resources "$WORK/resources" "docker://$mirror_host")
run 0 "${mirror[@]}" --dry-run
says out "#       $PATCH"
run 0 "${mirror[@]}"
says out "$PATCH"
run 0 "${mirror[@]}" -o json
python3 -c 'import json,sys; assert json.load(open(sys.argv[1]))["gates"][0]["known"]' "$WORK/out"
grep -qF "$GATE" "$WORK/resources/patches/admin-acks-hop-02.yaml" || fail "no patch among the resources"

# verify lists what the path asks for, from the payloads where they lie.
run 0 "${plan[@]}" -o json
cp "$WORK/out" "$WORK/plan.json"
listed() { # by the last run, as JSON
    python3 - "$WORK/out" "$GATE" <<'PY'
import json, sys
gate, = json.load(open(sys.argv[1]))["gates"]
assert (gate["from"], gate["to"], gate["known"]) == ("4.17.24", "4.18.9", True), gate
assert [a["key"] for a in gate["acks"]] == [sys.argv[2]], gate
assert json.loads(gate["patch"]) == {"data": {sys.argv[2]: "true"}}, gate
PY
}
run 0 "$OC_HOP" verify --progress none --plan "$WORK/plan.json" "docker://$mirror_host"
says out "4.17.24 to 4.18.9 (amd64):"
says out "Move them to the stable one first."
says out "$PATCH"
run 0 "$OC_HOP" verify --progress none --plan "$WORK/plan.json" -o json "docker://$mirror_host"
listed
run 0 "$OC_HOP" verify --progress none -o json "docker://$mirror_host"
grep -q '"gates": null' "$WORK/out" || fail "gates without a path"
run 0 "$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml" \
    --progress none "dir:$WORK/media"
run 0 "$OC_HOP" verify --progress none --keyring "$WORLD/update-key.asc" "dir:$WORK/media"
says out "$PATCH"
run 0 "$OC_HOP" verify --progress none --keyring "$WORLD/update-key.asc" -o json "dir:$WORK/media"
listed
