#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark's table: table.py FIGURES EXPECTED. Medians; ratios against oc-hop."""

import json
import statistics
import sys

NAMES = {"oc_hop": "oc-hop mirror", "floor": "floor", "manifests": "floor with manifests", "checked": "the same, checked", "xargs": "skopeo copy, xargs -P8", "sync": "skopeo sync"}


def main():
    blobs = {}
    for i in json.load(open(sys.argv[2], encoding="utf-8"))["images"]:
        blobs.update(i["blobs"])
    unique = sum(blobs.values())
    rows = {}
    for line in open(sys.argv[1], encoding="utf-8"):
        scheme, rtt, way, wall, user, system, kib, requests, received = line.split()
        figures = (float(wall), float(user) + float(system), int(kib) / 1024, int(requests), int(received) / unique)
        rows.setdefault((scheme, rtt), {}).setdefault(way, []).append(figures)
    runs = max(len(runs) for ways in rows.values() for runs in ways.values())
    print(f"\n{unique / 1e6:.0f} MB of unique blobs in {len(blobs)}; medians of {runs}; ratios against oc-hop")
    head = f"{'':24}{'wall s':>9}{'CPU s':>8}{'RSS MiB':>9}{'requests':>10}{'bytes':>8}"
    print(head + f"{'wall x':>9}{'CPU x':>8}{'RSS x':>8}{'req x':>8}")
    for (scheme, rtt), ways in rows.items():
        print(f"{scheme}, {rtt} ms")
        middle = {way: [statistics.median(c) for c in zip(*runs)] for way, runs in ways.items()}
        base = middle.get("oc_hop") or next(iter(middle.values()))
        for way, f in middle.items():
            ratios = [a / b if b else 0 for a, b in zip(f, base)]
            print(
                f"  {NAMES[way]:22}{f[0]:9.2f}{f[1]:8.2f}{f[2]:9.1f}{f[3]:10.0f}{f[4]:8.4f}"
                f"{ratios[0]:9.2f}{ratios[1]:8.2f}{ratios[2]:8.2f}{ratios[3]:8.2f}"
            )


main()
