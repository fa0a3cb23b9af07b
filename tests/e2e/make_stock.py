#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a directory as `oc adm release mirror --to-dir` does, from the world's registry.

One repository, openshift/release: each blob and a copy of each manifest in blobs/, the
manifests as hard links of these, a tag as a symbolic link to the bare name, files that
only their owner reads; config/ with one ConfigMap a release. Nothing else: no release
repository, no sums, and no sigstore signatures unless --sigstore asks for what
`oc image mirror SRC:sha256-….sig` adds.
"""

import argparse
import base64
import json
import os

TAG_ARCH = {"amd64": "x86_64", "arm64": "aarch64"}


class Layout:
    def __init__(self, options):
        self.options = options
        self.path = os.path.join(options.to, "v2/openshift/release")
        for kind in ("blobs", "manifests"):
            os.makedirs(os.path.join(self.path, kind), exist_ok=True)

    def name(self, digest):
        return digest.replace(":", "-") if self.options.form == "windows" else digest

    def stored(self, digest):
        hex_ = digest[7:]
        path = os.path.join(self.options.registry, "docker/registry/v2/blobs/sha256", hex_[:2], hex_, "data")
        with open(path, "rb") as f:
            return f.read()

    def write(self, path, data):
        if not os.path.exists(path):
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
                f.write(data)

    def blob(self, digest):
        path = os.path.join(self.path, "blobs", self.name(digest))
        self.write(path, self.stored(digest))
        return path

    def manifest(self, digest):
        path = os.path.join(self.path, "manifests", self.name(digest))
        body = self.stored(digest)
        if self.options.form == "no-links":
            self.write(path, body)
        elif not os.path.exists(path):
            os.link(self.blob(digest), path)
        manifest = json.loads(body)
        for child in manifest.get("manifests", []):
            self.manifest(child["digest"])
        for part in ([manifest["config"]] if "config" in manifest else []) + manifest.get("layers", []):
            self.blob(part["digest"])

    def tag(self, tag, digest):
        self.manifest(digest)
        path = os.path.join(self.path, "manifests", tag)
        form = self.options.form
        if os.path.lexists(path):
            return
        if form == "no-links":
            # Half of the tools leave the link's target as text, the others copy.
            self.write(path, digest.encode() + b"\n" if len(tag) % 2 else self.stored(digest))
        elif form == "old":
            os.symlink(f"/data/{self.path.strip('/')}/manifests/{digest}", path)
        else:
            os.symlink(self.name(digest), path)

    def config_map(self, digest):
        hex_ = digest[7:]
        with open(os.path.join(self.options.signatures, f"sha256={hex_}", "signature-1"), "rb") as f:
            signature = f.read()
        metadata = {"name": "sha256-" + hex_, "namespace": "openshift-config-managed"}
        if self.options.form == "old":
            metadata["creationTimestamp"] = None
        metadata["labels"] = {"release.openshift.io/verification-signatures": ""}
        document = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": metadata,
                    "binaryData": {f"sha256-{hex_}-1": base64.b64encode(signature).decode()}}
        folder = os.path.join(self.options.to, "config")
        os.makedirs(folder, exist_ok=True)
        text = json.dumps(document, separators=(",", ":")) + "\n"
        self.write(os.path.join(folder, f"signature-sha256-{hex_[:16]}.json"), text.encode())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--expected", required=True)
    parser.add_argument("--registry", required=True, help="its storage")
    parser.add_argument("--signatures", help="a signature store; without it no config/")
    parser.add_argument("--release", action="append", default=[], metavar="VERSION/ARCH")
    parser.add_argument("--sigstore", action="store_true")
    parser.add_argument("--form", choices=["new", "old", "windows", "no-links"], default="new")
    parser.add_argument("to")
    options = parser.parse_args()
    with open(options.expected, encoding="utf-8") as f:
        world = json.load(f)
    layout = Layout(options)
    for image in world["images"]:
        if f"{image['release']}/{image['arch']}" not in options.release:
            continue
        tag = f"{image['release']}-{TAG_ARCH.get(image['arch'], image['arch'])}"
        is_payload = image["component"] == "payload"
        layout.tag(tag if is_payload else f"{tag}-{image['component']}", image["digest"])
        if is_payload and options.signatures:
            layout.config_map(image["digest"])
        for signature in image["signatures"] if options.sigstore else []:
            layout.tag(signature["tag"], signature["digest"])


if __name__ == "__main__":
    main()
