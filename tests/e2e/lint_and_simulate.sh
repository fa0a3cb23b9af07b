#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# lint, simulate and releases over the world's graph-data and graphs: no registry, no network.
. "$(dirname "$0")/lib.sh"
need python3

mkdir "$WORK/tree"
tar -C "$WORK/tree" -xzf "$WORLD/graph-data.tar.gz"

# ---- lint ----

run 0 "$OC_HOP" lint "$WORLD/graph-data.tar.gz"
says out "0 errors, "
run 0 "$OC_HOP" lint "$WORK/tree" -o json
python3 -c 'import json,sys; d = json.load(open(sys.argv[1])); assert d["errors"] == 0 and d["schema"] == "oc-hop/lint/v1"' "$WORK/out"

printf 'to: 4.18.12\nfrom: .*\nfixedIn: 4.18.13\n' >"$WORK/tree/blocked-edges/open.yaml"
printf 'to: 4.18.12\nfrom: ^4[.]17[.]20$\n' >"$WORK/tree/blocked-edges/end.yaml"
printf 'to: 4.18.12\nfrom: "4[.]17[.]20\\e[31m"\n' >"$WORK/tree/blocked-edges/hostile.yaml"
: >"$WORK/tree/channels/late.yml"
run 4 "$OC_HOP" lint "$WORK/tree"
says out "blocked-edges/open.yaml:3: error: dropped, so that nothing is blocked"
says out "blocked-edges/end.yaml:2: error: "
says out "channels/late.yml:1: error: "
if grep -q "$(printf '\033')" "$WORK/out"; then
    fail "an escape sequence of a pattern reached the terminal"
fi
# The same behind a leading directory, as archives of a repository have it.
tar -C "$WORK" --transform 's,^tree,prefix,' -czf "$WORK/prefixed.tar.gz" tree
run 4 "$OC_HOP" lint "$WORK/prefixed.tar.gz" -o json
python3 - "$WORK/out" <<'PY'
import json, sys
found = {(f["file"], f["line"], f["rule"], f["severity"]) for f in json.load(open(sys.argv[1]))["findings"]}
for wanted in (("channels/late.yml", 1, "not-read", "error"), ("blocked-edges/open.yaml", 3, "fails-open", "error"),
               ("blocked-edges/end.yaml", 2, "pattern-end", "error")):
    if wanted not in found:
        sys.exit(f"{wanted} was not found")
PY
# Real graph-data has its oddities, and none of them is an error.
if [ -n "${OC_HOP_TEST_DATA:-}" ]; then
    run 0 "$OC_HOP" lint "$OC_HOP_TEST_DATA/cincinnati-graph-data-20260821.tar.gz"
    says out "4.12.51-HighNodeStatusReportFrequency.yaml:2: warning: "
    says out "0 errors, 71 warnings"
fi
run 2 "$OC_HOP" lint
run 4 "$OC_HOP" lint "$WORK/out"
run 2 "$OC_HOP" lint "$WORK/tree" -o html

# ---- simulate ----

# Releases as a graph-builder scrapes them, made from a served graph: with the architecture
# in the version, all updates plain, no channels.
python3 - "$WORLD/graphs/stable-4.18.json" "$WORK/raw.json" <<'PY'
import json, sys
graph = json.load(open(sys.argv[1]))
prefix = "io.openshift.upgrades.graph."
index = {n["version"]: i for i, n in enumerate(graph["nodes"])}
edges = [list(e) for e in graph["edges"]]
for group in graph.get("conditionalEdges", []):
    edges += [[index[e["from"]], index[e["to"]]] for e in group["edges"]]
nodes = [{"version": n["version"] + "+amd64", "payload": n["payload"],
          "metadata": {prefix + "release.arch": "amd64"}} for n in graph["nodes"]]
json.dump({"nodes": nodes, "edges": edges}, open(sys.argv[2], "w"))
PY
simulate=("$OC_HOP" simulate --releases "$WORK/raw.json" --graph-data "$WORLD/graph-data.tar.gz")
run 0 "${simulate[@]}" --channel stable-4.18
python3 - "$WORLD/graphs/stable-4.18.json" "$WORK/out" <<'PY'
import json, sys

def normal(path):
    graph = json.load(open(path))
    names = [n["version"] for n in graph["nodes"]]
    risky = {(e["from"], e["to"], r["name"]) for g in graph["conditionalEdges"] for e in g["edges"] for r in g["risks"]}
    plain = {(names[a], names[b]) for a, b in graph["edges"]}
    return graph["version"], {n["version"]: n["payload"] for n in graph["nodes"]}, plain, risky

served, simulated = map(normal, sys.argv[1:])
for what, a, b in zip(("version", "nodes", "edges", "conditional edges"), served, simulated):
    if a != b:
        sys.exit(f"{what} differ: served {a}, simulated {b}")
PY
cp "$WORK/out" "$WORK/simulated.json"
run 0 "$OC_HOP" plan --from 4.17.24 --to 4.17.24 --graph "stable-4.18=$WORK/simulated.json"
run 0 "${simulate[@]}"
says out '+amd64"'
run 0 "${simulate[@]}" --channel stable-4.18 --arch s390x
python3 -c 'import json,sys; d = json.load(open(sys.argv[1])); assert d["nodes"] == [] and d["edges"] == []' "$WORK/out"
run 2 "${simulate[@]}" --arch amd64
run 2 "${simulate[@]}" --channel Stable
run 2 "$OC_HOP" simulate --releases "$WORK/raw.json"
run 4 "$OC_HOP" simulate --releases "$WORK/raw.json" --graph-data "$WORK/raw.json"

# ---- releases ----

run 0 "$OC_HOP" releases "${GRAPHS[@]}" -o json
python3 - "$WORLD" "$WORK/out" <<'PY'
import json, re, sys
world, out = sys.argv[1:]
known = {n["version"] for c in ("4.17", "4.18") for n in json.load(open(f"{world}/graphs/stable-{c}.json"))["nodes"]}
listed = [r["version"] for r in json.load(open(out))["releases"]]
assert set(listed) == known and len(listed) == len(known), (listed, known)
order = [[int(x) for x in re.match(r"(\d+)\.(\d+)\.(\d+)", v).groups()] for v in listed]
assert order == sorted(order, reverse=True), order
PY
run 0 "$OC_HOP" releases "${GRAPHS[@]}" --channel stable-4.17
if grep -q '^4\.18\.12 ' "$WORK/out"; then
    fail "a release of another channel is listed"
fi
says out "4.17.20"
run 0 "$OC_HOP" releases "${GRAPHS[@]}" --from 4.17.20
grep -Eq '^4\.17\.20 +start' "$WORK/out" || fail "the start is not marked"
grep -Eq '^4\.18\.12 +[0-9]+ hops?, risks' "$WORK/out" || fail "4.18.12 is not marked as behind risks"
run 0 "$OC_HOP" releases "${GRAPHS[@]}" --from 4.17.20 --accept-risk "$RISK"
grep -Eq '^4\.18\.12 +[0-9]+ hops? ' "$WORK/out" || fail "an accepted risk still counts"
run 3 "$OC_HOP" releases "${GRAPHS[@]}" --from 4.17.999
run 2 "$OC_HOP" releases

# ---- releases as a registry holds them ----

python3 - "$WORK/raw.json" "$WORK/scrape.json" <<'PY'
import json, sys
raw = json.load(open(sys.argv[1]))
names = [n["version"].split("+")[0] for n in raw["nodes"]]
tags = [{"tag": "sha256-x.sig", "digest": "sha256:x", "type": "image", "architecture": "amd64", "layers": [None]}]
for i, node in enumerate(raw["nodes"]):
    metadata = {"kind": "cincinnati-metadata-v0", "version": names[i],
                "previous": [names[a] for a, b in raw["edges"] if b == i]}
    tags.append({"tag": names[i] + "-x86_64", "digest": node["payload"].split("@")[1], "type": "image",
                 "architecture": "amd64", "layers": [None, metadata, None]})
json.dump({"schema": "oc-hop/scrape/v1", "repository": raw["nodes"][0]["payload"].split("@")[0], "tags": tags},
          open(sys.argv[2], "w"))
PY
run 0 "${simulate[@]}" --channel stable-4.18
python3 -c 'import json,sys; d = json.load(open(sys.argv[1])); print(d["edges"], d["conditionalEdges"])' "$WORK/out" >"$WORK/from-raw"
run 0 "$OC_HOP" simulate --releases "$WORK/scrape.json" --graph-data "$WORLD/graph-data.tar.gz" --channel stable-4.18
says err "sha256-x.sig: it has no release-metadata"
python3 -c 'import json,sys; d = json.load(open(sys.argv[1])); print(d["edges"], d["conditionalEdges"])' "$WORK/out" >"$WORK/from-tags"
cmp "$WORK/from-raw" "$WORK/from-tags" || fail "tags and raw graph lead to different answers"
sed 's/\[null, {/["unreadable", {/' "$WORK/scrape.json" | sed 's/}, null\]/}, "unreadable"]/' >"$WORK/broken.json"
run 4 "$OC_HOP" simulate --releases "$WORK/broken.json" --graph-data "$WORLD/graph-data.tar.gz"
says err "the whole scrape is given up"
