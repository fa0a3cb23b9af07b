#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads RUNBOOK.md and runbook.html of a directory of cluster resources.

    check_runbook.py DIRECTORY OUT

Text from outside must act nowhere: not in Markdown, not in HTML, not in a command. Every command is written to
OUT/NN.sh, one file a block, in their order."""
import os
import re
import sys
from html.parser import HTMLParser

HOSTILE = ["<script", "alert(1)", "touch was-here", "javascript:", "\x1b", "<b>"]
TAGS = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "ul", "li", "code", "pre"}
ATTRIBUTES = {("html", "lang"), ("meta", "charset"), ("meta", "name"), ("meta", "content"), ("pre", "class")}


def need(condition, text):
    if not condition:
        sys.exit(text)


def read_markdown(text):
    """The blocks of commands; all that is neither a block nor shown as it is must be our own words."""
    blocks, inside = [], None
    for number, line in enumerate(text.split("\n"), 1):
        need(not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", line), f"line {number}: a control character")
        if line == "```sh" and inside is None:
            inside = []
        elif line == "```" and inside is not None:
            blocks.append("\n".join(inside) + "\n")
            inside = None
        elif inside is not None:
            inside.append(line)
            need(not any(h in line for h in HOSTILE), f"line {number}: text from outside in a command: {line}")
        elif not line.startswith("    "):
            need("```" not in line, f"line {number}: a fence that is not ours")
            need(not any(h in line for h in HOSTILE), f"line {number}: text from outside as Markdown: {line}")
    need(inside is None, "a block without an end")
    return blocks


class Page(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.blocks, self.style = [], [], ""

    def handle_starttag(self, tag, attrs):
        need(tag in TAGS, f"a <{tag}> in the page")
        for name, _ in attrs:
            need((tag, name) in ATTRIBUTES, f"<{tag} {name}=…> in the page")
        if tag == "pre":
            self.blocks.append([dict(attrs).get("class"), ""])
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        need(self.open and self.open.pop() == tag, f"</{tag}> closes something else")

    def handle_data(self, data):
        if "pre" in self.open:
            self.blocks[-1][1] += data
        if "style" in self.open:
            self.style += data

    def handle_comment(self, data):
        need(False, "a comment in the page")


def main():
    directory, out = sys.argv[1:]
    with open(os.path.join(directory, "RUNBOOK.md"), encoding="utf-8", newline="") as f:
        blocks = read_markdown(f.read())
    page = Page()
    with open(os.path.join(directory, "runbook.html"), encoding="utf-8", newline="") as f:
        page.feed(f.read())
    page.close()
    need(not page.open, f"left open: {page.open}")
    need("url(" not in page.style and "@import" not in page.style, "the style loads something")
    shown = [text for kind, text in page.blocks if kind is None]
    need(shown == blocks, "the page has other commands than the text")
    for name in re.findall(r"(?:-f |--patch-file=)(\S+)", "".join(blocks)):
        need(os.path.exists(os.path.join(directory, name)), f"a command names {name}, which is not there")
    os.makedirs(out, exist_ok=True)
    for i, block in enumerate(blocks):
        with open(os.path.join(out, f"{i:02}.sh"), "w", encoding="utf-8") as f:
            f.write(block)
    print(f"{directory}: {len(blocks)} blocks of commands, {len(page.blocks) - len(shown)} quotes")


main()
