#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One plan and one mirror for clusters of several versions.
. "$(dirname "$0")/lib.sh"
need docker-registry skopeo python3

# In this graph both starts could go straight on to 4.18.9.
python3 - "$WORLD/graphs/stable-4.18.json" "$WORK/4.18.json" <<'PY'
import json, sys
graph = json.load(open(sys.argv[1]))
at = {n["version"]: i for i, n in enumerate(graph["nodes"])}
graph["edges"].append([at["4.17.20"], at["4.18.9"]])
graph["edges"].append([at["4.17.24"], at["4.18.9"]])
graph["conditionalEdges"] = []
json.dump(graph, open(sys.argv[2], "w"))
PY
graphs=(--graph "stable-4.18=$WORK/4.18.json")
starts=(--from 4.17.24 --from 4.17.20)

run 0 "$OC_HOP" plan "${starts[@]}" --to latest "${graphs[@]}"
says out "2 starts to 4.18.12 (amd64): 4 releases in all, the fewest that will do."
run 0 "$OC_HOP" plan "${starts[@]}" --to 4.18.12 "${graphs[@]}" -o json
cp "$WORK/out" "$WORK/plan.json"
python3 - "$WORK/plan.json" <<'PY'
import json, sys
p = json.load(open(sys.argv[1]))
assert p["schema"] == "oc-hop/plan/v1" and p["status"] == "ok", p
assert p["starts"] == ["4.17.24", "4.17.20"] and p["to"] == "4.18.12", p
assert p["releases"] == ["4.17.20", "4.17.24", "4.18.9", "4.18.12"], p["releases"]
assert p["release_count"] == p["at_least"] == 4 and p["smallest"] is True, p
assert [[r["version"] for r in q["path"]] for q in p["plans"]] == [
    ["4.17.24", "4.18.9", "4.18.12"], ["4.17.20", "4.18.9", "4.18.12"]], p["plans"]
PY
run 0 "$OC_HOP" plan --check "$WORK/plan.json" "${graphs[@]}"
run 3 "$OC_HOP" plan --check "$WORK/plan.json" "${GRAPHS[@]}"
says out "4.17.20 to 4.18.9"

# Without a way for one of them there is no common plan.
run 3 "$OC_HOP" plan "${starts[@]}" --from 4.17.21 --to 4.18.12 "${graphs[@]}"
says out "No common plan for 3 starts"
# Over a risk: once for both.
run 3 "$OC_HOP" plan "${starts[@]}" --to 4.18.12 "${GRAPHS[@]}"
[ "$(grep -c -- "--accept-risk $RISK" "$WORK/out")" = 1 ] || fail "the flag is not told once"
run 2 "$OC_HOP" plan "${starts[@]}" --to 4.18.12 --paths 3 "${GRAPHS[@]}"
says err "--paths"

# Both starts' payloads come into the mirror, their components do not, and nothing comes twice.
start_registry source "$WORLD/registry"
start_registry mirror "$WORK/mirror"
# shellcheck disable=SC2154
write_idms "$source_host" "$WORK/idms.yaml"
# shellcheck disable=SC2154
to=(--idms-file "$WORK/idms.yaml" --resources "$WORK/resources" --progress none "docker://$mirror_host")
run 0 "$OC_HOP" mirror "${TRUST[@]}" "${starts[@]}" --to 4.18.12 "${graphs[@]}" "${DATA[@]}" "${to[@]}"
check_mirror "$mirror_host" --start 4.17.20/amd64 --start 4.17.24/amd64 --release 4.18.9/amd64 --release 4.18.12/amd64
for line in 'hop 1: `4.17.20` to `4.18.9`' 'hop 2: `4.17.24` to `4.18.9`' 'hop 3: `4.18.9` to `4.18.12`' 'the paths of several clusters'; do
    grep -qF "$line" "$WORK/resources/RUNBOOK.md" || fail "RUNBOOK.md does not say: $line"
done

# The written plan brings the same, and graph-data can be pruned to it.
rm -r "$WORK/resources"
run 0 "$OC_HOP" mirror "${TRUST[@]}" --plan "$WORK/plan.json" "${DATA[@]}" "${to[@]}" -o json
python3 - "$WORK/out" <<'PY'
import json, sys
states = {r["version"]: r["state"] for r in json.load(open(sys.argv[1]))["releases"]}
assert states == dict.fromkeys(["4.17.20", "4.17.24", "4.18.9", "4.18.12"], "present"), states
PY
run 0 "$OC_HOP" graph-data "${DATA[@]}" --prune "$WORK/plan.json" "oci:$WORK/pruned"
