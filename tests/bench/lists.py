#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmark's programs are told to copy.

    lists.py EXPECTED REGISTRY DIRECTORY    writes images, sync and the floor's lists there
    lists.py --check EXPECTED LOG           the source's log: every unique blob was read once

images has a line "SOURCE DESTINATION" for each `skopeo copy`, as oc-hop names them; sync is
for `skopeo sync`; blobs has "REPO DIGEST SIZE" of every unique blob; children and manifests
have "REPO DIGEST SIZE TYPE REFERENCE…" of what lists name and of every image, once each.
REGISTRY is where docker-registry keeps the source's content.
"""

import json
import re
import sys

RELEASES, COMPONENTS = "ocp4/openshift4-release-images", "ocp4/openshift4"


def write_images(images, out):
    for i in images:
        source = f"docker://SOURCE/{i['repository']}"
        tag = f"{i['release']}-x86_64"
        if i["component"] != "payload":
            print(f"{source}@{i['digest']} docker://DESTINATION/{COMPONENTS}:{tag}-{i['component']}", file=out)
            continue
        signature = i["signatures"][0]["tag"]
        print(f"{source}@{i['digest']} docker://DESTINATION/{RELEASES}:{tag}", file=out)
        print(f"{source}@{i['digest']} docker://DESTINATION/{COMPONENTS}:{tag}", file=out)
        print(f"{source}:{signature} docker://DESTINATION/{RELEASES}:{signature}", file=out)


def write_sync(images, out):
    repositories = {}
    for i in images:
        repositories.setdefault(i["repository"], []).append(i["digest"])
    print("SOURCE:\n  tls-verify: false\n  images:", file=out)
    for repository, digests in repositories.items():
        print(f"    {repository}:", file=out)
        for digest in dict.fromkeys(digests):
            print(f"    - {digest}", file=out)


def unique_blobs(images):
    blobs = {}
    for i in images:
        for digest, size in i["blobs"].items():
            blobs.setdefault(digest, (i["repository"], size))
    return blobs


def content(registry, digest):
    hexadecimal = digest.split(":")[1]
    path = f"{registry}/docker/registry/v2/blobs/sha256/{hexadecimal[:2]}/{hexadecimal}/data"
    return open(path, "rb").read()


def write_manifests(images, registry, directory):
    children, manifests = {}, {}
    for i in images:
        tag = f"{i['release']}-x86_64"
        tag += "" if i["component"] == "payload" else f"-{i['component']}"
        manifests.setdefault(i["digest"], (i["repository"], []))[1].append(tag)
        for digest in i["children"]:
            children[digest] = (i["repository"], [digest])
    for name, entries in (("children", children), ("manifests", manifests)):
        with open(f"{directory}/{name}", "w", encoding="utf-8") as out:
            for digest, (repository, references) in entries.items():
                text = content(registry, digest)
                print(repository, digest, len(text), json.loads(text)["mediaType"], *references, file=out)


def check(images, log):
    read = {}
    for line in open(log, encoding="utf-8", errors="replace"):
        m = re.search(r'"GET /v2/\S+/blobs/(sha256:[0-9a-f]{64}) HTTP/1\.1" (\d+) (\d+)', line)
        if m and m[2] in ("200", "206"):
            read.setdefault(m[1], []).append(int(m[3]))
    blobs = unique_blobs(images)
    for digest, (_, size) in blobs.items():
        if read.get(digest) != [size]:
            sys.exit(f"{digest} of {size} bytes was read as {read.get(digest)}")
    extra = set(read) - set(blobs)
    for digest in extra:
        if len(read[digest]) != 1:
            sys.exit(f"{digest} was read {len(read[digest])} times")


def main():
    if sys.argv[1] == "--check":
        return check(json.load(open(sys.argv[2], encoding="utf-8"))["images"], sys.argv[3])
    expected, registry, directory = sys.argv[1:]
    images = json.load(open(expected, encoding="utf-8"))["images"]
    with open(f"{directory}/images", "w", encoding="utf-8") as out:
        write_images(images, out)
    with open(f"{directory}/sync", "w", encoding="utf-8") as out:
        write_sync(images, out)
    with open(f"{directory}/blobs", "w", encoding="utf-8") as out:
        for digest, (repository, size) in unique_blobs(images).items():
            print(repository, digest, size, file=out)
    write_manifests(images, registry, directory)
    return None


main()
