#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small update service for tests: serves DIR/<channel>-<arch>.json as the public one would.

Usage: update_service.py DIR PORT_FILE LOG_FILE

Like the real one it demands a channel, answers an unknown channel with an empty graph, and takes exactly one media
type in Accept. Also: /static/... answers static-<arch>.json whatever the channel, /html/... answers a web page, /flaky/... answers 503 to every first request of a URL, and an
absolute URL in the request line (as a proxy sees it) is served, too. Every request is logged as "METHOD TARGET ACCEPT".
"""
import http.server
import json
import os
import sys
import urllib.parse

KNOWN = ("*", "*/*", "application/*", "application/json", "application/vnd.redhat.cincinnati.v1+json")


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    directory = log = None
    seen = set()

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status, kind, value):
        self.answer(status, json.dumps({"kind": kind, "value": value}).encode())

    def do_GET(self):
        accept = self.headers.get("Accept", "")
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(f"GET {self.path} {accept}\n")
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path.startswith("/html"):
            return self.answer(200, b"<!DOCTYPE html><title>login</title>", "text/html")
        if url.path.startswith("/flaky") and self.path not in self.seen:
            self.seen.add(self.path)
            return self.answer(503, b"<html>busy</html>", "text/html")
        if accept and accept not in KNOWN:
            return self.refuse(406, "invalid_content_type", "invalid Content-Type requested")
        if "channel" not in query:
            return self.refuse(400, "missing_params", "mandatory client parameters missing: channel")
        if url.path.startswith("/static"):
            query["channel"] = "static"
        path = os.path.join(self.directory, f"{query['channel']}-{query.get('arch', 'amd64')}.json")
        if not os.path.exists(path):
            return self.answer(200, b'{"version":1,"nodes":[],"edges":[],"conditionalEdges":[]}')
        with open(path, "rb") as graph:
            return self.answer(200, graph.read())


def main():
    Service.directory, port_file, Service.log = sys.argv[1:4]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    with open(port_file + ".new", "w", encoding="utf-8") as out:
        out.write(str(server.server_address[1]))
    os.rename(port_file + ".new", port_file)
    server.serve_forever()


main()
