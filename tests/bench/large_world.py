#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A registry's storage with one release whose one component has one large layer.

    large_world.py DIRECTORY BYTES

The layer is a hole in a file: BYTES zeros that take no space. DIRECTORY gets registry/
(docker-registry's root) and graph.json; nothing is signed.
"""

import hashlib
import io
import json
import os
import sys
import tarfile

VERSION = "4.17.1"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CHUNK = 1 << 24


def hash_of_zeros(count):
    h, zeros = hashlib.sha256(), bytes(CHUNK)
    for _ in range(count // CHUNK):
        h.update(zeros)
    h.update(zeros[:count % CHUNK])
    return h.hexdigest()


class Store:
    def __init__(self, root):
        self.root = f"{root}/docker/registry/v2"

    def open(self, hexed):
        path = f"{self.root}/blobs/sha256/{hexed[:2]}/{hexed}"
        os.makedirs(path, exist_ok=True)
        return open(f"{path}/data", "wb")

    def link(self, repository, kind, hexed):
        path = f"{self.root}/repositories/openshift-release-dev/{repository}/{kind}/sha256/{hexed}"
        os.makedirs(path, exist_ok=True)
        with open(f"{path}/link", "w", encoding="ascii") as f:
            f.write(f"sha256:{hexed}")

    def blob(self, repository, data, kind="_layers"):
        hexed = hashlib.sha256(data).hexdigest()
        with self.open(hexed) as f:
            f.write(data)
        self.link(repository, kind, hexed)
        return {"digest": f"sha256:{hexed}", "size": len(data)}

    def zeros(self, repository, count):
        hexed = hash_of_zeros(count)
        with self.open(hexed) as f:
            f.truncate(count)
        self.link(repository, "_layers", hexed)
        return {"digest": f"sha256:{hexed}", "size": count}

    def image(self, repository, *layers):
        config = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {
            "type": "layers", "diff_ids": [layer["digest"] for layer in layers]}}).encode()
        config = {"mediaType": "application/vnd.docker.container.image.v1+json",
                  **self.blob(repository, config)}
        layers = [{"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", **layer}
                  for layer in layers]
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers}
        return self.blob(repository, json.dumps(manifest).encode(), "_manifests/revisions")["digest"]


def references(version, component):
    return {"kind": "ImageStream", "apiVersion": "image.openshift.io/v1",
            "metadata": {"name": version},
            "spec": {"tags": [{"name": "large", "from": {
                "kind": "DockerImage",
                "name": f"quay.io/openshift-release-dev/ocp-v4.0-art-dev@{component}"}}]}}


def metadata(version):
    return {"kind": "cincinnati-metadata-v0", "version": version, "previous": [], "metadata": {}}


def layer_of(**documents):
    """A layer with release-manifests/NAME, a dash for each underscore."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, doc in documents.items():
            text = doc if isinstance(doc, bytes) else json.dumps(doc).encode()
            member = tarfile.TarInfo(f"release-manifests/{name.replace('_', '-')}")
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text))
    return out.getvalue()


def node(version, payload):
    return {"version": version, "payload": f"quay.io/openshift-release-dev/ocp-release@{payload}",
            "metadata": {"io.openshift.upgrades.graph.release.channels": "stable-4.17"}}


def write_graph(path, *nodes):
    with open(path, "w", encoding="ascii") as f:
        json.dump({"version": 1, "nodes": nodes, "edges": [], "conditionalEdges": []}, f)


def main():
    directory, count = sys.argv[1], int(sys.argv[2])
    store = Store(f"{directory}/registry")
    components, payloads = "ocp-v4.0-art-dev", "ocp-release"
    component = store.image(components, store.zeros(components, count))
    layer = layer_of(image_references=references(VERSION, component), release_metadata=metadata(VERSION))
    payload = store.image(payloads, store.blob(payloads, layer))
    write_graph(f"{directory}/graph.json", node(VERSION, payload))


if __name__ == "__main__":
    main()
