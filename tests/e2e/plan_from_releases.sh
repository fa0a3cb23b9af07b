#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --releases with --graph-data in the place of an update service: the same plans as from the
# graphs that a service would serve.
. "$(dirname "$0")/lib.sh"
need python3

# Releases as a graph-builder scrapes them.
python3 - "$WORLD" "$WORK/raw.json" <<'PY'
import json, sys
nodes, edges = {}, set()
for channel in ("stable-4.17", "stable-4.18"):
    graph = json.load(open(f"{sys.argv[1]}/graphs/{channel}.json"))
    names = [n["version"] for n in graph["nodes"]]
    nodes.update((n["version"], n) for n in graph["nodes"])
    edges |= {(names[a], names[b]) for a, b in graph["edges"]}
    edges |= {(e["from"], e["to"]) for g in graph["conditionalEdges"] for e in g["edges"]}
order = sorted(nodes)
arch = {"io.openshift.upgrades.graph.release.arch": "amd64"}
json.dump({"nodes": [{"version": v + "+amd64", "payload": nodes[v]["payload"],
                      "metadata": arch | {"url": nodes[v]["metadata"]["url"]}} for v in order],
           "edges": [[order.index(a), order.index(b)] for a, b in sorted(edges)]}, open(sys.argv[2], "w"))
PY
served=("${GRAPHS[@]}")
simulated=(--releases "$WORK/raw.json" "${DATA[@]}")

# same ARGUMENT…: both sources lead to the same plan document, but for the graph-data that
# one of them knows.
same() {
    run 0 "$OC_HOP" "$@" "${served[@]}" -o json
    python3 -m json.tool --sort-keys "$WORK/out" >"$WORK/served.txt"
    run 0 "$OC_HOP" "$@" "${simulated[@]}" -o json
    grep -q '"graph_data": "sha256:' "$WORK/out" || fail "$*: the plan does not say which graph-data it was made with"
    python3 -m json.tool --sort-keys "$WORK/out" | grep -v '"graph_data":' >"$WORK/simulated.txt"
    diff "$WORK/served.txt" "$WORK/simulated.txt" >&2 || fail "$*: the plans differ"
}
same plan --from 4.17.20 --to 4.18.12 --accept-risk "$RISK"
same plan --from 4.17.20 --from 4.17.24 --to 4.18 --accept-risk "$RISK"
run 3 "$OC_HOP" plan --from 4.17.20 --to 4.18.12 "${simulated[@]}"
says out "--accept-risk $RISK"
run 3 "$OC_HOP" plan --from 4.17.20 --to 4.18.12 --arch arm64 "${simulated[@]}"
run 0 "$OC_HOP" releases --channel stable-4.18 --from 4.17.20 "${simulated[@]}"
says out "4.18.12"

# The simulated answers can be kept, and are documents like any other.
run 0 "$OC_HOP" plan --from 4.17.20 --to 4.18.12 --accept-risk "$RISK" "${simulated[@]}" --save-graphs "$WORK/kept" -o json
cp "$WORK/out" "$WORK/plan.json"
run 0 "$OC_HOP" plan --check "$WORK/plan.json" --graph "stable-4.17=$WORK/kept/stable-4.17-amd64.json" \
    --graph "stable-4.18=$WORK/kept/stable-4.18-amd64.json"
run 0 "$OC_HOP" plan --check "$WORK/plan.json" "${simulated[@]}"

# What is wrong is told apart.
run 2 "$OC_HOP" plan --from 4.17.20 --to 4.18.12 "${simulated[@]}" "${served[@]}"
says err "--releases takes the place of an update service"
run 2 "$OC_HOP" plan --from 4.17.20 --to 4.18.12 "${DATA[@]}" "${served[@]}"
says err "--graph-data"
run 2 "$OC_HOP" plan --from 4.17.20 --to 4.18.12 --releases docker://127.0.0.1:1 "${DATA[@]}"
says err "expected docker://HOST[:PORT]/REPO"
mkdir "$WORK/tree"
tar -C "$WORK/tree" -xzf "$WORLD/graph-data.tar.gz"
printf '2.0.0\n' >"$WORK/tree/version"
run 4 "$OC_HOP" plan --from 4.17.20 --to 4.18.12 --releases "$WORK/raw.json" --graph-data "$WORK/tree"
