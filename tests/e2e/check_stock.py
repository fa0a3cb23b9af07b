#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a directory as stock `oc image mirror --from-dir` does, file by file.

For each of the two repositories: flat blobs/ and manifests/; a tag is a symbolic link to
the bare name of a manifest; a manifest is a regular file, a hard link of its copy among
the blobs; each config, layer and child of a tag is there; the media type can be guessed
from the manifest itself. Tags, digests and sizes are those of the world, and there is
nothing else.
"""

import argparse
import base64
import hashlib
import json
import os
import stat
import sys

TAG_ARCH = {"amd64": "x86_64", "arm64": "aarch64"}
TYPES = {
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
}
problems = []


def problem(text):
    problems.append(text)


def read(path):
    with open(path, "rb") as f:
        return f.read()


class Repository:
    def __init__(self, root, name):
        self.path = os.path.join(root, "v2/openshift", name)
        self.name = name
        self.used = {"blobs": set(), "manifests": set()}

    def regular(self, kind, name):
        path = os.path.join(self.path, kind, name)
        self.used[kind].add(name)
        try:
            info = os.lstat(path)
        except FileNotFoundError:
            problem(f"{self.name}/{kind}/{name} is not there")
            return None
        if not stat.S_ISREG(info.st_mode) or not info.st_mode & 0o444 == 0o444:
            problem(f"{self.name}/{kind}/{name} is no file that all can read")
        if kind == "blobs" or name.startswith("sha256:"):
            if "sha256:" + hashlib.sha256(read(path)).hexdigest() != name:
                problem(f"{self.name}/{kind}/{name} has other bytes")
        return info

    def manifest(self, digest):
        info, copy = self.regular("manifests", digest), self.regular("blobs", digest)
        if not info:
            return
        if copy and info.st_ino != copy.st_ino:
            problem(f"{self.name}/manifests/{digest} is no hard link")
        body = json.loads(read(os.path.join(self.path, "manifests", digest)))
        is_oci = body.get("config", {}).get("mediaType") == "application/vnd.oci.image.config.v1+json"
        if body.get("mediaType") not in TYPES and not is_oci and "manifests" not in body:
            problem(f"{digest}: oc cannot tell what it is")
        for child in body.get("manifests", []):
            self.manifest(child["digest"])
        for part in ([body["config"]] if "config" in body else []) + body.get("layers", []):
            found = self.regular("blobs", part["digest"])
            if found and found.st_size != part["size"]:
                problem(f"{part['digest']} has {found.st_size} bytes")

    def tags(self, want):
        folder = os.path.join(self.path, "manifests")
        found = {n for n in os.listdir(folder) if os.path.islink(os.path.join(folder, n))}
        for tag in sorted(found ^ set(want)):
            problem(f"{self.name}: tag {tag} is {'missing' if tag in want else 'too much'}")
        for tag in found & set(want):
            self.used["manifests"].add(tag)
            target = os.readlink(os.path.join(folder, tag))
            if target != want[tag]:
                problem(f"{self.name}:{tag} is a link to {target}, not {want[tag]}")
            else:
                self.manifest(target)

    def nothing_else(self):
        if sorted(os.listdir(self.path)) != ["blobs", "manifests"]:
            problem(f"{self.name} holds {os.listdir(self.path)}")
        for kind, used in self.used.items():
            for name in set(os.listdir(os.path.join(self.path, kind))) - used:
                problem(f"{self.name}/{kind}/{name} is there for nothing")


def check_signatures(root, world, options):
    folder = os.path.join(root, "config")
    names = set()
    for release in world["releases"]:
        if f"{release['version']}/{release['arch']}" not in options.release + options.start:
            continue
        digest = next(i["digest"] for i in world["images"] if i["component"] == "payload"
                      and (i["release"], i["arch"]) == (release["version"], release["arch"]))
        hex_ = digest[7:]
        name = f"signature-sha256-{hex_[:16]}.json"
        names.add(name)
        text = read(os.path.join(folder, name)).decode()
        document = json.loads(text)
        want = {"kind": "ConfigMap", "apiVersion": "v1",
                "metadata": {"name": "sha256-" + hex_, "namespace": "openshift-config-managed",
                             "labels": {"release.openshift.io/verification-signatures": ""}}}
        data = document.pop("binaryData")
        store = os.path.join(options.signatures, f"sha256={hex_}", "signature-1")
        if document != want or text.count("\n") != 1 or not text.endswith("\n"):
            problem(f"{name} is not as oc writes it")
        if base64.b64decode(data[f"sha256-{hex_}-1"]) != read(store):
            problem(f"{name} has another signature")
    if set(os.listdir(folder)) != names:
        problem(f"config holds {os.listdir(folder)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--expected", required=True)
    parser.add_argument("--media", required=True)
    parser.add_argument("--signatures", required=True)
    parser.add_argument("--release", action="append", default=[], metavar="VERSION/ARCH")
    parser.add_argument("--start", action="append", default=[], metavar="VERSION/ARCH")
    options = parser.parse_args()
    world = json.loads(read(options.expected))
    want = {"release": {}, "release-images": {}}
    for image in world["images"]:
        name = f"{image['release']}/{image['arch']}"
        is_payload = image["component"] == "payload"
        if name not in options.release and not (is_payload and name in options.start):
            continue
        tag = f"{image['release']}-{TAG_ARCH.get(image['arch'], image['arch'])}"
        for repository in ["release", "release-images"] if is_payload else ["release"]:
            want[repository][tag if is_payload else f"{tag}-{image['component']}"] = image["digest"]
            for signature in image["signatures"]:
                want[repository][signature["tag"]] = signature["digest"]
    for name, tags in want.items():
        repository = Repository(options.media, name)
        repository.tags(tags)
        repository.nothing_else()
    check_signatures(options.media, world, options)
    for text in problems[:20]:
        print(text, file=sys.stderr)
    if problems:
        print(f"{len(problems)} differences", file=sys.stderr)
        return 1
    print(f"as stock oc reads it: {sum(len(t) for t in want.values())} tags")
    return 0


if __name__ == "__main__":
    sys.exit(main())
