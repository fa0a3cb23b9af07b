#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpacks a set of volumes into a media directory, checking each on the way.

Usage: unpack_volumes.py DIR LIMIT VOLUME…   No volume may be larger than LIMIT; each must
list exactly its members with their hashes; no name may come twice; the numbers must be
without a gap and only the last may say that it is. Files in parts are put together, those
of tries that were given up are left out.
"""

import hashlib
import json
import os
import re
import sys
import tarfile

target, limit, volumes = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
members, sets = {}, set()
for number, volume in enumerate(volumes, 1):
    assert os.path.getsize(volume) <= limit, f"{volume} has {os.path.getsize(volume)} bytes"
    with tarfile.open(volume, "r:") as tar:
        here = {}
        for m in tar:
            assert m.isreg() and m.mtime == 0 and m.uid == 0, m
            assert m.name not in here and m.name not in members, f"{m.name} comes twice"
            here[m.name] = tar.extractfile(m).read()
            last = m.name
    assert last == f"volumes/oc-hop.{number:03}.json", last
    listed = json.loads(here.pop(last))
    assert listed["number"] == number and listed["last"] == (number == len(volumes)), listed
    sets.add(listed["set"])
    want = [(f["path"], f["sizeBytes"], f["sha256"]) for f in listed["files"]]
    assert want == [(n, len(b), hashlib.sha256(b).hexdigest()) for n, b in here.items()], volume
    members.update(here)
assert len(sets) == 1, sets

whole, parts = {}, {}
for name, data in members.items():
    match = re.fullmatch(r"(.*)\.(\d)(\d{5})", name)
    if match:
        parts.setdefault(match[1], {}).setdefault(int(match[2]), {})[int(match[3])] = data
    else:
        whole[name] = data
cut = given_up = 0
for name, tries in parts.items():
    latest = tries[max(tries)]
    given_up += len(tries) - 1
    if name not in whole:
        assert sorted(latest) == list(range(len(latest))), f"{name} has parts {sorted(latest)}"
        whole[name] = b"".join(latest[n] for n in sorted(latest))
        cut += 1
# What no inventory names was never finished.
document = json.loads(whole["oc-hop.json"])
wanted = {i["digest"].split(":")[1] for i in document["blobs"] + document["manifests"]}
for name, data in whole.items():
    if name.startswith("blobs/") and os.path.basename(name) not in wanted:
        given_up += 1
        continue
    path = os.path.join(target, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
print(f"{len(volumes)} volumes, {len(whole)} files, {cut} in parts, {given_up} tries given up")
