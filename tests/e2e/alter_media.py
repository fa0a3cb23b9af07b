# SPDX-License-Identifier: GPL-3.0-or-later
"""alter_media.py ROOT SCRIPT: changes media as somebody would who knows it well.

SCRIPT is Python and finds the inventory in `media`, the directory in `root` and `write(path,
bytes)` for a file beside the blobs. Afterwards index.json, the inventory's own list of
files and SHA256SUMS agree with it again; only signatures do not.
"""
import hashlib
import json
import os
import sys

root, script = sys.argv[1:]
with open(root + "/oc-hop.json", encoding="utf-8") as f:
    media = json.load(f)


def write(path, data):
    with open(os.path.join(root, path), "wb") as out:
        out.write(data)


def dump(document):
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"


def sha256(path):
    with open(os.path.join(root, path), "rb") as data:
        return hashlib.sha256(data.read()).hexdigest()


exec(script)
write(
    "index.json",
    dump(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [
                {
                    "mediaType": i["mediaType"],
                    "digest": i["digest"],
                    "size": i["sizeBytes"],
                    "annotations": {
                        "org.opencontainers.image.ref.name": i["destinations"][0]["tag"]
                    },
                }
                for i in media["images"]
            ],
        }
    ),
)
media["files"] = [f for f in media["files"] if os.path.exists(os.path.join(root, f["path"]))]
for entry in media["files"]:
    entry["sizeBytes"] = os.path.getsize(os.path.join(root, entry["path"]))
    entry["sha256"] = sha256(entry["path"])
write("oc-hop.json", dump(media))
paths = ["oc-hop.json"] + [f["path"] for f in media["files"]]
write("SHA256SUMS", "".join(f"{sha256(p)}  {p}\n" for p in paths).encode())
