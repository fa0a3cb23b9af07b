#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads pictures with parsers of their own: check_picture.py svg|html FILE [NODES EDGES].

The SVG must be XML, its lines must join boxes that are there, and there must be at most
NODES boxes and EDGES lines. The page must load nothing, run nothing but its own script
and link to http and https only; every link inside must lead somewhere.
"""
import base64
import hashlib
import re
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

SVG = "{http://www.w3.org/2000/svg}"


def check_svg(path, max_nodes, max_edges):
    root = ET.parse(path).getroot()
    nodes = [g for g in root.iter(SVG + "g") if (g.get("class") or "").split(" ")[0] == "n" and g.get("data-version")]
    edges = [p for p in root.iter(SVG + "path") if p.get("data-from")]
    versions = [n.get("data-version") for n in nodes]
    assert len(set(versions)) == len(versions), "a release is drawn twice"
    assert 0 < len(nodes) <= max_nodes, f"{len(nodes)} releases are drawn"
    assert len(edges) <= max_edges, f"{len(edges)} updates are drawn"
    for edge in edges:
        assert edge.get("data-from") in versions and edge.get("data-to") in versions
    width, height = float(root.get("width")), float(root.get("height"))
    for node in nodes:
        box = node.find(SVG + "rect")
        assert 0 <= float(box.get("x")) <= width - float(box.get("width"))
        assert 0 <= float(box.get("y")) <= height
    assert not list(root.iter(SVG + "script"))
    for element in root.iter():
        for name, value in element.attrib.items():
            assert not name.startswith("on"), f"an event handler: {name}"
            if name in ("href", "data-url"):
                assert re.match(r"https?://", value), f"a link to {value}"
    print(len(nodes), "releases,", len(edges), "updates")


class Page(HTMLParser):
    VOID = {"meta", "br", "input"}

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.inner, self.policy = [], set(), set(), None
        self.blocks = {"script": [], "style": []}

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), f"<{tag} {name}>"
            assert name not in ("src", "srcset", "action", "style"), f"<{tag} {name}>"
            if name == "id":
                assert value not in self.ids, f"id {value} twice"
                self.ids.add(value)
            if name == "href" and value.startswith("#"):
                self.inner.add(value[1:])
            elif name in ("href", "data-url"):
                assert re.match(r"https?://[\x21-\x7e]+$", value), f"a link to {value}"
        if tag == "meta" and dict(attrs).get("http-equiv") == "Content-Security-Policy":
            self.policy = dict(attrs)["content"]
        if tag in self.blocks:
            self.blocks[tag].append("")

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] in self.blocks:
            self.blocks[self.open[-1]][-1] += data


def check_html(path):
    page = Page()
    with open(path, encoding="utf-8", newline="") as f:
        page.feed(f.read())
    page.close()
    assert not page.open, f"not closed: {page.open}"
    assert page.inner <= page.ids, f"links to nothing: {page.inner - page.ids}"
    assert "default-src 'none'" in page.policy
    for tag, blocks in page.blocks.items():
        assert len(blocks) == 1, f"{len(blocks)} <{tag}>"
        digest = base64.b64encode(hashlib.sha256(blocks[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in page.policy, f"the policy forbids <{tag}>"
    print("page is in order")


if sys.argv[1] == "svg":
    check_svg(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
else:
    check_html(sys.argv[2])
