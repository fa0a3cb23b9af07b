#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Targets that are wishes, answers about risks, and plans that are carried.
. "$(dirname "$0")/lib.sh"
need python3
plan=("$OC_HOP" plan "${GRAPHS[@]}")

# The newest release of a minor, and the newest of all.
run 0 "${plan[@]}" --from 4.17.20 --to 4.18 --accept-risk "$RISK" -o json
python3 -c 'import json,sys; p=json.load(open(sys.argv[1])); assert p["to"] == "4.18.12", p["to"]' "$WORK/out"
run 0 "${plan[@]}" --from 4.17.20 --to latest --accept-risk "$RISK"
says out "4.17.20 to 4.18.12"
run 3 "${plan[@]}" --from 4.17.20 --to 4.19
says err "4.19"

# What was found out inside the cluster decides a conditional update.
printf '%s: does-not-apply\n' "$RISK" >"$WORK/answers.yaml"
run 0 "${plan[@]}" --from 4.17.20 --to 4.18.12 --risk-answers "$WORK/answers.yaml"
printf '%s: applies\n' "$RISK" >"$WORK/answers.yaml"
run 3 "${plan[@]}" --from 4.17.20 --to 4.18.12 --risk-answers "$WORK/answers.yaml"
printf '%s: perhaps\n' "$RISK" >"$WORK/answers.yaml"
run 1 "${plan[@]}" --from 4.17.20 --to 4.18.12 --risk-answers "$WORK/answers.yaml"
says err "answers.yaml:1"

# A plan is a document: it is still valid today, and not after its release was withdrawn.
run 0 "${plan[@]}" --from 4.17.20 --to 4.18.12 --accept-risk "$RISK" -o json
cp "$WORK/out" "$WORK/plan.json"
run 0 "${plan[@]}" --check "$WORK/plan.json"
says out "the plan is valid"
python3 - "$WORLD/graphs/stable-4.18.json" "$WORK/later.json" <<'PY'
import json, sys
graph = json.load(open(sys.argv[1]))
for group in graph["conditionalEdges"]:
    group["edges"] = [e for e in group["edges"] if e["to"] != "4.18.9"]
json.dump(graph, open(sys.argv[2], "w"))
PY
run 3 "$OC_HOP" plan --check "$WORK/plan.json" --graph "stable-4.18=$WORK/later.json"
says out "no longer valid"
run 2 "${plan[@]}" --check "$WORK/plan.json" --from 4.17.20
says err "has its own versions"

# What is known about risks now is held against the plan, too.
printf '%s: does-not-apply\n' "$RISK" >"$WORK/answers.yaml"
run 0 "${plan[@]}" --from 4.17.20 --to 4.18.12 --risk-answers "$WORK/answers.yaml" -o json
cp "$WORK/out" "$WORK/plan.json"
run 0 "${plan[@]}" --check "$WORK/plan.json"
printf '%s: applies\n' "$RISK" >"$WORK/answers.yaml"
run 3 "${plan[@]}" --check "$WORK/plan.json" --risk-answers "$WORK/answers.yaml"
says out 'was answered "does-not-apply" and is now "applies"'
run 0 "${plan[@]}" --check "$WORK/plan.json" --risk-answers "$WORK/answers.yaml" --accept-risk "$RISK"
