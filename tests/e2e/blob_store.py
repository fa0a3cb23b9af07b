#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The store that a registry redirects to, as strict as S3 is.

    blob_store.py --root DIR --log FILE [--cert FILE --key FILE [--client-ca FILE]] [--moved URL]

prints "listening on 127.0.0.1:PORT". Serves the files of a docker-registry's directory.
Answers 400 to a request that brings Authorization ("only one auth mechanism allowed").
With --moved it has nothing and redirects to URL and the path.
With --client-ca it asks for certificates of that authority, and takes who has none.
The log has one line per request: METHOD PATH STATUS, and the name in a client's certificate.
"""

import argparse
import http.server
import os
import re
import ssl
import urllib.parse


class Store(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    root = log = moved = None

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=()):
        shown = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None
        names = [value for pairs in (shown or {}).get("subject", ()) for _, value in pairs]
        print(self.command, self.path, status, *names, file=self.log)
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        if self.headers.get("Authorization"):
            return self.answer(400, b"<Error>Only one auth mechanism allowed</Error>")
        if self.moved is not None:
            return self.answer(302, b"", [("Location", self.moved + self.path)])
        path = self.root + os.path.normpath("/" + urllib.parse.urlsplit(self.path).path)
        if not os.path.isfile(path):
            return self.answer(404)
        with open(path, "rb") as blob:
            data = blob.read()
        start = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if not start:
            return self.answer(200, data)
        first = int(start[1])
        return self.answer(206, data[first:], [("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")])

    do_HEAD = do_GET


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--client-ca")
    parser.add_argument("--moved")
    options = parser.parse_args()
    Store.root, Store.moved = options.root, options.moved
    Store.log = open(options.log, "a", encoding="utf-8", buffering=1)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Store)
    server.daemon_threads = True
    if options.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert, options.key)
        if options.client_ca:
            context.load_verify_locations(options.client_ca)
            context.verify_mode = ssl.CERT_OPTIONAL
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print(f"listening on 127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


main()
