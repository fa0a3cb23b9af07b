#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a directory of cluster resources with a real YAML parser and checks every object in it.

    check_resources.py [--crds DIR] [--host HOST] DIRECTORY…

With --crds, custom resources are validated against the definitions there, patches after they were merged into
the object that they are for. Prints what was checked; the first fault ends it with status 1."""
import argparse
import base64
import json
import os
import re
import sys

import yaml

import openapi

PATCH = re.compile(r"patches/(clusterversion|admin-acks)-hop-\d+\.yaml")
SIGNED = "release.openshift.io/verification-signatures"


class Strict(yaml.SafeLoader):
    """Refuses what PyYAML tolerates: a key that stands there twice."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(k, deep=True) for k, _ in node.value]
        if len(keys) != len(set(keys)):
            raise openapi.Invalid(f"line {node.start_mark.line + 1}: a key twice")
        return super().construct_mapping(node, deep)


def read(directory, path):
    with open(os.path.join(directory, path), encoding="utf-8") as f:
        return list(yaml.load_all(f, Strict))


def load_definitions(directory):
    found = {}
    for name in sorted(os.listdir(directory)) if directory else []:
        for crd in read(directory, name):
            found[crd["spec"]["names"]["kind"]] = crd
    return found


def need(condition, text):
    if not condition:
        raise openapi.Invalid(text)


def check_config_map(obj):
    openapi.validate(openapi.METADATA, obj["metadata"], ".metadata")
    need(set(obj) <= {"apiVersion", "kind", "metadata", "data", "binaryData"}, f"unknown fields in {sorted(obj)}")
    need(obj["apiVersion"] == "v1" and "namespace" in obj["metadata"], "a ConfigMap needs v1 and a namespace")
    data, binary = obj.get("data", {}), obj.get("binaryData", {})
    need(data or binary, "an empty ConfigMap")
    need(not set(data) & set(binary), "a key in data and binaryData")
    for key, value in {**data, **binary}.items():
        need(re.fullmatch(r"[-._a-zA-Z0-9]{1,253}", key), f"{key!r} is no ConfigMap key")
        need(isinstance(value, str), f"{key} is {type(value).__name__}, not a string")
    for value in binary.values():
        need(base64.b64encode(base64.b64decode(value, validate=True)).decode() == value, "no base64")


def check_signatures(obj, path, index):
    entry, = [r for r in index["releases"] if r["signatures"] == path]
    name = entry["digest"].replace(":", "-")
    meta = obj["metadata"]
    need(meta["namespace"] == "openshift-config-managed" and meta["labels"] == {SIGNED: ""}, f"metadata {meta}")
    need(meta["name"] == name, f"{meta['name']} instead of {name}")
    need(list(obj["binaryData"]) == [f"{name}-{i + 1}" for i in range(len(obj["binaryData"]))],
         f"keys {list(obj['binaryData'])}")
    need(entry["version"] in path and entry["digest"].split(":")[1][:16] in path, f"{path} names another release")


def merge(into, patch):
    """RFC 7386, as `oc patch --type=merge` does it."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(into) if isinstance(into, dict) else {}
    for key, value in patch.items():
        merged[key] = merge(merged.get(key), value)
    return merged


def check_patch(patch, path, definitions):
    if "admin-acks" in path:
        need(set(patch) == {"data"} and patch["data"], f"{path} patches {sorted(patch)}")
        for key, value in patch["data"].items():
            need(re.match(r"ack-[45][.][0-9]+-[^-]", key) and value == "true", f"{key}: {value!r}")
        check_config_map(merge({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {
            "name": "admin-acks", "namespace": "openshift-config"}}, patch))
        return
    need(set(patch) == {"spec"} and set(patch["spec"]) == {"channel"}, f"{path} patches {patch}")
    version = {"apiVersion": "config.openshift.io/v1", "kind": "ClusterVersion", "metadata": {"name": "version"},
               "spec": {"clusterID": "6d1a8f8e-0000-4000-8000-000000000000", "channel": "stable-4.1"}}
    if "ClusterVersion" in definitions:
        openapi.validate_object(definitions["ClusterVersion"], merge(version, patch))


def check_stanza(doc, sets):
    """The stanza of an installation names the same sources and mirrors as the object, without a policy."""
    key, = doc
    need(key in ("imageDigestSources", "imageContentSources"), f"the stanza is {key}")
    lists = [list(o["spec"].values())[0] for o in sets]
    wanted = [{k: v for k, v in entry.items() if k != "mirrorSourcePolicy"} for entry in lists[0]]
    need(doc[key] == wanted, f"{doc} is not {wanted}")
    names = {tuple(sorted(entry["source"] for entry in entries)) for entries in lists}
    need(len(names) == 1, "two mirror sets with different sources")


def check_graph(doc, host):
    need(set(doc) == {"version", "nodes", "edges", "conditionalEdges"}, f"a graph of {sorted(doc)}")
    versions = [n["version"] for n in doc["nodes"]]
    need(len(set(versions)) == len(versions), "a version twice")
    for node in doc["nodes"]:
        need(not host or node["payload"].startswith(host + "/"), f"{node['payload']} is not in the mirror")
        need(re.search(r"@sha256:[0-9a-f]{64}$", node["payload"]), f"{node['payload']} is not pinned")
        need(all(isinstance(v, str) for v in node["metadata"].values()), "metadata that is no text")
    for a, b in doc["edges"]:
        need(a != b and versions[a] and versions[b], f"edge {a}, {b}")
    pairs = [(versions[a], versions[b]) for a, b in doc["edges"]]
    pairs += [(e["from"], e["to"]) for group in doc["conditionalEdges"] for e in group["edges"]]
    need(len(set(pairs)) == len(pairs), "an update twice")
    for group in doc["conditionalEdges"]:
        need(all(e["from"] in versions and e["to"] in versions for e in group["edges"]), "an unknown version")
        need(all(r["name"] and r["matchingRules"] for r in group["risks"]), "a risk without name or rules")


def check(directory, definitions, host):
    found = sorted(os.path.relpath(os.path.join(d, f), directory) for d, _, files in os.walk(directory) for f in files)
    with open(os.path.join(directory, "index.json"), encoding="utf-8") as f:
        index = json.load(f)
    need(sorted(index["files"] + ["index.json"]) == found, "the index does not name the files that are there")
    sets, validated = [], 0
    for path in found:
        if path.startswith("graphs/"):
            with open(os.path.join(directory, path), encoding="utf-8") as f:
                check_graph(json.load(f), host)
        if not path.endswith(".yaml"):
            continue
        obj, = read(directory, path)
        if PATCH.fullmatch(path):
            check_patch(obj, path, definitions)
        elif "kind" not in obj:
            stanza = obj
        elif obj["kind"] == "ConfigMap":
            check_config_map(obj)
            if path.startswith("signatures/"):
                check_signatures(obj, path, index)
        else:
            if definitions:
                openapi.validate_object(definitions[obj["kind"]], obj)
                validated += 1
            if "Mirror" in obj["kind"] or "Policy" in obj["kind"]:
                sets.append(obj)
    check_stanza(stanza, sets)
    print(f"{directory}: {len(found)} files, {validated} custom resources validated")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--crds")
    parser.add_argument("--host")
    parser.add_argument("directories", nargs="+")
    args = parser.parse_args()
    definitions = load_definitions(args.crds)
    for directory in args.directories:
        try:
            check(directory, definitions, args.host)
        except (openapi.Invalid, yaml.YAMLError, ValueError, KeyError) as e:
            sys.exit(f"{directory}: {e!r}")


main()
