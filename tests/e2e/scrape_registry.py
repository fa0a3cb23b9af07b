#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks through a repository as a graph-builder does, layer by layer, and prints what it
found as a document oc-hop/scrape/v1.

Usage: scrape_registry.py HOST REPOSITORY
"""

import gzip
import io
import json
import sys
import tarfile
import urllib.error
import urllib.request

IMAGE = "application/vnd.docker.distribution.manifest.v2+json"
LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
ACCEPT = ", ".join([IMAGE, LIST, "application/vnd.oci.image.manifest.v1+json",
                    "application/vnd.oci.image.index.v1+json"])
MEMBER = "release-manifests/release-metadata"

host, repository = sys.argv[1:]


def get(path, **headers):
    return urllib.request.urlopen(urllib.request.Request(f"http://{host}/v2/{repository}/{path}", headers=headers))


def metadata_of(digest):
    try:
        data = gzip.decompress(get(f"blobs/{digest}").read())
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            return json.load(tar.extractfile(MEMBER))
    except urllib.error.HTTPError:
        return "unreadable"
    except (KeyError, gzip.BadGzipFile, tarfile.TarError):
        return None


def image(manifest):
    config = json.load(get("blobs/" + manifest["config"]["digest"]))
    return {"architecture": config["architecture"], "layers": [metadata_of(d["digest"]) for d in manifest["layers"]]}


tags = []
for tag in json.load(get("tags/list"))["tags"]:
    answer = get("manifests/" + tag, Accept=ACCEPT)
    row = {"tag": tag, "digest": answer.headers["Docker-Content-Digest"]}
    kind, manifest = answer.headers["Content-Type"], json.load(answer)
    if kind == IMAGE:
        row |= {"type": "image"} | image(manifest)
    elif kind == LIST:
        entries = [json.load(get("manifests/" + e["digest"], Accept=ACCEPT)) for e in manifest["manifests"]]
        row |= {"type": "list", "manifests": [image(e) for e in entries]}
    else:
        row["type"] = "oci"
    tags.append(row)
json.dump({"schema": "oc-hop/scrape/v1", "repository": f"{host}/{repository}", "tags": tags}, sys.stdout)
