#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The ways to say what to mirror: single releases, a plan that was written down; and what they exclude.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

start_registry source "$WORLD/registry"
start_registry mirror "$WORK/mirror"
# shellcheck disable=SC2154
write_idms "$source_host" "$WORK/idms.yaml"
# shellcheck disable=SC2154
to=(--idms-file "$WORK/idms.yaml" --resources "$WORK/resources" --progress none "docker://$mirror_host")

# One release, looked up in the graph: no path, so no update service either.
run 0 "$OC_HOP" mirror "${TRUST[@]}" --release 4.17.24 "${GRAPHS[@]}" --no-graph-data "${to[@]}"
[ ! -e "$WORK/resources/updateservice.yaml" ] || fail "an UpdateService without its graph-data image"

# A plan that was carried here; what is there already is said to be there, and not copied again.
run 0 "$OC_HOP" plan "${PATH_FLAGS[@]}" "${GRAPHS[@]}" -o json
cp "$WORK/out" "$WORK/plan.json"
forget mirror
run 0 "$OC_HOP" mirror "${TRUST[@]}" --plan "$WORK/plan.json" "${DATA[@]}" "${to[@]}" -o json
python3 - "$WORK/out" <<'PY'
import json, sys
states = {r["version"]: r["state"] for r in json.load(open(sys.argv[1]))["releases"]}
assert states == {"4.17.20": "done", "4.17.24": "present", "4.18.9": "done", "4.18.12": "done"}, states
PY
check_mirror "$mirror_host" --start 4.17.20/amd64 --release 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64

run 3 "$OC_HOP" mirror "${TRUST[@]}" --release 4.17.99 "${GRAPHS[@]}" --no-graph-data "${to[@]}"
says err "4.17.99"
run 2 "$OC_HOP" mirror "${TRUST[@]}" --release 4.17.24 --repository a/b --release-repository a/b "${GRAPHS[@]}" "${to[@]}"
says err "a repository of their own"
run 2 "$OC_HOP" mirror "${TRUST[@]}" --release 4.17.24 --plan "$WORK/plan.json" "${to[@]}"
says err "exclude each other"
sed 's|oc-hop/plan/v1|oc-hop/plan/v2|' "$WORK/plan.json" >"$WORK/later.json"
run 1 "$OC_HOP" mirror "${TRUST[@]}" --plan "$WORK/later.json" "${to[@]}"
says err "later.json"
