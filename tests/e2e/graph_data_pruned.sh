#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Pruned graph-data, held against the whole: an update service with it still offers every
# hop of the plan as it was, with the same risks, and no release that is not mirrored.
. "$(dirname "$0")/lib.sh"
need python3

# raw_of OUTPUT GRAPH…: releases as a graph-builder scrapes them, made from served graphs.
raw_of() {
    python3 - "$@" <<'PY'
import json, sys
nodes, edges, prefix = {}, set(), "io.openshift.upgrades.graph."
for path in sys.argv[2:]:
    graph = json.load(open(path))
    for n in graph["nodes"]:
        nodes[n["version"]] = n
    edges |= {(graph["nodes"][a]["version"], graph["nodes"][b]["version"]) for a, b in graph["edges"]}
    for group in graph.get("conditionalEdges", []):
        edges |= {(e["from"], e["to"]) for e in group["edges"]}
names = sorted(nodes)
index = {v: i for i, v in enumerate(names)}
json.dump({"nodes": [{"version": v + "+amd64", "payload": nodes[v]["payload"],
                      "metadata": {k: w for k, w in nodes[v].get("metadata", {}).items() if not k.startswith(prefix)}
                      | {prefix + "release.arch": "amd64"}} for v in names],
           "edges": [[index[a], index[b]] for a, b in sorted(edges) if a in index and b in index]}, open(sys.argv[1], "w"))
PY
}
# data_of LAYOUT DIRECTORY: the data that an image carries.
data_of() {
    python3 - "$1" "$2" <<'PY'
import io, json, os, sys, tarfile
layout, target = sys.argv[1:]
blob = lambda d: open(f"{layout}/blobs/" + d.replace(":", "/"), "rb").read()
manifest = json.loads(blob(json.load(open(f"{layout}/index.json"))["manifests"][0]["digest"]))
with tarfile.open(fileobj=io.BytesIO(blob(manifest["layers"][-1]["digest"]))) as t:
    for m in t:
        path = m.name.rstrip("/").removeprefix("var/lib/cincinnati-graph-data")
        if path == m.name.rstrip("/"):
            continue
        path = target + path
        if m.isdir():
            os.makedirs(path, exist_ok=True)
        else:
            open(path, "wb").write(t.extractfile(m).read())
PY
}
simulate() { # RELEASES DATA CHANNEL OUTPUT
    run 0 "$OC_HOP" simulate --releases "$1" --graph-data "$2" --channel "$3" --arch amd64
    cp "$WORK/out" "$4"
}

# check NAME RELEASES DATA FROM TO CHANNEL…: plans in what the service serves of the whole
# data, prunes to that plan, and compares.
check() {
    local name=$1 releases=$2 data=$3 from=$4 to=$5 channel graphs=()
    shift 5
    mkdir "$WORK/$name"
    for channel; do
        simulate "$releases" "$data" "$channel" "$WORK/$name/$channel.before.json"
        graphs+=(--graph "$channel=$WORK/$name/$channel.before.json")
    done
    run 0 "$OC_HOP" plan --from "$from" --to "$to" --accept-risk all "${graphs[@]}" -o json
    cp "$WORK/out" "$WORK/$name/plan.json"
    run 0 "$OC_HOP" graph-data --graph-data "$data" --no-lint --arch amd64 "oci:$WORK/$name/whole"
    run 0 "$OC_HOP" graph-data --graph-data "$data" --no-lint --arch amd64 --prune "$WORK/$name/plan.json" "oci:$WORK/$name/image"
    ! grep -q warning "$WORK/err" || fail "$name: $(grep warning "$WORK/err")"
    data_of "$WORK/$name/image" "$WORK/$name/pruned"
    run 0 "$OC_HOP" lint "$WORK/$name/pruned"
    for channel; do
        simulate "$releases" "$WORK/$name/pruned" "$channel" "$WORK/$name/$channel.after.json"
    done
    run 0 "$OC_HOP" simulate --releases "$releases" --graph-data "$WORK/$name/pruned"
    python3 - "$WORK/$name" "$@" <<'PY'
import json, os, sys
home, *channels = sys.argv[1:]
plan = json.load(open(f"{home}/plan.json"))
path = [r["version"] for r in plan["path"]]
assert len(path) > 2, "the plan is no test"

def read(channel, when):
    graph = json.load(open(f"{home}/{channel}.{when}.json"))
    plain = {(graph["nodes"][a]["version"], graph["nodes"][b]["version"]) for a, b in graph["edges"]}
    risky = {}
    for group in graph.get("conditionalEdges", []):
        for e in group["edges"]:
            risky[e["from"], e["to"]] = sorted(r["name"] for r in group["risks"])
    return {n["version"]: n["payload"] for n in graph["nodes"]}, plain, risky

counts = {"before": 0, "after": 0}
used = {e["channel"] for e in plan["edges"]}
for channel in channels:
    before, after = read(channel, "before"), read(channel, "after")
    counts["before"] += len(before[0])
    counts["after"] += len(after[0])
    strange = set(after[0]) - set(path)
    assert not strange, f"{channel} offers {strange}, which nobody mirrored"
    if channel not in used:
        assert not after[0], f"{channel} is not in the plan"
    for hop in ((e["from"], e["to"]) for e in plan["edges"] if e["channel"] == channel):
        assert (hop in before[1]) == (hop in after[1]), f"{hop} in {channel}"
        assert before[2].get(hop) == after[2].get(hop), f"{hop} in {channel}: {before[2].get(hop)} became {after[2].get(hop)}"
        assert hop in after[1] or hop in after[2], f"{hop} is not offered in {channel}"
    # What was not an update does not become one.
    assert after[1] <= before[1] and set(after[2]) <= set(before[2]), f"{channel} offers new updates"
    for edge in after[2]:
        assert after[2][edge] == before[2][edge], f"{edge} lost a risk"

def size(layout):
    blobs = f"{layout}/blobs/sha256"
    return sum(os.path.getsize(f"{blobs}/{b}") for b in os.listdir(blobs))
files = sum(len(f) for _, _, f in os.walk(f"{home}/pruned"))
print(f"{os.path.basename(home)}: {len(path) - 1} hops in {', '.join(sorted(used))}; nodes served {counts['before']} -> {counts['after']}, "
      f"files left {files}, image {size(home + '/whole')} -> {size(home + '/image')} bytes")
PY
}

raw_of "$WORK/world.json" "$WORLD/graphs/stable-4.17.json" "$WORLD/graphs/stable-4.18.json"
check world "$WORK/world.json" "$WORLD/graph-data.tar.gz" 4.17.20 4.18.12 stable-4.17 stable-4.18

# Without any blocked edge that matters the directory is empty, and still complete.
cp -r "$WORLD/graph-data" "$WORK/calm-data"
rm "$WORK/calm-data"/blocked-edges/*
check calm "$WORK/world.json" "$WORK/calm-data" 4.17.20 4.18.12 stable-4.17 stable-4.18

if [ -z "${OC_HOP_TEST_DATA:-}" ]; then
    printf 'real data: skipped, OC_HOP_TEST_DATA is not set\n'
    exit 0
fi
real=$OC_HOP_TEST_DATA
check real-2021 "$real/fixtures/20211124.083150/graph-gb-raw.json" "$real/fixtures/20211124.083150/cincinnati-graph-data" \
    4.6.8 4.8.20 stable-4.7 stable-4.8
raw_of "$WORK/2026.json" "$real"/graphs/api-20260821-stable-4.1[2-6]-amd64.json
check real-2026 "$WORK/2026.json" "$real/cincinnati-graph-data-20260821.tar.gz" \
    4.12.30 4.16.30 stable-4.13 stable-4.14 stable-4.15 stable-4.16
raw_of "$WORK/eus.json" "$real"/graphs/api-20260821-{stable-4.15,eus-4.14,eus-4.16}-amd64.json
check real-eus "$WORK/eus.json" "$real/cincinnati-graph-data-20260821.tar.gz" \
    4.14.20 4.16.20 eus-4.16
