#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The kind and policy of mirror sets on request, and whether nodes would roll out over them.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
start_registry mirror "$WORK/mirror"
# shellcheck disable=SC2154
write_idms "$source_host" "$WORK/idms.yaml"
mirror=("$OC_HOP" mirror "${TRUST[@]}" "${PATH_FLAGS[@]}" "${GRAPHS[@]}" "${DATA[@]}" --idms-file "$WORK/idms.yaml"
    --progress none --resources "$WORK/resources" "docker://$mirror_host")

# rollout_is EFFECT KIND…: what the JSON of the last run says.
rollout_is() {
    python3 - "$WORK/out" "$@" <<'PY' || fail "the rollout is not $1"
import json, sys
sets = json.load(open(sys.argv[1]))["mirror_sets"]
assert str(sets["rollout"]).lower() == sys.argv[2], sets
assert sets["kinds"] == sys.argv[3:], sets
assert bool(sets["changes"]) == (sys.argv[2] != "none"), sets
PY
}

run 0 "${mirror[@]}"
cp "$WORK/resources/imagedigestmirrorset.yaml" "$WORK/now.yaml"
if grep -q 'mirror sets:' "$WORK/out"; then
    fail "a verdict although nothing is known of the cluster"
fi

# The cluster has them already.
run 0 "${mirror[@]}" --current-idms "$WORK/now.yaml"
says out "mirror sets: no change, no rollout"
run 0 "${mirror[@]}" --current-idms "$WORK/now.yaml" --dry-run
says out "# mirror sets: no change, no rollout"
run 0 "${mirror[@]}" --current-idms "$WORK/now.yaml" -o json
rollout_is none ImageDigestMirrorSet

# It has none; it has others; its own would change.
printf 'apiVersion: v1\nkind: List\nitems: []\n' >"$WORK/none.yaml"
run 0 "${mirror[@]}" --current-idms "$WORK/none.yaml"
says out "without a drain"
says out "quay.io/openshift-release-dev/ocp-release: a source with 2 mirrors comes in"
run 0 "${mirror[@]}" --current-idms "$WORK/now.yaml" --source-policy never -o json
rollout_is drain ImageDigestMirrorSet
grep -q 'mirrorSourcePolicy: NeverContactSource' "$WORK/resources/imagedigestmirrorset.yaml" ||
    fail "--source-policy never is not in the mirror set"

# The older kind on request. The nodes' file stays the same, so they do not roll.
run 0 "${mirror[@]}" --icsp --current-idms "$WORK/now.yaml" -o json
rollout_is none ImageContentSourcePolicy
[ ! -e "$WORK/resources/imagedigestmirrorset.yaml" ] || fail "both kinds"
grep -q '^kind: ImageContentSourcePolicy' "$WORK/resources/imagecontentsourcepolicy.yaml"
grep -q '^imageContentSources:' "$WORK/resources/install-config-stanza.yaml" ||
    fail "the install-config stanza is of the other kind"

run 2 "${mirror[@]}" --icsp --idms
says err "exclude each other"
run 2 "${mirror[@]}" --icsp --source-policy never
says err "no such member"
run 2 "${mirror[@]}" --source-policy maybe
says err "expected allow or never"
run 2 "${mirror[@]}" --current-idms "$WORK/resources/updateservice.yaml"
says err "holds neither"
