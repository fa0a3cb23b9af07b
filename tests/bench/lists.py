#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmark's programs are told to copy.

    lists.py EXPECTED DIRECTORY        writes images, sync and blobs there
    lists.py --check EXPECTED LOG      the source's log: every unique blob was read once

images has a line "SOURCE DESTINATION" for each `skopeo copy`, as oc-hop names them; sync is
for `skopeo sync`; blobs has "REPO DIGEST SIZE" of every unique blob.
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
    images = json.load(open(sys.argv[1], encoding="utf-8"))["images"]
    with open(f"{sys.argv[2]}/images", "w", encoding="utf-8") as out:
        write_images(images, out)
    with open(f"{sys.argv[2]}/sync", "w", encoding="utf-8") as out:
        write_sync(images, out)
    with open(f"{sys.argv[2]}/blobs", "w", encoding="utf-8") as out:
        for digest, (repository, size) in unique_blobs(images).items():
            print(repository, digest, size, file=out)
    return None


main()
