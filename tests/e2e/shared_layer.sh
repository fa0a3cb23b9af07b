#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A payload is read through a layer that a component of another release brings to the mirror at
# the same time: the source is asked for it once, whoever comes first.
. "$(dirname "$0")/lib.sh"
need docker-registry python3

# make_world: 4.17.1 has a component of one layer; 4.17.2 keeps its metadata in that layer.
python3 - "$HERE/../bench" "$WORK" <<'PY'
import os, random, sys
sys.path.insert(0, sys.argv[1])
from large_world import Store, layer_of, metadata, node, references, write_graph
store = Store(f"{sys.argv[2]}/registry")
components, payloads = "ocp-v4.0-art-dev", "ocp-release"
shared = layer_of(release_metadata=metadata("4.17.2"), noise=random.Random(1).randbytes(3000000))
def image(*layers):
    return store.image(components, *(store.blob(components, layer) for layer in layers))
def payload(*layers):
    return store.image(payloads, *(store.blob(payloads, layer) for layer in layers))
first, second = image(shared), image(b"another layer")
one = payload(layer_of(image_references=references("4.17.1", first), release_metadata=metadata("4.17.1")))
two = payload(shared, layer_of(image_references=references("4.17.2", second)))
write_graph(f"{sys.argv[2]}/graph.json", node("4.17.1", one), node("4.17.2", two))
with open(f"{sys.argv[2]}/names", "w", encoding="ascii") as f:
    digest = store.blob(components, shared)["digest"]
    print(one, two, digest, file=f)
PY
read -r one two shared <"$WORK/names"
start_registry source "$WORK/registry"

# once RULE: with a source that holds back something
once() {
    # shellcheck disable=SC2154
    start_proxy slow "$source_host" --fault "$1"
    start_registry mirror "$WORK/mirror"
    # shellcheck disable=SC2154
    write_idms "$slow_host" "$WORK/idms.yaml"
    forget source
    # shellcheck disable=SC2154
    run 0 "$OC_HOP" mirror --release 4.17.1 --release 4.17.2 --graph "stable-4.17=$WORK/graph.json" --no-graph-data \
        --insecure-skip-signatures --idms-file "$WORK/idms.yaml" --resources "$WORK/resources" --progress none \
        "docker://$mirror_host"
    [ "$(count source "GET [^ ]*/blobs/$shared")" = 1 ] ||
        fail "$1: the shared layer crossed the source's link $(count source "GET [^ ]*/blobs/$shared") times"
    stop slow
    stop mirror
    rm -rf "$WORK/mirror"
}
# The payload, its layer, or the component is what is late.
once "GET manifests/$two stall=2"
once "GET blobs/$shared rate=2000000"
once "GET manifests/$one stall=2"
