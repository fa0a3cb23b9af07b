#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares removable media with the world that they were made from.

Reads the directory as it is described in mirror/hop_media.h, with nothing of the program:
every name fits every file system, every file is listed with the right hash, every blob
and manifest of the wanted releases is there once under its own digest, and no other. A
release has all its images in both inventories. --skopeo has a second reader open each
entry, copied into a one-entry index.json over the same blobs.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

TAG_ARCH = {"amd64": "x86_64", "arm64": "aarch64"}
UNLISTED = {"oc-hop.json", "SHA256SUMS", "oc-hop.json.sig", ".oc-hop.lock"}
problems = []


def problem(text):
    problems.append(text)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def walk(root):
    for folder, folders, names in os.walk(root):
        for name in folders + names:
            path = os.path.join(folder, name)
            relative = os.path.relpath(path, root)
            if not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", name) or name.endswith("."):
                problem(f"{relative}: a name that not every file system takes")
            if os.path.islink(path) or os.stat(path).st_nlink > 1 and not os.path.isdir(path):
                problem(f"{relative} is a link")
        for name in names:
            yield os.path.relpath(os.path.join(folder, name), root)


def blobs_of(root, paths, limit):
    """Digest to path or list of parts; checks each."""
    found = {}
    for path in sorted(paths):
        match = re.fullmatch(r"blobs/(sha256)/([0-9a-f]{64})(\.\d{6})?", path)
        if not match:
            problem(f"{path} has no business among the blobs")
            continue
        if limit and os.path.getsize(os.path.join(root, path)) > limit:
            problem(f"{path} is longer than {limit}")
        found.setdefault(f"{match[1]}:{match[2]}", []).append(path)
    for digest, parts in found.items():
        if len(parts) > 1 and [p[-7:] for p in parts] != [f".{n:06}" for n in range(len(parts))]:
            problem(f"{digest} has parts {parts}")
        h = hashlib.sha256()
        for part in parts:
            h.update(read(os.path.join(root, part)))
        if "sha256:" + h.hexdigest() != digest:
            problem(f"{digest} has wrong bytes")
    return found


def wanted_images(world, releases, starts):
    for image in world["images"]:
        name = f"{image['release']}/{image['arch']}"
        is_payload = image["component"] == "payload"
        if name not in releases and not (is_payload and name in starts):
            continue
        tag = f"{image['release']}-{TAG_ARCH.get(image['arch'], image['arch'])}"
        places = {"components", "releases"} if is_payload else {"components"}
        yield image, tag if is_payload else f"{tag}-{image['component']}", places


def check_images(document, world, options):
    want, manifests, blobs = {}, set(), {}
    for image, tag, places in wanted_images(world, options.release, options.start):
        for place in places:
            want[(place, tag)] = image["digest"]
            for signature in image["signatures"]:
                want[(place, signature["tag"])] = signature["digest"]
                manifests.add(signature["digest"])
        manifests.update([image["digest"], *image["children"]])
        blobs.update(image["blobs"])
    have = {(d["repository"], d["tag"]): i["digest"] for i in document["images"] for d in i["destinations"]}
    for key in sorted(set(want) | set(have)):
        if want.get(key) != have.get(key):
            problem(f"{key[0]}:{key[1]} is {have.get(key)}, not {want.get(key)}")
    return manifests, blobs


def check_inventory(root, document, paths, options):
    files = {f["path"]: f for f in document["files"]}
    for path in paths:
        if path.startswith(("blobs/", "volumes/")) or path in UNLISTED:
            continue
        if path not in files:
            problem(f"{path} is not listed")
    for path, f in files.items():
        full = os.path.join(root, path)
        if not os.path.exists(full):
            problem(f"{path} is listed and not there")
        elif hashlib.sha256(read(full)).hexdigest() != f["sha256"] or os.path.getsize(full) != f["sizeBytes"]:
            problem(f"{path} is not as listed")
    sums = subprocess.run(["sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS"], cwd=root, check=False)
    if sums.returncode:
        problem("sha256sum does not agree")
    summed = {line.split("  ", 1)[1] for line in read(os.path.join(root, "SHA256SUMS")).decode().splitlines()}
    if summed != set(files) | {"oc-hop.json"}:
        problem(f"SHA256SUMS has other files: {summed ^ (set(files) | {'oc-hop.json'})}")
    if document["complete"] != (not options.incomplete):
        problem(f"complete is {document['complete']}")


def check_index(root, document, digests):
    index = json.loads(read(os.path.join(root, "index.json")))
    names = [m["annotations"]["org.opencontainers.image.ref.name"] for m in index["manifests"]]
    if len(set(names)) != len(names) or len(names) != len(document["images"]):
        problem("index.json has names twice, or other images")
    for m in index["manifests"]:
        if m["digest"] not in digests:
            problem(f"index.json names {m['digest']}, which is not there")
            continue
        body = b"".join(read(os.path.join(root, p)) for p in digests[m["digest"]])
        declared = json.loads(body).get("mediaType", m["mediaType"])
        if m["size"] != len(body) or m["mediaType"] != declared:
            problem(f"index.json: {m['digest']} is {len(body)} bytes of {declared}")
    return index


def check_skopeo(root, index):
    for m in index["manifests"]:
        with tempfile.TemporaryDirectory() as one:
            os.symlink(os.path.join(os.path.abspath(root), "blobs"), os.path.join(one, "blobs"))
            os.symlink(os.path.join(os.path.abspath(root), "oci-layout"), os.path.join(one, "oci-layout"))
            with open(os.path.join(one, "index.json"), "w", encoding="utf-8") as f:
                json.dump({**index, "manifests": [m]}, f)
            raw = subprocess.run(["skopeo", "inspect", "--raw", f"oci:{one}"], stdout=subprocess.PIPE, check=False)
            if "sha256:" + hashlib.sha256(raw.stdout).hexdigest() != m["digest"]:
                problem(f"skopeo reads something else for {m['digest']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--expected", required=True)
    parser.add_argument("--media", required=True)
    parser.add_argument("--release", action="append", default=[], metavar="VERSION/ARCH")
    parser.add_argument("--start", action="append", default=[], metavar="VERSION/ARCH")
    parser.add_argument("--limit", type=int, default=0, help="longest file among the blobs")
    parser.add_argument("--incomplete", action="store_true", help="only check what there is")
    parser.add_argument("--omitted", action="store_true", help="some blobs are left out")
    parser.add_argument("--skopeo", action="store_true")
    options = parser.parse_args()
    world = json.loads(read(options.expected))
    root = options.media
    paths = list(walk(root))
    document = json.loads(read(os.path.join(root, "oc-hop.json")))
    check_inventory(root, document, paths, options)
    digests = blobs_of(root, [p for p in paths if p.startswith("blobs/")], options.limit)
    listed = {i["digest"] for i in document["manifests"] + document["blobs"]}
    if listed != set(digests):
        problem(f"oc-hop.json lists other blobs: {sorted(listed ^ set(digests))[:3]}")
    if not options.incomplete:
        manifests, blobs = check_images(document, world, options)
        for image in document["images"]:
            if image["role"] == "signature":
                body = json.loads(read(os.path.join(root, digests[image["digest"]][0])))
                for part in [body["config"], *body["layers"]]:
                    blobs[part["digest"]] = part["size"]
        want = manifests | set(blobs)
        omitted = set(document["omitted"])
        if omitted and not options.omitted or omitted & set(digests):
            problem(f"left out: {sorted(omitted)[:3]}")
        for digest in sorted(want ^ (set(digests) | omitted)):
            problem(f"{digest} is {'missing' if digest in want else 'there for nothing'}")
    index = check_index(root, document, digests)
    if options.skopeo:
        check_skopeo(root, index)
    for text in problems[:20]:
        print(text, file=sys.stderr)
    if problems:
        print(f"{len(problems)} differences", file=sys.stderr)
        return 1
    print(f"as expected: {len(document['images'])} images, {len(digests)} blobs and manifests")
    return 0


if __name__ == "__main__":
    sys.exit(main())
