#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares a mirror with the world that it was made from.

Every manifest, children of lists and signatures included, must have the bytes of its
digest in each repository where it belongs; every blob must be there with its true size;
both repositories must hold exactly the tags that they should. --skopeo reads the tagged
manifests with `skopeo inspect --raw` as well, so that a second reader agrees.
"""

import argparse
import base64
import hashlib
import json
import ssl
import subprocess
import sys
import urllib.error
import urllib.request

TYPES = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
)
PAYLOADS, COMPONENTS = "ocp4/openshift4-release-images", "ocp4/openshift4"
TAG_ARCH = {"amd64": "x86_64", "arm64": "aarch64"}


class Registry:
    def __init__(self, host, ca, creds):
        self.base = f"{'https' if ca else 'http'}://{host}/v2/"
        self.context = ssl.create_default_context(cafile=ca) if ca else None
        self.headers = {}
        if creds:
            self.headers["Authorization"] = "Basic " + base64.b64encode(creds.encode()).decode()

    def ask(self, path, method="GET", accept=()):
        request = urllib.request.Request(self.base + path, method=method, headers=self.headers)
        if accept:
            request.add_header("Accept", ", ".join(accept))
        try:
            with urllib.request.urlopen(request, context=self.context, timeout=60) as answer:
                return answer.read(), answer.headers
        except urllib.error.HTTPError as e:
            return None, e.headers

    def manifest(self, repository, reference):
        return self.ask(f"{repository}/manifests/{reference}", accept=TYPES)

    def blob_size(self, repository, digest):
        body, headers = self.ask(f"{repository}/blobs/{digest}", method="HEAD")
        return None if body is None else int(headers["Content-Length"])

    def tags(self, repository):
        body, _ = self.ask(f"{repository}/tags/list")
        return set(json.loads(body)["tags"] or []) if body else set()


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Check:
    def __init__(self, registry):
        self.registry = registry
        self.problems = []
        self.want_tags = {PAYLOADS: {}, COMPONENTS: {}}
        self.seen = set()
        self.manifests = self.blobs = 0

    def problem(self, text):
        self.problems.append(text)

    def manifest(self, repository, reference, digest, what):
        if (repository, reference) in self.seen:
            return
        self.seen.add((repository, reference))
        body, _ = self.registry.manifest(repository, reference)
        self.manifests += 1
        if body is None:
            self.problem(f"{what}: {repository}:{reference} is not there")
        elif digest_of(body) != digest:
            self.problem(f"{what}: {repository}:{reference} has {digest_of(body)}, not {digest}")

    def blob(self, repository, digest, size, what):
        if (repository, digest) in self.seen:
            return
        self.seen.add((repository, digest))
        self.blobs += 1
        found = self.registry.blob_size(repository, digest)
        if found != size:
            self.problem(f"{what}: blob {digest} in {repository} has size {found}, not {size}")

    def image(self, image, repository, tag):
        what = f"{image['release']} {image['arch']} {image['component']}"
        self.want_tags[repository][tag] = image["digest"]
        self.manifest(repository, tag, image["digest"], what)
        for digest in [image["digest"], *image["children"]]:
            self.manifest(repository, digest, digest, what)
        for digest, size in image["blobs"].items():
            self.blob(repository, digest, size, what)
        for signature in image["signatures"]:
            self.want_tags[repository][signature["tag"]] = signature["digest"]
            self.manifest(repository, signature["tag"], signature["digest"], what + " signature")

    def tags(self, repository):
        found, want = self.registry.tags(repository), set(self.want_tags[repository])
        for tag in sorted(want - found):
            self.problem(f"{repository} lacks the tag {tag}")
        for tag in sorted(found - want):
            self.problem(f"{repository} has the tag {tag}, which nothing asked for")

    def skopeo(self, host):
        for repository, tags in self.want_tags.items():
            for tag, digest in sorted(tags.items()):
                reference = f"docker://{host}/{repository}:{tag}"
                command = ["skopeo", "inspect", "--raw", "--tls-verify=false", reference]
                raw = subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout
                if digest_of(raw) != digest:
                    self.problem(f"skopeo reads {digest_of(raw)} at {reference}, not {digest}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--expected", required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--release", action="append", default=[], metavar="VERSION/ARCH")
    parser.add_argument("--start", action="append", default=[], metavar="VERSION/ARCH",
                        help="payload only")
    parser.add_argument("--without", action="append", default=[], metavar="DIGEST",
                        help="a blob that must not be there")
    parser.add_argument("--skopeo", action="store_true")
    parser.add_argument("--ca")
    parser.add_argument("--creds")
    options = parser.parse_args()
    with open(options.expected, encoding="utf-8") as f:
        world = json.load(f)
    check = Check(Registry(options.host, options.ca, options.creds))
    for image in world["images"]:
        name = f"{image['release']}/{image['arch']}"
        tag = f"{image['release']}-{TAG_ARCH.get(image['arch'], image['arch'])}"
        if image["component"] == "payload" and name in options.release + options.start:
            check.image(image, PAYLOADS, tag)
            check.image(image, COMPONENTS, tag)
        elif name in options.release:
            check.image(image, COMPONENTS, f"{tag}-{image['component']}")
    for repository in (PAYLOADS, COMPONENTS):
        check.tags(repository)
    for digest in options.without:
        for repository in (PAYLOADS, COMPONENTS):
            if check.registry.blob_size(repository, digest) is not None:
                check.problem(f"{repository} holds {digest}")
    if options.skopeo:
        check.skopeo(options.host)
    for problem in check.problems[:20]:
        print(problem, file=sys.stderr)
    if check.problems:
        print(f"{len(check.problems)} differences", file=sys.stderr)
        return 1
    print(f"as expected: {check.manifests} manifests, {check.blobs} blobs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
